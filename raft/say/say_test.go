package say

import (
	"errors"
	"fmt"
	"io"
	"math"
	"testing"
)

// name is like raft.NodeID: a Number with a name.
type name uint32

func (n name) String() string { return fmt.Sprintf("S%d", uint32(n)) }
func (n name) Uint64() uint64 { return uint64(n) }

// term is like raft.Term: a Number alone.
type term uint64

func (t term) Uint64() uint64 { return uint64(t) }

// kind is like trace.Kind: it has a name alone.
type kind uint8

func (k kind) String() string { return "kind" }

var (
	words = []any{"", "text", "ü \"q\" \n \x00 \xff %d", io.EOF, kind(1), name(2)}
	// numbers are all kinds that say knows, at their ends.
	numbers = []any{0, -1, math.MinInt, math.MaxInt, int64(math.MinInt64), int64(math.MaxInt64),
		uint8(255), uint16(math.MaxUint16), uint32(math.MaxUint32), uint64(math.MaxUint64), term(math.MaxUint64)}
)

func TestTextsAreThoseOfFmt(t *testing.T) {
	for _, c := range []struct {
		format string
		args   [][]any
	}{
		{"%v", [][]any{words, numbers}},
		{"%s", [][]any{words}},
		{"%q", [][]any{words}},
		{"%d", [][]any{numbers, {name(3)}}},
		{"before %v after", [][]any{words, numbers}},
		{"100 %% of %v%%", [][]any{words, numbers}},
	} {
		for _, args := range c.args {
			for _, arg := range args {
				got, want := Textf(c.format, arg), fmt.Sprintf(c.format, arg)
				if got != want {
					t.Errorf("%q of %T: %q, want %q", c.format, arg, got, want)
				}
			}
		}
	}
	got := Textf("%v voted in term %d for %q, %s.%d", name(1), term(2), "S3", kind(0), -4)
	if want := `S1 voted in term 2 for "S3", kind.-4`; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := Textf("no arguments, ü"); got != "no arguments, ü" {
		t.Errorf("%q", got)
	}
}

func TestListsAreThoseOfFmt(t *testing.T) {
	for _, names := range [][]name{nil, {1}, {1, 0, 3}} {
		if got, want := List(names), fmt.Sprintf("%v", names); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := List([]string{"a", "b c"}); got != "[a b c]" {
		t.Errorf("%q", got)
	}
}

func TestErrorsWrapWhatStandsForW(t *testing.T) {
	first, second := errors.New("first"), errors.New("second")
	err := Errorf("reading %v, entry %d: %w", first, 7, second)
	if got := fmt.Errorf("reading %v, entry %d: %w", first, 7, second); err.Error() != got.Error() {
		t.Errorf("%q, want %q", err, got)
	}
	if !errors.Is(err, second) || errors.Is(err, first) {
		t.Errorf("%q wraps the wrong error", err)
	}
	if err := Errorf("reading: %v", first); errors.Unwrap(err) != nil {
		t.Errorf("%q wraps without %%w", err)
	}
}

// TestWhatCannotBeSaidIsMarked calls through variables, for go vet sees the mistakes.
func TestWhatCannotBeSaidIsMarked(t *testing.T) {
	for _, c := range []struct {
		format string
		args   []any
		want   string
	}{
		{"term %d ends", []any{"one"}, "term %!d ends"},
		{"term %s ends", []any{1}, "term %!s ends"},
		{"term %x ends", []any{"one"}, "term %!x ends"},
		{"term %v ends", []any{1.5}, "term %!v ends"},
		{"term %v ends", []any{nil}, "term %!v ends"},
		{"term %v, %v", []any{1}, "term 1, %!v"},
		{"term %", nil, "term "},
	} {
		say := Textf
		if got := say(c.format, c.args...); got != c.want {
			t.Errorf("%q of %v: %q, want %q", c.format, c.args, got, c.want)
		}
	}
}
