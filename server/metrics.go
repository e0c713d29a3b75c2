package server

import (
	"net/http"
	"strconv"
	"time"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// meter counts and measures what the server does, for /metrics. The arrays are indexed by the value
// that their label tells.
type meter struct {
	status      func() *raft.Status
	sentBy      [trace.ClassOther + 1]counter
	receivedBy  [trace.ClassOther + 1]counter
	droppedBy   [trace.DropClosed + 1]counter
	preVotes    counter // elections that the node asked about,
	candidacies counter // stood for,
	wins        counter // and won
	problems    [600]counter
	connections gauge
	append      histogram
	write       histogram
	sync        histogram
	batches     counter
	entries     counter
}

func newMeter(status func() *raft.Status) *meter { return &meter{status: status} }

// sent counts a message that the core sends.
func (m *meter) sent(msg *raft.Message) { m.sentBy[trace.ClassOf(msg)].inc() }

// received counts a message that the core gets.
func (m *meter) received(msg *raft.Message) { m.receivedBy[trace.ClassOf(msg)].inc() }

// recorded counts what events tell.
func (m *meter) recorded(ev *trace.Event) {
	switch b := ev.Body.(type) {
	case trace.Dropped:
		if int(b.Why) < len(m.droppedBy) {
			m.droppedBy[b.Why].inc()
		}
	case trace.Decided:
		switch b.Note.Kind {
		case raft.NoteBecamePreCand:
			m.preVotes.inc()
		case raft.NoteBecameCandidate:
			m.candidacies.inc()
		case raft.NoteBecameLeader:
			m.wins.inc()
		}
	}
}

// saved measures a batch that the disk took.
func (m *meter) saved(entries, _ int, write, sync time.Duration) {
	m.batches.inc()
	m.entries.add(uint64(entries))
	m.write.observe(write)
	m.sync.observe(sync)
}

// problem counts a request without success.
func (m *meter) problem(status int) {
	if status >= 0 && status < len(m.problems) {
		m.problems[status].inc()
	}
}

// serve answers GET /metrics.
func (m *meter) serve(w http.ResponseWriter, _ *http.Request) {
	var e exposition
	m.exposeStatus(&e)
	e.family("elections_total", "counter", "Elections asked about, stood for, and won.")
	e.count("elections_total", "kind", "preVote", &m.preVotes)
	e.count("elections_total", "kind", "candidate", &m.candidacies)
	e.count("elections_total", "kind", "won", &m.wins)
	e.family("messages_sent_total", "counter", "Messages that the core sent.")
	for c := range m.sentBy {
		e.count("messages_sent_total", "class", trace.Class(c).String(), &m.sentBy[c])
	}
	e.family("messages_received_total", "counter", "Messages that the core got.")
	for c := range m.receivedBy {
		e.count("messages_received_total", "class", trace.Class(c).String(), &m.receivedBy[c])
	}
	e.family("messages_dropped_total", "counter", "Messages that this node dropped.")
	for why := trace.DropLoss; int(why) < len(m.droppedBy); why++ {
		e.count("messages_dropped_total", "why", why.String(), &m.droppedBy[why])
	}
	e.family("problems_total", "counter", "Requests that got no success, by their HTTP status.")
	for status := range m.problems {
		if m.problems[status].get() > 0 {
			e.count("problems_total", "status", strconv.Itoa(status), &m.problems[status])
		}
	}
	e.family("batches_total", "counter", "Batches that were synced at once.")
	e.count("batches_total", "", "", &m.batches)
	e.family("batch_entries_total", "counter", "Entries in those batches.")
	e.count("batch_entries_total", "", "", &m.entries)
	e.family("connections", "gauge", "Websockets that are open, of peers and hubs.")
	e.value("connections", m.connections.get())
	e.histogram("append_seconds", "From a proposal to its answer.", &m.append)
	e.histogram("write_seconds", "Writing of a batch to the log.", &m.write)
	e.histogram("fsync_seconds", "Syncing of a batch.", &m.sync)
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = w.Write(e.b) // who asked may have gone
}

// exposeStatus shows how the node stands.
func (m *meter) exposeStatus(e *exposition) {
	st := m.status()
	for _, g := range []struct {
		name, help string
		value      uint64
	}{
		{"role", "0 follower, 1 pre-candidate, 2 candidate, 3 leader, 4 learner.", uint64(st.Role)},
		{"term", "The current term.", uint64(st.Term)},
		{"leader", "Who leads, as far as the node knows; 0 for nobody.", uint64(st.Leader)},
		{"commit_index", "The commit index.", uint64(st.Commit)},
		{"applied_index", "What the state machine has applied.", uint64(st.Applied)},
		{"last_index", "The end of the log.", uint64(st.Last.Index)},
		{"snapshot_index", "What the newest snapshot stands for.", uint64(st.Snapshot.Index)},
		{"waiting_proposals", "Proposals that wait for their commit.", uint64(st.Waiting)},
	} {
		e.family(g.name, "gauge", g.help)
		e.value(g.name, int64(g.value))
	}
}
