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
	seeds     = flag.Uint64("seeds", 0, "how many random schedules of each kind; 0 for a few")
)

// kind is a kind of random schedules: what happens in them, and to which clusters.
type kind struct {
	name  string
	seeds uint64  // how many are drawn if nobody says
	sizes []setup // one is drawn, as is whether it is guarded
	verbs []verb
}

// verb is something that happens, with its weight among the others.
type verb struct {
	weight int
	make   func(r *rand.Rand, nodes int) string
}

func one(format string) func(*rand.Rand, int) string {
	return func(r *rand.Rand, n int) string { return fmt.Sprintf(format, 1+r.IntN(n)) }
}

func plain(line string) func(*rand.Rand, int) string {
	return func(*rand.Rand, int) string { return line }
}

// faults are what logs must stand.
var faults = []verb{
	{6, one("campaign %d")},
	{8, one("propose %d")},
	{3, func(r *rand.Rand, n int) string {
		return fmt.Sprintf("propose %d *%d", 1+r.IntN(n), 2+r.IntN(9))
	}},
	{2, one("cut %d")},
	{2, one("link %d")},
	{2, randomSplit},
	{3, plain("heal")},
	{2, one("crash %d")},
	{3, one("start %d")},
	{1, plain("start 0")},
	{2, one("snapshot %d")},
	{3, randomLaziness},
	{10, plain("settle")},
	{3, plain("elapse")},
}

var fixed = []setup{{nodes: 1}, {nodes: 2}, {nodes: 3}, {nodes: 3}, {nodes: 4}, {nodes: 5},
	{nodes: 5}, {nodes: 7}}

// kinds are what is drawn. The later ones meet milder faults, and stop in the middle of no round.
var kinds = [...]kind{
	{"logs", 400, fixed, faults},
	{"reads", 150, fixed, append([]verb{{12, randomRead}}, faults...)},
	{"transfers", 150, fixed[2:], append([]verb{{12, randomTransfer}}, mild...)},
	{"changes", 150, []setup{{nodes: 3, members: 1}, {nodes: 4, members: 2}, {nodes: 5, members: 3},
		{nodes: 5, members: 4}, {nodes: 6, members: 5}},
		append([]verb{{14, randomChange}, {4, randomTransfer}}, mild...)},
}

// mild faults leave transfers and changes a chance to come to an end.
var mild = []verb{
	{4, randomRead},
	{3, one("campaign %d")},
	{8, func(r *rand.Rand, n int) string {
		return fmt.Sprintf("propose %d *%d", r.IntN(n+1), 1+r.IntN(5))
	}},
	{1, one("cut %d")},
	{2, one("link %d")},
	{1, randomSplit},
	{8, plain("heal")},
	{1, one("crash %d")},
	{3, one("start %d")},
	{3, plain("start 0")},
	{2, one("snapshot %d")},
	{16, plain("settle")},
	{3, plain("elapse")},
}

// TestRandomSchedules drives both engines through schedules made from seeds. Links are cut in both
// directions here; see doc.go for what one-way cuts do.
func TestRandomSchedules(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			raced, count := uint64(0), k.seeds
			if *seeds > 0 {
				count = *seeds
			}
			for seed := *firstSeed; seed < *firstSeed+count; seed++ {
				s, script := k.schedule(seed)
				p := newPair(t, s, nil)
				p.lenient = true
				err := p.run(script)
				if p.raced {
					raced++
				}
				if err != nil {
					t.Fatalf("%+v: %v\nrepeat: go test -run TestRandomSchedules/%s "+
						"-seed %d -seeds 1 .", s, err, k.name, seed)
				}
			}
			t.Logf("%d of %d schedules came to a race that ended differently", raced, count)
			if raced > 10 && raced > count/10 {
				t.Error("too many: the comparison has lost its teeth")
			}
		})
	}
}

// anyone gives a server, or 0 for whoever leads, which most wishes are for.
func anyone(r *rand.Rand, nodes int) int { return max(0, r.IntN(4*nodes)-3*nodes+1) }

func randomRead(r *rand.Rand, nodes int) string { return fmt.Sprintf("read %d", r.IntN(nodes+1)) }

func randomTransfer(r *rand.Rand, nodes int) string {
	return fmt.Sprintf("transfer %d %d", anyone(r, nodes), 1+r.IntN(nodes))
}

// randomChange names one server, or several of which at most one shall vote.
func randomChange(r *rand.Rand, nodes int) string {
	line := fmt.Sprintf("change %d", anyone(r, nodes))
	for k, id := range r.Perm(nodes)[:1+max(0, r.IntN(5)-2)%nodes] {
		word := [...]string{"vote", "vote", "learn", "remove"}[r.IntN(4)]
		if k > 0 && word == "vote" {
			continue
		}
		line += fmt.Sprintf(" %s %d", word, id+1)
	}
	if r.IntN(4) == 0 {
		line += " joint"
	}
	return line
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

// schedule gives a schedule that ends with everybody up and linked, where each may stand in turn
// and both engines must come to the same end.
func (k *kind) schedule(seed uint64) (s setup, script string) {
	r := rand.New(rand.NewPCG(seed, 0))
	s = k.sizes[r.IntN(len(k.sizes))]
	s.guarded = r.IntN(2) == 1
	total := 0
	for _, v := range k.verbs {
		total += v.weight
	}
	lines := []string{"campaign 1", "settle"}
	for range 20 + r.IntN(60) {
		at := r.IntN(total)
		for _, v := range k.verbs {
			if at -= v.weight; at < 0 {
				lines = append(lines, v.make(r, s.nodes))
				break
			}
		}
	}
	lines = append(lines, "heal", "start 0", "settle", "elapse", "elapse")
	for i := range 2 * s.nodes { // the first time round some learn of terms and entries only
		id := i%s.nodes + 1
		lines = append(lines, fmt.Sprintf("campaign %d", id), "settle",
			fmt.Sprintf("propose %d", id), "settle")
	}
	lines = append(lines, "elapse", "converged")
	return s, strings.Join(lines, "\n")
}
