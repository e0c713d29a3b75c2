package quorum

import (
	"slices"
	"testing"
)

func TestTally(t *testing.T) {
	for _, c := range []struct {
		tally    Tally
		won, all bool
	}{
		{Tally{0, 0}, false, true}, {Tally{0, 1}, false, false}, {Tally{1, 1}, true, true},
		{Tally{1, 2}, false, false}, {Tally{2, 2}, true, true}, {Tally{1, 3}, false, false},
		{Tally{2, 3}, true, false}, {Tally{2, 4}, false, false}, {Tally{3, 4}, true, false},
		{Tally{3, 5}, true, false}, {Tally{5, 5}, true, true},
	} {
		if c.tally.Won() != c.won || c.tally.All() != c.all {
			t.Errorf("%+v: won %v, all %v", c.tally, c.tally.Won(), c.tally.All())
		}
	}
}

// Section 6: while joint a decision needs a majority of each half; a half that is absent does not
// count, and nobody decides for no voters.
func TestJoint(t *testing.T) {
	none, lost, won := Tally{}, Tally{1, 3}, Tally{2, 3}
	for _, c := range []struct {
		voters, outgoing Tally
		want             bool
	}{
		{none, none, false}, {none, won, false}, {lost, none, false}, {won, none, true},
		{won, lost, false}, {lost, won, false}, {won, won, true},
	} {
		if got := Joint(c.voters, c.outgoing); got != c.want {
			t.Errorf("%+v and %+v: %v", c.voters, c.outgoing, got)
		}
	}
}

func TestReachedOfNothing(t *testing.T) {
	if got, n := Reached[int](nil); got != 0 || n != 0 {
		t.Errorf("of no values %d is reached by %d", got, n)
	}
	if got, n := ReachedBoth([]int{3, 1, 2}, nil); got != 2 || n != 2 {
		t.Errorf("without a second half %d is reached by %d", got, n)
	}
	if got, n := ReachedBoth(nil, []int{3, 1, 2}); got != 0 || n != 0 {
		t.Errorf("without a first half %d is reached by %d", got, n)
	}
}

// TestReachedBothAgainstCounting holds the quick way against the obvious one: the largest value
// that a majority of each half has reached.
func TestReachedBothAgainstCounting(t *testing.T) {
	count := func(values []int, v int) (n int) {
		for _, w := range values {
			if w >= v {
				n++
			}
		}
		return n
	}
	for seed := range 4 * 4 * 4 * 4 * 4 * 4 {
		var all [6]int
		for i, rest := 0, seed; i < len(all); i, rest = i+1, rest/4 {
			all[i] = rest % 4
		}
		for cut := 1; cut < len(all); cut++ {
			voters, outgoing := all[:cut], all[cut:]
			want := 3
			for want > 0 && (count(voters, want) < Majority(len(voters)) ||
				count(outgoing, want) < Majority(len(outgoing))) {
				want--
			}
			got, n := ReachedBoth(slices.Clone(voters), slices.Clone(outgoing))
			if got != want || n != count(voters, want) {
				t.Fatalf("%v and %v: %d by %d; counting gives %d by %d", voters, outgoing, got, n,
					want, count(voters, want))
			}
		}
	}
}
