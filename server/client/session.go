package client

import (
	"sync"

	"github.com/google/uuid"
)

// session numbers requests that are made one after the other, so that the cluster knows a repeated
// one.
type session struct {
	id  uuid.UUID
	seq uint64
}

// sessions are those that nobody uses just now. There are as many as writes were ever made at once.
type sessions struct {
	mu   sync.Mutex
	free []*session
}

func (s *sessions) take() *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := len(s.free) - 1
	if k < 0 {
		return &session{id: uuid.New()}
	}
	last := s.free[k]
	s.free = s.free[:k]
	return last
}

func (s *sessions) give(back *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free = append(s.free, back)
}
