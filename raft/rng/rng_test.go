package rng

import "testing"

// The stream is SplitMix64's, whose numbers its authors have published: share links and recordings
// depend on them.
func TestStreamIsPinned(t *testing.T) {
	for seed, want := range map[uint64][]uint64{
		0: {0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4, 0x06c45d188009454f},
		1234567: {6457827717110365317, 3203168211198807973, 9817491932198370423,
			4593380528125082431, 16408922859458223821},
	} {
		r := New(seed)
		for i, w := range want {
			if got := r.Uint64(); got != w {
				t.Errorf("number %d of seed %d is %d, not %d", i, seed, got, w)
			}
		}
	}
	var zero Rand
	if zero != New(0) {
		t.Error("the zero value is not the stream of seed 0")
	}
}

// A split stream depends on all of seed, name and number, and its parent does not notice that it was
// split. Its numbers are pinned as well.
func TestSplit(t *testing.T) {
	r := New(7)
	a := r.Split("network", 3)
	if r != New(7) {
		t.Error("a split has drawn from its parent")
	}
	seen := map[Rand]string{}
	for name, s := range map[string]Rand{"the same": New(7).Split("network", 3),
		"another seed": New(8).Split("network", 3), "another name": New(7).Split("networl", 3),
		"another number": New(7).Split("network", 4), "a shorter name": New(7).Split("networ", 3),
		"no name": New(7).Split("", 3), "its parent": New(7)} {
		if (s == a) != (name == "the same") {
			t.Errorf("%s: %v", name, s)
		}
		if other, twice := seen[s]; twice {
			t.Errorf("%s and %s are one stream", name, other)
		}
		seen[s] = name
	}
	if got := a.Uint64(); got != 0xb49d1867e05709b7 {
		t.Errorf("the first number of a split stream is %#x", got)
	}
}

// A copy goes on by itself.
func TestCopy(t *testing.T) {
	a := New(5)
	b := a
	first := a.Uint64()
	a.Uint64()
	if b.Uint64() != first || a == b {
		t.Error("a copy draws other numbers, or draws from its original")
	}
}

// Numbers stay in their ranges and reach both ends of them.
func TestRanges(t *testing.T) {
	r := New(9)
	seen := map[int64]int{}
	for range 6000 {
		if v := r.Below(6); v < 0 || v > 5 {
			t.Fatalf("below 6 there is %d", v)
		} else {
			seen[v]++
		}
		if v := r.Between(-2, 3); v < -2 || v > 3 {
			t.Fatalf("between -2 and 3 there is %d", v)
		} else {
			seen[100+v]++
		}
		if r.Below(1<<62) < 0 {
			t.Fatal("a number is below 0")
		}
	}
	if len(seen) != 12 {
		t.Errorf("of 12 numbers %d came", len(seen))
	}
	for v, n := range seen {
		if n < 800 || n > 1200 {
			t.Errorf("%d came %d times of 6000, and 1000 are expected", v, n)
		}
	}
	for _, n := range []int64{0, -1, -1 << 63} {
		before := r
		if v := r.Below(n); v != 0 || r != before {
			t.Errorf("below %d there is %d", n, v)
		}
	}
	if v := r.Between(4, 4); v != 4 {
		t.Errorf("between 4 and 4 there is %d", v)
	}
}

// A chance always draws, however likely it is, so that a stream does not depend on it.
func TestChance(t *testing.T) {
	a, b, c := New(3), New(3), New(3)
	hits := 0
	for range 10_000 {
		if a.Chance(0) {
			t.Fatal("what never happens has happened")
		}
		if !b.Chance(1_000_000) {
			t.Fatal("what always happens has not happened")
		}
		if c.Chance(250_000) {
			hits++
		}
	}
	if a != b || b != c {
		t.Error("streams went apart by their probabilities")
	}
	if hits < 2300 || hits > 2700 {
		t.Errorf("a quarter of 10000 is %d", hits)
	}
}
