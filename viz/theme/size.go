package theme

import "github.com/raftarium/raftarium/raft"

// Sizes of text and shapes, in CSS pixels.
const (
	TextTitle = 19 // a node's name
	TextBody  = 15 // the WHY line
	TextPanel = 13 // panels, a node's term
	TextSmall = 12 // the floor: nothing is smaller

	RadiusSmall = 8  // buttons, cells
	RadiusLarge = 12 // cards, badges

	NodeLarge  = 88 // a node's diameter on a stage of a 1440 wide page
	NodeSmall  = 60 // and on a phone
	NodeLeast  = 34 // and among many
	NodeGreat  = 112
	Wagon      = 14  // the side of a wagon, which stands for an entry
	Triangle   = 9.5 // the radius of a vote's triangle
	Bead       = 5.5 // the radius of a heartbeat
	Bolt       = 10  // half the height of the word to take over
	Eye        = 10  // half the width of a question for the read index
	OuterSize  = 0.8 // of the radius of members, for nodes that are none
	Answer     = 7.5 // the radius of an answer
	Diamond    = 11  // half the width of a client's request
	HandleSize = 11  // the radius of a scar's handle
	FingerSize = 22  // what a finger hits: half of 44
)

// Times of the picture, as a person sees them at the speed of play.
const (
	BurstTime  = raft.Second            // a message that died fades within
	PulseTime  = 350 * raft.Millisecond // a message that arrived glows within
	AnswerTime = raft.Second            // a client's answer stays for
	GlideTime  = 450 * raft.Millisecond // places move so long when a node comes or goes
	LiveFlight = 260 * raft.Millisecond // a flight whose plan is not known takes about
	LostAfter  = 4 * raft.Second        // and when nothing is heard of it is given up
)

// Transitions of the page, in milliseconds.
const (
	Quick = 120
	Calm  = 240
)
