package server_test

import (
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/server"
	"github.com/raftarium/raftarium/store"
)

// badDisk is a file system whose syncs fail from a moment on.
type badDisk struct {
	store.FS
	broken atomic.Bool
}

type badFile struct {
	store.Handle
	disk *badDisk
}

func (d *badDisk) wrap(h store.Handle, err error) (store.Handle, error) {
	if err != nil {
		return nil, err
	}
	return badFile{h, d}, nil
}

func (d *badDisk) Create(name string) (store.Handle, error) { return d.wrap(d.FS.Create(name)) }
func (d *badDisk) Open(name string) (store.Handle, error)   { return d.wrap(d.FS.Open(name)) }

func (f badFile) Sync() error {
	if f.disk.broken.Load() {
		return errors.New("the disk is on fire")
	}
	return f.Handle.Sync()
}

func TestFailingDiskStopsTheNodeLoudly(t *testing.T) {
	t.Parallel()
	disk := &badDisk{FS: store.OS()}
	c := newCluster(t, 1, func(cfg *server.Config) { cfg.FS = disk })
	c.leader()
	c.must(1, "PUT", "/v1/kv/x", "1")
	disk.broken.Store(true)
	a := c.ask(1, "PUT", "/v1/kv/x", "2")
	if a.status != http.StatusGatewayTimeout || a.problem(t).Outcome != "unknown" {
		t.Errorf("a write that the disk may or may not have: %d %s", a.status, a.body)
	}
	<-c.servers[1].Failed()
	if err := c.servers[1].Err(); err == nil || !strings.Contains(err.Error(), "on fire") {
		t.Errorf("the server says %v", err)
	}
	for _, path := range []string{"/healthz", "/v1/kv/x"} {
		if a := c.ask(1, "GET", path, ""); a.status != http.StatusServiceUnavailable ||
			!strings.Contains(a.body, "on fire") {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	if a := c.ask(1, "GET", "/v1/status", ""); !strings.Contains(a.body, `"alive":false`) {
		t.Errorf("a node that has stopped is alive: %s", a.body)
	}
}

func TestFailingDiskOfTheLeaderGivesWayToAnother(t *testing.T) {
	t.Parallel()
	disks := map[raft.NodeID]*badDisk{}
	c := newCluster(t, 3, func(cfg *server.Config) {
		disks[cfg.ID] = &badDisk{FS: store.OS()}
		cfg.FS = disks[cfg.ID]
	})
	leader := c.leader()
	c.must(leader, "PUT", "/v1/kv/x", "1")
	disks[leader].broken.Store(true)
	c.ask(leader, "PUT", "/v1/kv/y", "2")
	<-c.servers[leader].Failed()
	c.shutdown(leader)
	if got := c.must(c.leader(), "GET", "/v1/kv/x", ""); got.body != "1" {
		t.Errorf("x is %q", got.body)
	}
}
