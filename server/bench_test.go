package server_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/machine"
	"github.com/raftarium/raftarium/server"
)

// BenchmarkWrites measures committed writes of 64 proposers at the leader of three servers in one
// process, on files with real syncs; with a hub that listens to all of them, and without.
func BenchmarkWrites(b *testing.B) {
	for _, hubs := range []string{"alone", "watched"} {
		b.Run(hubs, func(b *testing.B) {
			c := newCluster(b, 3, func(cfg *server.Config) { cfg.Raft = raft.DefaultConfig() })
			leader := c.servers[c.leader()]
			if hubs == "watched" {
				for id := range c.members {
					s := c.stream(id)
					go func() {
						for {
							if _, _, err := s.conn.Read(s.ctx); err != nil {
								return
							}
						}
					}()
				}
			}
			command := machine.Command{Op: machine.OpPut, Key: "key",
				Value: strings.Repeat("v", 64)}.Encode()
			b.SetParallelism(32)
			start := time.Now()
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, _, err := leader.Propose(context.Background(), command); err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "writes/s")
		})
	}
}
