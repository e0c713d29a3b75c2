package swarm

import (
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/check"
	"github.com/raftarium/raftarium/raft/quorum"
	"github.com/raftarium/raftarium/raft/sim"
	"github.com/raftarium/raftarium/raft/trace"
)

// Stuck judges a run by its events alone: it has failed when a core of servers was left in peace
// and all was not well in time. It gives who sees each event and says when that is so. It is for
// runs that are not a seed's any more, as they were cut down; so it looks for itself whether those
// who are there could have served.
func Stuck(h trace.Header) func(*trace.Event) bool {
	w := witness{live: check.NewLiveness(h), cut: map[[2]raft.NodeID]bool{}}
	for _, m := range h.Members {
		w.founders = append(w.founders, m.ID)
	}
	return w.take
}

// witness is what Stuck has seen.
type witness struct {
	live     *check.Liveness
	founders []raft.NodeID
	nodes    []seen // by id, from 1
	cut      map[[2]raft.NodeID]bool
	peace    raft.Time // when it came; 0 for not yet
	spoiled  bool      // something was broken again
}

// seen is what is known of a server.
type seen struct {
	up, doubtful, ill bool
	conf              raft.Packed
	at                raft.Index
}

func (w *witness) node(id raft.NodeID) *seen {
	for int(id) > len(w.nodes) {
		w.nodes = append(w.nodes, seen{})
	}
	return &w.nodes[id-1]
}

func (w *witness) take(ev *trace.Event) bool {
	w.live.Observe(ev)
	switch b := ev.Body.(type) {
	case trace.Crashed:
		*w.node(b.Node) = seen{ill: w.node(b.Node).ill} // a disk does not heal by a restart
		w.fault()
	case trace.Paused:
		w.node(b.Node).up = false
		w.fault()
	case trace.Resumed:
		w.node(b.Node).up = true
	case trace.LinkSet:
		w.cut[[2]raft.NodeID{b.From, b.To}] = b.Link.Cut || b.Link.Clog || b.Link.Loss > 0
		w.fault()
	case trace.DiskSet:
		w.node(b.Node).ill = b.Disk != trace.Disk{}
		w.fault()
	case trace.Started:
		*w.node(ev.ID.Node) = seen{up: true, ill: w.node(ev.ID.Node).ill}
	case trace.Decided:
		w.decided(w.node(ev.ID.Node), &b.Note)
	case trace.Invoked:
		if b.Key == sim.PeaceKey && w.peace == 0 && w.able() {
			w.peace = ev.At
			w.live.Heal(ev.At + patience*w.live.Settle())
		}
	}
	late := w.peace + 2*patience*w.live.Settle()
	return w.peace > 0 && !w.spoiled && ev.At >= late && w.able() && w.stuck(ev.At)
}

func (w *witness) fault() { w.spoiled = w.spoiled || w.peace > 0 }

func (w *witness) decided(n *seen, note *raft.Note) {
	switch note.Kind {
	case raft.NoteConfigured:
		n.conf, n.at = note.Config, note.Index
	case raft.NoteDoubtful:
		n.doubtful = true
	case raft.NoteTrusted:
		n.doubtful = false
	}
}

// able reports whether those who run hear each other and are a majority of the newest
// configuration.
func (w *witness) able() bool {
	newest := seen{}
	for i := range w.nodes {
		if n := w.nodes[i]; n.up && n.at > newest.at {
			newest = n
		}
		for j := range w.nodes {
			if w.nodes[i].up && w.nodes[j].up && w.cut[[2]raft.NodeID{raft.NodeID(i + 1),
				raft.NodeID(j + 1)}] {
				return false
			}
		}
	}
	conf, err := newest.conf.Unpack()
	if err != nil {
		conf = raft.Configuration{Voters: w.founders}
	}
	return w.most(conf.Voters) && w.most(conf.Outgoing)
}

func (w *witness) most(voters []raft.NodeID) bool {
	well := slices.DeleteFunc(slices.Clone(voters), func(id raft.NodeID) bool {
		n := w.node(id)
		return !n.up || n.doubtful || n.ill
	})
	return len(voters) == 0 || len(well) >= quorum.Majority(len(voters))
}

func (w *witness) stuck(now raft.Time) bool {
	return slices.ContainsFunc(w.live.Report(now), func(r check.Result) bool {
		return r.Status == check.Broken
	})
}
