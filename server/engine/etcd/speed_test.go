package etcd

import (
	"bytes"
	"fmt"
	"runtime"
	"testing"
)

// The limits that both engines get. What is not named here is alike by its meaning: pre-vote and
// check-quorum on, saves acknowledged at once, messages passed in memory, one thread.
const (
	entryBytes   = 64
	maxInflight  = 64
	maxBytes     = 256 << 10
	compactEvery = 4096 // applied entries after which each node cuts its log
	trailing     = 64   // entries that it keeps
)

// engine is a cluster in memory that is as fast as a plain loop makes it. Its first node leads.
type engine interface {
	// one gives the leader one proposal, by itself.
	one(data []byte)
	// together gives the leader proposals in a single call.
	together(data [][]byte)
	// settle delivers and saves everything until all nodes have applied all entries.
	settle()
	// applied gives how many entries the node that is furthest behind has applied.
	applied() uint64
}

var engines = []struct {
	name string
	make func(tb testing.TB, nodes int) engine
}{
	{"ours", func(tb testing.TB, nodes int) engine { return newOurSpeed(tb, nodes) }},
	{"etcd", func(tb testing.TB, nodes int) engine { return newEtcdSpeed(tb, nodes) }},
}

// speedCases are the three ways in which clients come.
var speedCases = []struct {
	name  string
	batch int
	round func(e engine, data [][]byte)
}{
	{"1-a-round", 1, func(e engine, data [][]byte) { e.one(data[0]) }},
	{"64-separate", 64, func(e engine, data [][]byte) {
		for _, d := range data {
			e.one(d)
		}
	}},
	{"64-in-one", 64, func(e engine, data [][]byte) { e.together(data) }},
}

// BenchmarkCommit measures rounds: the leader gets its proposals, and then everything runs until
// each node has applied them. Read the ratio between the engines of one run.
func BenchmarkCommit(b *testing.B) {
	for _, nodes := range []int{3, 5} {
		for _, c := range speedCases {
			for _, e := range engines {
				name := fmt.Sprintf("n=%d/case=%s/engine=%s", nodes, c.name, e.name)
				b.Run(name, func(b *testing.B) {
					rounds(b, e.make(b, nodes), c.batch, c.round)
				})
			}
		}
	}
}

func payloads(batch int) [][]byte {
	data := make([][]byte, batch)
	for i := range data {
		data[i] = bytes.Repeat([]byte{byte(i)}, entryBytes)
	}
	return data
}

// warm lets a cluster get the memory that it will use anyway.
func warm(e engine, batch int, round func(engine, [][]byte)) engine {
	data := payloads(batch)
	for range 2 * compactEvery / batch {
		round(e, data)
		e.settle()
	}
	return e
}

func rounds(b *testing.B, e engine, batch int, round func(engine, [][]byte)) {
	data := payloads(batch)
	warm(e, batch, round)
	before := e.applied()
	var from, to runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&from)
	count := 0
	for b.Loop() {
		round(e, data)
		e.settle()
		if count++; count%64 == 0 {
			breathe()
		}
	}
	runtime.ReadMemStats(&to)
	entries := uint64(count * batch)
	if got := e.applied() - before; got != entries {
		b.Fatalf("%d entries were proposed and %d applied everywhere", entries, got)
	}
	per := float64(entries)
	b.ReportMetric(per/b.Elapsed().Seconds(), "entries/s")
	b.ReportMetric(float64(to.TotalAlloc-from.TotalAlloc)/per, "B/entry")
	b.ReportMetric(float64(to.Mallocs-from.Mallocs)/per, "allocs/entry")
	b.ReportMetric(0, "ns/op")
}

// TestEnginesCommitAlike runs a few rounds of each case, so that the benchmarks are known to
// measure what they say.
func TestEnginesCommitAlike(t *testing.T) {
	for _, c := range speedCases {
		for _, e := range engines {
			t.Run(c.name+"/"+e.name, func(t *testing.T) {
				cluster, data := e.make(t, 3), payloads(c.batch)
				for round := range 3*compactEvery/c.batch + 1 {
					before := cluster.applied()
					c.round(cluster, data)
					cluster.settle()
					if got := cluster.applied() - before; got != uint64(c.batch) {
						t.Fatalf("round %d applied %d entries, want %d", round, got, c.batch)
					}
				}
			})
		}
	}
}
