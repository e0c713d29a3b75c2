package server

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/host"
	"github.com/raftarium/raftarium/raft/machine"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/store"
)

// Step is a part of a server's start or shutdown.
type Step string

// The steps, in the order in which they are made.
const (
	StepRecover  Step = "recover"  // open the store and read what it holds
	StepLoad     Step = "load"     // give the newest snapshot to the state machine
	StepListen   Step = "listen"   // open the port
	StepElect    Step = "elect"    // let the node take part
	StepRefuse   Step = "refuse"   // take no new requests, and let those that wait be answered
	StepStepDown Step = "stepDown" // hand over leadership
	StepDrain    Step = "drain"    // let answers, writes and streams end
	StepFlush    Step = "flush"    // wait for the disk
	StepClose    Step = "close"    // give back port and store
)

// drainTime bounds each wait of a shutdown, beside the caller's context.
const drainTime = 2 * time.Second

// Start recovers what was saved, loads the newest snapshot, opens the port, and then lets the node
// take part in elections. The context bounds the start, not the life of the server. On an error
// nothing is left open.
func (s *Server) Start(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != built {
		return fmt.Errorf("server: starting %v: %w", s.cfg.ID, ErrStarted)
	}
	s.state = started
	if err := s.start(ctx); err != nil {
		s.state = stopped
		if s.cfg.Listener != nil {
			_ = s.cfg.Listener.Close() // the first error is the one to tell
		}
		return fmt.Errorf("server: starting %v: %w", s.cfg.ID, err)
	}
	return nil
}

func (s *Server) start(ctx context.Context) (err error) {
	s.cfg.Observe(StepRecover)
	st, boot, err := s.openStore(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, st.Close())
		}
	}()
	im, err := st.Load()
	if err != nil {
		return err
	}
	s.cfg.Observe(StepLoad)
	n, err := s.newNode(st, boot, im)
	if err != nil {
		return err
	}
	s.cfg.Observe(StepListen)
	if err = s.listen(ctx); err != nil {
		return err
	}
	s.cfg.Observe(StepElect)
	s.node = n
	s.live, s.die = context.WithCancel(context.Background())
	s.run(n, &im)
	return nil
}

// openStore opens the store that was chosen and gives the number of the new incarnation.
func (s *Server) openStore(ctx context.Context) (store.Store, uint32, error) {
	if s.cfg.Store == store.KindMemory {
		boot, err := secondOf(ctx, s.cfg.Clock)
		return store.NewMemory(), boot, err
	}
	f, err := store.OpenFile(s.cfg.Dir, store.Identity{Cluster: s.cfg.Cluster, Node: s.cfg.ID},
		s.cfg.FS)
	if err != nil {
		return nil, 0, err
	}
	for _, note := range f.Report().Notes {
		s.cfg.Log.Warn("recovering the store", "node", s.cfg.ID.String(), "note", note)
	}
	boot, err := f.NextBoot()
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return f, boot, nil
}

// secondOf gives the present second, as the number of an incarnation of which nothing will be kept,
// and waits until it is over: so whoever starts behind this one gets another number.
func secondOf(ctx context.Context, clock func() raft.Time) (uint32, error) {
	second := clock() / raft.Second
	for left := raft.Time(1); left > 0 && ctx.Err() == nil; {
		left = (second+1)*raft.Second - clock()
		sleep(ctx, time.Duration(left)*time.Microsecond)
	}
	if err := ctx.Err(); err != nil {
		return 0, fmt.Errorf("waiting for the end of the second: %w", err)
	}
	return uint32(second), nil
}

// newNode makes the node with what was saved. Nothing runs yet.
func (s *Server) newNode(st store.Store, boot uint32, im raft.Image) (*node, error) {
	if s.machine == nil {
		m, err := machine.New(s.cfg.Machine)
		if err != nil {
			return nil, err
		}
		s.machine = m
	}
	if im.Doubtful {
		s.cfg.Log.Warn("the node is doubtful: its log may have lost what it acknowledged; until "+
			"it has caught up its vote counts only where every member grants its own", "node",
			s.cfg.ID.String())
	}
	var snapshot []byte
	if im.Snapshot.Index > 0 {
		b, err := st.Snapshot(im.Snapshot)
		if err != nil {
			return nil, err
		}
		snapshot = b
	}
	n := &node{id: s.cfg.ID, boot: boot, clock: s.cfg.Clock, log: s.cfg.Log, mail: newMailbox(),
		meter: s.meter, failed: make(chan struct{}), quit: make(chan struct{}),
		ended: make(chan struct{}), store: st, waiting: map[raft.Ref]*ask{},
		cutFrom: map[raft.NodeID]bool{}}
	n.rec = &recorder{node: n, withhold: s.cfg.Withhold}
	cfg := s.cfg.Raft
	cfg.Boot = boot
	opt := host.Options{Store: st.Kind(), Restart: im.Term > 0, SnapshotEvery: s.cfg.SnapshotEvery}
	if s.machine.Name() == "ledger" {
		opt.SnapshotEvery = 0 // the bodies stay in the log alone
	}
	h, err := host.New(cfg, opt, im, snapshot, s.machine, env{n})
	if err != nil {
		return nil, err
	}
	n.host = h
	status := h.Node().Status()
	n.status.Store(&status)
	n.links = s.newLinks(n, status.Config)
	n.reign.Store(newReign(status.Leader))
	return n, nil
}

func (s *Server) listen(ctx context.Context) error {
	s.listener = s.cfg.Listener
	if s.listener != nil {
		return nil
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", s.cfg.Listen)
	if err != nil {
		return fmt.Errorf("listening on %s: %w", s.cfg.Listen, err)
	}
	s.listener = l
	return nil
}

// run starts the goroutines.
func (s *Server) run(n *node, im *raft.Image) {
	s.forward = s.newForwarder()
	n.disk = newDiskWorker()
	n.saves = store.NewCommitter(n.store, func(id raft.WriteID, err error) {
		n.mail.put(letter{kind: letterSaved, write: id, err: err})
	})
	n.saves.Observe(s.meter.saved)
	s.cut.Store(s.cfg.Cut.OrNil())
	n.cutOff(&s.cfg.Cut)
	n.links.tune(n.now, n.host.Node().Status().Config)
	s.http = s.newHTTP()
	go func() {
		defer close(s.served)
		err := s.http.Serve(s.listener)
		if !errors.Is(err, http.ErrServerClosed) {
			s.cfg.Log.Error("the port is no longer served", "node", s.cfg.ID.String(), "err",
				err.Error())
		}
	}()
	n.tick()
	n.host.Start(n.now, im)
	go n.run()
}

// lost tells of a message that a connection took with it.
func (n *node) lost(m *raft.Message) {
	id := trace.EventID{Node: m.From, Boot: m.FromBoot, N: m.ID}
	n.mail.put(letter{kind: letterDo, do: func(now raft.Time) {
		n.host.Tell(now, id, trace.Dropped{Msg: id, Why: trace.DropClosed})
	}})
}

// Shutdown takes no new requests, lets what is under way end, hands over leadership, waits for the
// disk and closes everything. The context bounds the waiting: when it ends, the rest is cut off. It
// does nothing for a server that was not started or is shut down already.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != started {
		s.state = stopped
		return nil
	}
	s.state = stopped
	s.cfg.Observe(StepRefuse)
	s.entering.Lock()
	s.refusing.Store(true)
	s.entering.Unlock()
	await(ctx, waitFor(&s.requests))
	s.cfg.Observe(StepStepDown)
	s.stepDown(ctx)
	s.cfg.Observe(StepDrain)
	s.drain(ctx)
	s.cfg.Observe(StepFlush)
	s.node.saves.Close()
	s.node.disk.close()
	s.cfg.Observe(StepClose)
	err := s.node.store.Close()
	s.forward.CloseIdleConnections()
	if err != nil {
		return fmt.Errorf("server: shutting down %v: %w", s.cfg.ID, err)
	}
	return nil
}

// stepDown hands leadership over, if the node leads, and waits until another has taken it or it is
// seen that none does.
func (s *Server) stepDown(ctx context.Context) {
	handed := make(chan struct{})
	s.node.do(ctx.Done(), func(raft.Time) {
		s.node.host.StepDown()
		s.node.handing = handed
	})
	select {
	case <-s.node.failed: // it does nothing any more
	default:
		await(ctx, handed)
	}
}

// drain waits until all that the node has begun to save is saved, ends the loop, lets the streams
// tell the last event, and closes the port and all connections.
func (s *Server) drain(ctx context.Context) {
	saved := make(chan struct{})
	s.node.do(ctx.Done(), func(raft.Time) { s.node.draining = saved })
	await(ctx, saved)
	close(s.node.quit)
	<-s.node.ended
	bound, cancel := context.WithTimeout(ctx, drainTime)
	defer cancel()
	if err := s.http.Shutdown(bound); err != nil {
		_ = s.http.Close() // who is still there is cut off
	}
	<-s.served
	await(bound, waitFor(&s.node.rec.streams))
	s.die()
	s.conns.Wait()
}

// await waits for a channel's end, at most drainTime and not beyond the context.
func await(ctx context.Context, c <-chan struct{}) {
	t := time.NewTimer(drainTime)
	defer t.Stop()
	select {
	case <-c:
	case <-t.C:
	case <-ctx.Done():
	}
}

// waitFor makes a channel of the end of a group.
func waitFor(g interface{ Wait() }) <-chan struct{} {
	c := make(chan struct{})
	go func() {
		g.Wait()
		close(c)
	}()
	return c
}

// errorLog gives net/http a log for what clients do wrong: nobody reads it but the curious.
func errorLog(l *slog.Logger) *log.Logger {
	return slog.NewLogLogger(l.Handler(), slog.LevelDebug)
}
