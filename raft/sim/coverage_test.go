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
	for seed := uint64(1); seed <= 80; seed++ {
		c := start(t, swarm(seed, 0))
		for _, ev := range runTo(t, c, 10*raft.Second) {
			seen["events"]++
			switch b := ev.Body.(type) {
			case trace.Decided:
				seen[b.Note.Kind.String()]++
				if b.Note.Why != raft.WhyNone {
					seen[b.Note.Kind.String()+" "+b.Note.Why.Name()]++
				}
			case trace.Crashed:
				seen[fmt.Sprintf("%T", b)]++
				seen["crashed: "+b.Why]++
			case trace.DiskSet:
				seen[diskText(&b.Disk)]++
			case trace.ClockSet:
				seen[fmt.Sprintf("drift %v skew %v", b.Clock.Drift != 0, b.Clock.Skew != 0)]++
			case trace.Invoked:
				seen["asked: "+b.Op]++
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
		if seen[k.String()] == 0 {
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
		"trace.Loaded", "trace.Rescheduled", "trace.SaveFailed", "crashed: died",
		"crashed: wiped", "crashed: disk full", "crashed: disk error", "crashed: damaged log",
		"disk slow", "disk stuck", "disk full", "disk failing", "disk well", "disk torn",
		"disk tail", "disk log", "drift true skew false", "drift false skew true",
		"drift false skew false", "asked: get", "asked: put", "asked: transfer", "asked: change",
		"configured changing", "configured jointLeft", "configured catchUp",
		"becameLearner removed", "trusted caughtUp",
		"readConfirmed lease", "readConfirmed quorumAnswered", "transferBegun preferred"} {
		if seen[want] == 0 {
			t.Errorf("it never happened: %s", want)
		}
	}
	t.Log(seen)
}

// diskText says in a word how a disk works.
func diskText(d *trace.Disk) string {
	switch {
	case d.Stuck:
		return "disk stuck"
	case d.Full:
		return "disk full"
	case d.Failing:
		return "disk failing"
	case d.Damage != trace.DamageNone:
		return "disk " + d.Damage.String()
	case d.Slow > 0:
		return "disk slow"
	}
	return "disk well"
}
