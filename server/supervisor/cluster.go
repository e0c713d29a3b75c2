package supervisor

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/raftarium/raftarium/raft"
)

// cluster is what a data directory says of the cluster in it.
type cluster struct {
	UUID    uuid.UUID `json:"cluster"`
	Nodes   int       `json:"nodes"` // that it began with: S1, S2, ...
	Machine string    `json:"machine"`
	Store   string    `json:"store"`
	// Present are the nodes that there are, when these are others by now, and Next the next free
	// id. Successions are under way.
	Present     []raft.NodeID `json:"present,omitempty"`
	Next        raft.NodeID   `json:"next,omitempty"`
	Successions []succession  `json:"successions,omitempty"`

	dir    string
	secret string
	token  string
}

// openCluster opens or makes the data directory and finds an address for every node. Others on the
// machine have no business in it: it holds secrets and values. A cluster on the memory store is a
// new one each time, as what its nodes knew is gone.
func openCluster(cfg Config) (c cluster, unlock func(), err error) {
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return c, nil, fmt.Errorf("making the data directory %s: %w", cfg.Dir, err)
	}
	if unlock, err = lock(cfg.Dir); err != nil {
		return c, nil, err
	}
	if c, err = readCluster(cfg); err != nil {
		unlock()
		return c, nil, err
	}
	return c, unlock, nil
}

// readCluster reads or makes what the data directory holds.
func readCluster(cfg Config) (c cluster, err error) {
	c = cluster{UUID: uuid.New(), Nodes: cfg.Nodes, Machine: cfg.Machine, Store: cfg.Store}
	if c, err = keepCluster(cfg.Dir, c); err != nil {
		return c, err
	}
	if cfg.Store != "memory" {
		if err = allThere(cfg.Dir, c.ids()); err != nil {
			return c, err
		}
	}
	c.dir = cfg.Dir
	if c.secret, err = keepSecret(c.path("secret")); err != nil {
		return c, err
	}
	c.token, err = keepSecret(c.path("token"))
	return c, err
}

// allThere refuses a cluster of which some nodes have data and others have none: a node that lost
// its vote and its log must not come back as the same voter, for it could vote twice in a term.
func allThere(dir string, ids []raft.NodeID) error {
	var lost []raft.NodeID
	for _, id := range ids {
		if _, err := os.Stat(filepath.Join(dir, id.String())); errors.Is(err, os.ErrNotExist) {
			lost = append(lost, id)
		}
	}
	if len(lost) == 0 || len(lost) == len(ids) {
		return nil
	}
	return fmt.Errorf("%s holds a cluster in which %v has no data any more: it has lost its vote "+
		"and its log and cannot come back as a voter; put %s back, or begin anew in another "+
		"--data", dir, lost[0], filepath.Join(dir, lost[0].String()))
}

// keepCluster reads cluster.json, or writes it for a new cluster. On the memory store every cluster
// is a new one; but it does not take the place of one that has something to lose.
func keepCluster(dir string, fresh cluster) (cluster, error) {
	path := filepath.Join(dir, "cluster.json")
	held, err := readHeld(path)
	if err != nil {
		return fresh, err
	}
	if held == nil || held.Store == "memory" && fresh.Store == "memory" {
		text, err := json.MarshalIndent(fresh, "", "  ")
		if err != nil {
			return fresh, err
		}
		return fresh, writeWhole(path, append(text, '\n'), 0o644)
	}
	if c := held; c.Nodes != fresh.Nodes || c.Machine != fresh.Machine || c.Store != fresh.Store {
		return fresh, fmt.Errorf("%s holds a cluster of %d nodes with the machine %s on the %s "+
			"store, and %d nodes with %s on %s are asked for; use another --data or the same "+
			"settings",
			dir, c.Nodes, c.Machine, c.Store, fresh.Nodes, fresh.Machine, fresh.Store)
	}
	return *held, nil
}

// readHeld reads what cluster.json says; nil when there is none.
func readHeld(path string) (*cluster, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	var c cluster
	if err := json.Unmarshal(b, &c); err != nil {
		return nil, fmt.Errorf("%s is damaged and does not say which cluster this is: %w", path,
			err)
	}
	if c.UUID == uuid.Nil || c.Nodes < 1 {
		return nil, fmt.Errorf("%s is damaged: it does not say which cluster this is", path)
	}
	if !c.countable() {
		return nil, fmt.Errorf("%s is damaged: its nodes cannot be", path)
	}
	return &c, nil
}

// countable reports whether the nodes have ids of their own, and are no more than there may be.
func (c *cluster) countable() bool {
	if c.Nodes > maxPresent || len(c.Present) > maxPresent || c.Next >= raft.FirstOutsider {
		return false
	}
	ids := c.ids()
	return ids[0] > 0 && ids[len(ids)-1] < raft.FirstOutsider-1 &&
		len(slices.Compact(slices.Clone(ids))) == len(ids)
}

// writeWhole writes a file so that nobody, not even after a crash, finds a part of it.
func writeWhole(path string, b []byte, mode os.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-")
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	defer os.Remove(f.Name()) // it is not there any more if all went well
	_, err = f.Write(b)
	err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

// keepSecret reads a secret from a file, or makes one. Only the owner may read the file.
func keepSecret(path string) (string, error) {
	b, err := os.ReadFile(path)
	if err == nil {
		s := strings.TrimSpace(string(b))
		if len(s) < 16 {
			return "", fmt.Errorf("%s is damaged: it holds no secret; remove it to get a new one",
				path)
		}
		if err := os.Chmod(path, 0o600); err != nil {
			return "", fmt.Errorf("closing %s to others: %w", path, err)
		}
		return s, nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("reading %s: %w", path, err)
	}
	var raw [32]byte
	_, _ = rand.Read(raw[:]) // never fails, as its documentation says
	s := hex.EncodeToString(raw[:])
	return s, writeWhole(path, []byte(s+"\n"), 0o600)
}

// freeAddresses finds ports below those that the system gives to outgoing connections, so that a
// node that was down finds its port free.
func freeAddresses(n int) ([]string, error) {
	var found []string
	for try := 0; len(found) < n && try < 1000; try++ {
		port, err := rand.Int(rand.Reader, big.NewInt(20000))
		if err != nil {
			return nil, err
		}
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 11000+port.Int64()))
		if err != nil {
			continue
		}
		defer l.Close() // all are held until all are found
		found = append(found, l.Addr().String())
	}
	if len(found) < n {
		return nil, fmt.Errorf("finding %d free ports on 127.0.0.1: none is left", n)
	}
	return found, nil
}

func (c *cluster) path(name string) string { return filepath.Join(c.dir, name) }

// ids lists the nodes that there are, sorted.
func (c *cluster) ids() []raft.NodeID {
	if len(c.Present) > 0 {
		return slices.Sorted(slices.Values(c.Present))
	}
	var ids []raft.NodeID
	for i := range c.Nodes {
		ids = append(ids, raft.NodeID(i+1))
	}
	return ids
}

// next gives the next free id.
func (c *cluster) next() raft.NodeID {
	next := max(c.Next, raft.NodeID(c.Nodes)+1)
	for _, id := range c.Present {
		next = max(next, id+1)
	}
	return next
}

// clone copies what may change.
func (c *cluster) clone() cluster {
	d := *c
	d.Present, d.Successions = slices.Clone(c.Present), slices.Clone(c.Successions)
	return d
}
