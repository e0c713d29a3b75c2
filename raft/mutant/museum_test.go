package mutant_test

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/check"
	"github.com/raftarium/raftarium/raft/mutant"
	"github.com/raftarium/raftarium/raft/scenario"
)

var rewrite = flag.Bool("rewrite", false, "write the seeds, and with MUSEUM_SEEDS the grid, anew")

// seedsFile is what the package embeds.
const (
	seedsFile = "seeds.txt"
	gridFile  = "testdata/grid.txt"
)

// checks gives the names of all that may find a bug.
func checks() []string {
	names := check.Names()
	for _, p := range check.LivenessProperties() {
		names = append(names, p.Name)
	}
	return append(names, linearizable, "broken")
}

// each does something for every mutant, several at a time.
func each(todo func(*mutant.Mutant)) {
	var wg sync.WaitGroup
	next := make(chan mutant.Mutant)
	for range 3 {
		wg.Go(func() {
			for m := range next {
				todo(&m)
			}
		})
	}
	for _, m := range mutant.All() {
		next <- m
	}
	close(next)
	wg.Wait()
}

// caught reports whether one of the checks that must find a bug did.
func caught(m *mutant.Mutant, found map[string]string) bool {
	return slices.ContainsFunc(m.Catches, func(name string) bool { return found[name] != "" })
}

// Every bug is found with its seed, and the same cluster without it is well. A seed that has grown
// old, as something else has changed, is looked for anew with -rewrite.
func TestSeeds(t *testing.T) {
	var mu sync.Mutex
	seeds := map[string]uint64{}
	each(func(m *mutant.Mutant) {
		if m.Seed == 0 && m.Scenario != "" && !*rewrite {
			return // TestScenarios has it
		}
		seed := m.Seed
		if seed == 0 || !caught(m, play(t, m, m.Config(seed)).found) {
			if seed = firstSeed(t, m); !*rewrite {
				t.Errorf("%s: seed %d does not show it any more, and %d does: "+
					"go test ./raft/mutant -rewrite", m.Name, m.Seed, seed)
			}
		}
		mu.Lock()
		seeds[m.Name] = seed
		mu.Unlock()
		if seed == 0 && m.Scenario == "" {
			t.Errorf("%s: nobody finds it", m.Name)
		}
	})
	if *rewrite {
		writeSeeds(t, seeds)
	}
}

// firstSeed looks for a seed that shows a bug; 0 if there is none among the first.
func firstSeed(t *testing.T, m *mutant.Mutant) uint64 {
	most := uint64(3000)
	if m.Scenario != "" {
		most = 300
	}
	for seed := uint64(1); seed <= most; seed++ {
		if caught(m, play(t, m, m.Config(seed)).found) {
			return seed
		}
	}
	return 0
}

func writeSeeds(t *testing.T, seeds map[string]uint64) {
	var b strings.Builder
	for _, m := range mutant.All() {
		if seeds[m.Name] != 0 {
			fmt.Fprintf(&b, "%-34s %d\n", m.Name, seeds[m.Name])
		}
	}
	if err := os.WriteFile(seedsFile, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// The standard rules break nothing in the clusters in which the bugs show. MUSEUM_SEEDS asks for
// more of them.
func TestRightRulesSurvive(t *testing.T) {
	count := uint64(5)
	if n := asked(t); n > 0 {
		count = n
	}
	each(func(m *mutant.Mutant) {
		for k := range count {
			survives(t, m, m.Seed+k)
		}
	})
}

func survives(t *testing.T, m *mutant.Mutant, seed uint64) {
	if r := play(t, m, m.Right(seed)); r.first != "" {
		t.Errorf("the right rules where %s shows, seed %d: %s: %s", m.Name, seed, r.first,
			r.found[r.first])
	}
}

// asked gives how many seeds a full hunt may take for each bug; 0 for no hunt.
func asked(t *testing.T) uint64 {
	s := os.Getenv("MUSEUM_SEEDS")
	if s == "" {
		return 0
	}
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil {
		t.Fatalf("MUSEUM_SEEDS=%q is no number", s)
	}
	return n
}

// A scenario of the library shows its bug, and comes out otherwise without it.
func TestScenarios(t *testing.T) {
	for _, m := range mutant.All() {
		if m.Scenario == "" {
			continue
		}
		text, err := scenario.Source(m.Scenario)
		if err != nil {
			t.Fatal(err)
		}
		s, err := scenario.Parse(m.Scenario, text)
		if err != nil || s.Bug != m.Name {
			t.Errorf("%s: scenario %s is of %q: %v", m.Name, m.Scenario, s.Bug, err)
			continue
		}
		found, err := watch(s)
		if err != nil || !caught(&m, found) {
			t.Errorf("%s: scenario %s shows %v, not one of %v: %v", m.Name, m.Scenario, found,
				m.Catches, err)
		}
		s.Config.Raft.Rules = raft.Standard()
		if found, err := watch(s); err == nil || len(found) > 0 {
			t.Errorf("%s: scenario %s comes out alike by the right rules, with %v", m.Name,
				m.Scenario, found)
		}
	}
}

// watch plays a scenario and gives the checks that tripped. What it did last is over then: behind
// it all must be well.
func watch(s *scenario.Scenario) (found map[string]string, err error) {
	r, err := s.Run()
	if err != nil {
		return nil, err
	}
	p, err := s.Play()
	if err != nil {
		return nil, err
	}
	found = map[string]string{}
	live, last := check.NewLiveness(p.Header()), raft.Time(0)
	for i := range r.Actions {
		last = max(last, r.Actions[i].At)
	}
	healed := false
	for !p.Over() {
		evs, reached, err := p.Next(1<<60, nil)
		if err != nil {
			return nil, err
		}
		for i := range evs {
			if live.Observe(&evs[i]); evs[i].At >= last && !healed {
				healed = true
				live.Heal(last)
			}
		}
		if reached >= r.At {
			break
		}
	}
	for _, c := range slices.Concat(r.Checks, live.Report(r.At)) {
		if c.Status == check.Broken {
			found[c.Name] = c.First.Text
		}
	}
	return found, r.Err()
}

// Each mutant says what it is, and its table differs from the standard where it says so.
func TestDescribed(t *testing.T) {
	all, names := mutant.All(), checks()
	if len(all) < 40 {
		t.Errorf("%d mutants", len(all))
	}
	sources := ""
	for i, m := range all {
		if got, ok := mutant.Named(m.Name); !ok || got.Title != m.Title ||
			slices.ContainsFunc(all[:i], func(o mutant.Mutant) bool { return o.Name == m.Name }) {
			t.Errorf("%s is found: %v, or twice", m.Name, ok)
		}
		if m.Section == "" || m.Source == "" || !strings.HasSuffix(m.Title, ".") &&
			!strings.HasSuffix(m.Title, ").") || len(m.Catches) == 0 {
			t.Errorf("%s: section %q, source %q, title %q, catches %v", m.Name, m.Section,
				m.Source, m.Title, m.Catches)
		}
		for _, c := range m.Catches {
			if !slices.Contains(names, c) {
				t.Errorf("%s: there is no check %q", m.Name, c)
			}
		}
		if got := changed(&m); got != m.Rule {
			t.Errorf("%s changes %q, and says %q", m.Name, got, m.Rule)
		}
		sources += m.Source + "; "
	}
	for _, id := range strings.Fields("S1 S2 S3 S5 S6 S8 S10 D1 D7 D12 J1 J2 J5 J7") {
		if !slices.Contains(strings.FieldsFunc(sources, func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsDigit(r)
		}), id) {
			t.Errorf("nobody shows %s", id)
		}
	}
	if _, ok := mutant.Named("none"); ok {
		t.Error("a mutant that is not there was found")
	}
}

// changed lists the entries of the table that a mutant changes, or its flaw.
func changed(m *mutant.Mutant) string {
	var names []string
	right, wrong := reflect.ValueOf(raft.Standard()).Elem(), reflect.ValueOf(m.Rules()).Elem()
	for i := range right.NumField() {
		if right.Field(i).Pointer() != wrong.Field(i).Pointer() {
			names = append(names, right.Type().Field(i).Name)
		}
	}
	if cfg := m.Config(1); cfg.Flaw != 0 {
		names = append(names, "Flaw: "+cfg.Flaw.String())
	}
	return strings.Join(names, ", ")
}
