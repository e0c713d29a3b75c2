package input

import (
	"strconv"

	"github.com/raftarium/raftarium/raft"
)

// Intent is what a person wants, from a gesture, a key, a button or a script: one form for all.
// Type is a name of the page's API; what the other fields mean depends on it.
type Intent struct {
	Ticket  uint64 // under which it is answered; 0 when nobody asks
	Type    string
	A, B, C float64
	Text    string
	Text2   string
}

// The types of intent. Those that are commands of a source have the names of trace.CommandKind.
const (
	Play     = "play"
	Hold     = "hold"
	Toggle   = "toggle"
	Speed    = "speed"  // A is the factor, 1 is real time; or Text is auto
	Seek     = "seek"   // A is a time in microseconds
	PlayTo   = "playTo" // A is a time at which it holds
	Step     = "step"   // Text is event, message or change; A is 1 or -1
	Now      = "now"    // to the edge
	Open     = "open"   // Text is a URI
	Scrub    = "scrub"  // A is how far the wheel was turned, in pixels
	Select   = "select"
	Event    = "selectEvent" // A is the ordinal of an event
	Sender   = "selectSent"  // A, B and C are node, boot and N of a Sent
	UseTool  = "tool"        // Text is point, cut, lasso or write
	Filter   = "filter"      // Text names the classes of message that are not drawn
	Focus    = "focus"       // A is the node that has the keyboard's focus
	Cut      = "cut"         // A and B are from and to, C says both ways
	Heal     = "heal"
	Parts    = "partition" // Text is 1,2|3,4,5
	Write    = "propose"   // A is the node, 0 for the leader; Text the key, Text2 the value
	Escape   = "escape"    // gives up the gesture that is under way
	FixLog   = "log"       // A is the first index of the log's window; 0 lets it follow again
	HealAll  = "healAll"
	Disk     = "disk"  // A is the node; Text is how its disk works from now on
	Clock    = "clock" // A is the node; Text is how its clock goes from now on
	Link     = "link"  // A and B are from and to; Text is how the link is from now on
	Kill     = "kill"
	Restart  = "restart"
	Pause    = "pause"
	Resume   = "resume"
	Campaign = "campaign"
	Wipe     = "wipe"
	Transfer = "transfer" // A is who shall lead; 0 for whoever is best
	Change   = "change"   // Text is who shall vote, learn and go: 6|7|1,2; C says jointly
	Read     = "read"     // A is the node, 0 for the leader; Text the key
	Undo     = "undo"     // the last thing that was done before the play-head
	Branch   = "branch"   // A is the place of a branch in the list
	Share    = "share"    // for a link to what is shown
)

// Tool is what a stroke or a tap does.
type Tool string

// The tools.
const (
	PointTool Tool = "point"
	CutTool   Tool = "cut"
	LassoTool Tool = "lasso"
	WriteTool Tool = "write"
)

// ToolNamed finds a tool by its name; false if there is none.
func ToolNamed(name string) (Tool, bool) {
	switch t := Tool(name); t {
	case PointTool, CutTool, LassoTool, WriteTool:
		return t, true
	}
	return PointTool, false
}

// Groups writes the groups of a partition as an intent's text: 1,2|3,4,5.
func Groups(groups ...[]raft.NodeID) string {
	var b []byte
	for i, g := range groups {
		if i > 0 {
			b = append(b, '|')
		}
		for j, id := range g {
			if j > 0 {
				b = append(b, ',')
			}
			b = strconv.AppendUint(b, uint64(id), 10)
		}
	}
	return string(b)
}
