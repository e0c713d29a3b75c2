package supervisor

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// Act carries out a viewer's command. The error is a sentence for people that says why it was not
// taken.
func (s *Supervisor) Act(ctx context.Context, cmd trace.Command) error {
	switch cmd.Kind {
	case trace.CommandKill, trace.CommandRestart, trace.CommandPause, trace.CommandResume:
		return s.actOnProcess(cmd)
	case trace.CommandCut, trace.CommandHeal:
		cut := cmd.Kind == trace.CommandCut
		pairs := [][2]raft.NodeID{{cmd.From, cmd.To}}
		if cmd.Both {
			pairs = append(pairs, [2]raft.NodeID{cmd.To, cmd.From})
		}
		return s.setCuts(pairs, func([2]raft.NodeID) bool { return cut })
	case trace.CommandHealAll:
		return s.setCuts(s.pairs(), func([2]raft.NodeID) bool { return false })
	case trace.CommandPartition:
		return s.partition(cmd.Groups)
	case trace.CommandPropose:
		return s.propose(ctx, cmd)
	case trace.CommandCampaign:
		return s.campaign(ctx, cmd.Node)
	}
	return fmt.Errorf("a live cluster does not know the command %v", cmd.Kind)
}

// known finds a node; the error names those that there are.
func (s *Supervisor) known(id raft.NodeID) (*process, error) {
	p := s.nodes[id]
	if p == nil {
		return nil, fmt.Errorf("there is no node %d; there are S1 to S%d", id, s.cluster.Nodes)
	}
	return p, nil
}

func (s *Supervisor) actOnProcess(cmd trace.Command) error {
	if cmd.Kind == trace.CommandRestart {
		return s.restart(cmd.Node)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.known(cmd.Node)
	switch {
	case err != nil:
		return err
	case p.cmd == nil:
		return fmt.Errorf("%v is down", p.id)
	}
	switch cmd.Kind {
	case trace.CommandKill:
		p.killed = true
		return p.signal(syscall.SIGKILL)
	case trace.CommandPause:
		if p.paused {
			return fmt.Errorf("%v is paused already", p.id)
		}
		if err := p.signal(syscall.SIGSTOP); err != nil {
			return err
		}
		p.paused = true
		s.hub.Tell(trace.Paused{Node: p.id})
	case trace.CommandResume:
		if !p.paused {
			return fmt.Errorf("%v is not paused", p.id)
		}
		if err := p.signal(syscall.SIGCONT); err != nil {
			return err
		}
		p.paused = false
		s.hub.Tell(trace.Resumed{Node: p.id})
	}
	return nil
}

// restart starts a node that is down on the same data. One that ran on memory has lost its vote and
// its log: as the same voter it could vote twice in a term.
func (s *Supervisor) restart(id raft.NodeID) error {
	s.mu.Lock()
	p, err := s.known(id)
	switch {
	case err != nil:
	case s.stopping:
		err = errEnding
	case p.cmd != nil:
		err = fmt.Errorf("%v is running", id)
	case s.cfg.Store == "memory" && p.ended:
		err = fmt.Errorf("%v ran on the memory store: when it was killed it lost its vote and its "+
			"log, so it cannot come back as a voter", id)
	}
	s.mu.Unlock()
	if err != nil {
		return err
	}
	return s.launch(id)
}

// pairs gives every direction of every link.
func (s *Supervisor) pairs() (all [][2]raft.NodeID) {
	for _, from := range s.cluster.ids() {
		for _, to := range s.cluster.ids() {
			if from != to {
				all = append(all, [2]raft.NodeID{from, to})
			}
		}
	}
	return all
}

func (s *Supervisor) partition(groups [][]raft.NodeID) error {
	group := map[raft.NodeID]int{}
	for i, ids := range groups {
		for _, id := range ids {
			if _, twice := group[id]; twice {
				return fmt.Errorf("%v stands in two groups", id)
			}
			group[id] = i + 1
		}
	}
	return s.setCuts(s.pairs(), func(p [2]raft.NodeID) bool {
		return group[p[0]] == 0 || group[p[0]] != group[p[1]]
	})
}

// setCuts decides which directions are cut, tells it, and lets the senders know.
func (s *Supervisor) setCuts(pairs [][2]raft.NodeID, cut func([2]raft.NodeID) bool) error {
	ids := s.cluster.ids()
	for _, p := range pairs {
		if p[0] == p[1] || !slices.Contains(ids, p[0]) || !slices.Contains(ids, p[1]) {
			return fmt.Errorf("there is no link from node %d to node %d", p[0], p[1])
		}
	}
	changed := map[raft.NodeID]bool{}
	s.mu.Lock()
	for _, p := range pairs {
		if s.cuts[p] == cut(p) {
			continue
		}
		s.cuts[p] = cut(p)
		changed[p[0]] = true
		s.hub.Tell(trace.LinkSet{From: p[0], To: p[1], Link: trace.Link{Cut: cut(p)}})
	}
	s.mu.Unlock()
	for id := range changed {
		s.wait.Add(1)
		go func() {
			defer s.wait.Done()
			s.applyCuts(s.ctx, id, false)
		}()
	}
	return nil
}

// applyCuts tells a node's transport which of its links are cut, and tries again while the node does
// not answer. A paused node learns it when it goes on; one that is down at its next start.
func (s *Supervisor) applyCuts(ctx context.Context, id raft.NodeID, onlyIfAny bool) {
	for ctx.Err() == nil {
		s.mu.Lock()
		up, to := s.nodes[id].cmd != nil, []raft.NodeID{}
		for _, other := range s.cluster.ids() {
			if s.cuts[[2]raft.NodeID{id, other}] {
				to = append(to, other)
			}
		}
		s.mu.Unlock()
		if !up || onlyIfAny && len(to) == 0 {
			return
		}
		body, _ := json.Marshal(map[string]any{"to": to, "from": []raft.NodeID{}})
		if err := s.post(ctx, id, "/v1/admin/cut", body); err == nil {
			return
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

func (s *Supervisor) campaign(ctx context.Context, id raft.NodeID) error {
	s.mu.Lock()
	p, err := s.known(id)
	if err == nil && p.cmd == nil {
		err = fmt.Errorf("%v is down", id)
	} else if err == nil && p.paused {
		err = fmt.Errorf("%v is paused; it does nothing until it is resumed", id)
	}
	s.mu.Unlock()
	if err != nil {
		return err
	}
	return s.post(ctx, id, "/v1/admin/campaign", []byte("{}"))
}

// propose writes a key at a node. Whether it is committed is seen in the events; that it was handed
// over is all that is said here.
func (s *Supervisor) propose(ctx context.Context, cmd trace.Command) error {
	if cmd.Key == "" {
		return fmt.Errorf("a write needs a key")
	}
	id := cmd.Node
	if id == 0 {
		id = s.entry()
	}
	s.mu.Lock()
	p, err := s.known(id)
	if err == nil && p.cmd == nil {
		err = fmt.Errorf("%v is down", id)
	}
	s.mu.Unlock()
	if err != nil {
		return err
	}
	method, path, body := http.MethodPut, "/v1/kv/"+url.PathEscape(cmd.Key), cmd.Value
	if s.cfg.Machine == "ledger" {
		method, path, body = http.MethodPost, "/v1/ledger", cmd.Key+"="+cmd.Value
	}
	s.wait.Add(1)
	go func() {
		defer s.wait.Done()
		_ = s.request(s.ctx, method, id, path, []byte(body))
	}()
	return nil
}

// post asks a node for something, as its supervisor.
func (s *Supervisor) post(ctx context.Context, id raft.NodeID, path string, body []byte) error {
	return s.request(ctx, http.MethodPost, id, path, body)
}

func (s *Supervisor) request(ctx context.Context, method string, id raft.NodeID, path string,
	body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, "http://"+s.cluster.addr(id)+path,
		bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+s.cluster.secret)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("asking %v: %w", id, err)
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(res.Body, 4096))
	if res.StatusCode >= 300 {
		return fmt.Errorf("%v answered %s: %s", id, res.Status, strings.TrimSpace(string(text)))
	}
	return nil
}
