package mutant_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/raftarium/raftarium/raft/mutant"
	"github.com/raftarium/raftarium/raft/scenario"
)

// repeats is how often the hunt for a bug begins anew, each time with other seeds.
const repeats = 3

// unlikely is how many seeds are tried where a scenario must show the bug.
const unlikely = 100

// never stands for a check that did not trip.
const never = 1 << 30

// row is what came of the hunts for one bug: for each check how many seeds it took.
type row struct {
	took  map[string][]int // one for each repeat
	shown map[string]bool  // by the scenario
	most  int              // how many seeds the surest check needed
}

// The grid of bugs and checks: with MUSEUM_SEEDS it is hunted for anew, else it is printed as it
// was last found.
func TestGrid(t *testing.T) {
	limit := asked(t)
	if limit == 0 {
		text, err := os.ReadFile(gridFile)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range mutant.All() {
			if !strings.Contains(string(text), "\n"+m.Name+" ") {
				t.Errorf("%s has no row in %s: make museum", m.Name, gridFile)
			}
		}
		t.Log("\n" + string(text))
		return
	}
	var mu sync.Mutex
	rows := map[string]row{}
	each(func(m *mutant.Mutant) {
		r := hunt(t, m, int(limit))
		mu.Lock()
		rows[m.Name] = r
		mu.Unlock()
		if r.most == never && len(r.shown) == 0 {
			t.Errorf("%s: nobody finds it in %d seeds", m.Name, limit)
		}
		for _, name := range m.Catches {
			if r.median(name) == never && !r.shown[name] {
				t.Errorf("%s: %s does not find it in %d seeds", m.Name, name, limit)
			}
		}
		most := r.most
		if most == never {
			most = unlikely
		}
		for k := range 10 * most {
			survives(t, m, uint64(k+1))
		}
	})
	text := grid(rows)
	t.Log("\n" + text)
	if *rewrite {
		if err := os.WriteFile(gridFile, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// hunt looks for a bug until all have found it that must.
func hunt(t *testing.T, m *mutant.Mutant, limit int) row {
	r := row{took: map[string][]int{}, shown: map[string]bool{}}
	if m.Seed == 0 {
		limit = min(limit, unlikely)
	}
	for k := range repeats {
		first := map[string]int{}
		for n := 1; n <= limit && (n <= 10 || missing(m, first)); n++ {
			for name := range play(t, m, m.Config(uint64(k*1_000_000+n))).found {
				if first[name] == 0 {
					first[name] = n
				}
			}
		}
		for _, name := range checks() {
			took := never
			if first[name] != 0 {
				took = first[name]
			}
			r.took[name] = append(r.took[name], took)
		}
	}
	r.most = never
	for _, name := range m.Catches {
		r.most = min(r.most, r.median(name))
	}
	if m.Scenario != "" {
		if s, err := scenario.Named(m.Scenario); err == nil {
			found, _ := watch(s)
			for name := range found {
				r.shown[name] = true
			}
		}
	}
	return r
}

func missing(m *mutant.Mutant, first map[string]int) bool {
	return slices.ContainsFunc(m.Catches, func(name string) bool { return first[name] == 0 })
}

// median gives how many seeds a check needed; never when it mostly did not trip.
func (r *row) median(name string) int {
	took := slices.Sorted(slices.Values(r.took[name]))
	return took[len(took)/2]
}

func (r *row) cell(name string) string {
	switch m := r.median(name); {
	case m < never:
		return fmt.Sprint(m)
	case slices.Min(r.took[name]) < never:
		return "+"
	case r.shown[name]:
		return "*"
	}
	return ""
}

// grid writes the table: a row for each bug, a column for each check that has tripped, and below it
// who had the bug, what is broken, and the checks that nothing has tripped.
func grid(rows map[string]row) string {
	var columns, idle []string
	for _, name := range checks() {
		tripped := false
		for _, r := range rows {
			tripped = tripped || r.cell(name) != ""
		}
		if tripped {
			columns = append(columns, name)
		} else {
			idle = append(idle, name)
		}
	}
	var b strings.Builder
	b.WriteString("Seeds until a check finds a bug: the median of " + fmt.Sprint(repeats) +
		" hunts. + some of them; * its scenario. (make museum)\n\n")
	tall := 0
	for _, name := range columns {
		tall = max(tall, len(name))
	}
	for line := range tall {
		fmt.Fprintf(&b, "%-34s", "")
		for _, name := range columns {
			c := " "
			if k := line - (tall - len(name)); k >= 0 {
				c = name[k : k+1]
			}
			fmt.Fprintf(&b, "%4s", c)
		}
		b.WriteString("\n")
	}
	for _, m := range mutant.All() {
		fmt.Fprintf(&b, "%-34s", m.Name)
		r := rows[m.Name]
		for _, name := range columns {
			fmt.Fprintf(&b, "%4s", r.cell(name))
		}
		b.WriteString("\n")
	}
	if len(idle) == 0 {
		b.WriteString("\nEvery check has tripped.\n\n")
	} else {
		b.WriteString("\nNo bug has tripped: " + strings.Join(idle, ", ") + "\n\n")
	}
	for _, m := range mutant.All() {
		fmt.Fprintf(&b, "%s (%s)\n    %s\n    rule: %s; found by %s\n    had by %s\n", m.Name,
			m.Section, m.Title, m.Rule, strings.Join(m.Catches, ", "), m.Source)
	}
	return trimmed(b.String())
}

func trimmed(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}
