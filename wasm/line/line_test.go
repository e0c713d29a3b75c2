package line

import (
	"fmt"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/server/wire"
)

// page is what is outside of a line.
type page struct {
	t     *testing.T
	up    []wire.Body
	dials []string
	waits []raft.Time
	hung  int
}

func (p *page) Send(_ uint64, frame []byte) {
	_, b, err := wire.Decode(frame)
	if err != nil {
		p.t.Fatal(err)
	}
	p.up = append(p.up, b)
}

func (p *page) Dial(_ uint64, address string, after raft.Time) {
	p.dials, p.waits = append(p.dials, address), append(p.waits, after)
}

func (p *page) HangUp(uint64) { p.hung++ }

func cluster(name byte) trace.Header {
	h := trace.Header{Major: trace.Major, Kind: trace.Live, Clock: trace.Running, Epoch: 1e15,
		Cluster: [16]byte{name}}
	for id := raft.NodeID(1); id <= 3; id++ {
		h.Members = append(h.Members, trace.Member{ID: id, Name: id.String(),
			Address: fmt.Sprintf("h:700%d", id)})
	}
	return h
}

func header(h trace.Header) []byte { return wire.Append(nil, 1, wire.Header{Header: h}) }

// events makes a frame of heartbeats' worth of events of S1, with these numbers.
func events(numbers ...uint64) []byte {
	var enc trace.Encoder
	var b []byte
	at := raft.Time(0)
	for _, n := range numbers {
		at = raft.Time(n) * raft.Millisecond
		b = enc.Append(b, &trace.Event{ID: trace.EventID{Node: 1, Boot: 1, N: n}, At: at,
			Body: trace.Applied{From: 1, To: 1}})
	}
	return wire.Append(nil, 1, wire.Events{Reached: at, N: uint64(len(numbers)), Bytes: b})
}

// live gives a line to the first node of a live cluster, with three events.
func live(t *testing.T) (*Line, *page) {
	p := &page{t: t}
	l := New(1, Address{URI: "ws://h:7001", Token: "secret"}, p)
	l.Call()
	l.Greet()
	l.Feed(header(cluster('a')))
	l.Feed(events(1, 2, 3))
	if !l.Ready() || !l.Connected() || l.Lost() != "" {
		t.Fatalf("ready %v, connected %v, lost %q", l.Ready(), l.Connected(), l.Lost())
	}
	return l, p
}

// take gives the numbers of the events that are here.
func take(t *testing.T, l *Line) (numbers []uint64) {
	t.Helper()
	got, _, err := l.Next(1<<60, make([]trace.Event, 0, 100))
	if err != nil {
		t.Fatal(err)
	}
	for i := range got {
		numbers = append(numbers, got[i].ID.N)
	}
	return numbers
}

func TestALineGoesOnAtTheNextNode(t *testing.T) {
	for how, lose := range map[string]func(*Line){
		"its carrier goes": func(l *Line) { l.Drop("The connection to h:7001 has ended.") },
		"the hub ends it": func(l *Line) {
			l.Feed(wire.Append(nil, 1, wire.End{Why: "the server is shutting down"}))
		},
		"a frame is broken": func(l *Line) { l.Feed([]byte{byte(wire.TypeEvents)}) },
	} {
		l, p := live(t)
		take(t, l)
		lose(l)
		if l.Connected() || !l.Retrying() || !strings.HasSuffix(l.Lost(), ". Going on at S2, h:7002.") {
			t.Errorf("%s: connected %v, %q", how, l.Connected(), l.Lost())
		}
		if err := l.Do(trace.Command{Kind: trace.CommandKill, Node: 1}); err == nil {
			t.Errorf("%s: a command was taken by nobody", how)
		}
		if got := take(t, l); len(got) != 0 {
			t.Errorf("%s: events %v of nobody", how, got)
		}
		if len(p.dials) != 2 || p.dials[1] != "ws://h:7002" || p.waits[1] != 0 {
			t.Fatalf("%s: it called %v after %v", how, p.dials, p.waits)
		}
		p.up = nil
		l.Greet()
		hello, open := p.up[0].(wire.Hello), p.up[1].(wire.Open)
		if open.URI != "ws://h:7002" || hello.Token != "secret" || len(hello.Seen) != 1 ||
			hello.Seen[0].N != 3 || hello.Since != 3*raft.Millisecond {
			t.Errorf("%s: it says %+v and asks for %+v", how, hello, open)
		}
		l.Feed(header(cluster('a')))
		l.Feed(events(4, 5))
		if got := take(t, l); fmt.Sprint(got) != "[4 5]" || !l.Connected() || l.Retrying() ||
			l.Lost() != "" || l.Where() != "ws://h:7002" {
			t.Errorf("%s: events %v, connected %v, %q at %s", how, got, l.Connected(), l.Lost(),
				l.Where())
		}
	}
}

// All addresses are tried at once, and then less and less often, and in the end no more.
func TestALineTriesLessAndLess(t *testing.T) {
	l, p := live(t)
	for l.Retrying() || l.Lost() == "" {
		l.Drop("No connection.")
	}
	var want []string
	for i := range mostTries + 1 {
		want = append(want, []string{"ws://h:7001", "ws://h:7002", "ws://h:7003"}[i%3])
	}
	if fmt.Sprint(p.dials) != fmt.Sprint(want) {
		t.Errorf("it called %v", p.dials)
	}
	for i, w := range p.waits {
		if w > longWait || i > 0 && w < p.waits[i-1] || i > 2 && w == 0 {
			t.Errorf("wait %d is %d us: %v", i, w, p.waits)
		}
	}
	if l.Connected() || !strings.Contains(l.Lost(), "No node of the cluster has answered") {
		t.Errorf("in the end: %q", l.Lost())
	}
	l.Feed(header(cluster('a')))
	if l.Connected() {
		t.Error("a line that was given up came back")
	}
}

// Tries are counted from the last events on: a cluster that was found again is looked for anew.
func TestTriesAreCountedAnew(t *testing.T) {
	l, _ := live(t)
	for n := range uint64(3) {
		for range mostTries {
			l.Drop("No connection.")
		}
		l.Greet()
		l.Feed(header(cluster('a')))
		if !l.Connected() {
			t.Fatalf("round %d: %s", n, l.Lost())
		}
		l.Feed(events(10 + n))
	}
}

// A member's address at which another cluster lives now is passed over.
func TestALinePassesAnotherClusterOver(t *testing.T) {
	l, p := live(t)
	l.Drop("Gone.")
	l.Greet()
	l.Feed(header(cluster('b')))
	if l.Connected() || len(p.dials) != 3 || p.dials[2] != "ws://h:7003" ||
		!strings.HasPrefix(l.Lost(), "At S2, h:7002 there is another cluster.") {
		t.Errorf("connected %v, called %v, %q", l.Connected(), p.dials, l.Lost())
	}
}

// A simulation lives and dies with its Worker, and so does a line whose header has not come.
func TestOnlyRunningClustersGoOn(t *testing.T) {
	sim := cluster('a')
	sim.Kind, sim.Clock = trace.Simulation, trace.Driven
	for name, first := range map[string][]byte{"simulation": header(sim), "no header": nil} {
		p := &page{t: t}
		l := New(1, Address{URI: "ws://h:7001"}, p)
		l.Call()
		l.Greet()
		if first != nil {
			l.Feed(first)
		}
		l.Drop("It died.")
		l.Drop("It died again.")
		if l.Lost() != "It died." || l.Retrying() || len(p.dials) != 1 || p.hung != 1 {
			t.Errorf("%s: %q, called %v, hung up %d times", name, l.Lost(), p.dials, p.hung)
		}
	}
}

func TestClosedLinesAreSilent(t *testing.T) {
	l, p := live(t)
	_ = l.Close()
	_ = l.Close()
	l.Drop("The connection has ended.")
	l.Greet()
	l.Feed(header(cluster('a')))
	if len(p.dials) != 1 || p.hung != 1 || l.Lost() != "" {
		t.Errorf("called %v, hung up %d times, %q", p.dials, p.hung, l.Lost())
	}
}

func TestSentence(t *testing.T) {
	for in, want := range map[string]string{"": "The source has ended.", "gone": "Gone.",
		"Gone.": "Gone.", "été": "Été."} {
		if got := sentence(in); got != want {
			t.Errorf("%q became %q", in, got)
		}
	}
}
