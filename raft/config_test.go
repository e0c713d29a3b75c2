package raft_test

import (
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
)

func goodConfig() raft.Config {
	c := raft.DefaultConfig()
	c.Group, c.ID, c.Boot, c.Members = 7, 1, 1, []raft.NodeID{1, 2, 3}
	return c
}

// A configuration that cannot work is refused with the name of the field.
func TestConfigIsValidated(t *testing.T) {
	for _, test := range []struct {
		names string
		spoil func(*raft.Config)
	}{
		{"ID", func(c *raft.Config) { c.ID = 0 }},
		{"ID", func(c *raft.Config) { c.ID = raft.FirstOutsider }},
		{"Boot", func(c *raft.Config) { c.Boot = 0 }},
		{"Members", func(c *raft.Config) { c.Members = []raft.NodeID{2, 1} }},
		{"Members", func(c *raft.Config) { c.Members = nil }},
		{"Members", func(c *raft.Config) { c.Members = []raft.NodeID{0, 1} }},
		{"Members", func(c *raft.Config) { c.Members = []raft.NodeID{1, 1} }},
		{"election", func(c *raft.Config) { c.ElectionMin = 0 }},
		{"election", func(c *raft.Config) { c.ElectionMax = c.ElectionMin - 1 }},
		{"Heartbeat", func(c *raft.Config) { c.Heartbeat = 0 }},
		{"Heartbeat", func(c *raft.Config) { c.Heartbeat = c.ElectionMin/3 + 1 }},
		{"LeaseReads", func(c *raft.Config) { c.LeaseReads, c.PreVote = true, false }},
		{"LeaseReads", func(c *raft.Config) { c.LeaseReads, c.CheckQuorum = true, false }},
		{"MaxDrift", func(c *raft.Config) { c.MaxDrift = 500_001 }},
		{"CatchUp", func(c *raft.Config) { c.CatchUp = 0 }},
		{"MaxBatch", func(c *raft.Config) { c.MaxBatch = 0 }},
		{"MaxBytes", func(c *raft.Config) { c.MaxBytes = 0 }},
		{"MaxInflight", func(c *raft.Config) { c.MaxInflight = 0 }},
		{"MaxWindow", func(c *raft.Config) { c.MaxWindow = 0 }},
		{"MaxEntry", func(c *raft.Config) { c.MaxEntry = 0 }},
		{"MaxPending", func(c *raft.Config) { c.MaxPending = 0 }},
		{"MaxReads", func(c *raft.Config) { c.MaxReads = 0 }},
		{"MaxHeld", func(c *raft.Config) { c.MaxHeld = 0 }},
		{"MaxSnapshot", func(c *raft.Config) { c.MaxSnapshot = 0 }},
		{"ChunkSize", func(c *raft.Config) { c.ChunkSize = 0 }},
	} {
		c := goodConfig()
		test.spoil(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), test.names) {
			t.Errorf("a wrong %s: %v", test.names, err)
		}
		if _, err := raft.New(c, raft.Image{}); err == nil {
			t.Errorf("a node with a wrong %s is made", test.names)
		}
	}
}

// What just works is taken.
func TestConfigAtItsLimits(t *testing.T) {
	for name, adjust := range map[string]func(*raft.Config){
		"as it comes":    func(*raft.Config) {},
		"highest id":     func(c *raft.Config) { c.ID = raft.FirstOutsider - 1 },
		"no member":      func(c *raft.Config) { c.ID = 9 },
		"one time-out":   func(c *raft.Config) { c.ElectionMax = c.ElectionMin },
		"long heartbeat": func(c *raft.Config) { c.Heartbeat = c.ElectionMin / 3 },
		"short times": func(c *raft.Config) {
			c.ElectionMin, c.ElectionMax, c.Heartbeat, c.CatchUp = 3, 3, 1, 1
		},
		"leases": func(c *raft.Config) { c.LeaseReads, c.MaxDrift = true, 500_000 },
		"least": func(c *raft.Config) {
			c.MaxBatch, c.MaxBytes, c.MaxInflight, c.MaxWindow, c.MaxEntry = 1, 1, 1, 1, 1
			c.MaxPending, c.MaxReads, c.MaxHeld, c.MaxSnapshot, c.ChunkSize = 1, 1, 1, 1, 1
		},
	} {
		c := goodConfig()
		adjust(&c)
		if err := c.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A node keeps its own copy of whom it began with.
func TestConfigIsCopied(t *testing.T) {
	c := goodConfig()
	n, err := raft.New(c, raft.Image{})
	if err != nil {
		t.Fatal(err)
	}
	c.Members[0] = 99
	if got := showConfig(n.ConfigAt(0)); got != "voters=[S1 S2 S3]" {
		t.Errorf("it has %s", got)
	}
}

// An image that no node can have saved is refused, with what is wrong.
func TestImageIsValidated(t *testing.T) {
	at := func(i raft.Index, term raft.Term) raft.SnapshotRef {
		return raft.SnapshotRef{Mark: raft.Mark{Index: i, Term: term}}
	}
	config := func(data string) []raft.Entry {
		return []raft.Entry{{Index: 1, Term: 1, Kind: raft.EntryConfig, Data: []byte(data)}}
	}
	for _, test := range []struct {
		says  string
		image raft.Image
	}{
		{"no snapshot reaches there", raft.Image{Term: 1, Base: raft.Mark{Index: 3, Term: 1}}},
		{"entry 1 of the log", raft.Image{Term: 2, Entries: []raft.Entry{{Index: 1, Term: 1},
			{Index: 3, Term: 1}}}},
		{"entry 1 of the log", raft.Image{Term: 2, Entries: []raft.Entry{{Index: 1, Term: 2},
			{Index: 2, Term: 1}}}},
		{"before the snapshot", raft.Image{Term: 1, Entries: entries(1, 1), Snapshot: at(2, 1)}},
		{"above the saved term", raft.Image{Term: 1, Entries: entries(1, 2)}},
		{"above the saved term", raft.Image{Term: 1, Base: raft.Mark{Index: 2, Term: 1},
			Snapshot: at(2, 2)}},
		{"configuration", raft.Image{Term: 1, Entries: config("")}},
		{"configuration", raft.Image{Term: 1, Base: raft.Mark{Index: 2, Term: 1},
			Snapshot: raft.SnapshotRef{Mark: raft.Mark{Index: 2, Term: 1}, Config: "\x00"}}},
	} {
		_, err := raft.New(goodConfig(), test.image)
		if err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("not %q: %v", test.says, err)
		}
	}
	// An entry that the snapshot holds may be anything that can be: nobody reads it any more.
	im := raft.Image{Term: 1, Entries: entries(1, 1, 1), Snapshot: at(1, 1)}
	im.Entries[0].Kind, im.Entries[0].Data = raft.EntryConfig, []byte("nonsense")
	if _, err := raft.New(goodConfig(), im); err != nil {
		t.Error(err)
	}
}

// What Save does to an image is what a node finds behind a restart; entries that were handed out
// are not written over.
func TestImageSaves(t *testing.T) {
	im := image(1, 0, 1, 1, 1)
	held := im.Entries
	im.Save(&raft.Write{ID: 1, Term: 2, Vote: 3, TruncateFrom: 2, Entries: entries(2, 2)})
	if held[1].Term != 1 || im.Entries[1].Term != 2 || len(im.Entries) != 2 || im.Vote != 3 {
		t.Errorf("held %+v, saved %+v", held, im)
	}
	im.Save(&raft.Write{ID: 2, Term: 2, TruncateFrom: 9})
	last := im.Last()
	if last.Index != 2 || last.Term != 2 {
		t.Errorf("a cut behind the end made it end at %+v", last)
	}
	im.Save(&raft.Write{ID: 3, Term: 2, CompactTo: raft.Mark{Index: 1, Term: 1}})
	if im.Base.Index != 1 || len(im.Entries) != 1 || im.Last().Index != 2 {
		t.Errorf("compacted it is %+v", im)
	}
	im.Save(&raft.Write{ID: 4, Term: 2, CompactTo: raft.Mark{Index: 1, Term: 1}})
	if im.Base.Index != 1 || len(im.Entries) != 1 {
		t.Errorf("compacted again it is %+v", im)
	}
	im.Save(&raft.Write{ID: 5, Term: 2, TruncateFrom: 1, Entries: entries(2, 2, 2)})
	if im.Base.Index != 1 || len(im.Entries) != 2 {
		t.Errorf("cut below its base it is %+v", im)
	}
	for _, w := range []raft.Write{{HardState: true}, {TruncateFrom: 1}, {Entries: entries(1, 1)},
		{Chunk: &raft.Chunk{}}, {Finish: &raft.FinishedSave{}},
		{CompactTo: raft.Mark{Index: 1}}} {
		if w.Empty() {
			t.Errorf("%+v is called empty", w)
		}
	}
	if w := (raft.Write{ID: 3, Term: 2, Vote: 1}); !w.Empty() {
		t.Errorf("%+v is not called empty", w)
	}
}
