package sim

import (
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// copyOf names a message or one of its duplicates.
type copyOf struct {
	msg trace.EventID
	n   uint32
}

// Every message that left arrives or dies, once, and so does every duplicate.
func TestEveryMessageHasOneFate(t *testing.T) {
	const until = 6 * raft.Second
	for _, seed := range seeds(t, 40) {
		cfg := swarm(seed, until)
		evs := runTo(t, start(t, cfg), until+2*cfg.Nemesis.Every+raft.Second)
		sent, fates := map[copyOf]raft.Time{}, map[copyOf]int{}
		for i := range evs {
			switch b := evs[i].Body.(type) {
			case trace.Sent:
				sent[copyOf{evs[i].ID, 0}] = evs[i].At
			case trace.Duplicated:
				sent[copyOf{b.Msg, b.Copy}] = evs[i].At
			case trace.Delivered:
				fates[copyOf{b.Msg, b.Copy}]++
			case trace.Dropped:
				fates[copyOf{b.Msg, b.Copy}]++
			}
		}
		for k, n := range fates {
			if _, ok := sent[k]; !ok || n != 1 {
				t.Errorf("seed %d: message %v has %d fates (sent: %v)", seed, k, n, ok)
			}
		}
		for k, at := range sent {
			if at < until && fates[k] == 0 {
				t.Errorf("seed %d: message %v, sent at %d us, neither arrived nor died", seed, k,
					at)
			}
		}
		if t.Failed() {
			failing(t, seed, evs)
			return
		}
	}
}

// A request that a node took has at most one answer, and exactly one while the node lives.
func TestEveryRequestHasOneAnswer(t *testing.T) {
	const until = 6 * raft.Second
	for _, seed := range seeds(t, 40) {
		cfg := swarm(seed, until)
		evs := runTo(t, start(t, cfg), until)
		open := map[trace.EventID]trace.EventID{} // by request: its Requested
		answers := map[trace.EventID]int{}
		for i := range evs {
			switch b := evs[i].Body.(type) {
			case trace.Requested:
				open[b.Request] = evs[i].ID
			case trace.Answered:
				if answers[b.Request]++; answers[b.Request] > 1 {
					t.Errorf("seed %d: request %v was answered twice", seed, b.Request)
				}
				if _, ok := open[b.Request]; !ok || evs[i].Cause != open[b.Request] {
					t.Errorf("seed %d: the answer to %v has the cause %v, it was taken by %v", seed,
						b.Request, evs[i].Cause, open[b.Request])
				}
			case trace.Returned:
				if n := answers[b.Request]; b.Outcome == raft.OutcomeOK && n == 0 {
					t.Errorf("seed %d: request %v returned without an answer", seed, b.Request)
				}
			}
		}
		if t.Failed() {
			failing(t, seed, evs)
			return
		}
	}
}

// Every event has an id of its own, numbered without gaps, and a cause that came before it.
func TestIdsAndCauses(t *testing.T) {
	for _, seed := range seeds(t, 10) {
		evs := runTo(t, start(t, swarm(seed, 0)), 5*raft.Second)
		type who struct {
			node raft.NodeID
			boot uint32
		}
		last, seen := map[who]uint64{}, map[trace.EventID]bool{}
		at := raft.Time(0)
		for i := range evs {
			ev := &evs[i]
			w := who{ev.ID.Node, ev.ID.Boot}
			if ev.ID.N != last[w]+1 {
				t.Fatalf("seed %d: event %v comes behind number %d", seed, ev.ID, last[w])
			}
			if !ev.Cause.None() && !seen[ev.Cause] {
				t.Fatalf("seed %d: event %v has the cause %v, which has not happened", seed, ev.ID,
					ev.Cause)
			}
			if ev.At < at {
				t.Fatalf("seed %d: event %v goes back from %d to %d us", seed, ev.ID, at, ev.At)
			}
			last[w], seen[ev.ID], at = ev.ID.N, true, ev.At
		}
	}
}
