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
	v.offer(wire.Append(nil, v.stream, wire.Header{Header: head}))
	h.send(h.now())
	h.viewers = append(h.viewers, v)
	h.refresh(v)
}

func (h *Hub) leave(v *viewer) {
	h.viewers = slices.DeleteFunc(h.viewers, func(o *viewer) bool { return o == v })
}

// credit takes what a viewer has room for again. One that missed events goes on with a key frame.
func (h *Hub) credit(v *viewer, bytes uint64) {
	v.credit = min(v.credit+int64(min(bytes, mostCredit)), mostCredit)
	if v.behind && v.credit >= resumeAt {
		h.refresh(v)
	}
}

// refresh sends a viewer what it missed, as a number, and the whole state.
func (h *Hub) refresh(v *viewer) {
	var enc trace.Encoder
	var b []byte
	n := uint64(1)
	key := h.keyEvent()
	if v.missed > 0 {
		missed := key
		missed.Body = trace.Missed{Count: v.missed, Why: "the viewer was too slow"}
		b = enc.Append(b, &missed)
		n++
	}
	b = enc.Append(b, &key)
	v.missed, v.behind = 0, false
	h.give(v, wire.Append(nil, v.stream, wire.Events{First: h.state.Events, Reached: h.given, N: n,
		Bytes: b}), n)
}

// answer tells a viewer what became of its command.
func (h *Hub) answer(v *viewer, ticket uint64, why string) {
	var body trace.Body = trace.Accepted{Command: ticket}
	if why != "" {
		body = trace.Refused{Command: ticket, Why: why}
	}
	h.send(h.now()) // so that what the command did stands before it
	h.told[2]++
	ev := trace.Event{
		ID: trace.EventID{Node: trace.FirstHub, Boot: uint32(h.epoch.Unix()), N: h.told[2]},
		At: h.given, Body: body}
	var enc trace.Encoder
	frame := wire.Append(nil, v.stream, wire.Events{First: h.state.Events, Reached: h.given, N: 1,
		Bytes: enc.Append(nil, &ev)})
	v.credit -= int64(len(frame))
	v.offer(frame)
}

// send gives all viewers the frame that has gathered, or at least says how far the cluster is.
func (h *Hub) send(now raft.Time) {
	if h.events == 0 && time.Since(h.lastSent) < pulse {
		return
	}
	if len(h.viewers) > 0 && (now-h.lastKey > keyFrameTime || h.sinceKey > keyFrameSize) {
		h.keyFrame(now)
	}
	h.lastSent = time.Now()
	// What comes from now on has a place behind here: a node that is late is lifted.
	h.given = max(h.given, now-slack)
	h.publish()
	h.sinceKey += len(h.frame)
	var shared []byte
	stream := uint64(0)
	for _, v := range h.viewers {
		if shared == nil || stream != v.stream {
			stream = v.stream
			shared = wire.Append(nil, stream, wire.Events{First: h.first, Reached: h.given,
				N: h.events, Bytes: h.frame})
		}
		h.give(v, shared, h.events)
	}
	h.frame, h.events, h.first = h.frame[:0], 0, h.state.Events
	h.enc.Reset()
}

// give sends a viewer a frame of n events, or counts them as missed when it has no room for them.
func (h *Hub) give(v *viewer, frame []byte, n uint64) {
	if v.behind || v.credit < int64(len(frame)) || !v.offer(frame) {
		v.behind = true
		v.missed += n
		return
	}
	v.credit -= int64(len(frame))
}
