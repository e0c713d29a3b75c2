// Package ndjson is the trace for people, jq and tests: one event a line of JSON, the header first.
// It says what the binary form says, field by field. Fields that are zero are left out; numbers
// beyond 2^53 are strings; hashes and digests are 16 hexadecimal digits; an event's id is
// "node.boot.n"; bytes are in base64, as is a text that is no UTF-8, {"base64": "..."}; an event,
// note or message that the writer did not know has its bytes in the field raw.
package ndjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/raftarium/raftarium/raft/trace"
)

// format is the first field of the first line.
const format = "raftarium-trace"

// Writer writes a trace.
type Writer struct {
	w io.Writer
	p printer
}

// NewWriter begins a trace with its header.
func NewWriter(w io.Writer, h trace.Header) (*Writer, error) {
	n := &Writer{w: w}
	n.p.begin()
	n.p.Text("format", format)
	if err := trace.WalkHeader(&h, &n.p); err != nil {
		return nil, fmt.Errorf("ndjson: write the header: %w", err)
	}
	return n, n.line()
}

// Append writes an event.
func (n *Writer) Append(ev *trace.Event) error {
	n.p.begin()
	c := *ev
	if err := trace.WalkEvent(&c, &n.p); err != nil {
		return fmt.Errorf("ndjson: write an event: %w", err)
	}
	return n.line()
}

func (n *Writer) line() error {
	if n.p.err != nil {
		return fmt.Errorf("ndjson: write a text: %w", n.p.err)
	}
	if _, err := n.w.Write(n.p.end()); err != nil {
		return fmt.Errorf("ndjson: write a line: %w", err)
	}
	return nil
}

// Reader reads a trace.
type Reader struct {
	lines  lines
	header trace.Header
}

// NewReader reads the header. A trace of another major version is refused.
func NewReader(r io.Reader) (*Reader, error) {
	n := &Reader{lines: lines{r: r}}
	s, err := n.next()
	if errors.Is(err, io.EOF) {
		err = fmt.Errorf("ndjson: line 1: %w", io.ErrUnexpectedEOF)
	}
	if err != nil {
		return nil, err
	}
	if got := s.Text("format", ""); got != format {
		return nil, fmt.Errorf("ndjson: line 1: the format is %q and not %q", got, format)
	}
	if major := s.Uint("major", 0); major != trace.Major {
		return nil, fmt.Errorf("ndjson: this is a trace of major version %d, and this program "+
			"reads major version %d only", major, trace.Major)
	}
	if err := n.check(s, trace.WalkHeader(&n.header, s)); err != nil {
		return nil, err
	}
	return n, nil
}

// Header gives the header.
func (n *Reader) Header() trace.Header { return n.header }

// Next reads an event; the error is io.EOF at the end.
func (n *Reader) Next(ev *trace.Event) error {
	s, err := n.next()
	if err != nil {
		return err
	}
	*ev = trace.Event{}
	return n.check(s, trace.WalkEvent(ev, s))
}

func (n *Reader) check(s *scanner, err error) error {
	if s.err != nil {
		err = s.err
	}
	if err != nil {
		return fmt.Errorf("ndjson: line %d: %w", n.lines.n, err)
	}
	return nil
}

// next reads a line that is not empty.
func (n *Reader) next() (*scanner, error) {
	for {
		line, err := n.lines.next()
		if err != nil {
			return nil, err
		}
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		d := json.NewDecoder(bytes.NewReader(line))
		d.UseNumber()
		var m map[string]any
		if err := d.Decode(&m); err != nil {
			return nil, fmt.Errorf("ndjson: line %d: %w", n.lines.n, err)
		}
		return &scanner{stack: []frame{{object: m}}}, nil
	}
}
