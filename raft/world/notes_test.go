package world_test

import (
	"math/rand/v2"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/host"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/raft/world"
)

// bench is a cluster of bare cores with a disk that saves after a while, nothing else: it shows
// that what the core decided can be folded from its notes alone.
type bench struct {
	t     *testing.T
	rnd   *rand.Rand
	now   raft.Time
	state trace.State
	cores []*core
	mail  []raft.Message
	alone raft.NodeID // whom nothing reaches, and from whom nothing comes; 0 for nobody

	truncated, reset int
}

type core struct {
	node   *raft.Node
	id     raft.NodeID
	boot   uint32
	n      uint64
	wake   raft.Time
	image  raft.Image
	writes []raft.Write
	in     []raft.Input
}

func newBench(t *testing.T, seed uint64) *bench {
	b := &bench{t: t, rnd: rand.New(rand.NewPCG(seed, 7))}
	for id := range raft.NodeID(3) {
		b.cores = append(b.cores, &core{id: id + 1})
		b.start(b.cores[id])
	}
	return b
}

func (b *bench) start(c *core) {
	c.boot++
	c.n, c.writes, c.in = 0, nil, nil
	cfg := raft.DefaultConfig()
	cfg.ID, cfg.Boot, cfg.Members, cfg.Seed = c.id, c.boot, []raft.NodeID{1, 2, 3}, b.rnd.Uint64()
	cfg.Trailing, cfg.ChunkSize = 2, 8
	var err error
	if c.node, err = raft.New(cfg, c.image); err != nil {
		b.t.Fatal(err)
	}
	b.tell(c, trace.Started{Members: cfg.Members, Term: c.image.Term, Vote: c.image.Vote,
		Base: c.image.Base, Runs: host.Runs(&c.image), Snapshot: c.image.Snapshot})
	b.step(c)
}

func (b *bench) tell(c *core, body trace.Body) {
	c.n++
	world.Apply(&b.state, nil, &trace.Event{
		ID: trace.EventID{Node: c.id, Boot: c.boot, N: c.n}, At: b.now, Body: body})
}

func (b *bench) step(c *core) {
	var out raft.Output
	in := c.in
	c.in = nil
	c.node.Step(b.now, in, &out)
	for _, n := range out.Notes {
		if n.Kind == raft.NoteTruncated {
			b.truncated++
		}
		if n.Kind == raft.NoteSnapshotInstalled && n.Why == raft.WhySnapshotResets {
			b.reset++
		}
		b.tell(c, trace.Decided{Note: n})
	}
	b.compare(c, &out)
	if out.Save.ID != 0 {
		c.writes = append(c.writes, out.Save)
	}
	b.mail = append(b.mail, out.Send...)
	for _, e := range out.Apply {
		c.in = append(c.in, raft.Applied(0, e.Index))
		b.tell(c, trace.Applied{From: e.Index, To: e.Index})
	}
	for _, f := range out.Fetch {
		c.in = append(c.in, raft.Fetched(raft.Chunk{ChunkRef: f, Data: make([]byte, f.Size)}))
	}
	if out.Install != nil {
		c.in = append(c.in, raft.Installed(*out.Install))
		b.tell(c, trace.Loaded{Snapshot: *out.Install})
	}
	c.wake = out.Wake
}

// compare fails unless the fold says of a node what it says itself.
func (b *bench) compare(c *core, out *raft.Output) {
	b.t.Helper()
	st, n := c.node.Status(), b.state.Node(c.id)
	ok := n.Known && n.Alive && n.Role == st.Role && n.Term == st.Term && n.Vote == st.Vote &&
		n.Leader == st.Leader && n.Commit == st.Commit && n.Log.Last() == st.Last &&
		n.Log.Base == st.Base && n.Snapshot.Mark == st.Snapshot.Mark &&
		n.Snapshot.Size == st.Snapshot.Size
	if st.Role != raft.Leader {
		ok = ok && n.Deadline == out.Wake && n.DeadlineFrom <= b.now && len(n.Progress) == 0
	} else {
		ok = ok && n.Deadline == 0 && len(n.Progress) == 2 && len(n.Tally) >= 2
	}
	if !ok || !sameLog(c.node, &n.Log) {
		b.t.Fatalf("at %d the fold says\n%swith leader %v, deadline %d, and the core "+
			"says\n%+v, wake %d",
			b.now, world.Describe(&b.state, nil), n.Leader, n.Deadline, st, out.Wake)
	}
}

// sameLog reports whether the runs of a folded log are those of a core's.
func sameLog(node *raft.Node, l *trace.Log) bool {
	next := l.Base.Index + 1
	for _, r := range l.Runs {
		m, held := node.MarkAt(r.To)
		if !held || r.From != next || m != (raft.Mark{Index: r.To, Term: r.Term, Pos: r.Pos,
			Digest: r.Digest}) {
			return false
		}
		if m, held = node.MarkAt(r.From); !held || m.Term != r.Term {
			return false
		}
		next = r.To + 1
	}
	return true
}

// anything lets one thing happen.
func (b *bench) anything() {
	b.now += raft.Time(b.rnd.IntN(4000))
	c := b.cores[b.rnd.IntN(len(b.cores))]
	switch k := b.rnd.IntN(100); {
	case k < 60 && len(b.mail) > 0:
		i := 0
		if b.rnd.IntN(4) == 0 {
			i = b.rnd.IntN(len(b.mail))
		}
		m := b.mail[i]
		b.mail = append(b.mail[:i], b.mail[i+1:]...)
		c = b.cores[m.To-1]
		if b.rnd.IntN(20) > 0 && m.To != b.alone && m.From != b.alone {
			c.in = append(c.in, raft.Receive(0, m))
		}
	case k < 85 && len(c.writes) > 0:
		w := c.writes[0]
		c.writes = c.writes[1:]
		c.image.Save(&w)
		c.in = append(c.in, raft.Saved(0, w.ID))
		b.tell(c, trace.Saved{Write: w.ID, Term: w.Term, Vote: w.Vote, Last: c.image.Last()})
	case k < 93:
		c.in = append(c.in, raft.Propose(0, []byte("value")))
	case k < 95:
		st := c.node.Status()
		if mark, held := c.node.MarkAt(st.Applied); held && st.Applied > c.image.Snapshot.Index {
			c.image.Snapshot = raft.SnapshotRef{Mark: mark, Size: 20, CRC: 1}
			c.in = append(c.in, raft.Snapshotted(c.image.Snapshot))
		}
	case k == 98 && b.rnd.IntN(4) == 0:
		b.alone = raft.NodeID(b.rnd.IntN(4))
	case k == 99 && b.rnd.IntN(5) == 0:
		b.start(c)
	}
	b.step(c)
	for _, c := range b.cores {
		if c.wake <= b.now || len(c.in) > 0 {
			b.step(c)
		}
	}
}

// Role, term, vote, leader, log, commit index, deadline and snapshot follow from the notes alone.
func TestNotesAreComplete(t *testing.T) {
	var terms, snapshots, commits, truncated, reset int
	for seed := range uint64(12) {
		b := newBench(t, seed)
		for range 8000 {
			b.anything()
		}
		truncated, reset = truncated+b.truncated, reset+b.reset
		for i := range b.state.Nodes {
			n := &b.state.Nodes[i]
			terms += int(n.Term)
			if n.Log.Base.Index > 0 {
				snapshots++
			}
			commits += int(n.Commit)
		}
	}
	t.Logf("terms %d, snapshots %d, commits %d, truncated %d, reset %d", terms, snapshots, commits,
		truncated, reset)
	if terms < 60 || snapshots < 6 || commits < 1000 || truncated < 5 || reset < 5 {
		t.Error("the runs were too quiet")
	}
}
