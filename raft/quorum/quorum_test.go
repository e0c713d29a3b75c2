package quorum

import (
	"slices"
	"testing"
)

func TestMajority(t *testing.T) {
	for n, want := range []int{0, 1, 2, 2, 3, 3, 4, 4, 5, 5} {
		if got := Majority(n); got != want {
			t.Errorf("Majority(%d) = %d, want %d", n, got, want)
		}
	}
}

// TestReachedAgainstCounting holds the quick way against the obvious one: try every value.
func TestReachedAgainstCounting(t *testing.T) {
	var values [5]int
	for seed := range 5 * 5 * 5 * 5 * 5 {
		for i, rest := 0, seed; i < len(values); i, rest = i+1, rest/5 {
			values[i] = rest % 5
		}
		want, wantCount := 0, 0
		for _, v := range values {
			count := 0
			for _, w := range values {
				if w >= v {
					count++
				}
			}
			if count >= Majority(len(values)) && (wantCount == 0 || v > want) {
				want, wantCount = v, count
			}
		}
		got, count := Reached(slices.Clone(values[:]))
		if got != want || count != wantCount {
			t.Fatalf("Reached(%v) = %d, %d; counting gives %d, %d", values, got, count, want, wantCount)
		}
	}
}
