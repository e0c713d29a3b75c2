package viz

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/branch"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/server/wire"
	"github.com/raftarium/raftarium/viz/input"
	lines "github.com/raftarium/raftarium/wasm/line"
)

// aquarium is a page with engines in Workers, each behind a line as the page has it.
type aquarium struct {
	t       *testing.T
	game    *Game
	now     raft.Time
	workers []*worker
	view    map[string]any
	answers map[float64]map[string]any
}

// worker is an engine, as wasm/engine is.
type worker struct {
	t       *testing.T
	line    *lines.Line
	session *wire.Session
	down    [][]byte
	gone    bool
}

func (w *worker) Send(_ uint64, frame []byte) {
	if err := w.session.Handle(append([]byte(nil), frame...)); err != nil {
		w.t.Error(err)
	}
}

func (w *worker) Dial(uint64, string, raft.Time) { w.line.Greet() }
func (w *worker) HangUp(uint64)                  { w.gone = true }

func (a *aquarium) List() []Item { return nil }

func (a *aquarium) Open(uri string) (trace.Source, error) {
	to, err := lines.Read(uri)
	if err != nil {
		return nil, err
	}
	w := &worker{t: a.t}
	w.session = wire.NewSession(func(uri string) (trace.Source, error) {
		r, err := branch.Open(uri)
		if err != nil {
			return nil, err
		}
		return r, nil
	}, func(f []byte) { w.down = append(w.down, f) })
	w.line = lines.New(uint64(len(a.workers)+1), to, w)
	a.workers = append(a.workers, w)
	w.line.Call()
	return w.line, nil
}

func (a *aquarium) Label(string, int, bool) (w, h int, alpha []byte) { return 0, 0, nil }

func newAquarium(t *testing.T, uri string) *aquarium {
	a := &aquarium{t: t, answers: map[float64]map[string]any{}}
	a.game = New(Outside{Shelf: a, Labels: a, Now: func() raft.Time { return a.now },
		More: func(int) {}, Publish: a.publish})
	a.game.Resize(800, 600, 1)
	a.must(input.Intent{Type: input.Open, Text: uri})
	return a
}

func (a *aquarium) publish(b []byte) {
	a.view = nil
	if err := json.Unmarshal(b, &a.view); err != nil {
		a.t.Fatalf("the view is no JSON: %v", err)
	}
	for _, x := range a.view["answers"].([]any) {
		m := x.(map[string]any)
		if id := m["ticket"].(float64); a.answers[id] != nil {
			a.t.Errorf("ticket %v is answered twice", id)
		} else {
			a.answers[id] = m
		}
	}
}

// frame is one turn of the page, with slow hands: a view is handed out each time.
func (a *aquarium) frame() {
	for _, w := range a.workers {
		if w.gone {
			continue
		}
		for n := 0; n < 50 && w.session.Pump(512); n++ {
		}
		down := w.down
		w.down = nil
		for _, f := range down {
			w.line.Feed(f)
		}
	}
	a.now += 100 * raft.Millisecond
	a.game.step()
	a.game.compose()
	a.game.publish()
}

func (a *aquarium) ask(in input.Intent) map[string]any {
	a.t.Helper()
	id := float64(a.game.Intend(in))
	for range 400 {
		if a.frame(); a.answers[id] != nil {
			return a.answers[id]
		}
	}
	a.t.Fatalf("%s has no answer", in.Type)
	return nil
}

func (a *aquarium) must(in input.Intent) map[string]any {
	a.t.Helper()
	answer := a.ask(in)
	if answer["accepted"] != true {
		a.t.Fatalf("%+v: %v", in, answer)
	}
	return answer
}

// stand holds the play-head at a moment.
func (a *aquarium) stand(at raft.Time) {
	a.t.Helper()
	a.must(input.Intent{Type: input.Hold})
	a.must(input.Intent{Type: input.Seek, A: float64(at)})
	for range 400 {
		if a.frame(); a.at() == at {
			return
		}
	}
	a.t.Fatalf("the play-head stands at %v, not at %v", a.at(), at)
}

func (a *aquarium) at() raft.Time {
	return raft.Time(a.view["time"].(map[string]any)["at"].(float64))
}

func (a *aquarium) hash() string {
	h, _ := a.view["time"].(map[string]any)["hash"].(string)
	return h
}

func (a *aquarium) alive(id int) bool {
	return a.view["nodes"].([]any)[id-1].(map[string]any)["alive"].(bool)
}

func (a *aquarium) branches() []string {
	var names []string
	for _, b := range a.view["branches"].([]any) {
		m := b.(map[string]any)
		name := m["name"].(string) + ": " + m["what"].(string)
		if m["on"] == true {
			name += " *"
		}
		names = append(names, name)
	}
	return names
}

// To act in the past opens a branch there; what was stays, and one can go back to it.
func TestToActInThePastOpensABranch(t *testing.T) {
	a := newAquarium(t, "sim:?seed=3")
	a.stand(2 * raft.Second)
	edge := a.hash()
	a.stand(raft.Second)
	past := a.hash()
	rows := len(a.view["events"].(map[string]any)["rows"].([]any))

	a.must(input.Intent{Type: input.Kill, A: 2})
	if got := strings.Join(a.branches(), ", "); got != "Run: , Branch 1: kill S2 *" {
		t.Fatalf("there are %s", got)
	}
	if a.at() != raft.Second || a.alive(2) {
		t.Errorf("at %v S2 is alive: %v", a.at(), a.alive(2))
	}
	if got := len(a.view["events"].(map[string]any)["rows"].([]any)); got <= rows {
		t.Errorf("the list of events has %d rows, and had %d", got, rows)
	}
	a.stand(2 * raft.Second)
	if a.hash() == edge || a.alive(2) {
		t.Errorf("two runs are one: %s", edge)
	}
	a.stand(990 * raft.Millisecond) // before the branch both are the same
	if !a.alive(2) {
		t.Error("S2 is down before it was killed")
	}

	a.must(input.Intent{Type: input.Branch, A: 0})
	if a.hash() != past || !a.alive(2) {
		t.Errorf("the run is not as it was: %s, want %s", a.hash(), past)
	}
	a.stand(2 * raft.Second)
	if a.hash() != edge {
		t.Errorf("the run is not as it was: %s, want %s", a.hash(), edge)
	}
	if got := a.ask(input.Intent{Type: input.Branch, A: 7}); got["accepted"] == true {
		t.Error("there is a branch 7")
	}
}

// Undo goes on without the last thing that was done, however long ago that is.
func TestUndo(t *testing.T) {
	a := newAquarium(t, "sim:?seed=3")
	a.stand(3 * raft.Second)
	want := a.hash()
	a = newAquarium(t, "sim:?seed=3")
	if got := a.ask(input.Intent{Type: input.Undo}); got["why"] != "nothing was done up to here" {
		t.Errorf("undo of nothing: %v", got)
	}
	a.stand(raft.Second)
	a.must(input.Intent{Type: input.Kill, A: 1})
	a.stand(2 * raft.Second)
	a.must(input.Intent{Type: input.Cut, A: 2, B: 3, C: 1})
	a.stand(3 * raft.Second)
	a.must(input.Intent{Type: input.Undo}) // the cut
	a.must(input.Intent{Type: input.Undo}) // the kill
	if a.at() != raft.Second || !a.alive(1) {
		t.Fatalf("at %v S1 is alive: %v", a.at(), a.alive(1))
	}
	a.stand(3 * raft.Second)
	if a.hash() != want {
		t.Errorf("without what was done it is another run: %s, want %s", a.hash(), want)
	}
	if got := strings.Join(a.branches(), ", "); got !=
		"Run: , Branch 1: without cut S2–S3, Branch 2: without kill S1 *" {
		t.Errorf("there are %s", got)
	}
}

// A link opens at the place that was looked at, with what was done before it.
func TestShare(t *testing.T) {
	a := newAquarium(t, "sim:?seed=3")
	a.stand(raft.Second)
	a.must(input.Intent{Type: input.Kill, A: 2})
	a.stand(1500 * raft.Millisecond)
	want := a.hash()
	a.stand(2 * raft.Second)
	a.must(input.Intent{Type: input.Restart, A: 2})
	a.stand(1500 * raft.Millisecond)
	link, _ := a.must(input.Intent{Type: input.Share})["link"].(string)

	b := newAquarium(t, link)
	for range 100 {
		b.frame()
	}
	if b.at() != 1500*raft.Millisecond || b.hash() != want || b.alive(2) {
		t.Errorf("%s opens at %v with S2 alive: %v, hash %s, want %s", link, b.at(), b.alive(2),
			b.hash(), want)
	}
}

// A link takes delay, loss and the rest by the page's words; nonsense is named.
func TestALinkIsSet(t *testing.T) {
	a := newAquarium(t, "sim:?seed=3")
	a.stand(500 * raft.Millisecond)
	a.must(input.Intent{Type: input.Link, A: 1, B: 2, Text: "108000,4000,250000,0,7,1,0"})
	a.frame()
	want := trace.Link{Delay: 108 * raft.Millisecond, Jitter: 4 * raft.Millisecond, Loss: 250_000,
		Reorder: 7, Clog: true}
	if got := a.game.state().Link(1, 2); got != want {
		t.Errorf("the link is %+v, want %+v", got, want)
	}
	for _, text := range []string{"", "1,2", "a,0,0,0,0,0,0", "0,0,1000001,0,0,0,0", "-1,0,0,0,0,0,0"} {
		if got := a.ask(input.Intent{Type: input.Link, A: 1, B: 2, Text: text}); got["why"] == nil {
			t.Errorf("%q is taken for a link", text)
		}
	}
}
