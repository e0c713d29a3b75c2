package main

import (
	"testing"

	"github.com/raftarium/raftarium/raft"
)

// FuzzPeers reads any list of servers from the command line: those that it names can be, and whom
// it cannot read it tells of.
func FuzzPeers(f *testing.F) {
	f.Add("1=127.0.0.1:1,S2=[::1]:2,3=", true, uint(1))
	f.Add("1=a:b:c", false, uint(1<<32-256))
	f.Add("=,==,1=x:1,1=x:1", false, ^uint(0))
	f.Fuzz(func(t *testing.T, text string, gone bool, number uint) {
		peers, err := parsePeers("--peers", text, gone)
		if err == nil && len(peers) == 0 {
			t.Errorf("%q names nobody", text)
		}
		for id, addr := range peers {
			if id == 0 || id >= raft.FirstOutsider || addr == "" && !gone {
				t.Errorf("%q names %d at %q", text, id, addr)
			}
		}
		if id := ids([]uint{number})[0]; uint(id) != min(number, uint(raft.FirstOutsider)) {
			t.Errorf("%d became %d", number, id)
		}
	})
}
