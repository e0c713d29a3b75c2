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
	preVotes    prometheus.Counter    // elections that the node asked about,
	candidacies prometheus.Counter    // stood for,
	wins        prometheus.Counter    // and won
	reads       [4]prometheus.Counter // by their outcome
	byRound     prometheus.Counter    // how often reads were proven, by a round of heartbeats
	byLease     prometheus.Counter    // or by a lease
	begun       prometheus.Counter    // transfers of leadership that this node began,
	handed      prometheus.Counter    // that came to the word to the other,
	failed      prometheus.Counter    // and that ended with another leader than was meant
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
	reads := m.counters("reads_total", "Reads that the core answered here.", "outcome")
	for o := range m.reads {
		if o > 0 {
			m.reads[o] = reads.WithLabelValues(raft.Outcome(o).String())
		}
	}
	proofs := m.counters("read_proofs_total", "How often this node, as leader, has proven that "+
		"reads may be answered: by a round of heartbeats for all that wait, or by its lease.", "by")
	m.byRound, m.byLease = proofs.WithLabelValues("round"), proofs.WithLabelValues("lease")
	transfers := m.counters("transfers_total", "Transfers of leadership that this node began, "+
		"that came to the word to stand for election, and that failed.", "kind")
	m.begun, m.handed = transfers.WithLabelValues("begun"), transfers.WithLabelValues("sent")
	m.failed = transfers.WithLabelValues("failed")
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
		{"doubtful", "1 while the log may have lost what it acknowledged.",
			func(s *raft.Status) uint64 { return count(s.Doubtful) }},
		{"transfer_target", "Whom leadership is being handed to; 0 for nobody.",
			func(s *raft.Status) uint64 { return uint64(s.Transfer) }},
		{"voters", "Voters of the configuration in force.",
			func(s *raft.Status) uint64 { return size(s, 0) }},
		{"outgoing_voters", "Voters of the configuration before, while two majorities are needed.",
			func(s *raft.Status) uint64 { return size(s, 1) }},
		{"learners", "Learners of the configuration in force.",
			func(s *raft.Status) uint64 { return size(s, 2) }},
		{"waiting_reads", "Reads that wait.",
			func(s *raft.Status) uint64 { return uint64(s.Reads) }},
		{"waiting_proposals", "Proposals that wait for their commit.",
			func(s *raft.Status) uint64 { return uint64(s.Waiting) }},
	} {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: namespace,
			Name: g.name, Help: g.help}, func() float64 { return float64(g.value(status())) }))
	}
}

// count gives 1 for what is so.
func count(so bool) uint64 {
	if so {
		return 1
	}
	return 0
}

// size counts the servers in a part of the configuration: voters, outgoing ones, learners.
func size(s *raft.Status, part int) uint64 {
	c, err := s.Config.Unpack()
	if err != nil {
		return 0 // the core vouches for it
	}
	return uint64(len([...][]raft.NodeID{c.Voters, c.Outgoing, c.Learners}[part]))
}

// read counts a read that the core has answered.
func (m *meter) read(o raft.Outcome) {
	if int(o) < len(m.reads) && o > 0 {
		m.reads[o].Inc()
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
		m.decided(&b.Note)
	}
}

// decided counts what the core decides.
func (m *meter) decided(n *raft.Note) {
	switch n.Kind {
	case raft.NoteBecamePreCand:
		m.preVotes.Inc()
	case raft.NoteBecameCandidate:
		m.candidacies.Inc()
	case raft.NoteBecameLeader:
		m.wins.Inc()
	case raft.NoteReadConfirmed:
		if n.Why == raft.WhyLease {
			m.byLease.Inc()
		} else {
			m.byRound.Inc()
		}
	case raft.NoteTransferBegun:
		m.begun.Inc()
	case raft.NoteTransferSent:
		m.handed.Inc()
	case raft.NoteTransferEnded:
		if n.Why != raft.WhyLeaderFound {
			m.failed.Inc()
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
