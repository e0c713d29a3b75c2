package etcd

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

var (
	firstSeed = flag.Uint64("seed", 1, "the first random schedule")
	seeds     = flag.Uint64("seeds", 400, "how many random schedules")
)

// TestRandomSchedules drives both engines through schedules made from seeds. Links are cut in both
// directions here; see doc.go for what one-way cuts do.
func TestRandomSchedules(t *testing.T) {
	raced := uint64(0)
	for seed := *firstSeed; seed < *firstSeed+*seeds; seed++ {
		nodes, guarded, script := randomSchedule(seed)
		p := newPair(t, nodes, guarded, nil)
		p.lenient = true
		err := p.run(script)
		if p.raced {
			raced++
		}
		if err != nil {
			t.Fatalf("%d servers, guarded %v: %v\nrepeat: go test -run TestRandomSchedules "+
				"-seed %d -seeds 1 .", nodes, guarded, err, seed)
		}
	}
	t.Logf("%d of %d schedules came to a race that ended differently", raced, *seeds)
	if raced > 10 && raced > *seeds/10 {
		t.Error("too many: the comparison has lost its teeth")
	}
}

// verbs are what a random schedule draws from, with their weights.
var verbs = []struct {
	weight int
	make   func(r *rand.Rand, nodes int) string
}{
	{6, func(r *rand.Rand, n int) string { return fmt.Sprintf("campaign %d", 1+r.IntN(n)) }},
	{8, func(r *rand.Rand, n int) string { return fmt.Sprintf("propose %d", 1+r.IntN(n)) }},
	{3, func(r *rand.Rand, n int) string {
		return fmt.Sprintf("propose %d *%d", 1+r.IntN(n), 2+r.IntN(9))
	}},
	{2, func(r *rand.Rand, n int) string { return fmt.Sprintf("cut %d", 1+r.IntN(n)) }},
	{2, func(r *rand.Rand, n int) string { return fmt.Sprintf("link %d", 1+r.IntN(n)) }},
	{2, randomSplit},
	{3, func(*rand.Rand, int) string { return "heal" }},
	{2, func(r *rand.Rand, n int) string { return fmt.Sprintf("crash %d", 1+r.IntN(n)) }},
	{3, func(r *rand.Rand, n int) string { return fmt.Sprintf("start %d", 1+r.IntN(n)) }},
	{1, func(*rand.Rand, int) string { return "start 0" }},
	{2, func(r *rand.Rand, n int) string { return fmt.Sprintf("snapshot %d", 1+r.IntN(n)) }},
	{3, randomLaziness},
	{10, func(*rand.Rand, int) string { return "settle" }},
	{3, func(*rand.Rand, int) string { return "elapse" }},
}

func randomSplit(r *rand.Rand, nodes int) string {
	var sides [2]string
	for id := 1; id <= nodes; id++ {
		k := r.IntN(2)
		sides[k] += fmt.Sprint(id)
	}
	return "split " + strings.TrimSpace(sides[0]+" "+sides[1])
}

// randomLaziness lets a server crash, or not, before it has saved what it was asked to. It settles
// at the end: what is on its way in the middle of a round differs.
func randomLaziness(r *rand.Rand, nodes int) string {
	lazy, other := 1+r.IntN(nodes), 1+r.IntN(nodes)
	lines := []string{fmt.Sprintf("lazy %d", lazy), fmt.Sprintf("propose %d", other)}
	if other != lazy && r.IntN(3) == 0 {
		lines[1] = fmt.Sprintf("campaign %d", other)
	}
	for range 1 + r.IntN(4) {
		lines = append(lines, "round")
	}
	if r.IntN(3) > 0 {
		lines = append(lines, fmt.Sprintf("crash %d\nstart %d", lazy, lazy))
	}
	return strings.Join(append(lines, "settle"), "\n")
}

// randomSchedule gives a schedule that ends with everybody up and linked, where each may stand in
// turn and both engines must come to the same end.
func randomSchedule(seed uint64) (nodes int, guarded bool, script string) {
	r := rand.New(rand.NewPCG(seed, 0))
	nodes, guarded = []int{1, 2, 3, 3, 4, 5, 5, 7}[r.IntN(8)], r.IntN(2) == 1
	total := 0
	for _, v := range verbs {
		total += v.weight
	}
	lines := []string{"campaign 1", "settle"}
	for range 20 + r.IntN(60) {
		k := r.IntN(total)
		for _, v := range verbs {
			if k -= v.weight; k < 0 {
				lines = append(lines, v.make(r, nodes))
				break
			}
		}
	}
	lines = append(lines, "heal", "start 0", "settle", "elapse", "elapse")
	for k := range 2 * nodes { // the first time round some learn of terms and entries only
		id := k%nodes + 1
		lines = append(lines, fmt.Sprintf("campaign %d", id), "settle",
			fmt.Sprintf("propose %d", id), "settle")
	}
	lines = append(lines, "converged")
	return nodes, guarded, strings.Join(lines, "\n")
}
