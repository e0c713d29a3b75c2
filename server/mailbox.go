package server

import (
	"sync"

	"github.com/raftarium/raftarium/raft"
)

// maxMessages bounds the messages of peers that wait in a mailbox; who brings more waits.
const maxMessages = 4096

// letterKind says what a letter brings to the node loop.
type letterKind uint8

const (
	letterMessage letterKind = iota // a peer's message
	letterAsk                       // a client's request
	letterSaved                     // writes are durable, or failed
	letterDo                        // something rare
)

// letter is one thing that the node loop has to take.
type letter struct {
	kind  letterKind
	msg   raft.Message
	ask   *ask
	write raft.WriteID
	err   error
	do    func(now raft.Time)
}

// mailbox gathers letters for the node loop. Only messages of peers can be too many: requests are
// counted before they come here, and what the disk says is bounded by what it was asked.
type mailbox struct {
	mu       sync.Mutex
	space    sync.Cond
	letters  []letter
	messages int
	closed   bool
	wake     chan struct{}
}

func newMailbox() *mailbox {
	m := &mailbox{wake: make(chan struct{}, 1)}
	m.space.L = &m.mu
	return m
}

// put adds a letter; false when the mailbox is closed. A message waits for space.
func (m *mailbox) put(l letter) bool {
	m.mu.Lock()
	for l.kind == letterMessage && m.messages >= maxMessages && !m.closed {
		m.space.Wait()
	}
	if m.closed {
		m.mu.Unlock()
		return false
	}
	if l.kind == letterMessage {
		m.messages++
	}
	m.letters = append(m.letters, l)
	first := len(m.letters) == 1
	m.mu.Unlock()
	if first {
		select {
		case m.wake <- struct{}{}:
		default:
		}
	}
	return true
}

// take gives all letters and keeps empty's memory for the next ones.
func (m *mailbox) take(empty []letter) []letter {
	m.mu.Lock()
	defer m.mu.Unlock()
	ls := m.letters
	m.letters, m.messages = empty[:0], 0
	m.space.Broadcast()
	return ls
}

// close refuses all further letters and gives those that nobody will take.
func (m *mailbox) close() []letter {
	m.mu.Lock()
	defer m.mu.Unlock()
	ls := m.letters
	m.closed, m.letters, m.messages = true, nil, 0
	m.space.Broadcast()
	return ls
}
