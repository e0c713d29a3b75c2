package raft

// bodiesAtOnce is how many bodies share a piece of memory. It lives as long as one of them does, so
// that it is small.
const bodiesAtOnce = 8

// bodies is room for the bodies that a busy server sends all the time. They are never written
// again, and a collector frees them when nobody reads them any more.
type bodies struct {
	appends []AppendEntries
	replies []AppendEntriesReply
}

// place puts a body into the room.
func place[B any](room *[]B, body B) *B {
	if len(*room) == 0 {
		*room = make([]B, bodiesAtOnce)
	}
	b := &(*room)[0]
	*room, *b = (*room)[1:], body
	return b
}
