// Package rng is a small random generator whose stream is pinned for ever, because share links
// and recordings depend on it. It is SplitMix64 (Steele, Lea and Flood 2014): one 64-bit state,
// copied by assignment.
package rng

// Rand is a stream of numbers. Its zero value is the stream of seed 0. Assigning it copies it.
type Rand struct{ state uint64 }

// New gives the stream of a seed.
func New(seed uint64) Rand { return Rand{state: seed} }

// Split gives the stream that belongs to a name and a number under this seed. It does not draw from
// r: adding a draw in one place does not change the numbers of another.
func (r Rand) Split(name string, n uint64) Rand {
	h := r.state ^ 0x6a09e667f3bcc909
	for i := range len(name) {
		h = scramble(h ^ uint64(name[i]))
	}
	return Rand{state: scramble(h ^ n)}
}

// Uint64 draws a number.
func (r *Rand) Uint64() uint64 {
	r.state += 0x9e3779b97f4a7c15
	return scramble(r.state)
}

func scramble(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Below draws a number from 0 to n-1; 0 for n below 1. The bias of the modulus is below 2^-32 for
// every n that a simulation uses.
func (r *Rand) Below(n int64) int64 {
	if n < 1 {
		return 0
	}
	return int64(r.Uint64()>>1) % n
}

// Between draws a number from lo to hi, both included.
func (r *Rand) Between(lo, hi int64) int64 { return lo + r.Below(hi-lo+1) }

// Chance draws whether something happens that has a probability of ppm parts per million. It always
// draws, so that a stream does not depend on the probability.
func (r *Rand) Chance(ppm int64) bool { return r.Below(1_000_000) < ppm }
