package supervisor

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/raftarium/raftarium/raft"
)

// FuzzHeld reads any cluster.json: it is refused as damaged, or names nodes that can be started.
func FuzzHeld(f *testing.F) {
	const id = `"cluster":"11111111-1111-4111-8111-111111111111"`
	f.Add([]byte(`{` + id + `,"nodes":3,"machine":"kv","store":"file"}`))
	f.Add([]byte(`{` + id + `,"nodes":3,"present":[2,3,4],"next":5,` +
		`"successions":[{"new":4,"gone":[1]}]}`))
	f.Add([]byte(`{` + id + `,"nodes":1000000000}`))
	f.Add([]byte(`{` + id + `,"nodes":1,"present":[1,1,0]}`))
	f.Add([]byte(`{` + id + `,"nodes":1,"present":[4294967295]}`))
	f.Add([]byte(`{"nodes":-1}`))
	path := filepath.Join(f.TempDir(), "cluster.json")
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := readHeld(path)
		if err != nil {
			return
		}
		seen := map[raft.NodeID]bool{}
		for _, id := range c.ids() {
			if id == 0 || id >= raft.FirstOutsider || seen[id] {
				t.Fatalf("%s names %d", b, id)
			}
			seen[id] = true
		}
		if next := c.next(); seen[next] || next >= raft.FirstOutsider || len(seen) > maxPresent {
			t.Fatalf("%s: the next id is %d, there are %d", b, next, len(seen))
		}
	})
}
