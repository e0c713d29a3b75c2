package tidy

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// layers lists every package and, after the colon, all of ours that it may import. It is read from
// the bottom of the building up; what is not written is forbidden.
const layers = `
raft/quorum          :
raft/rng             :
raft/say             :
raft                 : raft/quorum raft/rng raft/say
raft/machine         : raft raft/say
raft/trace           : raft raft/say
raft/trace/tracetest : raft raft/trace
raft/trace/ndjson    : raft raft/trace
raft/world           : raft raft/trace raft/machine
raft/host            : raft raft/say raft/trace raft/machine
raft/check           : raft raft/quorum raft/say raft/trace raft/world
raft/check/linear    : raft raft/trace
raft/sim             : raft raft/say raft/trace raft/host raft/machine raft/rng
raft/branch          : raft raft/say raft/trace raft/sim raft/check
raft/mutant          : raft raft/host raft/quorum raft/rng raft/say raft/sim
raft/sim/swarm       : raft raft/say raft/quorum raft/trace raft/check raft/sim
raft/scenario        : raft raft/say raft/trace raft/world raft/check raft/sim raft/mutant

store                : raft
store/crashfs        : store
store/storetest      : raft store

static               :

viz/theme            : raft
viz/player           : raft raft/trace raft/world raft/check
viz/scene            : raft raft/trace raft/world viz/theme
viz/scene/example    : raft raft/trace
viz/panel            : raft raft/trace raft/world raft/machine raft/check viz/theme
viz/input            : raft raft/trace viz/scene
viz/draw             : viz/scene viz/theme
viz/draw/face        : viz/draw
viz                  : raft raft/trace raft/world viz/player viz/scene viz/panel viz/input viz/draw viz/theme

server/wire          : raft raft/say raft/trace
server/client        : raft raft/machine server/wire
server               : raft raft/trace raft/world raft/host raft/machine store server/wire
server/hub           : raft raft/trace raft/world raft/check server server/wire
server/supervisor    : raft raft/trace server server/hub server/wire store static
server/cmd/raftarium : raft raft/trace raft/trace/ndjson raft/world raft/sim raft/sim/swarm raft/branch raft/mutant raft/scenario raft/check raft/check/linear raft/machine store server server/hub server/supervisor server/client server/wire static

wasm/line            : raft raft/trace server/wire
wasm/stage           : raft raft/trace server/wire wasm/line viz viz/player viz/scene viz/panel viz/input viz/draw viz/theme
wasm/engine          : raft raft/say raft/trace raft/branch raft/mutant server/wire
viz/cmd/viz          : raft raft/trace raft/sim raft/branch viz viz/input viz/draw/face

scripts/tidy         :
scripts/build-wasm   : static raft raft/trace raft/sim raft/branch raft/mutant raft/scenario
scripts/bench        : raft raft/trace raft/sim raft/check raft/world viz/scene viz/draw viz/theme
scripts/e2e          : raft raft/trace raft/sim server/wire
`

// pure is all of the standard library that code under raft/ may import: no clock, thread, chance,
// disk or network is in it. A list of what is allowed cannot be forgotten when Go grows a package.
var pure = []string{"bytes", "cmp", "container/heap", "embed", "encoding", "errors", "fmt",
	"hash/crc32", "hash/crc64", "hash/fnv", "io", "iter", "maps", "math/bits", "slices", "sort",
	"strconv", "strings", "unicode"}

const ebiten = "github.com/hajimehoshi/ebiten/v2"

// nevers says which floors may not import what, and why. Both match by prefix.
var nevers = []struct {
	why    string
	floors []string
	not    []string // floors that are exempt
	pkgs   []string
}{
	{"what is true does not depend on what runs or is seen", []string{"raft"}, nil,
		[]string{module + "store", module + "server", module + "viz", module + "wasm"}},
	{"the viewer may not be able to tell a simulation from a cluster", []string{"viz"},
		[]string{"viz/cmd/viz"}, []string{module + "raft/sim", module + "raft/host",
			module + "raft/scenario", module + "store", module + "server", "net", "syscall/js"}},
	{"pictures are tested without a screen",
		[]string{"viz/scene", "viz/panel", "viz/player", "viz/theme"}, nil, []string{ebiten}},
	{"the server runs headless", []string{"server"}, nil, []string{ebiten}},
	{"the page carries no server", []string{"wasm"}, []string{},
		[]string{"net/http", module + "store", module + "server/client", module + "server/hub",
			module + "server/supervisor", module + "server/cmd"}},
	{"the engine draws nothing", []string{"wasm/engine"}, nil, []string{ebiten}},
	{"only the engine simulates", []string{"wasm/stage"}, nil, []string{module + "raft/sim"}},
	{"only wasm speaks to the page", []string{"raft", "store", "server", "viz", "static", "scripts"},
		[]string{"store/browser"}, []string{"syscall/js"}},
	{"the core says why, the host says what was done", []string{"raft/quorum", "raft/rng"}, nil,
		[]string{module + "raft/trace"}},
}

func TestLayers(t *testing.T) {
	may := readLayers(t)
	for _, env := range platforms {
		for _, p := range list(t, env) {
			allowed, listed := may[p.name()]
			if !listed {
				t.Errorf("%s: not in layers; say what it may import", p.name())
			}
			for _, imp := range p.Imports {
				if dep, ours := strings.CutPrefix(imp, module); ours && !allowed[dep] {
					t.Errorf("%s may not import %s (%v)", p.name(), dep, env[0])
				}
			}
		}
	}
}

// readLayers also checks that the list stands in building order, so that a person can read it.
func readLayers(t *testing.T) map[string]map[string]bool {
	may := map[string]map[string]bool{}
	for line := range strings.Lines(layers) {
		name, deps, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		name = strings.TrimSpace(name)
		may[name] = map[string]bool{}
		for _, d := range strings.Fields(deps) {
			if may[d] == nil {
				t.Errorf("layers: %s uses %s before it is listed; keep the list bottom up", name, d)
			}
			may[name][d] = true
		}
	}
	return may
}

func TestPurity(t *testing.T) {
	for _, p := range list(t, platforms[0]) {
		if !under(p.name(), "raft") {
			continue
		}
		for _, imp := range p.Imports {
			if under(p.name(), "raft/check/linear") && imp == "github.com/anishathalye/porcupine" {
				continue
			}
			if !strings.HasPrefix(imp, module) && !under(imp, pure...) {
				t.Errorf("%s may not import %s: under raft/ there is no clock, thread, chance, disk "+
					"or network", p.name(), imp)
			}
		}
	}
}

func TestNevers(t *testing.T) {
	for _, env := range platforms {
		for _, p := range list(t, env) {
			for _, n := range nevers {
				if !under(p.name(), n.floors...) || under(p.name(), n.not...) {
					continue
				}
				for _, imp := range p.Imports {
					if under(imp, n.pkgs...) {
						t.Errorf("%s may not import %s: %s", p.name(), imp, n.why)
					}
				}
			}
		}
	}
}

// TestPageCarriesNoServer looks at everything that the page's programs link, not only at what they
// import themselves.
func TestPageCarriesNoServer(t *testing.T) {
	for _, p := range list(t, platforms[1]) {
		if !under(p.name(), "wasm") {
			continue
		}
		for _, dep := range []string{"net/http", "github.com/coder/websocket", module + "server"} {
			if slices.Contains(p.Deps, dep) {
				t.Errorf("%s depends on %s, which the page must not carry", p.name(), dep)
			}
		}
		if under(p.name(), "wasm/engine") && slices.Contains(p.Deps, ebiten) {
			t.Errorf("%s depends on Ebitengine", p.name())
		}
	}
}

// TestFolders holds the shape of the house.
func TestFolders(t *testing.T) {
	given := []string{"raft", "store", "server", "viz", "wasm", "static", "scripts"}
	entries, err := os.ReadDir("../..")
	if err != nil {
		t.Fatal(err)
	}
	ignored := []string{"bin", "_trace", "_shots", "data"}
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() && !strings.HasPrefix(name, ".") && !slices.Contains(given, name) &&
			!slices.Contains(ignored, name) {
			t.Errorf("folder %s: the design does not know it", name)
		}
	}
}
