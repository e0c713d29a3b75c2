package server

import (
	"fmt"
	"strconv"
	"sync/atomic"
	"time"
)

// counter only grows.
type counter struct{ n atomic.Uint64 }

func (c *counter) inc()         { c.n.Add(1) }
func (c *counter) add(n uint64) { c.n.Add(n) }
func (c *counter) get() uint64  { return c.n.Load() }

// gauge goes up and down.
type gauge struct{ n atomic.Int64 }

func (g *gauge) add(n int64) { g.n.Add(n) }
func (g *gauge) get() int64  { return g.n.Load() }

// The buckets of a histogram: the first ends at 50 microseconds, each at twice the one before; the
// last has no end.
const (
	firstBucket = 50 * time.Microsecond
	buckets     = 18
)

// histogram sorts durations into buckets.
type histogram struct {
	in  [buckets + 1]atomic.Uint64
	sum atomic.Int64 // nanoseconds
}

func (h *histogram) observe(d time.Duration) {
	i := 0
	for end := firstBucket; i < buckets && d > end; end *= 2 {
		i++
	}
	h.in[i].Add(1)
	h.sum.Add(int64(d))
}

// exposition is a text in the format that Prometheus reads (version 0.0.4). All names begin with
// raftarium_; labels are the program's own words and need no escaping.
type exposition struct{ b []byte }

func (e *exposition) family(name, kind, help string) {
	e.b = fmt.Appendf(e.b, "# HELP raftarium_%s %s\n# TYPE raftarium_%s %s\n", name, help, name, kind)
}

// count writes a counter, with one label unless that is empty.
func (e *exposition) count(name, label, value string, c *counter) {
	if label != "" {
		name += "{" + label + `="` + value + `"}`
	}
	e.b = fmt.Appendf(e.b, "raftarium_%s %d\n", name, c.get())
}

func (e *exposition) value(name string, v int64) {
	e.b = fmt.Appendf(e.b, "raftarium_%s %d\n", name, v)
}

// histogram writes a family whose buckets, as the format asks, each count those before them too.
func (e *exposition) histogram(name, help string, h *histogram) {
	e.family(name, "histogram", help)
	sum, end := uint64(0), firstBucket
	for i := range h.in {
		sum += h.in[i].Load()
		le := "+Inf"
		if i < buckets {
			le = strconv.FormatFloat(float64(end.Microseconds())/1e6, 'g', -1, 64)
		}
		e.b = fmt.Appendf(e.b, "raftarium_%s_bucket{le=%q} %d\n", name, le, sum)
		end *= 2
	}
	e.b = fmt.Appendf(e.b, "raftarium_%s_sum %s\nraftarium_%s_count %d\n", name,
		strconv.FormatFloat(time.Duration(h.sum.Load()).Seconds(), 'g', -1, 64), name, sum)
}
