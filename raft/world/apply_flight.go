package world

import (
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// sent lets a message fly. A send that was inferred says nothing about the life of its sender.
func sent(s *trace.State, ev *trace.Event, m *trace.Sent) {
	if ev.How != trace.Inferred {
		touch(s, ev)
	}
	if _, unknown := m.Message.Body.(*raft.OtherBody); unknown || m.Message.Body == nil {
		s.Odd++
	}
	if len(s.Flights) >= maxFlights {
		removeFlight(s, 0)
	}
	s.Flights = append(s.Flights, trace.Flight{Msg: ev.ID, Message: m.Message, Bytes: m.Bytes,
		SentAt: ev.At, Due: m.Due})
}

// findFlight gives the place of a flight; -1 for none. N tells flights apart best.
func findFlight(s *trace.State, msg trace.EventID, cp uint32) int {
	for i := range s.Flights {
		f := &s.Flights[i]
		if f.Msg.N == msg.N && f.Copy == cp && f.Msg == msg && f.Fate == trace.Flying {
			return i
		}
	}
	return -1
}

// removeFlight takes out the flight at i. In a long list the shorter side moves.
func removeFlight(s *trace.State, i int) {
	k := len(s.Flights)
	if k > 256 && i < k/2 {
		copy(s.Flights[1:i+1], s.Flights[:i])
		s.Flights[0] = trace.Flight{}
		s.Flights = s.Flights[1:]
		return
	}
	copy(s.Flights[i:], s.Flights[i+1:])
	s.Flights[k-1] = trace.Flight{}
	s.Flights = s.Flights[:k-1]
}

// delivered ends a flight well; it goes at once.
func delivered(s *trace.State, d *trace.Delivered) {
	i := findFlight(s, d.Msg, d.Copy)
	if i < 0 {
		return
	}
	if f := &s.Flights[i]; f.Message.Body != nil {
		if r, ok := f.Message.Body.(*raft.InstallSnapshotReply); ok {
			chunkTaken(s, &f.Message, r)
		}
	}
	removeFlight(s, i)
}

// chunkTaken keeps how far a leader knows a snapshot's transfer to be: no note says it.
func chunkTaken(s *trace.State, m *raft.Message, r *raft.InstallSnapshotReply) {
	n := nodeOf(s, m.To)
	if n == nil || n.Role != raft.Leader || n.Term != m.Term {
		return
	}
	for i := range n.Progress {
		p := &n.Progress[i]
		if p.Peer == m.From && p.State == raft.Snapshot && p.Index == r.Snapshot.Index {
			p.Offset = min(r.Next, p.Size)
		}
	}
}

// dropped ends a flight badly; it stays for a second, so that its end can be seen.
func dropped(s *trace.State, at raft.Time, d *trace.Dropped) {
	if i := findFlight(s, d.Msg, d.Copy); i >= 0 {
		f := &s.Flights[i]
		f.Fate, f.Why, f.FateAt = trace.Died, d.Why, at
	}
}

func duplicated(s *trace.State, d *trace.Duplicated) {
	i := slices.IndexFunc(s.Flights, func(f trace.Flight) bool { return f.Msg == d.Msg })
	if i < 0 || len(s.Flights) >= maxFlights {
		return
	}
	f := s.Flights[i]
	f.Copy, f.Due, f.Fate, f.Why, f.FateAt = d.Copy, d.Due, trace.Flying, 0, 0
	s.Flights = append(s.Flights, f)
}

func rescheduled(s *trace.State, r *trace.Rescheduled) {
	if i := findFlight(s, r.Msg, r.Copy); i >= 0 {
		s.Flights[i].Due = r.Due
	}
}

// sweep takes out what ended long before a moment.
func sweep(s *trace.State, at raft.Time) {
	s.Flights = slices.DeleteFunc(s.Flights, func(f trace.Flight) bool {
		return f.Fate != trace.Flying && at-f.FateAt >= diedStays
	})
	s.Requests = slices.DeleteFunc(s.Requests, func(r trace.Request) bool {
		return r.Outcome != 0 && at-r.EndAt >= requestStays
	})
}
