package server_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/server"
	"github.com/raftarium/raftarium/server/wire"
)

// stream reads the events of a server.
type stream struct {
	t      testing.TB
	ctx    context.Context
	conn   *websocket.Conn
	dec    wire.StreamDecoder
	items  []wire.StreamItem
	header trace.Header
	clock  raft.Time
}

func (c *cluster) stream(id raft.NodeID) *stream {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	c.t.Cleanup(cancel)
	s := &stream{t: c.t, ctx: ctx, conn: c.dial(ctx, id, "/v1/stream")}
	s.conn.SetReadLimit(wire.MaxStream)
	_, b, err := s.conn.Read(ctx)
	if err != nil {
		c.t.Fatal(err)
	}
	_, frame, err := wire.Decode(b)
	if err != nil {
		c.t.Fatal(err)
	}
	s.header = frame.(wire.Header).Header
	return s
}

// next gives the next item; false at the stream's end.
func (s *stream) next() (wire.StreamItem, bool) {
	s.t.Helper()
	for len(s.items) == 0 {
		_, b, err := s.conn.Read(s.ctx)
		if websocket.CloseStatus(err) == websocket.StatusNormalClosure {
			return wire.StreamItem{}, false
		}
		if err != nil {
			s.t.Fatal(err)
		}
		if s.clock, s.items, err = s.dec.Decode(b, nil); err != nil {
			s.t.Fatal(err)
		}
	}
	it := s.items[0]
	s.items = s.items[1:]
	return it, true
}

// until reads on to an item of a kind.
func (s *stream) until(what string, so func(it *wire.StreamItem) bool) wire.StreamItem {
	s.t.Helper()
	for {
		it, ok := s.next()
		if !ok {
			s.t.Fatalf("the stream ended before %s", what)
		}
		if so(&it) {
			return it
		}
	}
}

// keyFrame reads on to the key frame with which a stream begins, behind what is told of a start
// that was not long ago.
func (s *stream) keyFrame() wire.StreamItem {
	s.t.Helper()
	return s.until("the key frame", func(it *wire.StreamItem) bool {
		return it.Event.Body.Kind() == trace.KindKeyFrame
	})
}

func TestStreamBeginsWithAllThatIsSo(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3, nil)
	leader := c.leader()
	c.must(leader, "PUT", "/v1/kv/x", "hello stream")
	s := c.stream(leader)
	if s.header.Kind != trace.Live || s.header.Cluster != c.uuid || len(s.header.Members) != 3 ||
		s.header.Members[0].Address != c.members[1] {
		t.Errorf("the header says %+v", s.header)
	}
	it := s.keyFrame()
	k := it.Event.Body.(trace.KeyFrame)
	st := c.servers[leader].Status()
	n := k.State.Node(leader)
	if n == nil || !n.Known || !n.Alive || n.Boot != st.Boot || n.Store != "file" {
		t.Fatalf("the key frame says %+v", n)
	}
	if n.Role != raft.Leader || n.Term != st.Term || n.Commit < 2 || n.Applied < 2 ||
		n.Log.Last().Index < 2 || n.SavedLast.Index < 2 || n.SavedTerm != st.Term ||
		len(n.Progress) != 3 && len(n.Progress) != 2 {
		t.Errorf("the key frame of the leader, %+v, says %+v", st, n)
	}
	if len(k.Bodies) == 0 || !strings.Contains(string(k.Bodies[0].Data), "hello stream") {
		t.Errorf("the key frame does not hold the body: %+v", k.Bodies)
	}
	if it.Event.ID.N != n.LastN || it.Event.ID.Node != leader {
		t.Errorf("the key frame is %+v and takes account of %d", it.Event.ID, n.LastN)
	}
	if d := s.clock - it.Event.At; d < 0 || d > 60*raft.Second {
		t.Errorf("the clock is %d and the event's time %d", s.clock, it.Event.At)
	}
}

func TestStreamOfARestartedNodeTellsWhatItHadSaved(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3, nil)
	id := c.follower()
	c.must(id, "PUT", "/v1/kv/x", "1")
	c.until("it is saved there", func() bool {
		return c.servers[id].Status().Saved == c.servers[c.leader()].Status().Last.Index
	})
	before := c.servers[id].Status()
	c.shutdown(id) // before anybody hands leadership over to it
	for other := range c.servers {
		c.shutdown(other)
	}
	c.start(id) // alone: nobody tells it anything
	it := c.stream(id).keyFrame()
	n := it.Event.Body.(trace.KeyFrame).State.Node(id)
	if n.Boot <= before.Boot || n.Log.Last() != before.Last || n.SavedLast != before.Last ||
		n.SavedTerm != before.Term || n.Vote != before.Vote {
		t.Errorf("it had saved %+v and says %+v", before, n)
	}
}

// TestAHubThatComesSoonHearsTheStart: it gets all events of the incarnation, from Started on.
func TestAHubThatComesSoonHearsTheStart(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, nil)
	c.leader()
	c.must(1, "PUT", "/v1/kv/x", "1")
	for range 2 { // each of them
		s := c.stream(1)
		last := uint64(0)
		key := s.until("the key frame", func(it *wire.StreamItem) bool {
			if it.Event.Body.Kind() == trace.KindKeyFrame {
				return true
			}
			if last++; it.Event.ID.N != last {
				t.Fatalf("event %d follows %d", it.Event.ID.N, last-1)
			}
			if _, ok := it.Event.Body.(trace.Started); ok != (last == 1) {
				t.Errorf("event %d is %T", last, it.Event.Body)
			}
			return false
		})
		if last == 0 || key.Event.ID.N != last {
			t.Errorf("behind event %d stands a key frame that takes account of %d", last,
				key.Event.ID.N)
		}
		c.must(1, "PUT", "/v1/kv/x", "2")
		if it, _ := s.next(); it.Event.ID.N != last+1 {
			t.Errorf("event %d follows the key frame of %d", it.Event.ID.N, last)
		}
	}
}

// TestAHubThatComesLateGetsAKeyFrame: the first events are not kept for ever.
func TestAHubThatComesLateGetsAKeyFrame(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, func(cfg *server.Config) { cfg.Store = "memory" })
	c.leader()
	value := strings.Repeat("v", 60<<10)
	for i := range 20 { // more than a megabyte
		c.must(1, "PUT", fmt.Sprintf("/v1/kv/%d", i), value)
	}
	if it, _ := c.stream(1).next(); it.Event.Body.Kind() != trace.KindKeyFrame {
		t.Errorf("the stream begins with %v, a %T", it.Event.ID, it.Event.Body)
	}
}

func TestStreamTellsEverythingInOrder(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 3, nil)
	leader := c.leader()
	s := c.stream(leader)
	first := s.keyFrame()
	last := first.Event.ID.N
	c.must(leader, "PUT", "/v1/kv/x", "1")
	seen := map[trace.Kind]bool{}
	var sent, receipts int
	s.until("the write's answer", func(it *wire.StreamItem) bool {
		if it.Event.ID.N != last+1 {
			t.Fatalf("event %d follows %d", it.Event.ID.N, last)
		}
		last++
		seen[it.Event.Body.Kind()] = true
		switch b := it.Event.Body.(type) {
		case trace.Sent:
			if sent++; b.Message.ID != it.Event.ID.N {
				t.Errorf("message %d is told by event %d", b.Message.ID, it.Event.ID.N)
			}
		case trace.Delivered:
			m := it.Received
			if receipts++; m == nil || m.From != b.Msg.Node || m.FromBoot != b.Msg.Boot ||
				m.ID != b.Msg.N {
				t.Errorf("the receipt of %+v has the message %+v", b.Msg, m)
			}
		case trace.Answered:
			return b.Outcome == raft.OutcomeOK
		}
		return false
	})
	for _, k := range []trace.Kind{trace.KindRequested, trace.KindDecided, trace.KindSaved,
		trace.KindApplied} {
		if !seen[k] {
			t.Errorf("the stream told no %v", k)
		}
	}
	if sent == 0 || receipts == 0 {
		t.Errorf("the stream told %d sends and %d receipts", sent, receipts)
	}
}

func TestStreamEndsWithTheLastEvent(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, nil)
	c.leader()
	s := c.stream(1)
	var end sync.WaitGroup
	end.Go(func() { c.shutdown(1) })
	defer end.Wait()
	var last wire.StreamItem
	for {
		it, ok := s.next()
		if !ok {
			break
		}
		last = it
	}
	if _, ok := last.Event.Body.(trace.Stopped); !ok {
		t.Errorf("the last event is %T", last.Event.Body)
	}
}

func TestDropsAndCutsAreTold(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 2, func(cfg *server.Config) { cfg.AllowFaults = true })
	leader, other := c.leader(), c.follower()
	s := c.stream(leader)
	c.cut(leader, `{"to":[`+other.String()[1:]+`]}`)
	s.until("the cut is told", func(it *wire.StreamItem) bool {
		l, ok := it.Event.Body.(trace.LinkSet)
		return ok && l.From == leader && l.To == other && l.Link.Cut
	})
	var sent trace.EventID
	s.until("a message meets it", func(it *wire.StreamItem) bool {
		switch b := it.Event.Body.(type) {
		case trace.Sent:
			sent = it.Event.ID
		case trace.Dropped:
			if b.Why != trace.DropCut || b.Msg != sent || it.Event.Cause != sent {
				t.Errorf("the drop of %+v says %+v", sent, it.Event)
			}
			return true
		}
		return false
	})
	c.cut(leader, `{}`)
	s.until("the link is whole again", func(it *wire.StreamItem) bool {
		l, ok := it.Event.Body.(trace.LinkSet)
		return ok && !l.Link.Cut
	})
}

func TestSlowHubMissesAndGoesOnFromAKeyFrame(t *testing.T) {
	t.Parallel()
	// However long the writes take, who does not read is not cut off.
	c := newCluster(t, 1, func(cfg *server.Config) {
		cfg.Store, cfg.StreamTime = "memory", 2*patience
	})
	c.leader()
	s := c.stream(1)
	first := s.keyFrame()
	value := strings.Repeat("v", 60<<10)
	// Nobody reads meanwhile: what the sockets hold and the server's bound are soon full.
	for i := range 200 {
		c.must(1, "PUT", fmt.Sprintf("/v1/kv/%d", i), value)
	}
	last := first.Event.ID.N
	var missed uint64
	s.until("it missed something", func(it *wire.StreamItem) bool {
		m, ok := it.Event.Body.(trace.Missed)
		if !ok {
			if it.Event.ID.N != last+1 {
				t.Fatalf("event %d follows %d", it.Event.ID.N, last)
			}
			last++
			return false
		}
		if missed = m.Count; it.Event.ID.N != last+missed {
			t.Errorf("%d events are missed between %d and %d", missed, last, it.Event.ID.N)
		}
		last = it.Event.ID.N
		return true
	})
	it, _ := s.next()
	if _, ok := it.Event.Body.(trace.KeyFrame); !ok || missed == 0 {
		t.Fatalf("behind %d missed events comes %T", missed, it.Event.Body)
	}
	c.must(1, "PUT", "/v1/kv/x", "on it goes")
	it, _ = s.next()
	if it.Event.ID.N != last+1 {
		t.Errorf("event %d follows the key frame of %d", it.Event.ID.N, last)
	}
}

func TestWithheldValuesAreNotTold(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, func(cfg *server.Config) { cfg.Withhold = true })
	c.leader()
	c.must(1, "PUT", "/v1/kv/a", "top secret")
	s := c.stream(1)
	c.must(1, "PUT", "/v1/kv/b", "top secret")
	s.until("the write is answered", func(it *wire.StreamItem) bool {
		var e trace.Encoder
		if b := e.Append(nil, &it.Event); strings.Contains(string(b), "top secret") {
			t.Errorf("%T tells the value", it.Event.Body)
		}
		_, ok := it.Event.Body.(trace.Answered)
		return ok
	})
}
