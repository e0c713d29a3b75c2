// Package say puts texts together as fmt does, for the packages that the page's engine is made of.
// With fmt come reflect, os and time: a tenth of the program that a browser loads before anything
// moves, for messages that need strings, numbers, names and errors. What Textf and Errorf know they
// do exactly as fmt, and go vet checks their calls as it checks those of fmt.
//
// They know %v, %s, %d, %q, %w and %%, without flags, and as arguments strings, errors, the
// predeclared integers, what has a String method, and Numbers. Other named integers they cannot
// see, for want of reflection; a test in scripts/tidy finds calls with such.
package say

import (
	"strconv"
	"strings"
)

// Number is what a named integer implements to be an argument of %d, or of %v if it has no String
// method.
type Number interface {
	// Uint64 gives the integer itself.
	Uint64() uint64
}

// Textf gives the text that fmt.Sprintf gives. A verb or an argument that it does not know, or an
// argument that is missing, stands there as %! and the verb.
//
// It is never inlined, so that its callers can be: the core's must, above all, holds an invariant
// at each step and comes here only to say which one is broken.
//
//go:noinline
func Textf(format string, args ...any) string {
	vetAsSprintf(format, args...)
	var t text
	t.format(format, args)
	return string(t.b)
}

// Errorf gives an error with the text that fmt.Errorf gives. It wraps the argument of %w, of which
// there is one at most.
func Errorf(format string, args ...any) error {
	vetAsErrorf(format, args...)
	var t text
	t.format(format, args)
	return &sentence{text: string(t.b), cause: t.cause}
}

// List gives the text that fmt gives of a slice with %v, like [S1 S2].
func List[T any](items []T) string {
	t := text{b: []byte{'['}}
	for i, item := range items {
		if i > 0 {
			t.b = append(t.b, ' ')
		}
		t.arg('v', item)
	}
	return string(append(t.b, ']'))
}

// sentence is the error of Errorf.
type sentence struct {
	text  string
	cause error
}

func (s *sentence) Error() string { return s.text }

func (s *sentence) Unwrap() error { return s.cause }

// text is a text in the making, and what its %w stood for.
type text struct {
	b     []byte
	cause error
}

func (t *text) format(format string, args []any) {
	for {
		plain, rest, found := strings.Cut(format, "%")
		t.b = append(t.b, plain...)
		if !found || rest == "" {
			return
		}
		verb := rest[0]
		format = rest[1:]
		switch {
		case verb == '%':
			t.b = append(t.b, '%')
		case len(args) == 0:
			t.wrong(verb)
		default:
			t.arg(verb, args[0])
			args = args[1:]
		}
	}
}

func (t *text) arg(verb byte, arg any) {
	switch verb {
	case 'd':
		t.number(verb, arg)
	case 'w':
		t.cause, _ = arg.(error)
		t.words(verb, arg)
	case 'v', 's', 'q':
		t.words(verb, arg)
	default:
		t.wrong(verb)
	}
}

// words appends what an argument calls itself, and a number where it has no word for it.
func (t *text) words(verb byte, arg any) {
	words := ""
	switch a := arg.(type) {
	case string:
		words = a
	case error:
		words = a.Error()
	case interface{ String() string }:
		words = a.String()
	default:
		t.number(verb, arg)
		return
	}
	if verb == 'q' {
		t.b = strconv.AppendQuote(t.b, words)
	} else {
		t.b = append(t.b, words...)
	}
}

func (t *text) number(verb byte, arg any) {
	if verb != 'd' && verb != 'v' {
		t.wrong(verb)
		return
	}
	switch a := arg.(type) {
	case int:
		t.b = strconv.AppendInt(t.b, int64(a), 10)
	case int64:
		t.b = strconv.AppendInt(t.b, a, 10)
	case uint8:
		t.b = strconv.AppendUint(t.b, uint64(a), 10)
	case uint16:
		t.b = strconv.AppendUint(t.b, uint64(a), 10)
	case uint32:
		t.b = strconv.AppendUint(t.b, uint64(a), 10)
	case uint64:
		t.b = strconv.AppendUint(t.b, a, 10)
	case Number:
		t.b = strconv.AppendUint(t.b, a.Uint64(), 10)
	default:
		t.wrong(verb)
	}
}

// wrong marks what cannot be said. A panic would lose the rest of the text, which says what went
// wrong elsewhere.
func (t *text) wrong(verb byte) { t.b = append(t.b, '%', '!', verb) }
