package host_test

import (
	"hash/crc32"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/host"
	"github.com/raftarium/raftarium/raft/machine"
	"github.com/raftarium/raftarium/raft/trace"
)

// The first event of an incarnation says all that it had saved.
func TestStartSaysWhatWasSaved(t *testing.T) {
	im := raft.Image{Term: 4, Vote: 1, Entries: []raft.Entry{
		{Index: 1, Term: 1, Kind: raft.EntryNoop},
		{Index: 2, Term: 1, Data: machine.Command{Op: machine.OpPut, Key: "x"}.Encode()},
		{Index: 3, Term: 3, Kind: raft.EntryNoop, Pos: 3}}}
	o := &outside{}
	h, err := host.New(config(1, 3), host.Options{Store: "file", Restart: true}, im, nil,
		machine.NewKV(), o)
	if err != nil {
		t.Fatal(err)
	}
	if len(o.events) != 0 {
		t.Errorf("before the start there were %d events", len(o.events))
	}
	h.Start(500, &im)
	m := im.Base.After(im.Entries[0]).After(im.Entries[1])
	want := trace.Started{Restart: true, Store: "file", Machine: "kv",
		Members: []raft.NodeID{1, 2, 3}, Term: 4, Vote: 1,
		Runs: []trace.Run{{From: 1, To: 2, Term: 1, Digest: m.Digest, Pos: m.Pos},
			{From: 3, To: 3, Term: 3, Digest: m.After(im.Entries[2]).Digest, Pos: 3}}}
	if diff := cmp.Diff(want, o.events[0].Body); diff != "" {
		t.Error(diff)
	}
	if id := (trace.EventID{Node: 1, Boot: 1, N: 1}); o.events[0].ID != id || o.events[0].At != 500 {
		t.Errorf("it is %v of %d", o.events[0].ID, o.events[0].At)
	}
	if h.Wake() <= 500 || h.Events() != uint64(len(o.events)) {
		t.Errorf("it must be woken at %d, and tells of %d events", h.Wake(), h.Events())
	}
}

// A host does not begin with what it cannot use.
func TestNewRefuses(t *testing.T) {
	bad := config(1, 3)
	bad.Boot = 0
	snap := raft.SnapshotRef{Mark: raft.Mark{Index: 5, Term: 1}, Size: 4}
	im := raft.Image{Term: 1, Base: snap.Mark, Snapshot: snap}
	cases := []struct {
		cfg  raft.Config
		im   raft.Image
		want string
	}{
		{bad, raft.Image{}, "Boot is 0"},
		{config(1, 3), im, "loading the snapshot at 5: restoring the kv machine: these bytes"},
	}
	for _, c := range cases {
		_, err := host.New(c.cfg, host.Options{}, c.im, []byte("junk"), machine.NewKV(), &outside{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, and it should be: %s", err, c.want)
		}
	}
}

// Every request is answered once, by the event that it names, and with what the machine said.
func TestRequestsAreAnswered(t *testing.T) {
	g := newGroup(t, 3, host.Options{})
	l := g.elect()
	put := g.put(l, "x", "9")
	seen := trace.EventID{Node: trace.Clients, Boot: 1, N: 4}
	query := machine.Command{Op: machine.OpGet, Key: "x"}.Encode()
	get := l.h.Read(g.now, seen, "get", "x", query)
	l.h.Do(g.now)
	g.settle()
	refused := g.put(g.out[1], "y", "1")
	want := []answer{
		{put, trace.Answered{Request: trace.EventID{Node: 1, Boot: 1, N: uint64(put)},
			Outcome: raft.OutcomeOK, Leader: 1, Index: 2, Term: 1}, machine.Result{Done: true}},
		{get, trace.Answered{Request: seen, Outcome: raft.OutcomeOK, Leader: 1, Index: 2, Term: 1},
			machine.Result{Found: true, Done: true, Value: "9"}},
	}
	if diff := cmp.Diff(want, l.answers, cmp.AllowUnexported(answer{})); diff != "" {
		t.Error(diff)
	}
	if as := g.out[1].answers; len(as) != 1 || as[0].ref != refused ||
		as[0].body.Outcome != raft.OutcomeRefused || as[0].body.Why != raft.WhyNotLeader ||
		as[0].result != (machine.Result{}) {
		t.Errorf("who does not lead answers %+v", as)
	}
	for i, ev := range l.of(trace.KindAnswered) {
		body, cause := ev.Body.(trace.Answered), trace.EventID{Node: 1, Boot: 1,
			N: uint64(want[i].ref)}
		if body.Due != 88 || ev.Cause != cause {
			t.Errorf("%+v follows from %v, not from %v", body, ev.Cause, cause)
		}
	}
}

// Every event has the next number, and a message has that of its Sent: so they find each other.
func TestEventsAreNumbered(t *testing.T) {
	g := newGroup(t, 3, host.Options{})
	l := g.elect()
	g.put(l, "x", "9")
	g.out[1].h.Tell(g.now, trace.EventID{}, trace.Dropped{Why: trace.DropFull})
	for _, o := range g.out {
		for i, ev := range o.events {
			if ev.ID.N != uint64(i)+1 {
				t.Fatalf("event %d is %v", i+1, ev.ID)
			}
			if s, ok := ev.Body.(trace.Sent); ok && (s.Message.ID != ev.ID.N || s.Due != 77) {
				t.Errorf("%v sends %+v", ev.ID, s)
			}
			if d, ok := ev.Body.(trace.Delivered); ok {
				from := g.out[d.Msg.Node-1].events[d.Msg.N-1]
				if s, ok := from.Body.(trace.Sent); !ok || s.Message.To != ev.ID.Node ||
					ev.Cause != d.Msg {
					t.Errorf("%v has got %+v, which is %+v", ev.ID, d, from)
				}
			}
		}
	}
	if n := len(g.out[1].of(trace.KindDropped)); n != 1 {
		t.Errorf("what the environment saw is told %d times", n)
	}
}

// The clock of what the environment tells does not go back.
func TestTellKeepsTheOrderOfTimes(t *testing.T) {
	g := newGroup(t, 1, host.Options{})
	h := g.out[0].h
	h.Do(900)
	id := h.Tell(300, trace.EventID{Node: 2, Boot: 1, N: 7}, trace.Stopped{})
	last := g.out[0].events[len(g.out[0].events)-1]
	if last.ID != id || last.At != 900 || last.Cause.N != 7 {
		t.Errorf("%+v", last)
	}
}

// Writes become durable in order: one word covers all before it, and a word about what is durable
// already, or never was asked for, says nothing.
func TestSavedCoversWhatWasBefore(t *testing.T) {
	g := newGroup(t, 1, host.Options{})
	o := g.elect()
	o.events = nil
	for _, v := range []string{"1", "2"} {
		o.h.Request(0, trace.EventID{}, "put", "x", v, nil)
		o.h.Do(0)
	}
	if len(o.writes) < 2 {
		t.Fatalf("only %d writes are under way", len(o.writes))
	}
	first, last := o.writes[0], o.writes[len(o.writes)-1]
	o.h.Saved(0, first-1)
	if n := len(o.of(trace.KindSaved)); n != 0 {
		t.Errorf("of no write at all %d events tell", n)
	}
	o.h.Saved(0, last)
	o.h.Saved(0, last)
	saved := o.of(trace.KindSaved)
	if len(saved) != 1 {
		t.Fatalf("%d events tell of writes", len(saved))
	}
	if b := saved[0].Body.(trace.Saved); b.Write != last || b.Term != 1 || b.Vote != 1 ||
		b.Last.Index != o.h.Node().Status().Last.Index {
		t.Errorf("saved is %+v", b)
	}
}

// A node whose disk has failed stops, and answers nothing more with ok.
func TestFailedDiskStops(t *testing.T) {
	g := newGroup(t, 1, host.Options{})
	o := g.elect()
	o.h.Request(0, trace.EventID{}, "put", "x", "1", nil)
	o.h.Do(0)
	o.h.SaveFailed(5, o.writes[0], "no space left")
	o.h.Do(5)
	failed := o.of(trace.KindSaveFailed)
	if len(failed) != 1 || failed[0].Body.(trace.SaveFailed).Err != "no space left" {
		t.Fatalf("%+v", failed)
	}
	note := trace.Event{}
	for _, ev := range o.of(trace.KindDecided) {
		if n := ev.Body.(trace.Decided).Note; n.Kind == raft.NoteStopped {
			note = ev
		}
	}
	if note.Cause != failed[0].ID {
		t.Errorf("it did not stop for that: %+v", note)
	}
	if as := o.answers; len(as) != 1 || as[0].body.Outcome == raft.OutcomeOK {
		t.Errorf("it answers %+v", as)
	}
}

// After as many entries as it was told the host saves a snapshot of the machine, one at a time; one
// that failed is tried again.
func TestSnapshotsAreTaken(t *testing.T) {
	g := newGroup(t, 1, host.Options{SnapshotEvery: 3})
	o := g.elect()
	g.put(o, "a", "1")
	if len(o.taken) != 0 {
		t.Fatal("a snapshot after two entries")
	}
	g.put(o, "b", "2")
	g.put(o, "c", "3") // while the first one is being saved
	if len(o.taken) != 1 {
		t.Fatalf("%d snapshots are on their way", len(o.taken))
	}
	ref, data := o.taken[0].ref, o.taken[0].data
	if ref.Index != 3 || ref.Size != uint64(len(data)) ||
		ref.CRC != crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli)) {
		t.Errorf("the snapshot is %+v, of %d bytes", ref, len(data))
	}
	o.h.SnapshotFailed()
	g.put(o, "d", "4")
	if len(o.taken) != 2 || o.taken[1].ref.Index != 5 {
		t.Fatalf("behind one that failed there are %d", len(o.taken))
	}
	g.durable(o)
	if st := o.h.Node().Status(); st.Snapshot != o.disk.ref || st.Base.Index != 4 {
		t.Errorf("the node knows of %+v, and its log begins behind %d", st.Snapshot, st.Base.Index)
	}
	kv := machine.NewKV()
	if err := kv.Restore(o.disk.data); err != nil {
		t.Fatal(err)
	}
	if v, _ := kv.Get("d"); v != "4" {
		t.Errorf("in the snapshot d is %q", v)
	}
	for _, k := range []string{"e", "f", "g"} {
		g.put(o, k, k)
	}
	if len(o.taken) != 3 || o.taken[2].ref.Index != 8 {
		t.Errorf("behind one that is durable there are %d", len(o.taken)-2)
	}
}

// late gives a leader of two whose follower needs a snapshot, with the pieces on their way.
func late(t *testing.T) (g *group, f *outside) {
	t.Helper()
	g = &group{t: t}
	l := g.add(config(1, 3), host.Options{SnapshotEvery: 4})
	g.add(config(2, 3), host.Options{})
	g.elect()
	for _, k := range []string{"a", "b", "c", "d"} {
		g.put(l, k, k+k)
	}
	g.durable(l)
	f = g.add(config(3, 3), host.Options{})
	f.coming = nil
	return g, f
}

// A follower that is given a snapshot loads it into its machine and goes on behind it.
func TestSnapshotIsInstalled(t *testing.T) {
	g, f := late(t)
	for range 4 { // the leader's next heartbeats find out what it lacks
		g.now = g.out[0].h.Wake()
		g.out[0].h.Do(g.now)
		g.settle()
	}
	loaded := f.of(trace.KindLoaded)
	if len(loaded) != 1 || loaded[0].Body.(trace.Loaded).Snapshot != g.out[0].disk.ref {
		t.Fatalf("it has loaded %+v", loaded)
	}
	g.put(g.out[0], "e", "ee")
	kv := f.h.Machine().(*machine.KV)
	if a, _ := kv.Get("a"); a != "aa" || kv.Len() < 4 || len(f.broken) != 0 {
		t.Errorf("it has %d keys, and a is %q; broken: %v", kv.Len(), a, f.broken)
	}
}

// A follower that cannot load what it has saved is taken out of service, and the reason is said.
func TestSnapshotThatCannotBeLoaded(t *testing.T) {
	g, f := late(t)
	f.lost = true
	g.beat(4)
	const want = "cannot be loaded: no such file"
	if len(f.broken) != 1 || f.broken[0].Node != 3 || !strings.HasSuffix(f.broken[0].What, want) {
		t.Fatalf("broken: %+v, and it should be: %s", f.broken, want)
	}
	told := f.h.Events()
	f.h.Do(g.now + raft.Second)
	if f.h.Events() != told {
		t.Errorf("it goes on: %d events", f.h.Events()-told)
	}
}

// Before its host stops a leader hands over; a wish that another leads does the same.
func TestLeadershipIsHandedOver(t *testing.T) {
	for name, ask := range map[string]func(*host.Host){
		"step down": func(h *host.Host) { h.StepDown() },
		"transfer":  func(h *host.Host) { h.Transfer(0, trace.EventID{}, 2) },
	} {
		g := newGroup(t, 3, host.Options{})
		l := g.elect()
		ask(l.h)
		l.h.Do(g.now)
		g.settle()
		if st := l.h.Node().Status(); st.Role == raft.Leader || st.Leader == 1 {
			t.Errorf("%s: S1 is %v, and %v leads", name, st.Role, st.Leader)
		}
		for _, ev := range l.of(trace.KindRequested) {
			if r := ev.Body.(trace.Requested); r.Op != "transfer" || r.Key != "S2" {
				t.Errorf("it was asked %+v", r)
			}
		}
	}
}

func TestChange(t *testing.T) {
	g := newGroup(t, 3, host.Options{})
	l := g.elect()
	g.add(config(4, 3), host.Options{})
	l.h.Change(g.now, trace.EventID{}, raft.Change{Learn: []raft.NodeID{4}})
	l.h.Do(g.now)
	g.settle()
	if as := l.answers; len(as) != 1 || as[0].body.Outcome != raft.OutcomeOK {
		t.Errorf("it answers %+v", as)
	}
	if r := l.of(trace.KindRequested)[0].Body.(trace.Requested); r.Op != "change" ||
		r.Value != "~S4" {
		t.Errorf("it was asked %+v", r)
	}
	for _, c := range []struct {
		change raft.Change
		want   string
	}{
		{raft.Change{}, ""},
		{raft.Change{Vote: []raft.NodeID{4, 5}}, "+S4 +S5"},
		{raft.Change{Vote: []raft.NodeID{4}, Learn: []raft.NodeID{6}, Remove: []raft.NodeID{1}},
			"+S4 ~S6 -S1"},
	} {
		if got := host.ChangeText(&c.change); got != c.want {
			t.Errorf("it is %q, not %q", got, c.want)
		}
	}
}

// A copy and its original go on alike by themselves, and neither sees what becomes of the other.
func TestCloneGoesOnByItself(t *testing.T) {
	g := newGroup(t, 1, host.Options{})
	o := g.elect()
	g.put(o, "x", "1")
	o.answers = nil
	waits := o.h.Request(0, trace.EventID{}, "put", "x", "2",
		machine.Command{Op: machine.OpPut, Key: "x", Value: "2"}.Encode())
	o.h.Do(0)
	twin := &outside{writes: slices.Clone(o.writes)}
	twin.h = o.h.Clone(twin)
	before := o.h.Events()
	(&group{t: t, out: []*outside{twin}}).settle()
	if o.h.Events() != before || len(o.answers) != 0 {
		t.Error("the original has gone on with its copy")
	}
	if v, _ := o.h.Machine().(*machine.KV).Get("x"); v != "1" {
		t.Errorf("in the original x is %q", v)
	}
	g.settle()
	if diff := cmp.Diff(twin.answers, o.answers, cmp.AllowUnexported(answer{})); diff != "" ||
		len(o.answers) != 1 || o.answers[0].ref != waits || !o.answers[0].result.Done {
		t.Errorf("they answer %+v and %+v", twin.answers, o.answers)
	}
	if twin.h.Node().Status() != o.h.Node().Status() || twin.h.Events() != o.h.Events() {
		t.Errorf("they went apart: %+v and %+v", twin.h.Node().Status(), o.h.Node().Status())
	}
}
