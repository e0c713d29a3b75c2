// Package wire is how a viewer and a source speak when something lies between them: a Worker's
// messages or a websocket. Both carry the same frames: a type (a byte), the number of a stream
// (uvarint), and what the type says. A stream is one source; a branch of it is another stream.
//
// Remote is the viewer's end, a trace.Source made of frames. Session is the other end.
package wire

import (
	"encoding/binary"
	"errors"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
	"github.com/raftarium/raftarium/raft/trace"
)

// The longest frames, in bytes: from a viewer that has not said yet who it is, from one that has
// and may write a value of 1 MiB, and to one.
const (
	MaxHello = 64 << 10
	MaxUp    = 1<<20 + 64<<10
	MaxDown  = 4 << 20
)

// Type is the first byte of a frame. Values are frozen.
type Type byte

// Uint64 gives the type's number for texts; it makes Type a say.Number.
func (t Type) Uint64() uint64 { return uint64(t) }

// The types of frame: those from a viewer, then those to one.
const (
	TypeHello   Type = 1
	TypeOpen    Type = 2
	TypeAdvance Type = 3
	TypeCredit  Type = 4
	TypeDo      Type = 5
	TypeFork    Type = 6
	TypeLink    Type = 7
	TypeClose   Type = 8

	TypeHeader Type = 65
	TypeEvents Type = 66
	TypeForked Type = 67
	TypeLinked Type = 68
	TypeEnd    Type = 69
)

// Up reports whether frames of the type come from a viewer.
func (t Type) Up() bool { return t < 64 }

// Body is what a frame says: one of the types of this package.
type Body interface {
	Type() Type
	append(dst []byte) []byte
}

// Hello is the first frame of a viewer, on stream 0. Credit is how many bytes of Events each of its
// streams may be sent at first; it should be MaxDown or more, for a frame that does not fit waits.
type Hello struct {
	Major, Minor uint16
	Token        string
	Credit       uint64
	// Resuming, these are a Place: how far the viewer has come.
	Since raft.Time
	Seen  []trace.EventID
	Epoch raft.Time
	Made  []trace.EventID
}

// Open asks for a source. Its Header comes, or End.
type Open struct{ URI string }

// Advance lets a driven source go on: at most to Until, and by at most Max events. It is done when
// Events frames with that many events, or one that reached Until, have come.
type Advance struct {
	Until raft.Time
	Max   uint64
}

// Credit allows that many more bytes of Events frames.
type Credit struct{ Bytes uint64 }

// Do is a command. Accepted or Refused comes among the events.
type Do struct{ Command trace.Command }

// Fork asks for a branch at a place, as stream New. Forked comes, and on the new stream its Header.
type Fork struct {
	New uint64
	At  trace.Position
}

// Link asks for the run up to a place as a link. Linked comes.
type Link struct{ At trace.Position }

// Close ends a stream.
type Close struct{}

// Header is the first frame of a source.
type Header struct{ Header trace.Header }

// Events is a batch of events, encoded from a fresh trace.Encoder.
type Events struct {
	First   uint64    // how many events the run had before the batch
	Reached raft.Time // all events up to here are given
	Hash    uint64    // the rolling hash behind the batch; 0 when the source has none
	N       uint64    // how many events Bytes holds, those beside the run as well
	Bytes   []byte    // decoded, it aliases the frame
}

// Forked answers Fork. Why says why there is no branch; empty when there is one.
type Forked struct {
	New uint64
	Why string
}

// Linked answers Link, with the link, or with why there is none.
type Linked struct{ Link, Why string }

// End is the last frame of a stream; on stream 0, of all. Why is a sentence for people; it is empty
// at the end of a recording.
type End struct{ Why string }

// Type implements Body.
func (Hello) Type() Type { return TypeHello }

// Type implements Body.
func (Open) Type() Type { return TypeOpen }

// Type implements Body.
func (Advance) Type() Type { return TypeAdvance }

// Type implements Body.
func (Credit) Type() Type { return TypeCredit }

// Type implements Body.
func (Do) Type() Type { return TypeDo }

// Type implements Body.
func (Fork) Type() Type { return TypeFork }

// Type implements Body.
func (Link) Type() Type { return TypeLink }

// Type implements Body.
func (Close) Type() Type { return TypeClose }

// Type implements Body.
func (Header) Type() Type { return TypeHeader }

// Type implements Body.
func (Events) Type() Type { return TypeEvents }

// Type implements Body.
func (Forked) Type() Type { return TypeForked }

// Type implements Body.
func (Linked) Type() Type { return TypeLinked }

// Type implements Body.
func (End) Type() Type { return TypeEnd }

// Append appends a frame.
func Append(dst []byte, stream uint64, b Body) []byte {
	dst = append(dst, byte(b.Type()))
	return b.append(binary.AppendUvarint(dst, stream))
}

// Split gives a frame's type, stream and payload, which aliases the frame. The error says that the
// frame is too long or cut off.
func Split(frame []byte) (t Type, stream uint64, payload []byte, err error) {
	if len(frame) == 0 {
		return 0, 0, nil, errors.New("wire: an empty frame")
	}
	t = Type(frame[0])
	most := MaxDown
	if t.Up() {
		most = MaxUp
	}
	if len(frame) > most {
		return t, 0, nil, say.Errorf("wire: a frame of type %d has %d bytes, over the %d allowed",
			t, len(frame), most)
	}
	stream, n := binary.Uvarint(frame[1:])
	if n <= 0 {
		return t, 0, nil, say.Errorf("wire: a frame of type %d at byte 1: its stream is cut off", t)
	}
	return t, stream, frame[1+n:], nil
}

// ErrUnknown is wrapped by Decode's error for a type of frame that this version does not know.
// Such a frame is to be passed over.
var ErrUnknown = errors.New("not known to this version")

// Decode reads a frame. What a newer version has put at a frame's end is passed over.
func Decode(frame []byte) (stream uint64, b Body, err error) {
	t, stream, payload, err := Split(frame)
	if err != nil {
		return 0, nil, err
	}
	r := &reader{b: payload, base: len(frame) - len(payload), what: t}
	switch t {
	case TypeHello:
		b = r.hello()
	case TypeOpen:
		b = Open{URI: r.text()}
	case TypeAdvance:
		b = Advance{Until: r.time(), Max: r.uint()}
	case TypeCredit:
		b = Credit{Bytes: r.uint()}
	case TypeDo:
		c, err := trace.DecodeCommand(payload)
		r.keep(err)
		b = Do{Command: c}
	case TypeFork:
		b = Fork{New: r.uint(), At: r.position()}
	case TypeLink:
		b = Link{At: r.position()}
	case TypeClose:
		b = Close{}
	case TypeHeader:
		h, err := trace.DecodeHeader(payload)
		r.keep(err)
		b = Header{Header: h}
	case TypeEvents:
		e := Events{First: r.uint(), Reached: r.time(), Hash: r.uint(), N: r.uint()}
		e.Bytes = r.b
		b = e
	case TypeForked:
		b = Forked{New: r.uint(), Why: r.text()}
	case TypeLinked:
		b = Linked{Link: r.text(), Why: r.text()}
	case TypeEnd:
		b = End{Why: r.text()}
	default:
		return stream, nil, say.Errorf("wire: a frame of type %d is %w", t, ErrUnknown)
	}
	if r.err != nil {
		return stream, nil, r.err
	}
	return stream, b, nil
}
