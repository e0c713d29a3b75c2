package trace

import (
	"encoding/binary"
	"errors"
	"io"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
)

// RecordingSource is a recorded run as a Source: driven, without powers, with io.EOF at its end.
type RecordingSource struct {
	data   []byte
	header Header
	raw    Header // as it was recorded
	places []place
	whole  bool
	end    int // of what can be read

	next  int    // the chunk to decode next
	rest  []byte // of the present one
	left  uint64 // events that the present one still holds
	dec   Decoder
	ahead Event // decoded, not given yet
	has   bool
	given raft.Time
	err   error
}

// OpenRecording reads a recording, which must not change as long as it is used. One that was cut
// off is opened up to its last whole chunk; a newer minor version is opened, with what is not known
// kept in Other; a newer major version is refused.
func OpenRecording(data []byte) (*RecordingSource, error) {
	if len(data) < len(recordMagic) || string(data[:len(recordMagic)]) != recordMagic {
		if len(data) > 7 && string(data[:7]) == recordMagic[:7] {
			return nil, versionError(uint16(data[7] - '0'))
		}
		return nil, errors.New("trace: this is no recording: it does not begin with " + recordMagic)
	}
	r := &RecordingSource{data: data, given: -1}
	kind, contents, next, err := r.chunk(len(recordMagic))
	if err != nil || kind != chunkHeader {
		return nil, say.Errorf("trace: the recording's header cannot be read: %w", orWrong(err))
	}
	if r.raw, err = DecodeHeader(contents); err != nil {
		return nil, err
	}
	r.header = r.raw
	r.header.Kind, r.header.Clock = Recording, Driven
	r.header.Caps &= Hashed | KnowsFlights
	r.header.Lag = 0
	if r.whole = r.readIndex(); !r.whole {
		r.scan(next)
	}
	return r, nil
}

func orWrong(err error) error {
	if err == nil {
		return errors.New("another chunk stands in its place")
	}
	return err
}

// Header implements Source.
func (r *RecordingSource) Header() Header { return r.header }

// Recorded gives the header as it was recorded: of which kind the source was, and what it could do.
func (r *RecordingSource) Recorded() Header { return r.raw }

// Whole reports whether the recording has its end. One that was cut off has none; what it lacks is
// not known.
func (r *RecordingSource) Whole() bool { return r.whole }

// chunk reads the chunk at a place of the file, and says where the next begins.
func (r *RecordingSource) chunk(at int) (kind byte, contents []byte, next int, err error) {
	if at < 0 || at > len(r.data)-chunkHead {
		return 0, nil, 0, say.Errorf("a chunk at byte %d is cut off: %w", at, io.ErrUnexpectedEOF)
	}
	head := r.data[at : at+chunkHead]
	n := uint64(binary.LittleEndian.Uint32(head[1:]))
	if n > uint64(len(r.data)-at-chunkHead) {
		return 0, nil, 0, say.Errorf("a chunk at byte %d is cut off: %w", at, io.ErrUnexpectedEOF)
	}
	next = at + chunkHead + int(n)
	contents = r.data[at+chunkHead : next]
	if chunkSum(head[:5], contents) != binary.LittleEndian.Uint32(head[5:]) {
		return 0, nil, 0, say.Errorf("a chunk at byte %d is damaged: its checksum is wrong", at)
	}
	return head[0], contents, next, nil
}

// readIndex takes the chunks from the index; false if there is none.
func (r *RecordingSource) readIndex() bool {
	foot := len(r.data) - footerSize
	if foot < 0 || string(r.data[foot+8:]) != recordFooter {
		return false
	}
	at := binary.LittleEndian.Uint64(r.data[foot:])
	if at > uint64(foot) {
		return false
	}
	kind, contents, _, err := r.chunk(int(at))
	if err != nil || kind != chunkIndex {
		return false
	}
	p := pass{mode: reading, b: contents, lim: len(contents), what: "index"}
	n := p.getUint()
	if n > uint64(len(contents)/4) {
		return false
	}
	var pl place
	for range n {
		step := p.getUint()
		if step > uint64(len(r.data)) {
			return false
		}
		pl.off += int(step)
		num(&p, "type", &pl.kind)
		p.span("first", &pl.first)
		num(&p, "run", &pl.run)
		r.places = append(r.places, pl)
	}
	if p.err != nil {
		r.places = nil
	}
	return p.err == nil
}

// scan finds the chunks of a recording without an index, up to the first that is not whole.
func (r *RecordingSource) scan(at int) {
	for {
		kind, contents, next, err := r.chunk(at)
		if err != nil {
			return
		}
		if kind == chunkEvents || kind == chunkKey {
			p := pass{mode: reading, b: contents, lim: len(contents), what: "chunk"}
			pl := place{off: at, kind: kind}
			p.span("first", &pl.first)
			num(&p, "run", &pl.run)
			r.places = append(r.places, pl)
		}
		at = next
	}
}

// look decodes the next event, if there is one.
func (r *RecordingSource) look() bool {
	for !r.has && r.err == nil {
		if r.left > 0 {
			rest, err := r.dec.Next(r.rest, &r.ahead)
			if err != nil {
				r.err = say.Errorf("trace: chunk %d of the recording: %w", r.next-1, err)
				return false
			}
			r.rest, r.has = rest, true
			r.left--
			continue
		}
		if r.next == len(r.places) {
			return false
		}
		r.load()
	}
	return r.has
}

// load begins the next chunk.
func (r *RecordingSource) load() {
	_, contents, _, err := r.chunk(r.places[r.next].off)
	if err != nil {
		r.err = say.Errorf("trace: the recording: %w", err)
		return
	}
	p := pass{mode: reading, b: contents, lim: len(contents), what: "chunk"}
	p.getUint()
	p.getUint()
	r.left = p.getUint()
	r.err = p.err
	r.rest = contents[p.off:]
	r.dec.Reset()
	r.next++
}

// Next implements Source.
func (r *RecordingSource) Next(until raft.Time, dst []Event) ([]Event, raft.Time, error) {
	n := len(dst)
	reached := until
	for r.look() && r.ahead.At <= until {
		if len(dst) == cap(dst) {
			reached = r.ahead.At - 1
			break
		}
		dst = append(dst, r.ahead)
		r.has = false
		r.given = max(r.given, dst[len(dst)-1].At)
	}
	if r.err != nil || !r.has && len(dst) == n {
		return dst, r.given, orEnd(r.err)
	}
	if !r.has {
		reached = r.given // its last moment; beyond it nothing is known
	}
	r.given = max(r.given, reached)
	return dst, r.given, nil
}

func orEnd(err error) error {
	if err == nil {
		return io.EOF
	}
	return err
}

// Seek goes to the last key frame at or before a moment, or to the start when there is none. Next
// goes on from there.
func (r *RecordingSource) Seek(at raft.Time) {
	i := 0
	r.given = -1
	for k, p := range r.places {
		if p.kind == chunkKey && p.first <= at {
			i, r.given = k, p.first-1
		}
	}
	r.next, r.left, r.has, r.err = i, 0, false, nil
}

// Do implements Source. A recording takes no commands.
func (r *RecordingSource) Do(c Command) error {
	return say.Errorf("trace: %s: a recording cannot be changed", c.Kind)
}

// Close implements Source.
func (r *RecordingSource) Close() error { return nil }
