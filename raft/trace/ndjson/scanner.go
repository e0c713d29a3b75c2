package ndjson

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// scanner gives the fields of one JSON object. The first error stays; what is not there is zero.
type scanner struct {
	stack []frame
	err   error
}

// frame is an object or a list in which the scanner is.
type frame struct {
	object map[string]any
	list   []any
	next   int
	isList bool
}

// get gives a field, or the next item of a list; nil if there is none.
func (s *scanner) get(name string) any {
	f := &s.stack[len(s.stack)-1]
	if !f.isList {
		return f.object[name]
	}
	if f.next == len(f.list) {
		return nil
	}
	f.next++
	return f.list[f.next-1]
}

func (s *scanner) fail(name string, v any, want string) {
	if s.err == nil {
		text := fmt.Sprintf("%v", v)
		s.err = fmt.Errorf("%s is %.40q, not %s", name, text, want)
	}
}

// number gives the digits of a number, which may stand in a string; empty if there is none.
func (s *scanner) number(name string) string {
	switch v := s.get(name).(type) {
	case nil:
	case json.Number:
		return v.String()
	case string:
		return v
	default:
		s.fail(name, v, "a number")
	}
	return ""
}

// Uint implements trace.Fields.
func (s *scanner) Uint(name string, _ uint64) uint64 {
	text := s.number(name)
	if text == "" {
		return 0
	}
	v, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		s.fail(name, text, "a whole number")
	}
	return v
}

// Int implements trace.Fields.
func (s *scanner) Int(name string, _ int64) int64 {
	text := s.number(name)
	if text == "" {
		return 0
	}
	v, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		s.fail(name, text, "a whole number")
	}
	return v
}

// Digest implements trace.Fields.
func (s *scanner) Digest(name string, _ uint64) uint64 {
	v := s.get(name)
	if v == nil {
		return 0
	}
	text, _ := v.(string)
	u, err := strconv.ParseUint(text, 16, 64)
	if err != nil {
		s.fail(name, v, "16 hexadecimal digits")
	}
	return u
}

// Bool implements trace.Fields.
func (s *scanner) Bool(name string, _ bool) bool {
	v := s.get(name)
	b, ok := v.(bool)
	if v != nil && !ok {
		s.fail(name, v, "true or false")
	}
	return b
}

// Text implements trace.Fields.
func (s *scanner) Text(name, _ string) string {
	switch v := s.get(name).(type) {
	case nil:
	case string:
		return v
	case map[string]any:
		return string(s.base64(name, v["base64"]))
	default:
		s.fail(name, v, "a text")
	}
	return ""
}

// Bytes implements trace.Fields.
func (s *scanner) Bytes(name string, _ []byte) []byte {
	return s.base64(name, s.get(name))
}

func (s *scanner) base64(name string, v any) []byte {
	if v == nil {
		return nil
	}
	text, ok := v.(string)
	b, err := base64.StdEncoding.DecodeString(text)
	if !ok || err != nil {
		s.fail(name, v, "base64")
	}
	if len(b) == 0 {
		return nil
	}
	return b
}

// ID implements trace.Fields.
func (s *scanner) ID(name string, _ trace.EventID) trace.EventID {
	v := s.get(name)
	if v == nil {
		return trace.EventID{}
	}
	text, _ := v.(string)
	node, rest, _ := strings.Cut(text, ".")
	boot, n, _ := strings.Cut(rest, ".")
	a, err1 := strconv.ParseUint(node, 10, 32)
	b, err2 := strconv.ParseUint(boot, 10, 32)
	c, err3 := strconv.ParseUint(n, 10, 64)
	if err1 != nil || err2 != nil || err3 != nil {
		s.fail(name, v, `an event's id, "node.boot.n"`)
	}
	return trace.EventID{Node: raft.NodeID(a), Boot: uint32(b), N: c}
}

// Enum implements trace.Fields.
func (s *scanner) Enum(name string, _ uint8, text func(uint8) string) uint8 {
	switch v := s.get(name).(type) {
	case nil:
	case json.Number:
		u, err := strconv.ParseUint(v.String(), 10, 8)
		if err != nil {
			s.fail(name, v, "a small number")
		}
		return uint8(u)
	case string:
		u, ok := valueOf(v, text)
		if !ok || v == "" {
			s.fail(name, v, "a name that this version knows")
		}
		return u
	default:
		s.fail(name, v, "a name")
	}
	return 0
}

// Enter implements trace.Fields.
func (s *scanner) Enter(name string) {
	v := s.get(name)
	m, ok := v.(map[string]any)
	if v != nil && !ok {
		s.fail(name, v, "an object")
	}
	s.stack = append(s.stack, frame{object: m})
}

// List implements trace.Fields.
func (s *scanner) List(name string, _ int) int {
	v := s.get(name)
	l, ok := v.([]any)
	if v != nil && !ok {
		s.fail(name, v, "a list")
	}
	s.stack = append(s.stack, frame{list: l, isList: true})
	return len(l)
}

// Leave implements trace.Fields.
func (s *scanner) Leave() { s.stack = s.stack[:len(s.stack)-1] }
