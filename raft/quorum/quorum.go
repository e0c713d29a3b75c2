// Package quorum counts majorities. Joint configurations will be counted here as well.
package quorum

import (
	"cmp"
	"slices"
)

// Majority gives how many of n voters are a majority; 0 of none.
func Majority(n int) int {
	if n == 0 {
		return 0
	}
	return n/2 + 1
}

// Reached gives the largest value that a majority has reached, and how many have reached it. It
// sorts values. There must be at least one.
func Reached[T cmp.Ordered](values []T) (reached T, count int) {
	slices.Sort(values)
	reached = values[len(values)-Majority(len(values))]
	at, _ := slices.BinarySearch(values, reached)
	return reached, len(values) - at
}
