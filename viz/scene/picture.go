package scene

import (
	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/viz/theme"
)

// Kind says what a shape is.
type Kind uint8

// The kinds of shape.
const (
	// Stage is the ground: a radial gradient around X, Y over the rectangle X2, Y2 wide and high
	// from 0, from Color in the middle to Second.
	Stage   Kind = iota
	Disc         // a disc around X, Y of radius R, or with a width W a ring whose outer radius is R
	Arc          // a ring from A0 to A1, radians clockwise from the top; with Dash it is dashed
	Line         // from X, Y to X2, Y2; with Fade it begins transparent
	Path         // along Count points from First; with Dash it is dashed
	Box          // around X, Y, half as wide as X2, half as high as Y2, turned by A0, corners of R
	Poly         // Count points from First, closed, star-shaped as seen from X, Y
	Glow         // a soft disc around X, Y that ends at R
	GlowBox      // a soft box around X, Y, half X2 by Y2 inside, that ends R further out
	Text         // a short string whose middle is at the height of Y
)

var kindNames = [...]string{"stage", "disc", "arc", "line", "path", "box", "poly", "glow",
	"glowbox", "text"}

// String gives the kind's name.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}

// Align says what X of a text is.
type Align uint8

// The alignments.
const (
	Centred Align = iota
	FromLeft
	ToRight
)

// Shape is one thing to draw, in device pixels. Which fields count depends on its kind; W is the
// width of a stroke, and 0 fills.
type Shape struct {
	Kind   Kind
	Align  Align
	Bold   bool
	Fade   bool // a line begins transparent
	Round  bool // a stroke has round ends
	Color  theme.Color
	Second theme.Color
	X, Y   float32
	X2, Y2 float32
	R, W   float32
	A0, A1 float32
	Dash   float32
	Gap    float32
	First  int32
	Count  int32
	Spot   int32 // what it shows: an index into Picture.Spots; -1 for nothing
	Size   int32 // of a text
	Text   string
}

// Point is a place on the stage.
type Point struct{ X, Y float32 }

// TargetKind says what a place on the stage shows.
type TargetKind uint8

// The kinds of target.
const (
	Nothing       TargetKind = iota
	TargetNode               // Target.Node
	TargetLink               // the link between Node and To
	TargetCut                // the handle of a single cut link between Node and To
	TargetScar               // the handle of a partition; Picture.Healed tells its links
	TargetFlight             // Event is the message's Sent, Copy which copy
	TargetRequest            // Event is the request
)

// Target names something that the picture shows. It is comparable, and the zero Target is nothing.
type Target struct {
	Kind  TargetKind
	Scar  uint8 // which of several scars
	Node  raft.NodeID
	To    raft.NodeID
	Copy  uint32
	Event trace.EventID
}

// Spot is where a target can be hit: within R of the line from X, Y to X2, Y2, which is mostly one
// point.
type Spot struct {
	Target Target
	X, Y   float32
	X2, Y2 float32
	R      float32
}

// Place is where a node stands.
type Place struct {
	ID   raft.NodeID
	X, Y float32
	R    float32 // of its fill
	// Above says that its caption stands above it, Side on which side its clients are: -1 or 1.
	Above bool
	Side  float32
	Angle float32 // on the ring, radians clockwise from the right
}

// Side is one part of a cluster that links are cut into.
type Side struct {
	Nodes   []raft.NodeID // by ID
	Up      int           // how many of the voters they are, of those that run
	Of      int           // how many voters the cluster has
	OldUp   int           // while the configuration is joint: the same of the old voters
	OldOf   int
	Can     bool    // whether they are a quorum, so that they can commit
	Text    string  // S1 S2 · 2 of 5
	Verdict string  // cannot commit
	Short   string  // 2 of 5
	X, Y    float32 // the middle of its badge
	W, H    float32 // half of the badge's size
}

// Pair is one direction of a link.
type Pair struct{ From, To raft.NodeID }

// Picture is what Build makes: shapes in the order of drawing, and what they show. It keeps its
// memory from frame to frame; the zero Picture is ready.
type Picture struct {
	Width, Height float32
	Scale         float32
	Shapes        []Shape
	Points        []Point
	Spots         []Spot
	Places        []Place // by ID
	Sides         []Side  // when links are cut so that there are groups; else none
	// Config is the configuration that counts, which the entry at ConfigIndex made: that of the
	// leader, or of whoever knows best. It names nobody while nothing is known of it.
	Config      raft.Configuration
	ConfigIndex raft.Index

	lay   layout
	glide glide
	net   network
	// counted is the configuration that the sides were counted for.
	counted raft.Configuration
	configs configs
	scars   []scar
	words   words
	reqs    []int16 // requests drawn per place
	// remarks are the words said beside messages in this frame.
	remarks []remark
}

// Reset empties the picture and keeps its memory, its layout and its strings.
func (p *Picture) Reset() {
	p.Shapes, p.Points, p.Spots = p.Shapes[:0], p.Points[:0], p.Spots[:0]
	p.remarks = p.remarks[:0]
}

// Place tells where a node stands and the radius of its fill; false if it is not in the picture.
func (p *Picture) Place(id raft.NodeID) (x, y, r float32, ok bool) {
	i := p.lay.find(id)
	if i < 0 {
		return 0, 0, 0, false
	}
	pl := &p.Places[i]
	return pl.X, pl.Y, pl.R, true
}
