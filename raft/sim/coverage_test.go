package sim

import (
	"fmt"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// The random tests are worth something only when everything happens in them.
func TestSwarmReachesEverything(t *testing.T) {
	seen := map[string]int{}
	for seed := uint64(1); seed <= 48; seed++ {
		c := start(t, swarm(seed, 0))
		for _, ev := range runTo(t, c, 10*raft.Second) {
			seen["events"]++
			switch b := ev.Body.(type) {
			case trace.Decided:
				seen[b.Note.Kind.String()]++
				if b.Note.Why != raft.WhyNone {
					seen[b.Note.Kind.String()+" "+b.Note.Why.Name()]++
				}
			case trace.Returned:
				seen[fmt.Sprintf("%T %v", b, b.Outcome)]++
			case trace.Dropped:
				seen[fmt.Sprintf("%T %v", b, b.Why)]++
			default:
				seen[fmt.Sprintf("%T", b)]++
			}
		}
	}
	for _, k := range raft.NoteKinds() {
		if k != raft.NoteStopped && seen[k.String()] == 0 {
			t.Errorf("nobody ever: %v", k)
		}
	}
	for _, want := range []string{"snapshotInstalled snapshotResets",
		"becameFollower noQuorum", "becameFollower higherTerm", "appendRefused logTooShort",
		"truncated logConflict", "voteRefused alreadyVoted", "voteRefused leaderAlive",
		"voteRefused logBehindTerm", "voteRefused logBehindIndex", "voteRefused staleTerm",
		"messageIgnored staleTerm", "messageIgnored noCampaign", "commitAdvanced quorumSaved",
		"commitAdvanced leaderCommitted", "commitAdvanced snapshotHolds", "trace.Crashed",
		"trace.Paused", "trace.Resumed", "trace.Duplicated", "trace.Dropped lost",
		"trace.Dropped cut",
		"trace.Dropped down", "trace.Returned ok", "trace.Returned unknown",
		"trace.Returned refused",
		"trace.Loaded"} {
		if seen[want] == 0 {
			t.Errorf("it never happened: %s", want)
		}
	}
	t.Log(seen)
}
