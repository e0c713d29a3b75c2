package check_test

import (
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/check"
	"github.com/raftarium/raftarium/raft/sim"
	"github.com/raftarium/raftarium/raft/trace"
)

// healed is the moment of the last fault in the stories of liveness, and a second later all must be
// well.
const healed = raft.Second

// later tells what servers say, each 10 ms behind the one before, from a moment on.
func (s *story) later(at raft.Time, id raft.NodeID, bodies ...trace.Body) *story {
	s.tell(id, bodies...)
	for i := range bodies {
		s.evs[len(s.evs)-len(bodies)+i].At = at + raft.Time(i)*10*raft.Millisecond
	}
	return s
}

// alive folds a story and gives the verdict on one property at a moment.
func (s *story) alive(now raft.Time, name string) check.Result {
	l := check.NewLiveness(trace.Header{ElectionMax: 100 * raft.Millisecond})
	for i := range s.evs { // what came before the last fault counts for nothing
		if s.evs[i].At < healed {
			l.Observe(&s.evs[i])
		}
	}
	l.Heal(healed)
	for i := range s.evs {
		if s.evs[i].At >= healed {
			l.Observe(&s.evs[i])
		}
	}
	for _, r := range l.Report(now) {
		if r.Name == name {
			return r
		}
	}
	return check.Result{}
}

func TestLiveness(t *testing.T) {
	const soon, late = healed + 100*raft.Millisecond, healed + 2500*raft.Millisecond
	joint := pack(ids(1, 2, 3), ids(3, 4, 5), nil)
	refused := kind(raft.NoteVoteRefused, raft.Note{Peer: 3, Why: raft.WhyLogBehindTerm})
	all := func() *story { return led().tell(3, at(1), appended(1, 1, 1), told(1, 1)).tell(2, told(1, 1)) }
	for _, test := range []struct {
		name, property string
		story          *story
		now            raft.Time
		want           check.Status
		text           string
	}{
		{"a leader", "leaderElected", all(), late, check.Holds, ""},
		{"it is too early to tell", "leaderElected", three(), soon, check.NotObservable, ""},
		{"nobody leads", "leaderElected", three().tell(2, refused), late, check.Broken,
			"[S1 S2 S3] run, and 0 us after the last fault nobody leads. S2 refuses S3: the"},
		{"the leader is down", "leaderElected", led().tell(trace.Supervisor, trace.Crashed{Node: 1}),
			late, check.Broken, "[S2 S3] run"},
		{"no more terms", "termsSettle", all().later(soon, 2, at(2)), late, check.Holds, ""},
		{"terms go on", "termsSettle", all().later(late, 2, at(2)), late, check.Broken,
			"S2 began a new term 2500000 us after the last fault."},
		{"an entry commits", "entriesCommit", all().later(soon, 1, created(2, 1), counted(2, 1)),
			late, check.Holds, ""},
		{"an entry does not", "entriesCommit", all().later(soon, 1, created(2, 1)), late,
			check.Broken, "S1 made an entry at index 2 after the last fault, and it is not"},
		{"all know", "logsConverge", all().later(soon, 1, counted(1, 1)), late, check.Holds, ""},
		{"one does not know", "logsConverge", led().later(soon, 1, counted(1, 1)).
			later(soon, 2, told(1, 1)), late, check.Broken, "and [S3] have not heard of it"},
		{"one is on its way", "logsConverge", led().later(soon, 1, counted(9, 1)).
			later(soon, 2, told(9, 1)).later(late, 3, told(4, 1)), late, check.Holds, ""},
		{"joint for long", "jointLeft", all().later(soon, 1, configured(2, joint)), late,
			check.Broken, "S1 leads with a joint configuration since 2400000 us."},
		{"joint and left", "jointLeft", all().later(soon, 1, configured(2, joint), configured(3,
			pack(ids(1, 2, 3), nil, nil))), late, check.Holds, ""},
		{"asked and answered", "requestsAnswered", func() *story {
			s := all()
			n := s.next(1)
			s.later(soon, 1, ask("get")).reply(1, n, answeredOK)
			s.evs[len(s.evs)-1].At = soon + 1
			return s
		}(), late, check.Holds, ""},
		{"asked for long", "requestsAnswered", all().later(soon, 1, ask("get")), late, check.Broken,
			"S1 has not answered a request for 2400000 us."},
		{"asked and gone", "requestsAnswered", all().later(soon, 1, ask("get"),
			trace.Stopped{}), late, check.Holds, ""},
	} {
		r := test.story.alive(test.now, test.property)
		if r.Status != test.want || (r.First != nil) != (test.want == check.Broken) ||
			r.First != nil && !strings.Contains(r.First.Text, test.text) {
			t.Errorf("%s: %v, %+v", test.name, r.Status, r.First)
		}
	}
}

// A cluster that nothing befalls is alive; one whose leaders do not count a majority is not.
func TestLivenessOfClusters(t *testing.T) {
	for _, stuck := range []bool{false, true} {
		cfg := sim.DefaultConfig()
		if stuck {
			cfg.Raft.Rules = raft.Standard()
			cfg.Raft.Rules.MayCommit = func(_, _ raft.Term) bool { return false }
		}
		c, err := sim.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		l := check.NewLiveness(c.Header())
		l.Heal(0)
		evs := pull(t, c, 3*l.Settle(), 1000)
		for i := range evs {
			l.Observe(&evs[i])
		}
		for _, r := range l.Report(3 * l.Settle()) {
			want := check.Holds
			if stuck && (r.Name == "entriesCommit" || r.Name == "requestsAnswered") {
				want = check.Broken
			}
			if r.Status != want {
				t.Errorf("stuck %v: %s is %v, not %v: %+v", stuck, r.Name, r.Status, want, r.First)
			}
		}
	}
}
