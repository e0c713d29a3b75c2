package linear_test

import (
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/check/linear"
	"github.com/raftarium/raftarium/raft/trace"
)

// FuzzHistory judges what clients say in any order: it never falls, and a history that is
// broken has a sentence and evidence. The histories are short, as the search for an order of many
// requests at once takes its whole patience.
func FuzzHistory(f *testing.F) {
	f.Add([]byte{0, 1, 0, 1, 4, 1, 1, 1, 0, 1, 2, 2, 5, 1, 1, 2})
	f.Add([]byte("\x00\x01\x00\x01\x01\x02\x00\x00\x04\x02\x01\x00\x04\x01\x01\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var evs []trace.Event
		last := map[uint32]trace.EventID{}
		for len(b) >= 4 && len(evs) < 40 {
			ev := trace.Event{ID: trace.EventID{Node: trace.Clients, Boot: 1,
				N: uint64(len(evs) + 1)}}
			client := uint32(b[1] % 5)
			value := string('a' + b[3]%3)
			if b[0]&4 == 0 {
				op := []string{"get", "put", "delete", "cas"}[b[0]%4]
				ev.Body = trace.Invoked{Client: client, Op: op, Key: string('x' + b[2]%2),
					Value: value}
				last[client] = ev.ID
			} else {
				ev.Body = trace.Returned{Client: client, Request: last[client],
					Outcome: raft.Outcome(b[2] % 4), Value: value, Retry: b[0]&1 != 0}
			}
			evs, b = append(evs, ev), b[4:]
		}
		r := linear.Check(evs, 12)
		if r.Verdict == linear.Broken && (r.Text == "" || len(r.Evidence) == 0) {
			t.Errorf("it is broken, and nothing says why: %+v", r)
		}
	})
}
