package panel

import (
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/world"
)

// Tell says what the k-th event was: as the list says it, or if the list has it not anew.
func Tell(b *Book, k uint64, ev *trace.Event) Why {
	if r, ok := b.Row(k); ok {
		return Why{r.Name, r.Text, r.Section}
	}
	text, section := world.Sentence(ev, nil)
	return Why{name(&b.header, world.Subject(ev)), text, section}
}

// WhyNow says why the cluster is as it is.
func WhyNow(s *trace.State, b *trace.Bodies) Why {
	title, text, section := world.Why(s, b)
	return Why{title, text, section}
}
