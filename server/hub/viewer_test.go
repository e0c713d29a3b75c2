package hub

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/server/wire"
)

// mayAct lets those act who bring the word.
func mayAct(v Visitor) string {
	if v.Token == "please" {
		return ""
	}
	return "the word is missing"
}

func (f *fixture) watchWith(token string) *testViewer {
	v := f.dial()
	v.remote.Hello(token)
	v.remote.Open("")
	v.until("the header", v.remote.Ready)
	return v
}

func TestAnswersGoToTheAskerAlone(t *testing.T) {
	var did []trace.Command
	f, one, _ := two(t, Config{May: mayAct, Act: func(_ context.Context, c trace.Command) error {
		did = append(did, c)
		if c.Node == 9 {
			return errors.New("there is no node 9")
		}
		return nil
	}})
	asker, other := f.watchWith("please"), f.watchWith("")
	if h := asker.remote.Header(); h.Why != "" || h.Caps&trace.CanKill == 0 || h.Caps&trace.CanCut == 0 {
		t.Errorf("who may act is told %q and powers %b", h.Why, h.Caps)
	}
	if h := other.remote.Header(); h.Why != "the word is missing" || h.Caps != 0 {
		t.Errorf("who may not act is told %q and powers %b", h.Why, h.Caps)
	}
	do := func(v *testViewer, c trace.Command) string {
		t.Helper()
		if err := v.remote.Do(c); err != nil {
			t.Fatal(err)
		}
		why := "accepted"
		v.await("the answer", func(ev *trace.Event) bool {
			switch b := ev.Body.(type) {
			case trace.Accepted:
				return b.Command == c.ID
			case trace.Refused:
				why = b.Why
				return b.Command == c.ID
			}
			return false
		})
		return why
	}
	if why := do(asker, trace.Command{ID: 1, Kind: trace.CommandKill, Node: 1}); why != "accepted" {
		t.Error(why)
	}
	why := do(asker, trace.Command{ID: 2, Kind: trace.CommandKill, Node: 9})
	if why != "there is no node 9" {
		t.Error(why)
	}
	why = do(other, trace.Command{ID: 3, Kind: trace.CommandKill, Node: 1})
	if why != "the word is missing" || len(did) != 2 {
		t.Errorf("%s; %d commands were carried out", why, len(did))
	}
	one.send(event(2, trace.Saved{Write: 1}))
	for _, v := range []*testViewer{asker, other} {
		v.await("an event of the cluster", numbered(1, 2))
		for i := range v.events {
			switch b := v.events[i].Body.(type) {
			case trace.Accepted:
				if v != asker {
					t.Errorf("an answer to command %d came to somebody else", b.Command)
				}
			case trace.Refused:
				if (v == other) != (b.Command == 3) {
					t.Errorf("an answer to command %d came to somebody else", b.Command)
				}
			}
		}
	}
}

func TestASlowViewerMissesAndOthersDoNot(t *testing.T) {
	f, one, _ := two(t, Config{May: mayAct})
	slow, quick := f.dial(), f.watch()
	slow.write(wire.Append(nil, 0, wire.Hello{Major: trace.Major, Credit: 2000}))
	slow.write(wire.Append(nil, 1, wire.Open{}))
	slow.until("how the cluster stands", func() bool { return slow.node(1).Known })
	const events = 500
	for n := uint64(2); n < 2+events; n++ {
		one.send(sent(1, 2, n))
	}
	quick.await("all of it", numbered(1, 1+events))
	if err := slow.remote.Do(trace.Command{ID: 5, Kind: trace.CommandKill}); err != nil {
		t.Fatal(err)
	}
	slow.await("an answer, even so", ofKind(trace.KindRefused))
	before := len(slow.events)
	if slow.place(numbered(1, 1+events)) >= 0 {
		t.Fatal("the slow viewer got more than it gave credit for")
	}
	slow.write(wire.Append(nil, 1, wire.Credit{Bytes: 1000}))
	f.hub.do(func() {
		f.hub.tell(trace.Supervisor, trace.Paused{Node: 2}) // waits for the tick, and is folded
		for _, v := range f.hub.viewers {
			if v.behind {
				f.hub.grant(v, 4<<20)
			}
		}
	})
	i := slow.await("what was missed", ofKind(trace.KindMissed))
	if m := slow.events[i].Body.(trace.Missed); m.Count == 0 || m.Why == "" || i != before {
		t.Errorf("at %d, not %d: %+v", i, before, m)
	}
	if k := slow.events[i+1].Body.Kind(); k != trace.KindKeyFrame {
		t.Errorf("behind the gap stands an event of kind %d", k)
	}
	one.send(event(2+events, trace.Saved{Write: 1}))
	slow.await("what comes then", numbered(1, 2+events))
	if k := slow.place(ofKind(trace.KindPaused)); k >= 0 {
		t.Error("what the key frame holds already comes behind it too")
	}
	seen := map[trace.EventID]bool{}
	for j := i; j < len(slow.events); j++ {
		if id := slow.events[j].ID; slow.events[j].Body.Kind().InRun() {
			if seen[id] {
				t.Errorf("event %v came twice", id)
			}
			seen[id] = true
		}
	}
	if slow.state.Events != quick.state.Events && quick.place(numbered(1, 2+events)) >= 0 {
		t.Errorf("one counts %d events and the other %d", slow.state.Events, quick.state.Events)
	}
}

func TestBadFramesAreRefusedWithOneSentence(t *testing.T) {
	f, _, _ := two(t, Config{})
	hello := wire.Append(nil, 0, wire.Hello{Major: trace.Major, Credit: 1 << 20})
	open := wire.Append(nil, 1, wire.Open{})
	limited := fmt.Sprintf("read limited at %d bytes", wire.MaxUp+1)
	for name, c := range map[string]struct {
		frames [][]byte
		text   bool
		says   string
	}{
		"another major version": {[][]byte{wire.Append(nil, 0, wire.Hello{Major: 9})}, false,
			"the viewer speaks major version 9, and this server major version 1"},
		"no hello": {[][]byte{open}, false, "the first frame must be Hello"},
		"no open":  {[][]byte{hello, hello}, false, "the second frame must be Open"},
		"an open of no stream": {[][]byte{hello, wire.Append(nil, 0, wire.Open{})}, false,
			"the second frame must be Open"},
		"text":             {[][]byte{[]byte("hello")}, true, "frames are binary, and a text came"},
		"an empty frame":   {[][]byte{{}}, false, "an empty frame"},
		"half a hello":     {[][]byte{hello[:3]}, false, "byte"},
		"a frame down":     {[][]byte{hello, open, wire.Append(nil, 1, wire.End{})}, false, "69"},
		"a second hello":   {[][]byte{hello, open, hello}, false, "type 1 has no place here"},
		"too long a frame": {[][]byte{hello, open, make([]byte, wire.MaxUp+1)}, false, limited},
		"a huge first one": {[][]byte{make([]byte, wire.MaxHello+1)}, false,
			"read limited at 65537 bytes"},
		"a broken command": {[][]byte{hello, open, {byte(wire.TypeDo), 1, 0xff}}, false, "command"},
	} {
		t.Run(name, func(t *testing.T) {
			v := f.dial()
			for _, b := range c.frames {
				kind := websocket.MessageBinary
				if c.text {
					kind = websocket.MessageText
				}
				_ = v.conn.Write(context.Background(), kind, b) // it may be refused already
			}
			for v.gone == nil {
				v.step()
			}
			if why := v.remote.Ended() + v.gone.Error(); !strings.Contains(why, c.says) {
				t.Errorf("the viewer is told %q, without %q", why, c.says)
			}
		})
	}
	v := f.watch()
	v.until("the hub works on", func() bool { return v.node(1).Known })
}

func TestWhatOnlyANewerViewerKnowsIsPassedOver(t *testing.T) {
	f, _, _ := two(t, Config{})
	v := f.dial()
	v.write([]byte{63, 0, 1, 2, 3})
	v.remote.Hello("")
	v.remote.Open("")
	v.until("the header", v.remote.Ready)
	v.write([]byte{62, 1})
	v.write(wire.Append(nil, 7, wire.Close{})) // of a stream that there is not
	v.remote.AskFork(3, trace.Position{})
	var got wire.Body
	v.until("an answer", func() bool {
		b, ok := v.remote.Answer()
		got = b
		return ok
	})
	if b, ok := got.(wire.Forked); !ok || b.New != 3 || b.Why == "" {
		t.Errorf("the answer is %+v", got)
	}
}

func TestViewersComeAndGo(t *testing.T) {
	f, one, _ := two(t, Config{})
	for range 20 {
		v := f.watch()
		v.until("the header", v.remote.Ready)
		_ = v.conn.CloseNow()
	}
	polite := f.watch()
	polite.until("the header", polite.remote.Ready)
	if err := polite.remote.Close(); err != nil {
		t.Fatal(err)
	}
	f.until("all have left", func() bool { return f.count() == 0 })
	one.send(event(2, trace.Saved{Write: 1}))
	v := f.watch()
	v.until("the hub works on", func() bool { return v.node(1).Known })
}

func TestViewersAreToldOfTheEnd(t *testing.T) {
	f, _, _ := two(t, Config{})
	v := f.watch()
	v.until("the header", v.remote.Ready)
	go f.hub.Close()
	for v.gone == nil {
		v.step()
	}
	if why := v.remote.Ended(); why != "the server is shutting down" {
		t.Errorf("the viewer is told %q", why)
	}
}

// TestAViewerThatDoesNotReadIsLetGo gives no credit back and asks without end.
func TestAViewerThatDoesNotReadIsLetGo(t *testing.T) {
	f, _, _ := two(t, Config{May: mayAct})
	v := f.watch()
	v.until("the header", v.remote.Ready)
	other := f.watch()
	f.hub.do(func() {
		for range 2 * mostQueued {
			f.hub.answer(f.hub.viewers[0], 1, "no")
		}
	})
	for v.gone == nil {
		v.step()
	}
	if why := v.remote.Ended(); !strings.Contains(why, "does not read") {
		t.Errorf("the viewer is told %q", why)
	}
	other.until("the other goes on", func() bool { return other.node(1).Known })
}
