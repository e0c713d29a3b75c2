package server

import (
	"time"

	"github.com/raftarium/raftarium/raft"
)

// A node that did nothing for so long after it wanted to be woken was held up: its process was
// stopped, or the machine was busy. Then it hears what was said meanwhile before it lets time act:
// until nothing has come for calm, at most for calmMost.
const (
	heldUp   = 20 * raft.Millisecond
	calm     = 5 * time.Millisecond
	calmMost = 25 * time.Millisecond
)

// turn lets the core take what has come, and what time asks for. It gives letters' memory back.
func (n *node) turn(letters []letter) []letter {
	letters, _ = n.takeLetters(letters)
	if n.now-n.host.Wake() >= heldUp {
		letters = n.hearOut(letters)
	}
	n.step()
	return letters
}

// takeLetters takes what is in the mailbox, at a moment that was read before: so nothing waits
// there that came before that moment, however long this goroutine was held up between the two.
func (n *node) takeLetters(letters []letter) (memory []letter, any bool) {
	n.tick()
	letters = n.mail.take(letters)
	for i := range letters {
		n.receive(&letters[i])
	}
	clear(letters)
	return letters, len(letters) > 0
}

// hearOut takes what lies in the sockets after a stall: those who read them need some time, and an
// election may have no other reason than that they had none. The letters are one step's all
// together.
func (n *node) hearOut(letters []letter) []letter {
	end := time.NewTimer(calmMost)
	defer end.Stop()
	for more := true; more; {
		quiet := time.NewTimer(calm)
		over := false
		select {
		case <-n.mail.wake:
		case <-quiet.C:
		case <-end.C:
			over = true
		case <-n.quit:
			over = true
		}
		quiet.Stop()
		letters, more = n.takeLetters(letters)
		more = more && !over
	}
	return letters
}
