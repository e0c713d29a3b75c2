package server

import (
	"fmt"
	"testing"

	"github.com/raftarium/raftarium/raft"
)

// TestWhoseWordGoesBefore holds where a server is taken to be reached, by what was said of it.
func TestWhoseWordGoesBefore(t *testing.T) {
	changes := 0
	b := newBook(&Config{ID: 1, Members: map[raft.NodeID]string{1: "own:1", 2: "settled:2", 3: ""},
		Joined: map[raft.NodeID]string{4: "settled:4"}}, func() { changes++ })
	for i, test := range []struct {
		id   raft.NodeID
		says string
		by   source
		want string
	}{
		{1, "other:1", said, "own:1"},
		{2, "other:2", said, "settled:2"},
		{4, "other:4", hearsay, "settled:4"},
		{3, "heard:3", hearsay, "heard:3"},
		{3, "again:3", hearsay, "heard:3"},
		{3, "said:3", said, "said:3"},
		{3, "heard:3", hearsay, "said:3"},
		{3, "moved:3", said, "moved:3"},
		{5, "no port", said, ""},
		{0, "nobody:0", said, ""},
		{raft.FirstOutsider, "outsider:1", said, ""},
	} {
		b.learn(map[raft.NodeID]string{test.id: test.says}, test.by)
		if got := b.address(test.id); got != test.want {
			t.Errorf("%d: behind %q, %v is reached at %q, not %q", i, test.says, test.id, got,
				test.want)
		}
	}
	if changes != 3 {
		t.Errorf("%d changes were told, not 3", changes)
	}
	for i := range 3 * maxPages {
		b.learn(map[raft.NodeID]string{raft.NodeID(10 + i): fmt.Sprintf("host:%d", i)}, hearsay)
	}
	if n := len(b.all()); n != maxPages {
		t.Errorf("it holds %d servers", n)
	}
}
