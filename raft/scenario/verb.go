package scenario

import (
	"strings"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/sim"
	"github.com/raftarium/raftarium/raft/trace"
)

// verb is how a kind of command is written. Its word is the kind's name; a test holds that every
// kind has a row.
type verb struct {
	kind trace.CommandKind
	form string // what stands behind the word
	text string // what it does, for people
	read func(*line, *sim.Config) ([]trace.Command, error)
	// write gives what stands behind the word.
	write func(*trace.Command, *sim.Config) string
}

func verbs() []verb {
	return []verb{
		ofServer(trace.CommandKill, "a server stops without a word; what was not synced is lost"),
		ofServer(trace.CommandRestart, "a server starts with what it had saved"),
		ofServer(trace.CommandPause, "a server stands still and keeps all"),
		ofServer(trace.CommandResume, "a paused server goes on"),
		ofLink(trace.CommandCut, "nothing passes from one server to the other; > is one way"),
		ofLink(trace.CommandHeal, "a cut link is whole again; > is one way"),
		{trace.CommandPartition, "S1 S2 | S3 S4 S5",
			"only servers of one group hear each other; who is not named is alone",
			readGroups, writeGroups},
		{trace.CommandHealAll, "", "every link is whole again",
			func(*line, *sim.Config) ([]trace.Command, error) {
				return []trace.Command{{Kind: trace.CommandHealAll}}, nil
			}, func(*trace.Command, *sim.Config) string { return "" }},
		{trace.CommandPropose, "x=1 [at S2]",
			"somebody writes, at the leader unless it says where", readProposal, writeProposal},
		ofServer(trace.CommandCampaign, "a server is asked to stand for election"),
		{trace.CommandLink, "S1 S2 delay=80ms or S1 > S2 loss=5% clog or all jitter=9ms",
			"how a link is from now on; what is not named is as in the settings",
			readLink, writeLink},
		{trace.CommandRead, "x [at S2]", "somebody reads, at the leader unless it says where",
			readRead, writeRead},
		{trace.CommandTransfer, "[S1]", "S1 shall lead, or whoever is best", readTransfer,
			func(cmd *trace.Command, _ *sim.Config) string {
				if cmd.Node == 0 {
					return ""
				}
				return cmd.Node.String()
			}},
		{trace.CommandChange, "vote S4 S5 learn S6 remove S1 [joint]",
			"these shall be voters, learners, or take part no more; joint goes by joint consensus",
			readChange, writeChange},
		ofServer(trace.CommandWipe, "a server's data is gone; a new one takes its place"),
		{trace.CommandDisk, "S1 slow=50ms stuck full failing damage=tail",
			"how a disk is from now on; what is not named is as it should be", readDisk, writeDisk},
		{trace.CommandClock, "S1 skew=80ms drift=-0.5%",
			"how a clock runs from now on; what is not named is as it should be",
			readClock, writeClock},
	}
}

// verbOf finds the verb of a kind; false if a colleague has added a kind and no row here.
func verbOf(k trace.CommandKind) (verb, bool) {
	for _, v := range verbs() {
		if v.kind == k {
			return v, true
		}
	}
	return verb{}, false
}

// commandText writes a command as a step.
func commandText(cmd *trace.Command, cfg *sim.Config) string {
	v, ok := verbOf(cmd.Kind)
	if !ok {
		return "# " + cmd.Kind.String()
	}
	return strings.TrimSpace(cmd.Kind.String() + " " + v.write(cmd, cfg))
}

func ofServer(kind trace.CommandKind, text string) verb {
	return verb{kind, "S1", text, func(l *line, _ *sim.Config) ([]trace.Command, error) {
		id, err := l.server()
		return []trace.Command{{Kind: kind, Node: id}}, err
	}, func(cmd *trace.Command, _ *sim.Config) string { return cmd.Node.String() }}
}

func ofLink(kind trace.CommandKind, text string) verb {
	return verb{kind, "S1 S2 or S1 > S2", text,
		func(l *line, _ *sim.Config) ([]trace.Command, error) {
			from, to, both, err := l.link()
			return []trace.Command{{Kind: kind, From: from, To: to, Both: both}}, err
		}, func(cmd *trace.Command, _ *sim.Config) string {
			return writePair(cmd.From, cmd.To, cmd.Both)
		}}
}

// link takes two servers: S1 S2 for both ways, S1 > S2 for one.
func (l *line) link() (from, to raft.NodeID, both bool, err error) {
	if from, err = l.server(); err != nil {
		return 0, 0, false, err
	}
	both = !l.accept(">")
	if to, err = l.server(); err == nil && from == to {
		err = l.errorf("there is no link from %v to itself", from)
	}
	return from, to, both, err
}

func writePair(from, to raft.NodeID, both bool) string {
	if both {
		return from.String() + " " + to.String()
	}
	return from.String() + " > " + to.String()
}

func readGroups(l *line, _ *sim.Config) ([]trace.Command, error) {
	cmd := trace.Command{Kind: trace.CommandPartition}
	seen := make([]bool, l.nodes+1)
	for {
		ids, err := l.servers()
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			if seen[id] {
				return nil, l.errorf("%v stands there twice", id)
			}
			seen[id] = true
		}
		cmd.Groups = append(cmd.Groups, ids)
		if !l.accept("|") {
			return []trace.Command{cmd}, nil
		}
	}
}

func writeGroups(cmd *trace.Command, _ *sim.Config) string {
	var groups []string
	for _, g := range cmd.Groups {
		if len(g) > 0 {
			groups = append(groups, serverNames(g))
		}
	}
	return strings.Join(groups, " | ")
}

func readProposal(l *line, _ *sim.Config) ([]trace.Command, error) {
	w := l.next()
	key, value, ok := strings.Cut(w, "=")
	if !ok || key == "" {
		return nil, l.errorf("%s is no key=value", l.shown(w))
	}
	cmd := trace.Command{Kind: trace.CommandPropose, Key: key, Value: value}
	var err error
	if l.accept("at") {
		cmd.Node, err = l.server()
	}
	return []trace.Command{cmd}, err
}

func writeProposal(cmd *trace.Command, _ *sim.Config) string {
	text := cmd.Key + "=" + cmd.Value
	if cmd.Node != 0 {
		text += " at " + cmd.Node.String()
	}
	return text
}

func readRead(l *line, _ *sim.Config) ([]trace.Command, error) {
	cmd := trace.Command{Kind: trace.CommandRead, Key: l.next()}
	if cmd.Key == "" {
		return nil, l.errorf("a key is missing")
	}
	var err error
	if l.accept("at") {
		cmd.Node, err = l.server()
	}
	return []trace.Command{cmd}, err
}

func writeRead(cmd *trace.Command, _ *sim.Config) string {
	if cmd.Node == 0 {
		return cmd.Key
	}
	return cmd.Key + " at " + cmd.Node.String()
}

func readTransfer(l *line, _ *sim.Config) ([]trace.Command, error) {
	cmd := trace.Command{Kind: trace.CommandTransfer}
	var err error
	if l.peek() != "" {
		cmd.Node, err = l.server()
	}
	return []trace.Command{cmd}, err
}

// maxNew is how many new servers a change may name.
const maxNew = 16

// readChange takes who shall be what, at least one of it.
func readChange(l *line, _ *sim.Config) ([]trace.Command, error) {
	cmd := trace.Command{Kind: trace.CommandChange}
	ch := &cmd.Change
	l.nodes = min(l.nodes+maxNew, sim.MaxNodes)
	for {
		var err error
		switch word := l.peek(); word {
		case "vote":
			ch.Vote, err = l.skip().servers()
		case "learn":
			ch.Learn, err = l.skip().servers()
		case "remove":
			ch.Remove, err = l.skip().servers()
		case "joint":
			ch.Joint = true
			l.skip()
		default:
			if len(ch.Vote)+len(ch.Learn)+len(ch.Remove) == 0 {
				err = l.choice("change", word, []string{"vote S4", "learn S4", "remove S4"})
			}
			return []trace.Command{cmd}, err
		}
		if err != nil {
			return nil, err
		}
	}
}

func writeChange(cmd *trace.Command, _ *sim.Config) string {
	ch := &cmd.Change
	var words []string
	add := func(word string, ids []raft.NodeID) {
		if len(ids) > 0 {
			words = append(words, word, serverNames(ids))
		}
	}
	add("vote", ch.Vote)
	add("learn", ch.Learn)
	add("remove", ch.Remove)
	if ch.Joint {
		words = append(words, "joint")
	}
	return strings.Join(words, " ")
}

// serverNames writes servers as line.servers reads them.
func serverNames(ids []raft.NodeID) string {
	var names []string
	for _, id := range ids {
		names = append(names, id.String())
	}
	return strings.Join(names, " ")
}
