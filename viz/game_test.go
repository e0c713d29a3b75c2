package viz

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/check"
	"github.com/raftarium/raftarium/raft/machine"
	"github.com/raftarium/raftarium/raft/sim"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/server/wire"
	"github.com/raftarium/raftarium/viz/input"
	"github.com/raftarium/raftarium/viz/scene"
)

// line is what carries a source to the page.
type line struct {
	*wire.Remote
	session  *wire.Session
	down     [][]byte
	mute     bool // it says nothing
	lost     string
	retrying bool
	uri      string
	closed   bool
}

func (l *line) Connected() bool { return l.lost == "" }
func (l *line) Retrying() bool  { return l.retrying }
func (l *line) Lost() string    { return l.lost }
func (l *line) Where() string   { return l.uri }

func (l *line) Close() error {
	l.closed = true
	return l.Remote.Close()
}

// page plays the page and the engine's Workers: frames down come between two animation frames.
type page struct {
	t       *testing.T
	game    *Game
	now     raft.Time
	wakes   int
	remote  *wire.Remote
	stream  uint64
	lines   []*line
	views   []map[string]any
	answers map[float64]map[string]any
	raw     []byte
	cursor  string
}

func (p *page) List() []Item { return nil }

func (p *page) Open(uri string) (trace.Source, error) {
	if !strings.HasPrefix(uri, "sim:") {
		return nil, fmt.Errorf("open %s: no such thing", uri)
	}
	l := &line{mute: strings.Contains(uri, "mute"), uri: uri}
	uri = strings.TrimSuffix(uri, "&mute")
	l.session = wire.NewSession(func(uri string) (trace.Source, error) {
		cfg, err := sim.ParseURI(uri)
		if err != nil {
			return nil, err
		}
		c, err := sim.New(cfg)
		if err != nil {
			return nil, err
		}
		return check.Watch(c), nil
	}, func(f []byte) { l.down = append(l.down, f) })
	p.stream++
	l.Remote = wire.NewRemote(p.stream, func(f []byte) {
		if err := l.session.Handle(append([]byte(nil), f...)); err != nil {
			p.t.Error(err)
		}
	})
	l.Hello("")
	l.Remote.Open(uri)
	p.lines, p.remote = append(p.lines, l), l.Remote
	return l, nil
}

func (p *page) Label(text string, size int, bold bool) (w, h int, alpha []byte) { return 0, 0, nil }

func newPage(t *testing.T) *page {
	p := &page{t: t, answers: map[float64]map[string]any{}}
	p.game = New(Outside{Shelf: p, Labels: p, Now: func() raft.Time { return p.now },
		More: func(n int) { p.wakes = max(p.wakes, n) }, Publish: p.publish,
		Cursor: func(name string) { p.cursor = name }})
	p.game.Resize(800, 600, 1)
	return p
}

func (p *page) publish(b []byte) {
	var v map[string]any
	if err := json.Unmarshal(b, &v); err != nil {
		p.t.Fatalf("the view is no JSON: %v\n%s", err, b)
	}
	p.raw = append(p.raw[:0], b...)
	p.views = append(p.views, v)
	for _, a := range v["answers"].([]any) {
		m := a.(map[string]any)
		id := m["ticket"].(float64)
		if p.answers[id] != nil {
			p.t.Errorf("ticket %v is answered twice", id)
		}
		p.answers[id] = m
	}
}

// frame is one turn: what the Worker sent, then Update and Draw.
func (p *page) frame() {
	for _, l := range p.lines {
		if l.mute || l.closed {
			continue
		}
		for n := 0; n < 50 && l.session.Pump(512); n++ {
		}
		for _, f := range l.down {
			if err := l.Feed(f); err != nil {
				p.t.Fatal(err)
			}
		}
		l.down = l.down[:0]
	}
	p.now += 16 * raft.Millisecond
	p.game.step()
	p.game.compose()
	p.game.frames++
	p.game.publish()
	if p.wakes = 0; p.game.moving() {
		p.wakes = 1
	}
}

func (p *page) frames(n int) {
	for range n {
		p.frame()
	}
}

// view gives the newest view.
func (p *page) view() map[string]any { return p.views[len(p.views)-1] }

// at follows a path of keys and indexes through the newest view.
func (p *page) at(path ...any) any {
	var v any = p.view()
	for _, k := range path {
		switch k := k.(type) {
		case string:
			v = v.(map[string]any)[k]
		case int:
			v = v.([]any)[k]
		}
	}
	return v
}

// ask carries an intent out and waits for its answer.
func (p *page) ask(in input.Intent) map[string]any {
	p.t.Helper()
	id := float64(p.game.Intend(in))
	for range 600 {
		if p.frame(); p.answers[id] != nil {
			return p.answers[id]
		}
	}
	p.t.Fatalf("%+v was not answered; the view: %s", in, p.raw)
	return nil
}

func (p *page) must(in input.Intent) {
	p.t.Helper()
	if a := p.ask(in); a["accepted"] != true {
		p.t.Fatalf("%+v: %v", in, a)
	}
}

// until plays until a condition holds.
func (p *page) until(what string, holds func() bool) {
	p.t.Helper()
	for range 4000 {
		if p.frame(); len(p.views) > 0 && holds() {
			return
		}
	}
	p.t.Fatalf("never: %s; the view: %s", what, p.raw)
}

func (p *page) leader() int {
	for _, n := range p.at("nodes").([]any) {
		if m := n.(map[string]any); m["role"] == "leader" && m["alive"] == true {
			return int(m["id"].(float64))
		}
	}
	return 0
}

const uri = "sim:?nodes=5&seed=7"

func running(t *testing.T) *page {
	p := newPage(t)
	p.must(input.Intent{Type: input.Open, Text: uri})
	p.must(input.Intent{Type: input.Speed, A: 1})
	p.until("a leader", func() bool { return p.leader() != 0 })
	return p
}

func TestOpenShowsACluster(t *testing.T) {
	p := newPage(t)
	p.frame()
	if p.at("summary") != "waiting for the cluster" || p.at("source", "connected") != false {
		t.Errorf("before anything: %s", p.raw)
	}
	p.must(input.Intent{Type: input.Open, Text: uri})
	if p.at("source", "kind") != "simulation" || p.at("source", "uri") != uri ||
		p.at("time", "playing") != true || p.at("time", "live") != true {
		t.Errorf("%s", p.raw)
	}
	p.must(input.Intent{Type: input.Speed, A: 1})
	p.until("a leader", func() bool { return p.leader() != 0 })
	if len(p.at("nodes").([]any)) != 5 || len(p.at("checks", "list").([]any)) < 6 ||
		len(p.at("events", "rows").([]any)) == 0 || p.at("why", "title") == "" {
		t.Errorf("%s", p.raw)
	}
}

func TestOpenFails(t *testing.T) {
	p := newPage(t)
	for _, text := range []string{"gopher://x", "sim:?nodes=none"} {
		a := p.ask(input.Intent{Type: input.Open, Text: text})
		if a["accepted"] != false || a["why"] == "" || p.at("source", "error") == "" {
			t.Errorf("%s: %v, %s", text, a, p.raw)
		}
	}
	p.must(input.Intent{Type: input.Open, Text: uri})
	if p.at("source", "error") != "" {
		t.Errorf("an error stays: %v", p.at("source", "error"))
	}
}

func TestKillAndRestart(t *testing.T) {
	p := running(t)
	was := p.leader()
	p.must(input.Intent{Type: input.Kill, A: float64(was)})
	n := p.at("nodes", was-1).(map[string]any)
	if n["alive"] != false || n["canRestart"] != true {
		t.Errorf("%v", n)
	}
	if a := p.ask(input.Intent{Type: input.Kill, A: float64(was)}); a["accepted"] != false {
		t.Errorf("killed twice: %v", a)
	}
	p.until("another leader", func() bool { return p.leader() != 0 && p.leader() != was })
	p.must(input.Intent{Type: input.Restart, A: float64(was)})
	p.until("it is back", func() bool { return p.at("nodes", was-1, "alive") == true })
}

// The knife: a stroke over the stage cuts, both sides are named, and the scar's handle heals.
func TestKnifeOnTheStage(t *testing.T) {
	p := running(t)
	x := p.game.view.Width/2 + 20
	for _, r := range []input.Record{{Kind: input.Down, X: x, Y: 2}, {Kind: input.Move, X: x, Y: 300},
		{Kind: input.Move, X: x, Y: 598}} {
		p.game.Pointer(r)
		p.frame()
	}
	p.frames(8) // a view comes only every few frames
	was := p.at("time", "at")
	if p.frames(10); p.at("time", "at") != was {
		t.Error("time goes on while the knife is drawn")
	}
	p.game.Pointer(input.Record{Kind: input.Up, X: x, Y: 598})
	p.until("two sides", func() bool { return len(p.at("sides").([]any)) == 2 })
	var cuts []string
	for _, r := range p.at("events", "rows").([]any) {
		if m := r.(map[string]any); m["icon"] == "cut" {
			cuts = append(cuts, m["text"].(string))
		}
	}
	if len(cuts) != 1 || !strings.Contains(cuts[0], "cut from") {
		t.Errorf("a stroke is told as %q", cuts)
	}
	for _, s := range p.game.picture.Spots {
		if s.Target.Kind == scene.TargetScar {
			p.game.Pointer(input.Record{Kind: input.Down, X: s.X, Y: s.Y})
			p.game.Pointer(input.Record{Kind: input.Up, X: s.X, Y: s.Y})
			p.until("healed", func() bool { return len(p.at("sides").([]any)) == 0 })
			return
		}
	}
	t.Error("there is no scar")
}

func TestWriteReachesTheLog(t *testing.T) {
	p := running(t)
	p.must(input.Intent{Type: input.Write, Text: "q", Text2: "42"})
	p.until("the entry", func() bool { return strings.Contains(string(p.raw), `"c":"q42"`) })
}

// A held page draws no frame, and a hidden tab's minute does not count.
func TestStillPageAsksForNoFrame(t *testing.T) {
	p := running(t)
	p.must(input.Intent{Type: input.Hold})
	p.frames(10)
	views := len(p.views)
	if p.frame(); p.wakes != 0 || len(p.views) != views {
		t.Errorf("asks for %d frames, %d new views", p.wakes, len(p.views)-views)
	}
	at := p.at("time", "at").(float64)
	p.now += 60 * raft.Second
	p.must(input.Intent{Type: input.Play})
	p.frames(5)
	if d := p.at("time", "at").(float64) - at; d < 1 || d > 1e6 {
		t.Errorf("the play-head went on by %v us", d)
	}
}

func TestPastAndBack(t *testing.T) {
	p := running(t)
	p.must(input.Intent{Type: input.Hold})
	p.frames(5)
	now := p.at("time").(map[string]any)
	p.must(input.Intent{Type: input.Seek, A: now["at"].(float64) / 2})
	if p.at("time", "live") != false || p.at("time", "hash") == now["hash"] {
		t.Errorf("%v", p.at("time"))
	}
	a := p.ask(input.Intent{Type: input.Kill, A: 1})
	if a["accepted"] != false || !strings.Contains(a["why"].(string), "you are looking at") {
		t.Errorf("acting in the past: %v", a)
	}
	p.must(input.Intent{Type: input.Now})
	p.frames(5)
	if p.at("time", "hash") != now["hash"] || p.at("time", "events") != now["events"] {
		t.Errorf("%v is not %v", p.at("time"), now)
	}
}

// The hash that the page shows is the one that the engine has.
func TestHashIsTheEngines(t *testing.T) {
	p := newPage(t)
	p.must(input.Intent{Type: input.Open, Text: uri})
	p.must(input.Intent{Type: input.Hold})
	p.must(input.Intent{Type: input.Seek, A: 3e6})
	p.until("there", func() bool {
		return p.at("time", "at") == 3e6 && p.at("time", "seeking") == false
	})
	if p.frames(5); fmt.Sprintf("%016x", p.remote.Hash()) != p.at("time", "hash") {
		t.Errorf("the engine has %016x, the page %v", p.remote.Hash(), p.at("time", "hash"))
	}
}

func TestStepsFromTheEdge(t *testing.T) {
	p := running(t)
	for _, by := range []string{"event", "message", "change"} {
		p.must(input.Intent{Type: input.Hold})
		p.frames(10) // a frame of play may still be in the asking
		before := p.at("time", "events").(float64)
		p.must(input.Intent{Type: input.Step, A: 1, Text: by})
		p.frames(100)
		after := p.at("time", "events").(float64)
		if after <= before || by == "event" && after != before+1 {
			t.Errorf("%s: from %v to %v events", by, before, after)
		}
		p.must(input.Intent{Type: input.Step, A: -1, Text: by})
		p.frames(10)
		if e := p.at("time", "events").(float64); e >= after {
			t.Errorf("%s back: from %v to %v events", by, after, e)
		}
		p.must(input.Intent{Type: input.Now})
		p.frames(10)
		if ahead := float64(p.remote.Edge()) - p.at("time", "at").(float64); ahead > 1000 {
			t.Errorf("%s: the engine ran %v us further than it was asked to", by, ahead)
		}
	}
	p.frames(10)
	was := p.at("time", "at").(float64)
	p.must(input.Intent{Type: input.Speed, A: 0.01})
	p.must(input.Intent{Type: input.Play})
	p.frames(20)
	if d := p.at("time", "at").(float64) - was; d > 10000 {
		t.Errorf("320 ms at a hundredth are %v us", d)
	}
}

// A step that was given up may still be made by the engine; the play-head then goes there.
func TestActAfterABrokenStep(t *testing.T) {
	for n := range 20 {
		p := running(t)
		p.frames(n)
		p.must(input.Intent{Type: input.Hold})
		p.frames(10)
		p.game.Intend(input.Intent{Type: input.Step, A: 1, Text: "message"})
		p.frames(1 + n%3)
		p.game.Intend(input.Intent{Type: input.Hold})
		p.must(input.Intent{Type: input.Kill, A: 1})
	}
}

// Who stops a long seek on the way and then acts is answered: the play-head goes as far as the
// engine has run.
func TestActAfterABrokenSeek(t *testing.T) {
	for n := range 5 {
		p := running(t)
		p.must(input.Intent{Type: input.Seek, A: 100e6})
		p.frames(n)
		p.must(input.Intent{Type: input.Hold})
		p.must(input.Intent{Type: input.Kill, A: 1})
		if p.frames(10); p.at("time", "at") != float64(p.remote.Edge()) {
			t.Errorf("the play-head is at %v, the engine at %d", p.at("time", "at"), p.remote.Edge())
		}
	}
}

func TestSelectingAnEventTellsIt(t *testing.T) {
	p := running(t)
	p.must(input.Intent{Type: input.Hold})
	p.frames(10)
	row := p.at("events", "rows", 2).(map[string]any)
	p.must(input.Intent{Type: input.Event, A: row["k"].(float64)})
	if p.at("why", "text") != row["text"] || p.at("events", "rows", 2, "current") != true {
		t.Errorf("%v is told as %v", row, p.at("why"))
	}
}

func TestHoverOverMessageFreezes(t *testing.T) {
	p := running(t)
	p.must(input.Intent{Type: input.Speed, A: 0.01})
	for range 2000 {
		p.frame()
		for _, s := range p.game.picture.Spots {
			if s.Target.Kind != scene.TargetFlight {
				continue
			}
			p.game.Pointer(input.Record{Kind: input.Move, X: s.X, Y: s.Y})
			p.frames(8)
			at := p.at("time", "at")
			p.frames(30)
			if p.at("time", "at") != at || p.wakes != 0 || p.cursor != "pointer" {
				t.Errorf("from %v to %v, %d wakes, cursor %s", at, p.at("time", "at"), p.wakes,
					p.cursor)
			}
			p.must(input.Intent{Type: input.Sender, A: float64(s.Target.Event.Node),
				B: float64(s.Target.Event.Boot), C: float64(s.Target.Event.N)})
			if p.at("why", "text") == "" {
				t.Error("a message that is chosen says nothing")
			}
			return
		}
	}
	t.Fatal("no message was seen")
}

// Malformed intents are refused with a sentence, and change nothing.
func TestMalformedIntents(t *testing.T) {
	p := running(t)
	for _, in := range []input.Intent{{Type: "dance"}, {Type: input.UseTool, Text: "spoon"},
		{Type: input.Step, Text: "year"}, {Type: input.Kill, A: -1}, {Type: input.Kill, A: 1e300},
		{Type: input.Parts, Text: "1,x"}, {Type: input.Event, A: 1e15},
		{Type: input.Parts, Text: "|"}, {Type: input.Speed, A: 11}, {Type: input.Speed, A: math.NaN()}} {
		if a := p.ask(in); a["accepted"] != false || a["why"] == "" {
			t.Errorf("%.40v: %v", in, a)
		}
	}
}

// What is over a limit is refused by the limit's name; the client's API has the same limits.
func TestLimitsAreNamed(t *testing.T) {
	p := running(t)
	long := func(n int) string { return strings.Repeat("x", n) }
	for _, c := range []struct {
		in  input.Intent
		why string
	}{
		{input.Intent{Type: input.Write, Text: long(machine.MaxKey + 1)}, "1 KiB"},
		{input.Intent{Type: input.Write, Text: "k", Text2: long(machine.MaxValue + 1)}, "1 MiB"},
		{input.Intent{Type: input.Open, Text: long(16385)}, "16384"},
		{input.Intent{Type: input.Seek, A: 1e15}, "1 h beyond the edge"},
		{input.Intent{Type: input.Seek, A: 1e300}, "1 h beyond the edge"},
		{input.Intent{Type: input.Speed, A: 1e300}, "from 1/1000 to 10"},
		{input.Intent{Type: input.Parts, Text: "1,2|2,3"}, "S2 is in two groups"},
	} {
		a := p.ask(c.in)
		if why, _ := a["why"].(string); a["accepted"] != false || !strings.Contains(why, c.why) {
			t.Errorf("%s: %v", c.in.Type, a)
		}
	}
	p.must(input.Intent{Type: input.Write, Text: long(machine.MaxKey), Text2: long(machine.MaxValue)})
	p.must(input.Intent{Type: input.Write, Text: "k", Text2: long(5000)})
}

// The tempo is automatic until somebody gives a factor, and can be chosen again.
func TestAutomaticSpeed(t *testing.T) {
	p := newPage(t)
	p.must(input.Intent{Type: input.Open, Text: uri})
	if p.at("time", "auto") != true {
		t.Errorf("%v", p.at("time"))
	}
	p.must(input.Intent{Type: input.Speed, A: 0.5})
	if p.at("time", "auto") != false || p.at("time", "speed") != 0.5 {
		t.Errorf("%v", p.at("time"))
	}
	p.must(input.Intent{Type: input.Speed, Text: "auto"})
	if p.at("time", "auto") != true {
		t.Errorf("%v", p.at("time"))
	}
	p.game.Look(false, true, false)
	p.must(input.Intent{Type: input.Open, Text: uri})
	if p.frames(10); p.at("time", "auto") != false {
		t.Errorf("with less motion: %v", p.at("time"))
	}
}

func TestDisconnected(t *testing.T) {
	p := running(t)
	p.lines[0].lost = "the engine has stopped"
	p.frames(10)
	if p.at("source", "connected") != false || p.at("source", "error") != "the engine has stopped" {
		t.Errorf("%v", p.at("source"))
	}
	if a := p.ask(input.Intent{Type: input.Kill, A: 1}); a["accepted"] != false {
		t.Errorf("%v", a)
	}
}

// A source that is lost and looked for says so, and where it is found is where it is from then on.
func TestASourceThatGoesOnElsewhere(t *testing.T) {
	p := running(t)
	l := p.lines[0]
	l.lost, l.retrying = "It has gone. Going on at S2.", true
	p.frames(10)
	if p.at("source", "retrying") != true || p.at("source", "error") != l.lost {
		t.Errorf("%v", p.at("source"))
	}
	a := p.ask(input.Intent{Type: input.Kill, A: 1})
	if a["accepted"] != false || a["why"] != l.lost {
		t.Errorf("%v", a)
	}
	l.lost, l.retrying, l.uri = "", false, "ws://elsewhere"
	p.frame()
	p.must(input.Intent{Type: input.Kill, A: 1})
	p.frames(10)
	if p.at("source", "retrying") != false || p.at("source", "uri") != "ws://elsewhere" {
		t.Errorf("%v", p.at("source"))
	}
}

// Two sources after each other: nothing of the first is left.
func TestOpenAnother(t *testing.T) {
	p := running(t)
	p.must(input.Intent{Type: input.Select, A: 3})
	p.must(input.Intent{Type: input.Open, Text: "sim:?nodes=3&seed=9"})
	p.frames(10)
	if len(p.at("nodes").([]any)) != 3 || p.at("nodes", 2, "selected") != false {
		t.Errorf("%s", p.raw)
	}
	if !p.lines[0].closed || p.lines[1].closed {
		t.Error("the first source was kept, or the second was closed")
	}
}

// What is shown stays shown, alive and obedient when something else cannot be opened: for its
// address, at its engine, or because the carrier goes before the header has come.
func TestRefusedOpenKeepsWhatIsShown(t *testing.T) {
	for _, bad := range []string{"gopher://x", "sim:?nodes=none", "lost"} {
		p := running(t)
		p.must(input.Intent{Type: input.Select, A: 3})
		before := p.at("time", "at").(float64)
		in := input.Intent{Type: input.Open, Text: bad}
		if bad == "lost" {
			in.Text = uri + "&mute"
		}
		ticket := float64(p.game.Intend(in))
		p.frames(10)
		if bad == "lost" {
			p.lines[1].lost = "no connection"
		}
		for n := 0; p.answers[ticket] == nil && n < 4000; n++ {
			p.frame()
		}
		if a := p.answers[ticket]; a["accepted"] != false || a["why"] == "" {
			t.Errorf("%s: %v", bad, a)
		}
		p.frames(10)
		if p.at("source", "uri") != uri || p.at("source", "connected") != true ||
			p.at("source", "error") != "" || p.at("nodes", 2, "selected") != true ||
			p.at("time", "at").(float64) <= before {
			t.Errorf("%s: %s", bad, p.raw)
		}
		if len(p.lines) > 1 && !p.lines[1].closed {
			t.Errorf("%s: what was refused was not closed", bad)
		}
		p.must(input.Intent{Type: input.Kill, A: float64(p.leader())})
	}
}

// While a source is awaited what is shown goes on, and the newest of several opens counts.
func TestTheNewestOpenCounts(t *testing.T) {
	p := running(t)
	first := float64(p.game.Intend(input.Intent{Type: input.Open, Text: uri + "&mute"}))
	p.frames(5)
	was := p.at("time", "at").(float64)
	p.frames(20)
	if p.at("time", "at").(float64) <= was {
		t.Error("what is shown stands while another source is awaited")
	}
	p.must(input.Intent{Type: input.Hold})
	if p.frames(20); p.wakes == 0 {
		t.Error("nobody looks whether the source that is awaited has come")
	}
	p.must(input.Intent{Type: input.Open, Text: "sim:?nodes=3&seed=9"})
	if a := p.answers[first]; a["accepted"] != false || a["why"] != "something else was opened" {
		t.Errorf("the first open: %v", a)
	}
	if p.frames(10); len(p.at("nodes").([]any)) != 3 {
		t.Errorf("%s", p.raw)
	}
}

// FuzzIntend: whatever the page sends is survived and answered.
func FuzzIntend(f *testing.F) {
	types := []string{"play", "hold", "toggle", "speed", "seek", "step", "now", "kill", "restart",
		"pause", "resume", "campaign", "cut", "heal", "partition", "healAll", "propose", "select",
		"selectEvent", "tool", "filter", "focus", "scrub", "log", "selectSent", "escape", "link"}
	f.Add(byte(7), 1.0, 2.0, 1.0, "a", "b")
	f.Add(byte(4), 1e18, -2.0, 1.0, "1,2|3", "b")
	f.Fuzz(func(t *testing.T, kind byte, a, b, c float64, text, text2 string) {
		p := newPage(t)
		p.must(input.Intent{Type: input.Open, Text: "sim:?nodes=3&seed=1"})
		p.must(input.Intent{Type: input.Speed, A: 1})
		p.frames(20)
		p.ask(input.Intent{Type: types[int(kind)%len(types)], A: a, B: b, C: c, Text: text, Text2: text2})
		p.frames(3)
	})
}
