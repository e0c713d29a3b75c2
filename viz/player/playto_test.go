package player

import (
	"testing"

	"github.com/raftarium/raftarium/raft/trace"
)

// PlayTo moves at the pace that is set and holds exactly there; whatever else moves the play-head
// ends it.
func TestPlayTo(t *testing.T) {
	src := newFake(trace.Driven, false)
	p := New(src, NewDesk(0))
	p.SetSpeed(1)
	ticks(p, 2, 16*ms)
	from := p.At()
	if err := p.PlayTo(from + 1003*ms); err != nil {
		t.Fatal(err)
	}
	ticks(p, 30, 16*ms)
	if c := p.Clock(); !c.Playing || c.At <= from || c.At >= from+1003*ms {
		t.Fatalf("on the way it stands at %v, playing: %v", c.At, c.Playing)
	}
	ticks(p, 60, 16*ms)
	if c := p.Clock(); c.Playing || c.At != from+1003*ms || !c.Live {
		t.Errorf("it stands at %v, playing: %v, live: %v", c.At, c.Playing, c.Live)
	}

	p.SeekTime(from) // now all of that is in the past
	p.PlayTo(from + 500*ms)
	ticks(p, 60, 16*ms)
	if c := p.Clock(); c.Playing || c.At != from+500*ms {
		t.Errorf("in the past it stands at %v, playing: %v", c.At, c.Playing)
	}
	p.PlayTo(from + 400*ms) // behind it: that is a seek
	ticks(p, 2, 16*ms)
	if c := p.Clock(); c.Playing || c.At != from+400*ms {
		t.Errorf("back it stands at %v, playing: %v", c.At, c.Playing)
	}

	p.PlayTo(from + 450*ms)
	p.Play()
	ticks(p, 20, 16*ms)
	if c := p.Clock(); !c.Playing || c.At <= from+450*ms {
		t.Errorf("though play was pressed it stands at %v", c.At)
	}
	if p.PlayTo(2*seekLimit) == nil {
		t.Error("it plays for two hours")
	}
}
