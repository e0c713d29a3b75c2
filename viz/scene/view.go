package scene

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/viz/theme"
)

// Tool is what a drag on the stage does.
type Tool uint8

// The tools.
const (
	ToolPoint Tool = iota // choose and look
	ToolKnife             // cut the links that a stroke crosses
	ToolLasso             // cut off the nodes that a loop holds
	ToolWrite             // write a value at a node
)

// Hidden is a set of what is not drawn.
type Hidden uint32

// HideClients hides the clients' requests.
const HideClients Hidden = 1 << 31

// Hide gives the set that holds the given classes of message.
func Hide(classes ...trace.Class) Hidden {
	var h Hidden
	for _, c := range classes {
		h |= 1 << c
	}
	return h
}

// Has reports whether messages of a class are hidden.
func (h Hidden) Has(c trace.Class) bool { return h&(1<<c) != 0 }

// Inset is room at the edges of the stage that something else covers, in device pixels.
type Inset struct{ Top, Right, Bottom, Left float32 }

// View is how a state is looked at. The same state and the same view give the same picture.
type View struct {
	Width, Height float32 // of the stage, in device pixels
	Scale         float32 // device pixels per CSS pixel
	Inset         Inset
	Theme         theme.Theme

	Now     raft.Time // the play-head
	Playing bool      // the play-head moves
	Live    bool      // the source is a running cluster: flights have no plan
	Lag     raft.Time // how far the play-head stays behind the edge
	// Speed is how fast the play-head moves, or will when it plays: 1 is real time. What fades
	// does so in the time of people, whatever the speed. 0 counts as 1.
	Speed float64

	Selected, Hover, Focus Target
	Hidden                 Hidden
	ReducedMotion          bool

	Tool Tool
	Drag []Point // the stroke or loop so far
	// OneWay says that the stroke cuts only from its left side to its right.
	OneWay bool
}

// span turns a time as people see it into time of the run.
func (v *View) span(t raft.Time) float64 {
	speed := v.Speed
	if speed <= 0 {
		speed = 1
	}
	return max(float64(t)*speed, 1)
}

// unplanned is how long a flight without a plan takes in the picture. On a running cluster it is no
// longer than the play-head is behind.
func (v *View) unplanned() raft.Time {
	t := raft.Time(v.span(theme.LiveFlight))
	if v.Live && v.Lag > 0 {
		t = min(t, v.Lag)
	}
	return t
}
