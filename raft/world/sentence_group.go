package world

import (
	"fmt"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// groupText tells of who takes part.
func groupText(n *raft.Note) string {
	switch n.Kind {
	case raft.NoteConfigured:
		text := configText(n.Config)
		switch n.Why {
		case raft.WhyLogConflict:
			return "goes back to the configuration before: " + text
		case raft.WhyStarted, raft.WhySnapshotHolds:
			return fmt.Sprintf("goes by the configuration of %d: %s", n.Index, text)
		}
		return fmt.Sprintf("goes by the configuration of %d from now on: %s", n.Index, text)
	case raft.NoteBecameLearner:
		if n.Peer != 0 {
			return fmt.Sprintf("follows %v as a learner, without a vote", n.Peer)
		}
		return "is a learner: it has no vote"
	case raft.NoteCatchUp:
		return fmt.Sprintf("waits for %v to reach %d before it may vote, round %d", n.Peer, n.Index,
			n.Count)
	}
	switch {
	case n.Why == raft.WhyTooSlow:
		return fmt.Sprintf("gives up making %v a voter: %s", n.Peer, n.Why)
	case n.Why == raft.WhyNotLeader && n.Peer != 0:
		return fmt.Sprintf("refuses another configuration: it does not lead, %v does", n.Peer)
	}
	return "refuses another configuration: " + n.Why.String()
}

// configText names who votes and who learns.
func configText(p raft.Packed) string {
	c, err := p.Unpack()
	if err != nil {
		return "one that cannot be read"
	}
	text := namesOrCount(c.Voters) + " vote"
	if len(c.Voters) == 1 {
		text = names(c.Voters) + " alone votes"
	}
	if c.Joint() {
		text = fmt.Sprintf("a majority of %s and one of %s are needed", namesOrCount(c.Outgoing),
			namesOrCount(c.Voters))
	}
	switch len(c.Learners) {
	case 0:
		return text
	case 1:
		return text + ", " + names(c.Learners) + " learns"
	}
	return text + ", " + namesOrCount(c.Learners) + " learn"
}

// readText tells how a read is proven.
func readText(n *raft.Note, s *trace.State) string {
	switch n.Kind {
	case raft.NoteReadBegun:
		return fmt.Sprintf("takes a read at %d, and asks whether it still leads: round %d", n.Index,
			n.Round)
	case raft.NoteReadConfirmed:
		if n.Why == raft.WhyLease {
			return fmt.Sprintf("answers a read at %d by its lease, which holds for %s", n.Index,
				span(n.Left))
		}
		return fmt.Sprintf("still leads, as %s say since: the read at %d may go on",
			ofAll(n.Count, s, "server", "servers"), n.Index)
	}
	if n.Why == raft.WhyNotLeader && n.Peer != 0 {
		return fmt.Sprintf("refuses a read: it does not lead, %v does", n.Peer)
	}
	return "refuses a read: " + n.Why.String()
}

// transferText tells of the handing over of leadership.
func transferText(n *raft.Note) string {
	switch n.Kind {
	case raft.NoteTransferBegun:
		text := fmt.Sprintf("hands over to %v: it takes no writes until %v has %d", n.Peer, n.Peer,
			n.Index)
		if n.Why == raft.WhyPreferred {
			text += "; " + n.Why.String()
		}
		return text
	case raft.NoteTransferSent:
		return fmt.Sprintf("tells %v to stand for election: its log ends at %d too", n.Peer,
			n.Index)
	}
	switch {
	case n.Kind == raft.NoteTransferRefused && n.Peer == 0:
		return "does not hand over: " + n.Why.String()
	case n.Kind == raft.NoteTransferRefused:
		return fmt.Sprintf("does not hand over to %v: %s", n.Peer, n.Why)
	case n.Why == raft.WhyLeaderFound:
		return fmt.Sprintf("has handed over: %v leads", n.Peer)
	case n.Why == raft.WhyLeaderKnown:
		return fmt.Sprintf("was to hand over, and %v leads", n.Peer)
	}
	return fmt.Sprintf("gives up handing over to %v: %s", n.Peer, n.Why)
}

func trustedText(n *raft.Note) string {
	if n.Why == raft.WhyAllGranted {
		return "is in doubt no more: every member granted its vote"
	}
	return fmt.Sprintf("is in doubt no more: it has all up to %d, where %v's log ended", n.Index,
		n.Peer)
}
