package server

import (
	"fmt"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/host"
	"github.com/raftarium/raftarium/raft/trace"
)

// env is the node's outside as its host sees it. All of it runs on the node loop, and none of it
// waits but Load.
type env struct{ *node }

var _ host.Env = env{}

// Record implements host.Env.
func (e env) Record(ev trace.Event) {
	e.meter.recorded(&ev)
	e.rec.record(&ev)
}

// Send implements host.Env. What does not get onto its link is told behind its Sent, in step.
func (e env) Send(m raft.Message) raft.Time {
	e.meter.sent(&m)
	why := trace.DropDown
	if l := e.links.to(m.To); l != nil {
		why = l.offer(m)
	}
	if why != 0 {
		id := trace.EventID{Node: m.From, Boot: m.FromBoot, N: m.ID}
		e.drops = append(e.drops, dropped{id, why})
	}
	return 0
}

// Save implements host.Env.
func (e env) Save(w raft.Write) {
	e.asked = w.ID
	e.saves.Submit(w)
}

// SaveSnapshot implements host.Env.
func (e env) SaveSnapshot(ref raft.SnapshotRef, data []byte) {
	taken := e.disk.ask(func() {
		err := e.store.SaveSnapshot(ref, data)
		e.mail.put(letter{kind: letterDo, do: func(now raft.Time) {
			if err != nil {
				e.host.SnapshotFailed()
				e.fail(fmt.Errorf("%v cannot save the snapshot at %d: %w", e.id, ref.Index, err))
				return
			}
			e.host.Snapshotted(now, ref)
		}})
	})
	if !taken {
		e.mail.put(letter{kind: letterDo, do: func(raft.Time) { e.host.SnapshotFailed() }})
	}
}

// Fetch implements host.Env. A piece that cannot be read is not sent; the core asks again.
func (e env) Fetch(ref raft.ChunkRef) {
	e.disk.ask(func() {
		c, err := e.store.Chunk(ref)
		if err != nil {
			e.log.Warn("a piece of a snapshot cannot be read", "node", e.id.String(),
				"index", uint64(ref.Snapshot.Index), "err", err.Error())
			return
		}
		e.mail.put(letter{kind: letterDo, do: func(now raft.Time) { e.host.Fetched(now, c) }})
	})
}

// Load implements host.Env.
func (e env) Load(ref raft.SnapshotRef) ([]byte, error) { return e.store.Snapshot(ref) }

// Answer implements host.Env.
func (e env) Answer(ref raft.Ref, a trace.Answered, result []byte) raft.Time {
	if w := e.waiting[ref]; w != nil {
		delete(e.waiting, ref)
		w.reply <- reply{Answered: a, result: result}
	}
	return 0
}

// Broken implements host.Env.
func (e env) Broken(b raft.Broken) { e.fail(b) }

// diskWorker reads and writes snapshots beside the node loop, one after the other.
type diskWorker struct {
	jobs chan func()
	done chan struct{}
}

func newDiskWorker() *diskWorker {
	d := &diskWorker{jobs: make(chan func(), 64), done: make(chan struct{})}
	go func() {
		defer close(d.done)
		for job := range d.jobs {
			job()
		}
	}()
	return d
}

// ask gives the worker something to do; false when it has too much.
func (d *diskWorker) ask(job func()) bool {
	select {
	case d.jobs <- job:
		return true
	default:
		return false
	}
}

// close waits until what was asked is done. Nothing is asked any more.
func (d *diskWorker) close() {
	close(d.jobs)
	<-d.done
}
