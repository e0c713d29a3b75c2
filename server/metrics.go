package server

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// meter counts and measures what the server does, for /metrics. Each server has a registry of its
// own, so that several can live in one process. The arrays are indexed by the value that their
// label tells: what runs for every message looks nothing up.
type meter struct {
	registry    *prometheus.Registry
	sentBy      [trace.ClassOther + 1]prometheus.Counter
	receivedBy  [trace.ClassOther + 1]prometheus.Counter
	droppedBy   [trace.DropClosed + 1]prometheus.Counter
	preVotes    prometheus.Counter // elections that the node asked about,
	candidacies prometheus.Counter // stood for,
	wins        prometheus.Counter // and won
	problems    *prometheus.CounterVec
	connections prometheus.Gauge
	append      prometheus.Histogram
	write       prometheus.Histogram
	sync        prometheus.Histogram
	batches     prometheus.Counter
	entries     prometheus.Counter
}

// namespace stands before the names of all metrics.
const namespace = "raftarium"

// newMeter makes a meter for a node whose status can be asked for at any time.
func newMeter(status func() *raft.Status) *meter {
	m := &meter{registry: prometheus.NewRegistry()}
	sent := m.counters("messages_sent_total", "Messages that the core sent.", "class")
	received := m.counters("messages_received_total", "Messages that the core got.", "class")
	for c := range m.sentBy {
		m.sentBy[c] = sent.WithLabelValues(trace.Class(c).String())
		m.receivedBy[c] = received.WithLabelValues(trace.Class(c).String())
	}
	dropped := m.counters("messages_dropped_total", "Messages that this node dropped.", "why")
	for why := range m.droppedBy {
		if why > 0 {
			m.droppedBy[why] = dropped.WithLabelValues(trace.DropWhy(why).String())
		}
	}
	elections := m.counters("elections_total", "Elections asked about, stood for, and won.", "kind")
	m.preVotes = elections.WithLabelValues("preVote")
	m.candidacies = elections.WithLabelValues("candidate")
	m.wins = elections.WithLabelValues("won")
	m.problems = m.counters("problems_total", "Requests that got no success, by their HTTP status.",
		"status")
	m.batches = m.counters("batches_total", "Batches that were synced at once.").WithLabelValues()
	m.entries = m.counters("batch_entries_total", "Entries in those batches.").WithLabelValues()
	m.connections = prometheus.NewGauge(prometheus.GaugeOpts{Namespace: namespace,
		Name: "connections", Help: "Websockets that are open, of peers and hubs."})
	m.registry.MustRegister(m.connections)
	m.append = m.histogram("append_seconds", "From a proposal to its answer.")
	m.write = m.histogram("write_seconds", "Writing of a batch to the log.")
	m.sync = m.histogram("fsync_seconds", "Syncing of a batch.")
	m.exposeStatus(status)
	return m
}

func (m *meter) counters(name, help string, labels ...string) *prometheus.CounterVec {
	v := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name,
		Help: help}, labels)
	m.registry.MustRegister(v)
	return v
}

// histogram makes one whose first bucket ends at 50 microseconds, each at twice the one before.
func (m *meter) histogram(name, help string) prometheus.Histogram {
	h := prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: namespace, Name: name,
		Help: help, Buckets: prometheus.ExponentialBuckets(50e-6, 2, 18)})
	m.registry.MustRegister(h)
	return h
}

// exposeStatus shows how the node stands when it is asked.
func (m *meter) exposeStatus(status func() *raft.Status) {
	for _, g := range []struct {
		name, help string
		value      func(*raft.Status) uint64
	}{
		{"role", "0 follower, 1 pre-candidate, 2 candidate, 3 leader, 4 learner.",
			func(s *raft.Status) uint64 { return uint64(s.Role) }},
		{"term", "The current term.", func(s *raft.Status) uint64 { return uint64(s.Term) }},
		{"leader", "Who leads, as far as the node knows; 0 for nobody.",
			func(s *raft.Status) uint64 { return uint64(s.Leader) }},
		{"commit_index", "The commit index.",
			func(s *raft.Status) uint64 { return uint64(s.Commit) }},
		{"applied_index", "What the state machine has applied.",
			func(s *raft.Status) uint64 { return uint64(s.Applied) }},
		{"last_index", "The end of the log.",
			func(s *raft.Status) uint64 { return uint64(s.Last.Index) }},
		{"snapshot_index", "What the newest snapshot stands for.",
			func(s *raft.Status) uint64 { return uint64(s.Snapshot.Index) }},
		{"waiting_proposals", "Proposals that wait for their commit.",
			func(s *raft.Status) uint64 { return uint64(s.Waiting) }},
	} {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: namespace,
			Name: g.name, Help: g.help}, func() float64 { return float64(g.value(status())) }))
	}
}

// sent counts a message that the core sends.
func (m *meter) sent(msg *raft.Message) { m.sentBy[trace.ClassOf(msg)].Inc() }

// received counts a message that the core gets.
func (m *meter) received(msg *raft.Message) { m.receivedBy[trace.ClassOf(msg)].Inc() }

// recorded counts what events tell.
func (m *meter) recorded(ev *trace.Event) {
	switch b := ev.Body.(type) {
	case trace.Dropped:
		if b.Why > 0 && int(b.Why) < len(m.droppedBy) {
			m.droppedBy[b.Why].Inc()
		}
	case trace.Decided:
		switch b.Note.Kind {
		case raft.NoteBecamePreCand:
			m.preVotes.Inc()
		case raft.NoteBecameCandidate:
			m.candidacies.Inc()
		case raft.NoteBecameLeader:
			m.wins.Inc()
		}
	}
}

// saved measures a batch that the disk took.
func (m *meter) saved(entries, _ int, write, sync time.Duration) {
	m.batches.Inc()
	m.entries.Add(float64(entries))
	m.write.Observe(write.Seconds())
	m.sync.Observe(sync.Seconds())
}

// problem counts a request without success.
func (m *meter) problem(status int) { m.problems.WithLabelValues(strconv.Itoa(status)).Inc() }

// handler answers GET /metrics.
func (m *meter) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
