package raft_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// DLedger's test suite shows 70 behaviours, some of them ours. Each has its number here: those of
// the core are tests beside this one, the others are tests of other packages, by their name.
func TestDLedger(t *testing.T) {
	here := []map[int]func(*testing.T){electionBehaviours(), replicationBehaviours(),
		snapshotBehaviours(), safetyBehaviours()}
	elsewhere := behavioursElsewhere()
	for number := 1; number <= 70; number++ {
		t.Run(fmt.Sprintf("Behaviour%02d", number), func(t *testing.T) {
			found := false
			for _, behaviours := range here {
				if holds := behaviours[number]; holds != nil {
					found = true
					holds(t)
				}
			}
			if !found && len(elsewhere[number].tests) == 0 && elsewhere[number].not == "" {
				t.Error("nobody holds it, and nothing says why")
			}
			for _, name := range elsewhere[number].tests {
				if !testExists(t, name) {
					t.Errorf("there is no test %s", name)
				}
			}
		})
	}
}

// elsewhere is where a behaviour is held if not in the core, or why it is not ours.
type elsewhere struct {
	what  string
	tests []string // folder.TestName, from the root of the module
	not   string
}

func at(what string, tests ...string) elsewhere { return elsewhere{what: what, tests: tests} }

func behavioursElsewhere() map[int]elsewhere {
	return map[int]elsewhere{
		24: at("what was appended is read by its index", "server.TestLedgerIsReadAtEveryServer"),
		25: at("and has its position in bytes", "server.TestLedgerIsReadAtEveryServer"),
		27: at("any server passes on to the leader", "server.TestAnyServerPassesOnToTheLeaderOnce",
			"server/client.TestStatusFindsTheLeader"),
		38: at("a write gets the machine's result",
			"server/client.TestKeysAreWrittenReadAndDeleted",
			"server.TestDLedger"),
		39: at("a register", "raft/check/linear.TestRegister", "raft/check/linear.TestClusters"),
		40: {what: "a hook changes a body before it is stored",
			not: "an entry is never changed once it is made: its digest and position are promised"},
		41: at("a clean restart", "store.TestDLedger"),
		42: at("lost files", "store.TestDLedger"),
		43: at("a cut tail", "store.TestDLedger"),
		44: at("a cut prefix", "store.TestDLedger"),
		45: at("appends are contiguous", "store.TestDLedger"),
		46: at("what is saved never exceeds what is there", "store.TestDLedger"),
		47: at("a record lies in one file", "store.TestDLedger"),
		48: at("encodings come back as they were", "store.TestDLedger",
			"raft/trace.TestEveryEventComesBackAsItWas"),
		50: at("a snapshot after so many entries", "raft/scenario.TestLibrary"),
		52: at("logs begin behind the newest snapshot, and restart",
			"server.TestFollowerThatIsFarBehindGetsASnapshot",
			"server.TestRestartOnTheSameDataKeepsAll"),
		53: at("who was away gets a snapshot", "raft/sim.TestAwayInstallsSnapshot",
			"server.TestFollowerThatIsFarBehindGetsASnapshot"),
		54: at("few snapshots are kept: two", "store.TestFile"),
		55: at("a damaged snapshot gives way to an older one", "store.TestOlderSnapshot"),
		58: at("a crash at every point of a write", "store.TestPowerLoss",
			"store.TestVoteSurvives"),
		61: at("one outcome for each request", "raft/sim.TestEveryRequestHasOneAnswer"),
		66: at("Figure 8 as a scenario", "raft/scenario.TestLibrary"),
		67: at("messages that come twice, late or not at all", "raft/sim.TestFaults"),
		69: at("an unknown handler is an error", "server.TestStatusesOfTheAPI"),
		70: at("histories are linearizable", "raft/check/linear.TestClusters"),
		68: at("a machine that throws stops its node, visibly", "raft/host.TestMachineThatPanics"),
	}
}

// testExists looks for a test function in a folder's test files.
func testExists(t *testing.T, name string) bool {
	t.Helper()
	dot := strings.LastIndex(name, ".")
	files, err := filepath.Glob(filepath.Join("..", filepath.FromSlash(name[:dot]), "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatalf("reading %s: %v", path, err)
		}
		for _, d := range f.Decls {
			if fd, ok := d.(*ast.FuncDecl); ok && fd.Recv == nil && fd.Name.Name == name[dot+1:] {
				return true
			}
		}
	}
	return false
}
