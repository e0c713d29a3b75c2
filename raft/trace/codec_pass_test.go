package trace

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/raftarium/raftarium/raft"
)

// tail puts a field behind all that is known of the innermost form.
func (p *pass) tail() {
	p.b = append(p.b, 42)
	p.keep()
}

// eventOf makes an encoded event of a body's bytes.
func eventOf(k Kind, body []byte) []byte {
	var e Encoder
	return e.Append(nil, &Event{ID: EventID{Node: 1, Boot: 1, N: 1},
		Body: Other{Code: k, Raw: body}})
}

func TestAnUnknownTailDeepInsideIsKept(t *testing.T) {
	p := pass{mode: writing}
	from, to, reorder := raft.NodeID(1), raft.NodeID(2), Link{Reorder: 1}
	num(&p, "from", &from)
	num(&p, "to", &to)
	m := p.open("link")
	p.bool("cut", &reorder.Cut)
	p.span("delay", &reorder.Delay)
	p.span("jitter", &reorder.Jitter)
	num(&p, "loss", &reorder.Loss)
	num(&p, "duplicate", &reorder.Duplicate)
	num(&p, "reorder", &reorder.Reorder)
	p.bool("clog", &reorder.Clog)
	p.tail()
	p.close(m)
	b := eventOf(KindLinkSet, p.b)
	var d Decoder
	var ev Event
	if _, err := d.Next(b, &ev); err != nil {
		t.Fatal(err)
	}
	if o, ok := ev.Body.(Other); !ok || o.Code != KindLinkSet || !bytes.Equal(o.Raw, p.b) {
		t.Errorf("it became %v", ev.Body)
	}
	u, ok := Understood(&ev)
	if want := (LinkSet{From: 1, To: 2, Link: reorder}); !ok || u.Body != want {
		t.Errorf("of it %v is understood", u.Body)
	}
}

func TestAServerThatIsNotUnderstoodIsFog(t *testing.T) {
	n := NodeState{ID: 1, Boot: 3, Known: true, Term: 4,
		SavedLast: raft.Mark{Index: 1, Digest: 1 << 60}}
	known := NodeState{ID: 2, Known: true}
	p := pass{mode: writing}
	var s State
	p.span("at", &s.At)
	num(&p, "events", &s.Events)
	digest(&p, "hash", &s.Hash)
	p.count("nodes", 2, mostNodes)
	for _, c := range []*NodeState{&n, &known} {
		m := p.open("node")
		if p.node(c); c == &n {
			p.tail()
		}
		p.close(m)
	}
	got, err := DecodeState(p.b)
	if err != nil {
		t.Fatal(err)
	}
	if want := []NodeState{{ID: 1}, known}; !reflect.DeepEqual(want, got.Nodes) {
		t.Errorf("got %+v", got.Nodes)
	}
	frame := pass{mode: writing}
	m := frame.open("state")
	frame.b = append(frame.b, p.b...)
	frame.keep()
	frame.close(m)
	ev := Event{Body: Other{Code: KindKeyFrame, Raw: frame.b}}
	u, ok := Understood(&ev)
	if k, is := u.Body.(KeyFrame); !ok || !is || k.State.Nodes[0].Known || !k.State.Nodes[1].Known {
		t.Errorf("of the key frame %+v is understood", u.Body)
	}
}

func TestNumbersAtTheirEnds(t *testing.T) {
	ends := []raft.Time{0, 1, -1, 1<<63 - 1, -1 << 63}
	for _, at := range ends {
		for _, due := range ends {
			p := pass{mode: writing, at: at}
			p.span("a", &due)
			p.moment("b", &due)
			p.keep()
			q := pass{mode: reading, b: p.b, lim: len(p.b), at: at}
			var a, b raft.Time
			q.span("a", &a)
			q.moment("b", &b)
			// A moment that is 2^63 away is the one that has no form; it reads as none.
			if far := due-at == -1<<63; a != due || b != due && !far || far && b != 0 {
				t.Errorf("at %d: %d became %d and %d", at, due, a, b)
			}
		}
	}
}
