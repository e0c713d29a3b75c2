package raft

import "slices"

// configAt is a configuration and the index of the entry that made it.
type configAt struct {
	index  Index
	conf   Configuration
	packed Packed
	votes  bool // this server has a vote; kept, as each append asks
}

// A configuration is in force from the moment its entry is appended, committed or not (section 6).
// The node keeps those of its log as a stack, so that cutting the log falls back to the one before;
// the lowest is that of the snapshot, or the one that the group began with.

// conf is the configuration in force here.
func (n *Node) conf() *Configuration { return &n.configs[len(n.configs)-1].conf }

// confIndex is the index of the entry that made it.
func (n *Node) confIndex() Index { return n.configs[len(n.configs)-1].index }

// configUpTo gives the configuration as of an index.
func (n *Node) configUpTo(i Index) *Configuration {
	k := len(n.configs) - 1
	for k > 0 && n.configs[k].index > i {
		k--
	}
	return &n.configs[k].conf
}

// ConfigAt gives the configuration as of an index of the log, as a snapshot there must keep it.
func (n *Node) ConfigAt(i Index) Packed {
	return n.rules.SnapshotConfig(n.configUpTo(i), n.conf()).Pack()
}

// packed is the configuration in force, packed.
func (n *Node) packed() Packed { return n.configs[len(n.configs)-1].packed }

func (n *Node) newConfigAt(i Index, c Configuration) configAt {
	return configAt{i, c, c.Pack(), c.Voter(n.cfg.ID)}
}

// restoreConfigs finds the configuration in force from what was saved.
func (n *Node) restoreConfigs(im *Image) error {
	base, err := n.packedConfig(im.Snapshot.Config)
	if err != nil {
		return err
	}
	n.configs = []configAt{n.newConfigAt(im.Snapshot.Index, base)}
	for i := range im.Entries {
		if e := &im.Entries[i]; e.Kind == EntryConfig && e.Index > im.Snapshot.Index {
			conf, err := Packed(e.Data).Unpack()
			if err != nil {
				return err
			}
			n.configs = append(n.configs, n.newConfigAt(e.Index, conf))
		}
	}
	return nil
}

// packedConfig reads a snapshot's configuration; an empty one is that of the beginning.
func (n *Node) packedConfig(p Packed) (Configuration, error) {
	if p == "" {
		return Configuration{Voters: n.cfg.Members}, nil
	}
	return p.Unpack()
}

// pushConfig puts a configuration in force.
func (n *Node) pushConfig(index Index, conf Configuration, why Reason) {
	n.configs = append(n.configs, n.newConfigAt(index, conf))
	n.configChanged(why)
}

// takeConfig puts the configuration of an entry in force that came from a leader.
func (n *Node) takeConfig(e *Entry) {
	conf, err := Packed(e.Data).Unpack()
	n.must(err == nil, "the configuration at %d cannot be read", e.Index)
	n.pushConfig(e.Index, conf, WhyHeardLeader)
}

// popConfigs falls back to the configuration before a cut (thesis 4.1).
func (n *Node) popConfigs(from Index) {
	k := len(n.configs)
	for k > 1 && n.rules.PopsConfig(n.configs[k-1].index, from) {
		k--
	}
	if k < len(n.configs) {
		n.configs = n.configs[:k:k]
		n.configChanged(WhyLogConflict)
	}
}

// trimConfigs forgets configurations that nothing can fall back to: all but the newest one at or
// below what is committed and snapshotted.
func (n *Node) trimConfigs() {
	k := 0
	for k+1 < len(n.configs) && n.configs[k+1].index <= n.snapshot.Index {
		k++
	}
	n.configs = slices.Delete(n.configs, 0, k)
}

// installConfig puts the configuration of an installed snapshot in force: it replaces all that the
// snapshot supersedes, an uncommitted one with a higher index included, unless the log goes on.
func (n *Node) installConfig(s SnapshotRef, keepsLog bool) {
	base, err := n.packedConfig(s.Config)
	n.must(err == nil, "the snapshot's configuration cannot be read")
	was := n.packed()
	configs := []configAt{n.newConfigAt(s.Index, base)}
	for _, c := range n.configs {
		if c.index > s.Index && n.rules.KeepsConfig(keepsLog) {
			configs = append(configs, c)
		}
	}
	n.configs = configs
	if n.packed() != was {
		n.configChanged(WhySnapshotHolds)
	}
}

// configChanged tells of the configuration in force and takes the role that it gives.
func (n *Node) configChanged(why Reason) {
	n.note(Note{Kind: NoteConfigured, Why: why, Index: n.confIndex(), Config: n.packed()})
	n.clearBallots()
	switch {
	case n.role == Leader:
		n.matchPeers()
	case n.role == Follower || n.role == Learner:
		if n.role != n.restingRole() {
			n.rest(why, n.leader)
		}
	}
}

// restingRole is what a server is that neither leads nor stands for election.
func (n *Node) restingRole() Role {
	if n.configs[len(n.configs)-1].votes {
		return Follower
	}
	return Learner
}

// rest becomes a follower, or a learner where it has no vote.
func (n *Node) rest(why Reason, leader NodeID) {
	n.role, n.leader = n.restingRole(), leader
	kind := NoteBecameFollower
	if n.role == Learner {
		kind = NoteBecameLearner
	}
	n.note(Note{Kind: kind, Why: why, Term: n.term, Peer: leader})
}

// mayCampaign reports whether this server may stand for election: it is a voter, or its removal is
// not committed as far as it knows, so that the others may need it (thesis 4.2.2). After a restart
// nothing is known to be committed: then any configuration of its log may be that of the others. A
// learner stands when the voters have asked it and its log is ahead of theirs.
func (n *Node) mayCampaign() bool {
	if n.needed || n.rules.Stands(n.conf().Voter(n.cfg.ID)) {
		return true
	}
	for k := len(n.configs) - 1; k > 0 && n.configs[k].index > n.commit; k-- {
		if n.configs[k-1].conf.Voter(n.cfg.ID) {
			return true
		}
	}
	return false
}

// matchPeers gives a leader one progress for each member, sorted. Who is new begins from nothing,
// and counts as heard; who is dropped still gets the entry that drops it, until it is committed.
func (n *Node) matchPeers() {
	conf, before := n.conf(), n.configUpTo(n.commit)
	ids := slices.Concat(conf.Members(), before.Members(), []NodeID{n.cfg.ID})
	slices.Sort(ids)
	ids = slices.Compact(ids)
	peers := make([]progress, 0, len(ids))
	for _, id := range ids {
		next := n.rules.FirstNext(n.log.lastIndex(), n.startLast)
		p := progress{id: id, next: next, heard: true, cause: n.cause, dirty: true}
		if old := n.peer(id); old != nil {
			p = *old
		}
		p.voter = n.rules.Counts(slices.Contains(conf.Voters, id), conf.Member(id))
		p.outgoing = slices.Contains(conf.Outgoing, id)
		p.member = conf.Member(id)
		peers = append(peers, p)
	}
	n.peers = peers
	if len(n.rounds) > 0 {
		n.roundAnswered() // who has not answered may not count any more
	}
}
