// Package quorum counts majorities, of one configuration or of the two halves of a joint one.
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
// sorts values. Of no values nothing is reached.
func Reached[T cmp.Ordered](values []T) (reached T, count int) {
	if len(values) == 0 {
		return reached, 0
	}
	slices.Sort(values)
	reached = values[len(values)-Majority(len(values))]
	at, _ := slices.BinarySearch(values, reached)
	return reached, len(values) - at
}

// ReachedBoth gives the largest value that a majority of each half has reached, and how many of the
// first half have reached it. An empty second half is absent. It sorts both.
func ReachedBoth[T cmp.Ordered](voters, outgoing []T) (reached T, count int) {
	reached, count = Reached(voters)
	if len(outgoing) == 0 {
		return reached, count
	}
	other, _ := Reached(outgoing)
	if other >= reached {
		return reached, count
	}
	at, _ := slices.BinarySearch(voters, other)
	return other, len(voters) - at
}
