package input

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/viz/scene"
)

const (
	slop      = 5 // CSS pixels that a tap may wander
	touchSlop = 10
	holdAfter = 500 * raft.Millisecond
	// restAfter is how long a pointer that rests over a node holds the time: who has left the
	// mouse lying there wants to watch.
	restAfter = 1500 * raft.Millisecond
	pathLimit = 2048 // points of a stroke that are kept
)

// Reader keeps the gesture that is under way. Use New.
type Reader struct {
	tool Tool

	pressed bool
	lost    bool // the gesture was given up; wait until the pointer is up
	pointer int
	touch   bool
	mods    Mods
	on      scene.Target // what was under the pointer when it went down
	since   raft.Time    // when it went down, wall time
	held    bool         // a long press was told
	moved   bool
	path    []scene.Point

	hover  scene.Target
	last   raft.Time // when the pointer last did something
	cursor string
	writes int
	pairs  []scene.Pair
	inside []raft.NodeID
}

// New gives a reader with the tool that points and cuts.
func New() *Reader { return &Reader{tool: PointTool, cursor: "default"} }

// Use takes another tool into the hand and gives up a gesture that is under way.
func (r *Reader) Use(t Tool) {
	r.tool = t
	r.Give()
}

// Tool gives the tool in the hand.
func (r *Reader) Tool() Tool { return r.tool }

// Give gives up the gesture that is under way.
func (r *Reader) Give() {
	r.lost = r.pressed
	r.moved = false
	r.path = r.path[:0]
}

// Forget forgets what the pointer is over: the picture is another one.
func (r *Reader) Forget() {
	r.Give()
	r.hover, r.on = scene.Target{}, scene.Target{}
}

// Hover gives what the pointer is over.
func (r *Reader) Hover() scene.Target { return r.hover }

// Frozen reports whether at the wall time now the playing time should stand still: the pointer is
// over a message, has just come over a node, or a gesture is under way.
func (r *Reader) Frozen(now raft.Time) bool {
	switch {
	case r.pressed && !r.lost:
		return true
	case r.hover.Kind == scene.TargetFlight || r.hover.Kind == scene.TargetRequest:
		return true
	}
	return r.hover.Kind == scene.TargetNode && now-r.last < restAfter
}

// Waiting reports whether time alone will change something here: a press becomes a long one, a
// pointer comes to rest. Then frames are needed.
func (r *Reader) Waiting(now raft.Time) bool {
	return r.pressing() || (r.hover.Kind == scene.TargetNode && now-r.last < restAfter)
}

// Cursor gives the CSS name of the cursor that says what a press would do.
func (r *Reader) Cursor() string { return r.cursor }

// Stroke gives the path of the stroke that is being drawn; nil for none. It belongs to the reader
// until its next record.
func (r *Reader) Stroke() []scene.Point {
	if !r.pressed || r.lost || !r.moved || !r.strokes() {
		return nil
	}
	return r.path
}

// OneWay reports whether the stroke that is being drawn cuts one way only.
func (r *Reader) OneWay() bool { return r.mods&Shift != 0 }

// Read takes one record at the wall time now, with the picture that is on the screen, and appends
// the intents that it completes.
func (r *Reader) Read(now raft.Time, rec Record, p *scene.Picture, dst []Intent) []Intent {
	r.last = now
	switch rec.Kind {
	case Down:
		r.down(now, rec, p)
	case Move:
		r.move(rec, p)
	case Up:
		dst = r.up(rec, p, dst)
	case Cancel:
		r.cancel(rec)
	case Wheel:
		if rec.Delta != 0 {
			dst = append(dst, Intent{Type: Scrub, A: float64(rec.Delta)})
		}
	}
	r.choose(rec.Touch)
	return dst
}

// Wait tells the reader that time has passed: a press becomes a long press. Call it once a frame.
func (r *Reader) Wait(now raft.Time, dst []Intent) []Intent {
	if !r.pressing() || now-r.since < holdAfter {
		return dst
	}
	r.held = true
	return append(dst, Intent{Type: Select, A: float64(r.on.Node)})
}

func (r *Reader) pressing() bool {
	return r.pressed && !r.lost && !r.moved && !r.held && r.on.Kind == scene.TargetNode
}

func at(p *scene.Picture, rec Record) scene.Target {
	if rec.Touch {
		return scene.Touch(p, rec.X, rec.Y)
	}
	return scene.Hit(p, rec.X, rec.Y)
}

func (r *Reader) down(now raft.Time, rec Record, p *scene.Picture) {
	if r.pressed { // a second finger: this is no gesture of ours
		if rec.Pointer != r.pointer {
			r.Give()
		}
		return
	}
	r.pressed, r.lost, r.held, r.moved = true, false, false, false
	r.pointer, r.touch, r.since, r.mods = rec.Pointer, rec.Touch, now, rec.Mods
	r.on = at(p, rec)
	r.hover = r.on
	r.path = append(r.path[:0], scene.Point{X: rec.X, Y: rec.Y})
}

func (r *Reader) move(rec Record, p *scene.Picture) {
	switch {
	case !r.pressed && !rec.Touch:
		r.hover = at(p, rec)
	case r.pressed && rec.Pointer == r.pointer && !r.lost:
		r.mods = rec.Mods
		r.extend(scene.Point{X: rec.X, Y: rec.Y}, p.Scale)
	}
}

// extend takes the stroke on to q.
func (r *Reader) extend(q scene.Point, scale float32) {
	limit := slop * scale
	if r.touch {
		limit = touchSlop * scale
	}
	if !r.moved && far(r.path[0], q) <= limit*limit {
		return
	}
	r.moved = true
	switch n := len(r.path); {
	case q == r.path[n-1]:
	case n < pathLimit:
		r.path = append(r.path, q)
	default:
		r.path[n-1] = q
	}
}

// strokes reports whether a drag that began here draws a stroke.
func (r *Reader) strokes() bool {
	switch r.tool {
	case CutTool, LassoTool:
		return true
	case PointTool:
		return r.on.Kind == scene.Nothing || r.on.Kind == scene.TargetLink
	}
	return false
}

func (r *Reader) up(rec Record, p *scene.Picture, dst []Intent) []Intent {
	if !r.pressed || rec.Pointer != r.pointer {
		return dst
	}
	if !r.lost {
		r.mods |= rec.Mods & Shift
		r.extend(scene.Point{X: rec.X, Y: rec.Y}, p.Scale)
		switch {
		case !r.moved && !r.held:
			dst = r.tap(p, dst)
		case r.moved && r.strokes() && r.tool == LassoTool:
			dst = r.lasso(p, dst)
		case r.moved && r.strokes():
			dst = r.knife(p, dst)
		}
	}
	r.end()
	if !rec.Touch {
		r.hover = at(p, rec)
	}
	return dst
}

func (r *Reader) cancel(rec Record) {
	if !r.pressed || rec.Pointer == r.pointer {
		r.end()
	}
}

func (r *Reader) end() {
	r.pressed, r.lost, r.moved = false, false, false
	r.path = r.path[:0]
	r.hover = scene.Target{}
}

func (r *Reader) tap(p *scene.Picture, dst []Intent) []Intent {
	switch r.on.Kind {
	case scene.TargetNode:
		if r.tool == WriteTool {
			r.writes++
			return append(dst, write(r.on.Node, r.writes))
		}
		return append(dst, Intent{Type: Select, A: float64(r.on.Node)})
	case scene.TargetFlight, scene.TargetRequest:
		id := r.on.Event
		return append(dst, Intent{Type: Sender, A: float64(id.Node), B: float64(id.Boot),
			C: float64(id.N)})
	case scene.TargetScar, scene.TargetCut:
		r.pairs = p.Healed(r.on, r.pairs[:0])
		for _, q := range r.pairs {
			dst = append(dst, Intent{Type: Heal, A: float64(q.From), B: float64(q.To)})
		}
		return dst
	}
	return append(dst, Intent{Type: Select})
}

// write makes the n-th write by hand: keys x, y and z in turn, so that the log's cells differ.
func write(to raft.NodeID, n int) Intent {
	return Intent{Type: Write, A: float64(to), Text: "xyz"[(n-1)%3 : (n-1)%3+1],
		Text2: string('0' + rune(n%10))}
}

func (r *Reader) knife(p *scene.Picture, dst []Intent) []Intent {
	both := 1.0
	if r.mods&Shift != 0 {
		both = 0
	}
	r.pairs = scene.Crossed(p, r.path, r.pairs[:0])
	for _, q := range r.pairs {
		dst = append(dst, Intent{Type: Cut, A: float64(q.From), B: float64(q.To), C: both})
	}
	return dst
}

func (r *Reader) lasso(p *scene.Picture, dst []Intent) []Intent {
	r.inside = scene.Inside(p, r.path, r.inside[:0])
	if len(r.inside) == 0 || len(r.inside) == len(p.Places) {
		return dst
	}
	var outside []raft.NodeID
	for i := range p.Places {
		if id := p.Places[i].ID; !contains(r.inside, id) {
			outside = append(outside, id)
		}
	}
	return append(dst, Intent{Type: Parts, Text: Groups(r.inside, outside)})
}

func contains(ids []raft.NodeID, id raft.NodeID) bool {
	for _, x := range ids {
		if x == id {
			return true
		}
	}
	return false
}

// choose picks the cursor.
func (r *Reader) choose(touch bool) {
	stroke := r.Stroke() != nil
	over := r.hover.Kind != scene.Nothing && r.hover.Kind != scene.TargetLink
	switch {
	case touch:
		r.cursor = "default"
	case r.tool == LassoTool:
		r.cursor = "cell"
	case stroke || r.tool == CutTool && !over:
		r.cursor = "crosshair"
	case over:
		r.cursor = "pointer"
	case r.tool == WriteTool:
		r.cursor = "copy"
	default:
		r.cursor = "default"
	}
}

// far is the square of the distance.
func far(a, b scene.Point) float32 { return (a.X-b.X)*(a.X-b.X) + (a.Y-b.Y)*(a.Y-b.Y) }
