package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/raftarium/raftarium/server/wire"
)

// The bounds of asking for metadata: how long a server may take, and what it may say.
const (
	statusTime = time.Second
	otherTime  = 50 * time.Millisecond
	maxStatus  = 1 << 20
	maxServers = 1024
)

// metadata is what the client knows of the cluster (DLedger's MetadataUpdater).
type metadata struct {
	mu     sync.Mutex
	seeds  []string
	known  []string // addresses, seeds first
	leader string   // an address; empty for not known
	next   int      // whom to ask when no leader is known
	status wire.Metadata
	wake   chan struct{}
}

func (m *metadata) init(seeds []string) {
	m.seeds, m.known = slices.Clone(seeds), slices.Clone(seeds)
	m.wake = make(chan struct{}, 1)
}

// target gives the address to send a request to: the leader's, else one after the other.
func (m *metadata) target() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.leader != "" {
		return m.leader
	}
	m.next++
	return m.known[m.next%len(m.known)]
}

// doubt forgets who leads, until the cluster has been asked.
func (m *metadata) doubt() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.leader = ""
}

// ask makes the updater ask at once.
func (m *metadata) ask() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

func (m *metadata) get() wire.Metadata {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.status
}

func (m *metadata) addresses() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.known)
}

// learn takes the best of what the servers said.
func (m *metadata) learn(st wire.Metadata) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.status, m.leader = st, ""
	known := slices.Clone(m.seeds)
	for _, s := range st.Members[:min(len(st.Members), maxServers)] {
		if s.Address == "" {
			continue
		}
		if !slices.Contains(known, s.Address) {
			known = append(known, s.Address)
		}
		if st.Leader != nil && s.ID == *st.Leader {
			m.leader = s.Address
		}
	}
	m.known = known
}

// update keeps the metadata fresh until the context ends.
func (c *Client) update(ctx context.Context) {
	t := time.NewTicker(c.opt.Refresh)
	defer t.Stop()
	for {
		_ = c.refresh(ctx) // who needs an answer will see that there is none
		select {
		case <-t.C:
		case <-c.metadata.wake:
		case <-ctx.Done():
			return
		}
	}
}

// refresh asks all servers at once, and goes with the one of the highest term. Once one says that
// it leads, the others have little time left to say that they know better.
func (c *Client) refresh(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, statusTime)
	defer cancel()
	addrs := c.metadata.addresses()
	answers := make(chan said, len(addrs))
	for _, a := range addrs {
		go func() {
			st, err := c.status(ctx, a)
			answers <- said{st, err}
		}()
	}
	var best *wire.Metadata
	var errs []error
	var grace <-chan time.Time
	for n := 0; n < len(addrs); n++ {
		select {
		case s := <-answers:
			switch {
			case s.err != nil:
				errs = append(errs, s.err)
			case best == nil || better(&s.status, best):
				best = &s.status
			}
		case <-grace:
			n = len(addrs)
		}
		if best != nil && leads(best) && grace == nil {
			grace = time.After(otherTime)
		}
	}
	cancel() // the others need not answer any more
	if best == nil {
		return fmt.Errorf("client: no server tells the cluster's status: %w", errors.Join(errs...))
	}
	c.metadata.learn(*best)
	return nil
}

// said is one server's answer.
type said struct {
	status wire.Metadata
	err    error
}

// leads reports whether a status is a leader's own.
func leads(s *wire.Metadata) bool { return s.Leader != nil && *s.Leader == s.ID }

func better(a, b *wire.Metadata) bool {
	if a.Term != b.Term {
		return a.Term > b.Term
	}
	return a.Leader != nil && b.Leader == nil
}

// status asks one server.
func (c *Client) status(ctx context.Context, addr string) (st wire.Metadata, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/v1/status", nil)
	if err != nil {
		return st, err
	}
	c.authorize(req)
	resp, err := c.http.Do(req)
	if err != nil {
		return st, err
	}
	defer func() { _ = resp.Body.Close() }() // it has been read, or is given up
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxStatus))
	switch {
	case err != nil:
		return st, fmt.Errorf("asking %s: %w", addr, err)
	case resp.StatusCode != http.StatusOK:
		return st, fmt.Errorf("asking %s: it answered %s", addr, resp.Status)
	}
	if err := json.Unmarshal(b, &st); err != nil {
		return st, fmt.Errorf("asking %s: its status is malformed: %w", addr, err)
	}
	return st, nil
}
