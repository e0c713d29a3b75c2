package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/server/wire"
)

// Options are the settings of a client. Zero values stand for the defaults.
type Options struct {
	Token   string        // sent as Authorization: Bearer
	Attempt time.Duration // how long to wait for one server's answer; 6 s, above a server's own 5 s
	Give    time.Duration // when to give up, if the caller's context does not end before; 30 s
	Refresh time.Duration // how often to ask who leads; 3 s
}

// The pause before a request is made again: it doubles.
const (
	pauseFirst = 10 * time.Millisecond
	pauseMost  = 250 * time.Millisecond
)

// Client is a client of one cluster, for any number of goroutines. Close ends it.
type Client struct {
	opt      Options
	http     *http.Client
	metadata metadata
	sessions sessions
	stop     context.CancelFunc
	over     sync.WaitGroup
}

// New makes a client that knows some of the cluster's servers, or the address of 'raftarium run',
// as host:port. It asks them who leads at once, but does not wait for an answer.
func New(addresses []string, opt Options) (*Client, error) {
	if len(addresses) == 0 {
		return nil, errors.New("client: no address of the cluster is given")
	}
	for _, a := range addresses {
		if _, _, err := net.SplitHostPort(a); err != nil {
			return nil, fmt.Errorf("client: the address %q is no host:port: %w", a, err)
		}
	}
	opt.Attempt = orDefault(opt.Attempt, 6*time.Second)
	opt.Give = orDefault(opt.Give, 30*time.Second)
	opt.Refresh = orDefault(opt.Refresh, 3*time.Second)
	c := &Client{opt: opt, http: &http.Client{
		Transport: &http.Transport{
			DialContext:         (&net.Dialer{Timeout: 2 * time.Second}).DialContext,
			MaxIdleConnsPerHost: 256,
			IdleConnTimeout:     time.Minute,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}}
	c.metadata.init(addresses)
	ctx, stop := context.WithCancel(context.Background())
	c.stop = stop
	c.over.Add(1)
	go func() {
		defer c.over.Done()
		c.update(ctx)
	}()
	return c, nil
}

// Close ends the client. Requests under way end with their own contexts.
func (c *Client) Close() {
	c.stop()
	c.over.Wait()
	c.http.CloseIdleConnections()
}

func orDefault(d, otherwise time.Duration) time.Duration {
	if d <= 0 {
		return otherwise
	}
	return d
}

// Place is where a committed entry stands: its index and term, and of a ledger's body its byte
// position. A read of a key has the index up to which it saw the log.
type Place struct {
	Index raft.Index
	Term  raft.Term
	Pos   uint64
}

// Put gives a key a value.
func (c *Client) Put(ctx context.Context, key string, value []byte) (Place, error) {
	r, err := c.write(ctx, http.MethodPut, key, value)
	return r.place(), err
}

// Get reads a key. The read is linearizable, and its place is how far the log was that it saw. The
// error is ErrNotFound when the key has no value.
func (c *Client) Get(ctx context.Context, key string) ([]byte, Place, error) {
	r, err := c.do(ctx, &request{method: http.MethodGet, path: keyPath(key), again: always})
	return r.body, r.place(), err
}

// Delete takes a key's value away. The error is ErrNotFound when it had none.
func (c *Client) Delete(ctx context.Context, key string) (Place, error) {
	r, err := c.write(ctx, http.MethodDelete, key, nil)
	return r.place(), err
}

// write makes a write of a session of its own, so that it can be repeated without harm.
func (c *Client) write(ctx context.Context, method, key string, value []byte) (response, error) {
	s := c.sessions.take()
	defer c.sessions.give(s)
	s.seq++
	return c.do(ctx, &request{method: method, path: keyPath(key), body: value, again: always,
		session: s.id.String(), seq: s.seq})
}

// Append puts a body at the end of the ledger.
func (c *Client) Append(ctx context.Context, body []byte) (Place, error) {
	r, err := c.do(ctx, &request{method: http.MethodPost, path: "/v1/ledger", body: body,
		again: ifRefused})
	return r.place(), err
}

// Entry reads a body of the ledger by its index. The error is ErrNotFound when there is none.
func (c *Client) Entry(ctx context.Context, i raft.Index) ([]byte, Place, error) {
	r, err := c.do(ctx, &request{method: http.MethodGet, again: always,
		path: "/v1/ledger/" + strconv.FormatUint(uint64(i), 10)})
	return r.body, r.place(), err
}

// Call asks a handler that the servers have registered under a name, at the leader if one is known.
func (c *Client) Call(ctx context.Context, name string, body []byte) ([]byte, error) {
	r, err := c.do(ctx, &request{method: http.MethodPost, path: "/v1/call/" + url.PathEscape(name),
		body: body, again: ifNotSent})
	return r.body, err
}

// Status asks who is in the cluster and who leads.
func (c *Client) Status(ctx context.Context) (wire.Metadata, error) {
	if err := c.refresh(ctx); err != nil {
		return wire.Metadata{}, err
	}
	return c.metadata.get(), nil
}

func keyPath(key string) string { return "/v1/kv/" + url.PathEscape(key) }
