package raft_test

import (
	"testing"

	"github.com/raftarium/raftarium/raft"
)

// FuzzUnpack reads any bytes as a configuration: what can be read is packed to what reads alike.
func FuzzUnpack(f *testing.F) {
	c := raft.Configuration{Voters: []raft.NodeID{1, 2}, Outgoing: []raft.NodeID{2, 3},
		Learners: []raft.NodeID{300}}
	f.Add([]byte(c.Pack()))
	f.Add([]byte{1, 1, 0, 0})
	f.Add([]byte{1, 0x81, 0, 0, 0})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0x0f, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := raft.Packed(b).Unpack()
		if err != nil {
			return
		}
		again, err := c.Pack().Unpack()
		if err != nil || again.Pack() != c.Pack() {
			t.Errorf("%x became %+v, %v", b, again, err)
		}
		if string(c.Pack()) != string(b) {
			t.Errorf("%x and %x are the same configuration", b, c.Pack())
		}
	})
}
