package player

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// prelude is how long before the first election time-out a simulation opens.
const prelude = 6 * raft.Millisecond

// opening takes the play-head of a fresh simulation to where its first node is about to stand for
// election: before that nothing happens, and a visitor at a sixtieth of real time would look at it
// for ten seconds. What was passed over is there to go back to.
func (p *Player) opening() {
	if p.opened || p.header.Kind != trace.Simulation || p.head > 0 || p.back || p.seek.on {
		return
	}
	first := raft.Time(0)
	for _, n := range p.line.Edge().Nodes {
		if n.Deadline > 0 && (first == 0 || n.Deadline < first) {
			first = n.Deadline
		}
	}
	if first == 0 {
		return // nobody has started yet
	}
	p.opened = true
	if first > prelude {
		p.SeekTime(first - prelude)
	}
}
