package line

import (
	"slices"

	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/server/wire"
)

// branchShift sets the streams of branches apart from those of lines with a carrier of their own.
const branchShift = 32

// Branch gives a line to a branch of what this one shows, behind the same carrier. Like any line it
// is pending until it is Ready, or Lost says why it will not be.
func (l *Line) Branch(at trace.Position) trace.Source {
	root := l.trunk()
	root.made++
	b := &Line{out: l.out, stream: root.stream | root.made<<branchShift, stops: l.stops, root: root,
		connected: true}
	b.remote = wire.NewRemote(b.stream, func(f []byte) { l.out.Send(root.stream, f) })
	root.branches = append(root.branches, b)
	if l.connected {
		l.remote.AskFork(b.stream, at)
	} else {
		b.lose("The run has ended, and no branch of it can begin.")
	}
	return b
}

// AskLink asks for a link to a place. Linked gives the answer.
func (l *Line) AskLink(at trace.Position) { l.remote.AskLink(at) }

// Linked gives the answer to the oldest AskLink that has none yet: the link, or why there is none.
func (l *Line) Linked() (link, why string, ok bool) {
	for {
		a, ok := l.remote.Answer()
		if !ok {
			return "", "", false
		}
		if answer, ok := a.(wire.Linked); ok {
			return answer.Link, answer.Why, true
		}
	}
}

// trunk is the line that has the carrier.
func (l *Line) trunk() *Line {
	if l.root != nil {
		return l.root
	}
	return l
}

// feedBranches hands a frame to the branch that it is for. What a stream answers to the wish for a
// branch is for that branch.
func (l *Line) feedBranches(frame []byte) {
	if len(l.branches) == 0 {
		return
	}
	t, stream, _, err := wire.Split(frame)
	if err != nil {
		return // the line itself says so
	}
	if t == wire.TypeForked {
		if _, b, err := wire.Decode(frame); err == nil {
			forked := b.(wire.Forked)
			stream = forked.New
			if forked.Why == "" {
				return
			}
			for _, b := range l.branches {
				if b.stream == stream {
					b.lose(sentence(forked.Why))
				}
			}
		}
		return
	}
	for _, b := range l.branches {
		if b.stream == stream {
			b.Feed(frame)
		}
	}
}

func (l *Line) lose(why string) { l.connected, l.lost = false, why }

// hangUp lets go of the carrier, and of all who share it; a branch only leaves it.
func (l *Line) hangUp(why string) {
	if l.root != nil {
		l.root.branches = slices.DeleteFunc(l.root.branches, func(b *Line) bool { return b == l })
		return
	}
	for _, b := range l.branches {
		b.lose(why)
	}
	l.branches = nil
	l.out.HangUp(l.stream)
}
