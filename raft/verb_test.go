package raft_test

import (
	"fmt"
	"slices"

	"github.com/raftarium/raftarium/raft"
)

// verbs gives what the lines of a story do, by their first word.
func verbs() map[string]func(*rig, *doing) {
	return map[string]func(*rig, *doing){
		"servers":  beginStory,
		"led":      beginLed,
		"add":      addServer,
		"disk":     func(r *rig, d *doing) { r.newDisk(d.id(0), readImage(d.t, d.words[1:])) },
		"campaign": func(r *rig, d *doing) { r.step(d.id(0), raft.Campaign(0)) },
		"propose":  func(r *rig, d *doing) { r.propose(d.id(0), d.words[1]) },
		"read":     func(r *rig, d *doing) { r.step(d.id(0), raft.Read(1)) },
		"transfer": func(r *rig, d *doing) { r.step(d.id(0), raft.Transfer(1, d.id(1))) },
		"stepDown": func(r *rig, d *doing) { r.step(d.id(0), raft.StepDown()) },
		"change": func(r *rig, d *doing) {
			r.step(d.id(0), raft.Reconfigure(1, readChange(d.t, d.words[1:])))
		},
		"save": func(r *rig, d *doing) {
			if len(d.words) == 0 {
				r.saveAll()
			} else {
				d.failed(r.save(d.id(0)), "save")
			}
		},
		"fail": func(r *rig, d *doing) {
			w := r.m(d.id(0)).pending[0]
			r.step(d.id(0), raft.Input{Kind: raft.InputSaveFailed, Write: w.ID, Err: "no space"})
		},
		"deliver": deliverStory,
		"again": func(r *rig, d *doing) {
			k := r.first(d.id(0), d.id(1))
			if d.failed(k >= 0, "deliver"); k >= 0 {
				r.step(d.id(1), raft.Receive(0, r.wire[k]))
			}
		},
		"keep": func(r *rig, d *doing) {
			r.kept = append(r.kept, between(r.wire, d.id(0), d.id(1))...)
			r.drop(d.id(0), d.id(1))
		},
		"let": func(r *rig, d *doing) {
			r.wire = append(r.wire, between(r.kept, d.id(0), d.id(1))...)
			r.kept = slices.DeleteFunc(r.kept, func(m raft.Message) bool {
				return m.From == d.id(0) && m.To == d.id(1)
			})
		},
		"say": func(r *rig, d *doing) {
			m := readMessage(d)
			m.ToBoot, m.Body = r.m(m.To).cfg.Boot, r.fitted(m.To, m.Body)
			r.step(d.id(1), raft.Receive(0, m))
		},
		"drop":    func(r *rig, d *doing) { r.drop(d.id(0), d.id(1)) },
		"settle":  settleStory,
		"wait":    func(r *rig, d *doing) { r.wait(d.id(0), d.span(1)) },
		"beat":    beatStory,
		"crash":   func(r *rig, d *doing) { r.crash(d.id(0)) },
		"restart": func(r *rig, d *doing) { r.restart(d.id(0)) },
		"snapshot": func(r *rig, d *doing) {
			r.snapshot(d.id(0), d.words[1])
		},
		"lose": func(r *rig, d *doing) { clear(r.m(d.id(0)).snapshots) },
		"confuse": func(r *rig, d *doing) {
			r.m(d.id(0)).cannotRead = !r.m(d.id(0)).cannotRead
		},
		"damage": func(r *rig, d *doing) { r.damage(d.id(0)) },
		"status": func(r *rig, d *doing) { r.status(d.out) },
		"wire": func(r *rig, d *doing) {
			for i := range r.wire {
				fmt.Fprintf(d.out, "%s\n", showMessage(&r.wire[i]))
			}
		},
	}
}

// damage ends a server whose disk loses the last entry that it had saved: it begins again in doubt.
func (r *rig) damage(id raft.NodeID) {
	im := &r.m(id).image
	k := len(im.Entries) - 1
	im.Entries, im.Doubtful = im.Entries[:k:k], true
	r.restart(id)
}

// beginStory begins with so many servers; none of those of an earlier story stays.
func beginStory(r *rig, d *doing) {
	*r = *newRig(r.t, int(d.id(0)), readOptions(d.t, d.words[1:]))
	for i := range r.members {
		r.step(raft.NodeID(i+1), raft.Wake())
	}
}

// beginLed begins where S1 leads, an entry is committed and all are at rest; how that came is not
// told.
func beginLed(r *rig, d *doing) {
	beginStory(r, d)
	if r.m(1).cfg.LeaseReads {
		r.now += 150 * ms // until then nobody votes
	}
	r.lead(1)
	for range 2 {
		r.wait(1, 40*ms)
		r.settle()
	}
	for i := range r.members {
		r.take(raft.NodeID(i + 1))
	}
}

func addServer(r *rig, d *doing) {
	r.members = append(r.members, &member{snapshots: map[raft.SnapshotRef][]byte{}})
	r.start(d.id(0))
	r.step(d.id(0), raft.Wake())
}

func (r *rig) newDisk(id raft.NodeID, im raft.Image) {
	r.m(id).image = im
	r.restart(id)
}

func deliverStory(r *rig, d *doing) {
	if len(d.words) > 0 {
		d.failed(r.deliver(d.id(0), d.id(1)), "deliver")
		return
	}
	wire := r.wire
	r.wire = nil
	for _, msg := range wire {
		r.step(msg.To, raft.Receive(0, msg))
	}
}

func settleStory(r *rig, d *doing) {
	var apart []raft.NodeID
	for k := range d.words {
		apart = append(apart, d.id(k))
	}
	r.settle(apart...)
}

func beatStory(r *rig, d *doing) {
	r.now += d.span(0)
	for i := range r.members {
		r.step(raft.NodeID(i+1), raft.Wake())
	}
}

// between gives the messages from one server to another.
func between(wire []raft.Message, from, to raft.NodeID) (found []raft.Message) {
	for _, m := range wire {
		if m.From == from && m.To == to {
			found = append(found, m)
		}
	}
	return found
}
