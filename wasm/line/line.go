package line

import (
	"errors"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/server/wire"
)

// Outside is what a line needs of the page. A carrier is a Worker or a socket; a stream has one at
// most.
type Outside interface {
	// Send carries a frame up; it keeps nothing of it.
	Send(stream uint64, frame []byte)
	// Dial lets go of the stream's carrier and after a while connects another one to an address.
	Dial(stream uint64, address string, after raft.Time)
	// HangUp lets go of the stream's carrier.
	HangUp(stream uint64)
}

// Line is a trace.Source whose frames something carries. When the carrier of a live cluster goes,
// the line goes on at the next address that the cluster's header names. Use New.
type Line struct {
	out    Outside
	stream uint64
	token  string
	remote *wire.Remote

	stops     []stop // where the cluster can be watched, from what was asked for on
	at        int    // the stop that is used or tried
	tries     int    // since events came
	connected bool
	retrying  bool
	lost      string
	closed    bool

	root     *Line   // of a branch: the line whose carrier it shares; nil for one of its own
	branches []*Line // that share this one's carrier
	made     uint64  // branches so far
}

var (
	_ trace.Source = (*Line)(nil)

	errAway = errors.New("the cluster is out of reach for the moment")
)

// New makes a line to an address. Call begins it.
func New(stream uint64, a Address, out Outside) *Line {
	l := &Line{out: out, stream: stream, token: a.Token, stops: []stop{{uri: a.URI}}}
	l.remote = wire.NewRemote(stream, func(f []byte) { out.Send(stream, f) })
	return l
}

// Call asks for a carrier. A Worker that is warm already may answer by Greet before Call returns.
func (l *Line) Call() { l.out.Dial(l.stream, l.Where(), 0) }

// Stream gives the number under which the page knows the line.
func (l *Line) Stream() uint64 { return l.stream }

// Greet says that the carrier is there: the line says who it is and what it wants.
func (l *Line) Greet() {
	if l.closed {
		return
	}
	l.connected = !l.remote.Ready() // one that goes on is there again with its header
	l.remote.Hello(l.token)
	l.remote.Open(l.Where())
}

// Feed takes a frame that came.
func (l *Line) Feed(frame []byte) {
	l.feedBranches(frame)
	if l.closed || l.lost != "" && !l.retrying {
		return
	}
	if l.stranger(frame) {
		l.Drop("At " + l.place() + " there is another cluster.")
		return
	}
	if err := l.remote.Feed(frame); err != nil {
		l.Drop("What came from " + l.place() + " is no frame: " + err.Error() + ".")
		return
	}
	t, _, _, _ := wire.Split(frame)
	switch {
	case t == wire.TypeHeader:
		l.arrive()
	case t == wire.TypeEvents:
		l.tries = 0
	case t == wire.TypeEnd && l.roams():
		l.Drop(sentence(l.remote.Ended()))
	}
}

// Drop says that the carrier has gone, or is of no use, and why: a sentence.
func (l *Line) Drop(why string) {
	switch {
	case l.closed || l.lost != "" && !l.retrying:
	case l.roams():
		l.goOn(why)
	default:
		l.connected, l.lost = false, why
		l.hangUp(why)
	}
}

// Connected reports whether the source is there.
func (l *Line) Connected() bool { return l.connected }

// Retrying reports whether the line is looking for the source.
func (l *Line) Retrying() bool { return l.retrying }

// Lost says why the source is not there, and what the line does about it; empty while all is well.
func (l *Line) Lost() string { return l.lost }

// Where gives the address of the carrier.
func (l *Line) Where() string { return l.stops[l.at].uri }

// Ready reports whether the source has said what it is.
func (l *Line) Ready() bool { return l.remote.Ready() }

// Edge gives the moment up to which events are here; -1 while there is nothing.
func (l *Line) Edge() raft.Time { return l.remote.Edge() }

// Header implements trace.Source.
func (l *Line) Header() trace.Header { return l.remote.Header() }

// Next implements trace.Source. A line that goes on elsewhere has no error.
func (l *Line) Next(until raft.Time, dst []trace.Event) ([]trace.Event, raft.Time, error) {
	got, reached, err := l.remote.Next(until, dst)
	if err == nil || l.closed || !l.roams() || l.lost != "" && !l.retrying {
		return got, reached, err
	}
	if l.connected {
		l.Drop(sentence(err.Error()))
	}
	return got, reached, nil
}

// Do implements trace.Source.
func (l *Line) Do(c trace.Command) error {
	if !l.connected {
		return errAway
	}
	return l.remote.Do(c)
}

// Close implements trace.Source.
func (l *Line) Close() error {
	if l.closed {
		return nil
	}
	l.closed = true
	if l.connected {
		_ = l.remote.Close()
	}
	l.hangUp("")
	return nil
}
