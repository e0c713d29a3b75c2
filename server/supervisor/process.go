package supervisor

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"github.com/raftarium/raftarium/raft"
)

// process is one node: a process while it is up. The supervisor's lock guards it.
type process struct {
	id     raft.NodeID
	cmd    *exec.Cmd     // nil while it is down
	gone   chan struct{} // closed when the process has ended and that was told
	paused bool
	killed bool        // by somebody who asked for it
	ended  bool        // it has run and is down, or was
	wiped  string      // who lets its data go; empty for nobody
	heir   raft.NodeID // who takes its place, as it never comes back; 0 for nobody

	works context.Context // ends, and says why, when it is paused or down
	halt  context.CancelCauseFunc

	cuts cutter
}

// begin takes note of a process that was started.
func (p *process) begin(cmd *exec.Cmd) {
	p.cmd, p.gone, p.killed = cmd, make(chan struct{}), false
	p.setPaused(false)
}

// end takes note that it is down.
func (p *process) end() {
	p.halt(errGone)
	p.cmd, p.paused, p.ended = nil, false, true
}

func (p *process) setPaused(paused bool) {
	p.paused = paused
	if paused {
		p.halt(errPaused)
		return
	}
	p.works, p.halt = context.WithCancelCause(context.Background())
}

// signal sends a signal; nothing happens when the process has just ended.
func (p *process) signal(sig syscall.Signal) error {
	if err := p.cmd.Process.Signal(sig); err != nil {
		return fmt.Errorf("sending %v to %v: %w", sig, p.id, err)
	}
	return nil
}

// gracefully is how long a process has to end after SIGTERM.
const gracefully = 5 * time.Second

// terminate asks a process to end, and makes it when it does not.
func terminate(proc *os.Process) {
	_ = proc.Signal(syscall.SIGCONT) // a stopped process takes no SIGTERM
	_ = proc.Signal(syscall.SIGTERM)
	time.AfterFunc(gracefully, func() { _ = proc.Kill() })
}

// command gives the command line of a node. The caller holds the lock.
func (s *Supervisor) command(id raft.NodeID) *exec.Cmd {
	c := &s.cluster
	began, joined := s.roster.peers()
	args := []string{"serve", "--id", fmt.Sprintf("%d", id), "--peers", began, "--joined", joined,
		"--cluster", c.UUID.String(), "--secret-file", c.path("secret"),
		"--token-file", c.path("token"), "--store", s.cfg.Store, "--machine", s.cfg.Machine,
		"--allow-faults", "--with-parent"}
	if s.cfg.Store == "file" {
		args = append(args, "--data", c.path(id.String()))
	}
	if s.cfg.LeaseReads {
		args = append(args, "--lease-reads")
	}
	for _, id := range s.cfg.Preferred {
		args = append(args, "--preferred", fmt.Sprintf("%d", id))
	}
	for _, to := range s.cutFrom(id) { // so that not even its first message comes through
		args = append(args, "--cut", fmt.Sprintf("%d", to))
	}
	cmd := exec.Command(s.cfg.Program, args...)
	cmd.Stdout, cmd.Stderr = s.output(), s.output()
	return cmd
}

func (s *Supervisor) output() *os.File {
	if s.cfg.Output != nil {
		return s.cfg.Output
	}
	return os.Stderr
}

// starter starts processes that the kernel kills when the supervisor dies, however it dies, stopped
// ones included. The kernel ties that to the thread that started them, so one thread starts them
// all and lives as long as the supervisor. Each process also ends when its standard input does.
type starter struct {
	work chan func()
	done chan struct{}
}

func newStarter() *starter {
	s := &starter{work: make(chan func()), done: make(chan struct{})}
	go func() {
		runtime.LockOSThread()
		defer close(s.done)
		for f := range s.work {
			f()
		}
	}()
	return s
}

// start starts a process and gives the pipe that holds it.
func (s *starter) start(cmd *exec.Cmd) (io.Closer, error) {
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	cmd.SysProcAttr = childAttributes()
	result := make(chan error)
	s.work <- func() { result <- cmd.Start() }
	if err := <-result; err != nil {
		_ = pipe.Close()
		return nil, err
	}
	return pipe, nil
}

func (s *starter) close() {
	close(s.work)
	<-s.done
}
