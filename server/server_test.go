package server_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/machine"
	"github.com/raftarium/raftarium/server"
)

func TestWriteIsCommittedEverywhere(t *testing.T) {
	for _, kind := range []string{"file", "memory"} {
		t.Run(kind, func(t *testing.T) {
			c := newCluster(t, 3, func(cfg *server.Config) { cfg.Store = kind })
			a := c.must(c.leader(), "PUT", "/v1/kv/x", "1")
			if a.header.Get(server.HeaderIndex) == "" || a.header.Get(server.HeaderTerm) == "" {
				t.Errorf("a write was answered without its place: %v", a.header)
			}
			for id, s := range c.servers {
				c.until(id.String()+" has applied it", func() bool {
					return fmt.Sprint(uint64(s.Status().Applied)) >= a.header.Get(server.HeaderIndex)
				})
				if got := c.must(id, "GET", "/v1/kv/x", ""); got.body != "1" {
					t.Errorf("%v reads %q", id, got.body)
				}
			}
		})
	}
}

var _ = context.Background
var _ = errors.Is
var _ = http.StatusOK
var _ = slices.Equal[[]int]
var _ = strings.Contains
var _ raft.NodeID
var _ machine.Command
