package ndjson

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/raftarium/raftarium/raft/trace"
)

// exact is the greatest number up to which every whole number is one in JavaScript.
const exact = 1 << 53

// printer writes the fields that it is shown as one JSON object.
type printer struct {
	b      []byte
	levels []level
	err    error
}

// level is an object or a list that has begun.
type level struct {
	list  bool
	full  bool // it has something in it
	start int  // where its name begins
	was   bool // full of the level around it
}

func (p *printer) begin() {
	p.b = append(p.b[:0], '{')
	p.levels = append(p.levels[:0], level{})
}

func (p *printer) end() []byte { return append(p.b, '}', '\n') }

func (p *printer) top() *level { return &p.levels[len(p.levels)-1] }

// skip reports whether a field is left out.
func (p *printer) skip(zero bool) bool { return zero && !p.top().list }

// name writes what stands before a value.
func (p *printer) name(name string) {
	l := p.top()
	if l.full {
		p.b = append(p.b, ',')
	}
	l.full = true
	if !l.list {
		p.b = append(strconv.AppendQuote(p.b, name), ':')
	}
}

// Uint implements trace.Fields.
func (p *printer) Uint(name string, v uint64) uint64 {
	if p.skip(v == 0) {
		return v
	}
	p.name(name)
	if v > exact {
		p.b = append(strconv.AppendUint(append(p.b, '"'), v, 10), '"')
	} else {
		p.b = strconv.AppendUint(p.b, v, 10)
	}
	return v
}

// Int implements trace.Fields.
func (p *printer) Int(name string, v int64) int64 {
	if p.skip(v == 0) {
		return v
	}
	p.name(name)
	if v > exact || v < -exact {
		p.b = append(strconv.AppendInt(append(p.b, '"'), v, 10), '"')
	} else {
		p.b = strconv.AppendInt(p.b, v, 10)
	}
	return v
}

// Digest implements trace.Fields.
func (p *printer) Digest(name string, v uint64) uint64 {
	if !p.skip(v == 0) {
		p.name(name)
		p.b = fmt.Appendf(p.b, `"%016x"`, v)
	}
	return v
}

// Bool implements trace.Fields.
func (p *printer) Bool(name string, v bool) bool {
	if !p.skip(!v) {
		p.name(name)
		p.b = strconv.AppendBool(p.b, v)
	}
	return v
}

// Text implements trace.Fields.
func (p *printer) Text(name, v string) string {
	switch {
	case p.skip(v == ""):
	case !utf8.ValidString(v):
		p.name(name)
		p.b = append(p.b, `{"base64":"`...)
		p.b = append(base64.StdEncoding.AppendEncode(p.b, []byte(v)), `"}`...)
	default:
		p.name(name)
		p.quote(v)
	}
	return v
}

func (p *printer) quote(s string) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // it is no HTML, and people read it
	if err := e.Encode(s); err != nil {
		p.err = err
	}
	p.b = append(p.b, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
}

// Bytes implements trace.Fields.
func (p *printer) Bytes(name string, v []byte) []byte {
	if !p.skip(len(v) == 0) {
		p.name(name)
		p.b = append(base64.StdEncoding.AppendEncode(append(p.b, '"'), v), '"')
	}
	return v
}

// ID implements trace.Fields.
func (p *printer) ID(name string, v trace.EventID) trace.EventID {
	if !p.skip(v.None()) {
		p.name(name)
		p.b = fmt.Appendf(p.b, `"%d.%d.%d"`, v.Node, v.Boot, v.N)
	}
	return v
}

// Enum implements trace.Fields. A value without a name of its own is written as a number.
func (p *printer) Enum(name string, v uint8, text func(uint8) string) uint8 {
	if p.skip(v == 0) {
		return v
	}
	p.name(name)
	s := text(v)
	if u, ok := valueOf(s, text); s == "" || !ok || u != v {
		p.b = strconv.AppendUint(p.b, uint64(v), 10)
	} else {
		p.quote(s)
	}
	return v
}

// valueOf finds the first value that a text is the name of.
func valueOf(s string, text func(uint8) string) (uint8, bool) {
	for u := range 256 {
		if text(uint8(u)) == s {
			return uint8(u), true
		}
	}
	return 0, false
}

// Enter implements trace.Fields.
func (p *printer) Enter(name string) { p.push(name, false) }

// List implements trace.Fields.
func (p *printer) List(name string, n int) int {
	p.push(name, true)
	return n
}

func (p *printer) push(name string, list bool) {
	start, was := len(p.b), p.top().full
	p.name(name)
	if list {
		p.b = append(p.b, '[')
	} else {
		p.b = append(p.b, '{')
	}
	p.levels = append(p.levels, level{list: list, start: start, was: was})
}

// Leave implements trace.Fields. What turned out to be empty is left out.
func (p *printer) Leave() {
	l := *p.top()
	p.levels = p.levels[:len(p.levels)-1]
	switch {
	case !l.full && !p.top().list:
		p.b = p.b[:l.start]
		p.top().full = l.was
	case l.list:
		p.b = append(p.b, ']')
	default:
		p.b = append(p.b, '}')
	}
}
