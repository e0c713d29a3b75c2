package hub

import (
	"slices"
	"time"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/server/wire"
)

// join greets a viewer: the header, and where the cluster stands.
func (h *Hub) join(v *viewer) {
	if len(h.viewers) >= mostViewers {
		v.end("too many watch already")
		return
	}
	head := h.header
	head.Why = v.why
	if v.why == "" && h.cfg.Act != nil {
		head.Caps = trace.CanKill | trace.CanPause | trace.CanCut | trace.CanPropose |
			trace.CanCampaign
	}
	v.offer(item{frame: wire.Append(nil, v.stream, wire.Header{Header: head})})
	h.flush()
	h.viewers = append(h.viewers, v)
	if v.resumes {
		h.resume(v, v.from)
	} else {
		h.refresh(v, "")
	}
}

func (h *Hub) leave(v *viewer) {
	h.viewers = slices.DeleteFunc(h.viewers, func(o *viewer) bool { return o == v })
}

// grant takes what a viewer has room for again. One that missed events goes on with a key frame.
func (h *Hub) grant(v *viewer, bytes uint64) {
	v.credit = min(v.credit+int64(min(bytes, mostCredit)), mostCredit)
	if v.behind && v.credit >= v.need {
		h.flush() // what waits is in the key frame already
		h.refresh(v, whySlow)
	}
}

// goOn lets those go on that were behind for want of room in their queue, and have it.
func (h *Hub) goOn() {
	for _, v := range h.viewers {
		if v.behind && v.credit >= v.need && !v.full() {
			h.flush()
			h.refresh(v, whySlow)
		}
	}
}

// refresh sends a viewer what it missed, as a number, and the whole state. The frame that gathers
// is empty: nothing is told twice.
func (h *Hub) refresh(v *viewer, why string) {
	if v.full() {
		v.behind = true // a key frame is much work for nothing
		return
	}
	var enc trace.Encoder
	var b []byte
	n := uint64(1)
	key := h.keyEvent()
	if v.missed > 0 {
		missed := key
		missed.Body = trace.Missed{Count: v.missed, Why: why}
		missed.ID = h.nextID(trace.FirstHub)
		b = enc.Append(b, &missed)
		n++
	}
	b = enc.Append(b, &key)
	frame := wire.Append(nil, v.stream, wire.Events{First: h.state.Events, Reached: h.given, N: n,
		Bytes: b})
	if v.credit < int64(len(frame)) || !v.offer(item{frame: frame}) {
		v.behind, v.need = true, max(resumeAt, int64(len(frame)))
		return
	}
	v.credit -= int64(len(frame))
	v.missed, v.behind, v.sieve = 0, false, nil
}

// answer tells a viewer what became of its command. It goes also to one that is behind.
func (h *Hub) answer(v *viewer, ticket uint64, why string) {
	var body trace.Body = trace.Accepted{Command: ticket}
	if why != "" {
		body = trace.Refused{Command: ticket, Why: why}
	}
	h.flush() // so that what the command did stands before it
	ev := trace.Event{ID: h.nextID(trace.FirstHub), At: h.given, Body: body}
	var enc trace.Encoder
	frame := wire.Append(nil, v.stream, wire.Events{First: h.state.Events, Reached: h.given, N: 1,
		Bytes: enc.Append(nil, &ev)})
	v.credit -= int64(len(frame))
	if !v.offer(item{frame: frame}) {
		v.end("this viewer does not read the answers to what it asks")
	}
}

// send gives all viewers the frame that has gathered, or at least says how far the cluster is.
func (h *Hub) send(now raft.Time) {
	if h.events == 0 && time.Since(h.lastSent) < pulse {
		return
	}
	if len(h.viewers) > 0 && (now-h.lastKey > keyFrameTime || h.sinceKey > keyFrameSize) {
		h.keyFrame(now)
	}
	// What comes from now on has a place behind here: a node that is late is lifted.
	h.given = max(h.given, now-slack)
	h.flush()
}

// flush sends the frame that has gathered.
func (h *Hub) flush() {
	h.lastSent = time.Now()
	h.publish()
	h.sinceKey += len(h.frame)
	shared := map[uint64][]byte{} // by the number of the stream, which viewers choose
	for _, v := range h.viewers {
		if v.sieve != nil {
			h.give(v, h.sifted(v), h.events)
			continue
		}
		frame, ok := shared[v.stream]
		if !ok {
			frame = wire.Append(nil, v.stream, wire.Events{First: h.first, Reached: h.given,
				N: h.events, Bytes: h.frame})
			shared[v.stream] = frame
		}
		h.give(v, frame, h.events)
	}
	h.frame, h.events, h.first = h.frame[:0], 0, h.state.Events
	h.enc.Reset()
}

// give sends a viewer a frame of n events, or counts them as missed when it has no room for them.
func (h *Hub) give(v *viewer, frame []byte, n uint64) {
	if !v.behind && v.credit >= int64(len(frame)) && v.offer(item{frame: frame}) {
		v.credit -= int64(len(frame))
		return
	}
	if !v.behind {
		v.behind, v.need = true, resumeAt
	}
	v.missed += n
}
