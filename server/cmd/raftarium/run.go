package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/server/supervisor"
	"github.com/raftarium/raftarium/static"
)

// runOptions is what the command line says of a local cluster.
type runOptions struct {
	cfg       supervisor.Config
	restart   string
	preferred []uint
	logLevel  string
}

func runCommand() *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Serve the page and run a real local cluster, each node a process",
		Long: "Serve the page and run a real local cluster under it. In the page, nodes are\n" +
			"killed (SIGKILL), paused (SIGSTOP) and cut off; a killed node stays down until\n" +
			"it is restarted there, and one that dies by itself is started again after a second.",
		Example: `  raftarium run
  raftarium run --listen 127.0.0.1:0 --nodes 5 --data /tmp/aquarium --store file
  curl -X PUT --data-binary 7 http://127.0.0.1:8080/v1/kv/x`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.OutOrStdout()) },
	}
	f := cmd.Flags()
	f.StringVar(&o.cfg.Listen, "listen", "127.0.0.1:8080",
		"host:port of the page; port 0 picks one")
	f.IntVar(&o.cfg.Nodes, "nodes", 3, "how many nodes, 1 to 9")
	f.StringVar(&o.cfg.Dir, "data", "data", "the directory of the cluster's data")
	f.StringVar(&o.cfg.Store, "store", "file", "file or memory")
	f.StringVar(&o.cfg.Machine, "machine", "kv", "the state machine: kv or ledger")
	f.StringVar(&o.restart, "restart", "always",
		"start a node again that died by itself: always or never")
	f.BoolVar(&o.cfg.LeaseReads, "lease-reads", false, "let a leader answer reads by a lease")
	f.UintSliceVar(&o.preferred, "preferred", nil, "nodes that shall lead if they can, best first")
	f.StringSliceVar(&o.cfg.AllowHosts, "allow-host", nil, "a further name of this server")
	f.StringSliceVar(&o.cfg.AllowOrigins, "allow-origin", nil,
		"a further origin whose pages may come")
	f.StringVar(&o.logLevel, "log-level", "warn", "debug, info, warn or error")
	return cmd
}

func (o *runOptions) check() error {
	switch {
	case o.cfg.Nodes < 1 || o.cfg.Nodes > 9:
		return usage(fmt.Errorf("--nodes %d: a local cluster has 1 to 9 nodes", o.cfg.Nodes))
	case o.restart != "always" && o.restart != "never":
		return usage(fmt.Errorf("--restart %q: there are always and never", o.restart))
	case o.cfg.Store != "file" && o.cfg.Store != "memory":
		return usage(fmt.Errorf("--store %q: there are file and memory", o.cfg.Store))
	case o.cfg.Machine != "kv" && o.cfg.Machine != "ledger":
		return usage(fmt.Errorf("--machine %q: there are kv and ledger", o.cfg.Machine))
	}
	for i, id := range o.preferred {
		switch {
		case id < 1 || id > uint(o.cfg.Nodes):
			return usage(fmt.Errorf("--preferred %d: the cluster begins with S1 to S%d", id,
				o.cfg.Nodes))
		case slices.Contains(o.preferred[:i], id):
			return usage(fmt.Errorf("--preferred: node %d stands there twice", id))
		}
	}
	return nil
}

func (o *runOptions) run(out io.Writer) error {
	if err := o.check(); err != nil {
		return err
	}
	log, err := logger(o.logLevel)
	if err != nil {
		return err
	}
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding this program: %w", err)
	}
	o.cfg.Program, o.cfg.Restart, o.cfg.Build = program, o.restart == "always", version()
	o.cfg.Raft, o.cfg.Log = raft.DefaultConfig(), log
	o.cfg.Preferred = ids(o.preferred)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	s, err := supervisor.Start(o.cfg)
	if err != nil {
		return err
	}
	o.greet(out, s)
	s.Report(out)
	<-ctx.Done()
	stop() // a second Ctrl-C ends it at once
	fmt.Fprintln(out, "\nshutting the cluster down")
	s.Stop()
	return nil
}

// greet says where the page is and how to act on the cluster.
func (o *runOptions) greet(out io.Writer, s *supervisor.Supervisor) {
	fmt.Fprintf(out, "Raftarium: http://%s\n", s.Addr())
	fmt.Fprintf(out, "  live cluster: %d nodes, %s store, data in %s\n", o.cfg.Nodes, o.cfg.Store,
		o.cfg.Dir)
	fmt.Fprintf(out, "  other viewers may watch at ws://%s; to act they need the token in %s\n",
		s.Addr(), s.TokenFile())
	if !static.Built() {
		fmt.Fprintln(out, "  the page is not built yet: make page (the API and the cluster work)")
	}
}
