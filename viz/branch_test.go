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

// cut counts the pairs that are cut.
func (a *aquarium) cut() (n int) {
	for _, l := range a.view["links"].([]any) {
		if m := l.(map[string]any); m["cut"] == true && m["from"].(float64) < m["to"].(float64) {
			n++
		}
	}
	return n
}

// isolate cuts S1 off, as the page does in one gesture, and expects all of it to be done.
func (a *aquarium) isolate() {
	a.t.Helper()
	var tickets []float64
	for id := 2.0; id <= 5; id++ {
		tickets = append(tickets,
			float64(a.game.Intend(input.Intent{Type: input.Cut, A: 1, B: id, C: 1})))
	}
	for range 40 {
		a.frame()
	}
	for _, id := range tickets {
		if got := a.answers[id]; got == nil || got["accepted"] != true {
			a.t.Errorf("a part of the gesture was answered with %v", got)
		}
	}
	if got := a.cut(); got != 4 {
		a.t.Errorf("%d links are cut, want 4", got)
	}
}

// What one gesture does is one branch in the past, and one undo.
func TestAGestureIsOneThing(t *testing.T) {
	a := newAquarium(t, "sim:?seed=3")
	a.stand(2 * raft.Second)
	a.isolate() // at the edge
	a.must(input.Intent{Type: input.Undo})
	if got := a.cut(); got != 0 {
		t.Errorf("%d links are still cut", got)
	}
	if got := a.view["lanes"].(map[string]any)["faults"]; got != nil && len(got.([]any)) > 0 {
		t.Errorf("the timeline still shows %v", got)
	}
	a.stand(raft.Second)
	a.isolate() // in the past
	a.must(input.Intent{Type: input.Undo})
	if got := a.cut(); got != 0 {
		t.Errorf("%d links are still cut", got)
	}
	if got := strings.Join(a.branches(), ", "); got != "Run: , "+
		"Branch 1: without cut S1–S2 and 3 more, Branch 2: cut S1–S2 and 3 more, "+
		"Branch 3: without cut S1–S2 and 3 more *" {
		t.Errorf("there are %s", got)
	}
}

// A run that came as a link stays as it was shared, though its future is done again: whoever acts
// in it goes on in a branch.
func TestASharedRunStaysAsItWas(t *testing.T) {
	a := newAquarium(t, "sim:?seed=3")
	a.stand(raft.Second)
	a.must(input.Intent{Type: input.Kill, A: 2})
	a.stand(2 * raft.Second)
	want := a.hash()
	link, _ := a.must(input.Intent{Type: input.Share})["link"].(string)

	b := newAquarium(t, strings.Replace(link, "at=2000000", "at=500000", 1))
	b.stand(500 * raft.Millisecond)
	if why, _ := b.ask(input.Intent{Type: input.Undo})["why"].(string); !strings.Contains(why,
		"but by the run that was opened") {
		t.Errorf("undo says %q", why)
	}
	b.must(input.Intent{Type: input.Kill, A: 1})
	b.stand(4 * raft.Second)
	if b.alive(1) || !b.alive(2) {
		t.Error("the branch does what the run did after it")
	}
	b.must(input.Intent{Type: input.Branch, A: 0})
	b.stand(2 * raft.Second)
	if b.hash() != want {
		t.Errorf("the run is not as it was shared: %s, want %s", b.hash(), want)
	}
}

// Who asks for a link hears of it, whatever is watched meanwhile.
func TestEveryLinkIsAnswered(t *testing.T) {
	a := newAquarium(t, "sim:?seed=3")
	a.stand(raft.Second)
	a.stand(500 * raft.Millisecond)
	a.must(input.Intent{Type: input.Kill, A: 2})
	of := a.game.Intend(input.Intent{Type: input.Share})
	a.must(input.Intent{Type: input.Branch, A: 0})
	last := a.game.Intend(input.Intent{Type: input.Share})
	a.must(input.Intent{Type: input.Open, Text: "sim:?seed=4"})
	for range 20 {
		a.frame()
	}
	if got := a.answers[float64(of)]; got == nil || got["accepted"] != true {
		t.Errorf("while another branch is watched: %v", got)
	}
	if a.answers[float64(last)] == nil {
		t.Error("what was asked of a run that is gone has no answer")
	}
}

// The branches of a run have their bound, and who comes to it reads what to do.
func TestBranchesAreBounded(t *testing.T) {
	a := newAquarium(t, "sim:?seed=3")
	a.stand(raft.Second)
	for k := 0; ; k++ {
		a.stand(raft.Time(100+k) * raft.Millisecond)
		got := a.ask(input.Intent{Type: input.Kill, A: 2})
		if got["accepted"] != true {
			if why := got["why"].(string); k != mostBranches ||
				!strings.Contains(why, "open a link to one of them") {
				t.Errorf("branch %d: %s", k+1, why)
			}
			return
		}
		a.must(input.Intent{Type: input.Branch, A: 0})
	}
}
