package supervisor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// The bounds of what is asked of nodes: how long it may take, and how many requests may wait.
const (
	askTime    = 10 * time.Second
	mostWrites = 256
)

// Act carries out a viewer's command. The error is a sentence for people that says why it was not
// taken.
func (s *Supervisor) Act(ctx context.Context, cmd trace.Command) error {
	switch cmd.Kind {
	case trace.CommandKill:
		return s.kill(ctx, cmd.Node)
	case trace.CommandRestart:
		return s.restart(cmd.Node)
	case trace.CommandPause, trace.CommandResume:
		return s.pause(cmd.Node, cmd.Kind == trace.CommandPause)
	case trace.CommandCut, trace.CommandHeal:
		ds := []direction{{cmd.From, cmd.To}}
		if cmd.Both {
			ds = append(ds, direction{cmd.To, cmd.From})
		}
		cut := cmd.Kind == trace.CommandCut
		return s.setCuts(ctx, ds, func(direction) bool { return cut })
	case trace.CommandHealAll:
		return s.setCuts(ctx, s.directions(), func(direction) bool { return false })
	case trace.CommandPartition:
		return s.partition(ctx, cmd.Groups)
	case trace.CommandPropose:
		return s.propose(cmd)
	case trace.CommandCampaign:
		return s.campaign(ctx, cmd.Node)
	case trace.CommandRead:
		return s.read(cmd)
	case trace.CommandTransfer:
		return s.soon("the transfer", func(ctx context.Context) error {
			return s.transfer(ctx, cmd.Node)
		})
	case trace.CommandChange:
		return s.soon("the change of the configuration", func(ctx context.Context) error {
			return s.change(ctx, cmd.Change)
		})
	case trace.CommandWipe:
		return s.wipe(ctx, cmd.Node, byPage)
	case trace.CommandDisk, trace.CommandClock:
		return errors.New("the disks and clocks of a live cluster are as they are")
	case trace.CommandLink:
		return errors.New("the links of a live cluster are as they are: they can be cut and healed")
	}
	return fmt.Errorf("a live cluster does not know the command %v", cmd.Kind)
}

// known finds a node; the error names those that there are.
func (s *Supervisor) known(id raft.NodeID) (*process, error) {
	p := s.nodes[id]
	if p == nil {
		return nil, fmt.Errorf("there is no node %d; there are %s", id, s.roster.names())
	}
	return p, nil
}

// running finds a node that is up. The caller holds the lock.
func (s *Supervisor) running(id raft.NodeID) (*process, error) {
	p, err := s.known(id)
	if err == nil && p.cmd == nil {
		err = fmt.Errorf("%v is down", id)
	}
	return p, err
}

// kill ends a node's process and waits until it is seen to have ended.
func (s *Supervisor) kill(ctx context.Context, id raft.NodeID) error {
	s.mu.Lock()
	p, err := s.running(id)
	if err != nil {
		s.mu.Unlock()
		return err
	}
	return s.end(ctx, p)
}

// end kills a process that runs and waits until it is seen to have ended. It is called under the
// lock, and lets it go.
func (s *Supervisor) end(ctx context.Context, p *process) error {
	p.killed = true
	err := p.signal(syscall.SIGKILL)
	gone := p.gone
	s.mu.Unlock()
	if err != nil {
		return err
	}
	select {
	case <-gone:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%v was killed and has not ended yet; ask again", p.id)
	}
}

// pause stops a process, or lets it go on.
func (s *Supervisor) pause(id raft.NodeID, stop bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.running(id)
	switch {
	case err != nil:
		return err
	case stop && p.paused:
		return fmt.Errorf("%v is paused already", id)
	case !stop && !p.paused:
		return fmt.Errorf("%v is not paused", id)
	}
	sig, body := syscall.SIGCONT, trace.Body(trace.Resumed{Node: id})
	if stop {
		sig, body = syscall.SIGSTOP, trace.Paused{Node: id}
	}
	if err := p.signal(sig); err != nil {
		return err
	}
	p.setPaused(stop)
	done := "resumed"
	if stop {
		done = "paused"
	}
	s.news.tell("%v was %s by %s", id, done, byPage)
	s.hub.Tell(body)
	return nil
}

// restart starts a node that is down on the same data. One that ran on memory has none: a new node
// takes its place.
func (s *Supervisor) restart(id raft.NodeID) error {
	s.mu.Lock()
	p, err := s.known(id)
	if err == nil {
		err = p.whyGone()
	}
	switch {
	case err != nil:
	case s.stopping:
		err = errEnding
	case p.cmd != nil:
		err = fmt.Errorf("%v is running", id)
	}
	empty := err == nil && s.cfg.Store == "memory" && p.ended
	s.mu.Unlock()
	switch {
	case err != nil:
		return err
	case empty:
		return s.replace(id, byPage)
	}
	return s.launch(id, byPage)
}

func (s *Supervisor) campaign(ctx context.Context, id raft.NodeID) error {
	s.mu.Lock()
	p, err := s.running(id)
	if err == nil && p.paused {
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
func (s *Supervisor) propose(cmd trace.Command) error {
	if cmd.Key == "" {
		return errors.New("a write needs a key")
	}
	method, path, body := http.MethodPut, "/v1/kv/"+pathOfKey(cmd.Key), cmd.Value
	if s.cfg.Machine == "ledger" {
		method, path, body = http.MethodPost, "/v1/ledger", cmd.Key+"="+cmd.Value
	}
	return s.hand(cmd.Node, method, path, body)
}

// hand makes a client's request of a node, or of whoever leads (0), and does not wait for it.
func (s *Supervisor) hand(id raft.NodeID, method, path, body string) error {
	if id == 0 {
		id, _ = s.entry()
	}
	if id == 0 {
		return errors.New("no node is up")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.running(id)
	switch {
	case err != nil:
		return err
	case s.stopping:
		return errEnding
	case s.writes >= mostWrites:
		return fmt.Errorf("%d requests wait for their answers already", s.writes)
	}
	s.writes++
	s.wait.Add(1)
	go func() {
		defer s.wait.Done()
		err := s.request(s.ctx, method, id, path, []byte(body))
		s.cfg.Log.Debug("a viewer's request", "node", id.String(), "err", err)
		s.mu.Lock()
		s.writes--
		s.mu.Unlock()
	}()
	return nil
}

// pathOfKey writes a key so that no part of it is taken for a step in the path.
func pathOfKey(key string) string {
	return strings.ReplaceAll(url.PathEscape(key), ".", "%2E")
}

// post asks a node for something, as its supervisor.
func (s *Supervisor) post(ctx context.Context, id raft.NodeID, path string, body []byte) error {
	return s.request(ctx, http.MethodPost, id, path, body)
}

func (s *Supervisor) request(ctx context.Context, method string, id raft.NodeID, path string,
	body []byte) error {
	if _, bounded := ctx.Deadline(); !bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, askTime)
		defer cancel()
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://"+s.roster.addr(id)+path,
		bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+s.cluster.secret)
	res, err := s.asker.Do(req)
	if err != nil {
		return fmt.Errorf("asking %v: %w", id, err)
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(res.Body, 4096))
	if res.StatusCode < 300 {
		return nil
	}
	e := &askError{status: res.StatusCode}
	if json.Unmarshal(text, &e.body) == nil && e.body.Error != "" {
		return e
	}
	return fmt.Errorf("%v answered %s: %s", id, res.Status, strings.TrimSpace(string(text)))
}

// newAsker makes the client for what is asked of nodes: with the secret, so by no proxy and not
// where a redirection says.
func newAsker() *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		}}
}
