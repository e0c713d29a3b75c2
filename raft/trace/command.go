package trace

import "github.com/raftarium/raftarium/raft"

// Command is what a viewer may ask of a source. Pausing, speed and seeking are not commands: they
// belong to the player. Each kind uses the fields named at it.
type Command struct {
	ID   uint64 // the asker's ticket; it comes back in Accepted or Refused and enters no step
	Kind CommandKind

	// Node is whom kill, restart, pause, resume, campaign, transfer, wipe, disk and clock are
	// about, and who is asked by propose and read (0 for the leader).
	Node     raft.NodeID
	From, To raft.NodeID     // cut, heal, link
	Both     bool            // cut, heal: the other direction as well
	Groups   [][]raft.NodeID // partition: who can talk to whom; who is not named is alone
	Key      string          // propose, read
	Value    string          // propose
	Link     Link            // link
	Change   raft.Change     // change
	Disk     Disk            // disk
	Clock    NodeClock       // clock
}

// CommandKind says what is asked. Values are frozen.
type CommandKind uint8

// The kinds of command.
const (
	CommandKill      CommandKind = 1
	CommandRestart   CommandKind = 2
	CommandPause     CommandKind = 3
	CommandResume    CommandKind = 4
	CommandCut       CommandKind = 5
	CommandHeal      CommandKind = 6
	CommandPartition CommandKind = 7
	CommandHealAll   CommandKind = 8
	CommandPropose   CommandKind = 9
	CommandCampaign  CommandKind = 10
	CommandLink      CommandKind = 11
	CommandRead      CommandKind = 12
	CommandTransfer  CommandKind = 13 // Node shall lead; 0 for whoever is best
	CommandChange    CommandKind = 14
	CommandWipe      CommandKind = 15 // Node's data is gone; a new server takes its place
	CommandDisk      CommandKind = 16
	CommandClock     CommandKind = 17
)

var commandNames = [...]string{"", "kill", "restart", "pause", "resume", "cut", "heal", "partition",
	"healAll", "propose", "campaign", "link", "read", "transfer", "change", "wipe", "disk",
	"clock"}

// String gives the command's name as the page's API writes it.
func (k CommandKind) String() string {
	if int(k) < len(commandNames) {
		return commandNames[k]
	}
	return "unknown"
}

// CommandNamed finds a kind by its name; false if there is none.
func CommandNamed(name string) (CommandKind, bool) {
	for k, n := range commandNames {
		if k > 0 && n == name {
			return CommandKind(k), true
		}
	}
	return 0, false
}
