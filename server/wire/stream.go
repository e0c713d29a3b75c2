package wire

import (
	"encoding/binary"
	"errors"
	"io"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
	"github.com/raftarium/raftarium/raft/trace"
)

// MaxStream is the longest frame of a node's own stream, in bytes.
const MaxStream = 8 << 20

// clockSize is what each frame of a node's stream begins with: the node's clock, in microseconds
// since 1970, eight bytes, the highest first.
const clockSize = 8

// StreamItem is one event of a node as its hub gets it.
type StreamItem struct {
	Event trace.Event
	// Received is, with a Delivered, the message that was taken, cut as in trace.Sent, so that a
	// send that its sender never told can be inferred; nil otherwise. Bytes is what was cut away.
	Received *raft.Message
	Bytes    uint32
}

// StreamEncoder writes the frames of a node's own stream, which hubs read at /v1/stream. A frame is
// the node's clock and then items; events are relative to those before them, in earlier frames too.
// A key frame or Missed has the id of the last event that it takes account of. The zero
// StreamEncoder is ready.
type StreamEncoder struct {
	enc trace.Encoder
	msg []byte
}

// Begin appends room for the clock of a new frame.
func (*StreamEncoder) Begin(dst []byte) []byte { return append(dst, make([]byte, clockSize)...) }

// Append appends an item to a frame that has begun.
func (e *StreamEncoder) Append(dst []byte, it *StreamItem) []byte {
	dst = e.enc.Append(dst, &it.Event)
	if b := it.Event.Body; b == nil || b.Kind() != trace.KindDelivered { // as the decoder asks
		return dst
	}
	if it.Received == nil || it.Received.From == 0 {
		return append(dst, 0)
	}
	e.msg = trace.AppendMessage(e.msg[:0], it.Received)
	dst = append(binary.AppendUvarint(dst, uint64(len(e.msg))), e.msg...)
	return binary.AppendUvarint(dst, uint64(it.Bytes))
}

// SetStreamClock puts the clock into a frame, as it leaves.
func SetStreamClock(frame []byte, clock raft.Time) {
	binary.BigEndian.PutUint64(frame, uint64(clock))
}

// StreamDecoder reads the frames that one StreamEncoder wrote, in order. The zero StreamDecoder is
// ready. After an error nothing more can be read.
type StreamDecoder struct{ dec trace.Decoder }

// Decode reads a frame: the clock of the node as the frame left, and the items, appended to dst.
// The items share no memory with the frame.
func (d *StreamDecoder) Decode(frame []byte, dst []StreamItem) (raft.Time, []StreamItem, error) {
	switch {
	case len(frame) > MaxStream:
		return 0, dst, say.Errorf("wire: a stream's frame has %d bytes, over the %d allowed",
			len(frame), MaxStream)
	case len(frame) < clockSize:
		return 0, dst, say.Errorf("wire: a stream's frame has %d bytes, too few for a clock: %w",
			len(frame), io.ErrUnexpectedEOF)
	}
	clock := raft.Time(binary.BigEndian.Uint64(frame))
	rest := frame[clockSize:]
	for len(rest) > 0 {
		var it StreamItem
		var err error
		if rest, err = d.item(rest, &it); err != nil {
			return clock, dst, say.Errorf("wire: item %d of a stream's frame: %w", len(dst), err)
		}
		dst = append(dst, it)
	}
	return clock, dst, nil
}

func (d *StreamDecoder) item(b []byte, it *StreamItem) (rest []byte, err error) {
	if b, err = d.dec.Next(b, &it.Event); err != nil {
		return b, err
	}
	if it.Event.Body.Kind() != trace.KindDelivered {
		return b, nil
	}
	size, n := binary.Uvarint(b)
	if n <= 0 || size > uint64(len(b)-n) {
		return b, say.Errorf("the message of a receipt: %w", io.ErrUnexpectedEOF)
	}
	b = b[n:]
	if size == 0 {
		return b, nil
	}
	m, err := trace.DecodeMessage(b[:size])
	if err != nil {
		return b, say.Errorf("the message of a receipt: %w", err)
	}
	if m.From == 0 {
		return b, errors.New("the message of a receipt is nobody's")
	}
	b = b[size:]
	bytes, n := binary.Uvarint(b)
	if n <= 0 || bytes>>32 != 0 {
		return b, errors.New("the size of a receipt's message is malformed")
	}
	it.Received, it.Bytes = &m, uint32(bytes)
	return b[n:], nil
}
