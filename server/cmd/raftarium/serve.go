package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/machine"
	"github.com/raftarium/raftarium/server"
)

// shutdownTime is how long a graceful shutdown may take.
const shutdownTime = 4 * time.Second

// serveOptions is what the command line says of one node.
type serveOptions struct {
	id           uint32
	peers        string
	joined       string
	leaseReads   bool
	preferred    []uint
	cluster      string
	listen       string
	data         string
	store        string
	machine      string
	secretFile   string
	tokenFile    string
	allowFaults  bool
	withParent   bool
	cut          []uint
	withhold     bool
	allowHosts   []string
	allowOrigins []string
	logLevel     string
}

func serveCommand() *cobra.Command {
	var o serveOptions
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run one node of a cluster over many machines",
		Long: "Run one node of a cluster. All nodes are given the same --peers, --cluster and\n" +
			"secret. A node that comes later stands in --joined and begins with an empty store;\n" +
			"it takes part when POST /v1/admin/change says so. A viewer can attach to any of\n" +
			"them: its page asks for ws://host:port/v1/watch.",
		Example: `  raftarium serve --id 1 --peers 1=10.0.0.1:7001,2=10.0.0.2:7001,3=10.0.0.3:7001 \
    --cluster 5b0f9a4e-6a59-4a0c-9a57-0d8b0c7a4a11 --secret-file secret --token-file token \
    --data d1`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.OutOrStdout()) },
	}
	f := cmd.Flags()
	f.Uint32Var(&o.id, "id", 0, "this node's id, one of those in --peers or --joined")
	f.StringVar(&o.peers, "peers", "", "the nodes that the cluster began with: "+
		"1=host:port,2=host:port,...; 2= for one that is gone for good")
	f.StringVar(&o.joined, "joined", "", "nodes that came later, this one if it did: "+
		"4=host:port,...")
	f.BoolVar(&o.leaseReads, "lease-reads", false, "let a leader answer reads by a lease; "+
		"clocks must not drift apart by more than 1 %")
	f.UintSliceVar(&o.preferred, "preferred", nil, "nodes that shall lead if they can, best first")
	f.StringVar(&o.cluster, "cluster", "", "the cluster's UUID")
	f.StringVar(&o.listen, "listen", "",
		"host:port to bind; this node's address in --peers if empty")
	f.StringVar(&o.data, "data", "", "the data directory of the file store")
	f.StringVar(&o.store, "store", "file", "file or memory")
	f.StringVar(&o.machine, "machine", "kv", "the state machine: kv or ledger")
	f.StringVar(&o.secretFile, "secret-file", "", "a file with the secret that all nodes share")
	f.StringVar(&o.tokenFile, "token-file", "", "a file with the token of administrators")
	f.BoolVar(&o.allowFaults, "allow-faults", false, "let who brings the token cut links")
	f.BoolVar(&o.withhold, "withhold-values", false, "leave values out of what viewers see")
	f.StringSliceVar(&o.allowHosts, "allow-host", nil, "a further name of this server")
	f.StringSliceVar(&o.allowOrigins, "allow-origin", nil, "a further origin whose pages may come")
	f.StringVar(&o.logLevel, "log-level", "warn", "debug, info, warn or error")
	f.BoolVar(&o.withParent, "with-parent", false, "end when the standard input does")
	f.UintSliceVar(&o.cut, "cut", nil, "send nothing to these nodes, until told otherwise")
	_ = f.MarkHidden("with-parent")
	_ = f.MarkHidden("cut")
	return cmd
}

// config makes a server's configuration of what the command line says.
func (o *serveOptions) config() (server.Config, error) {
	var c server.Config
	if o.peers == "" {
		return c, usage(errors.New("--peers is missing: 1=host:port,2=host:port,... names all " +
			"nodes that the cluster began with"))
	}
	peers, err := parsePeers("--peers", o.peers, true)
	if err != nil {
		return c, usage(err)
	}
	joined := map[raft.NodeID]string{}
	if o.joined != "" {
		if joined, err = parsePeers("--joined", o.joined, false); err != nil {
			return c, usage(err)
		}
	}
	if peers[raft.NodeID(o.id)] == "" && joined[raft.NodeID(o.id)] == "" {
		return c, usage(fmt.Errorf("--id %d is not among the nodes in --peers, nor in --joined",
			o.id))
	}
	id, err := uuid.Parse(o.cluster)
	if err != nil {
		return c, usage(fmt.Errorf("--cluster %q is no UUID: %w", o.cluster, err))
	}
	if o.store == "file" && o.data == "" {
		return c, usage(errors.New("--data is missing: the file store needs a directory"))
	}
	log, err := logger(o.logLevel)
	if err != nil {
		return c, err
	}
	c = server.Config{ID: raft.NodeID(o.id), Members: peers, Joined: joined, Cluster: id,
		Listen: o.listen, Raft: raft.Config{LeaseReads: o.leaseReads, Preferred: ids(o.preferred)},
		Store: o.store, Dir: o.data, Machine: o.machine, AllowFaults: o.allowFaults,
		AllowHosts: o.allowHosts, AllowOrigins: o.allowOrigins, Withhold: o.withhold,
		Build: version(), Log: log}
	c.Cut.To = ids(o.cut)
	if c.Secret, err = readSecret("--secret-file", o.secretFile); err != nil {
		return c, usage(err)
	}
	if o.tokenFile != "" {
		if c.Token, err = readSecret("--token-file", o.tokenFile); err != nil {
			return c, usage(err)
		}
	}
	return c, nil
}

func (o *serveOptions) run(out io.Writer) error {
	cfg, err := o.config()
	if err != nil {
		return err
	}
	s, err := server.New(cfg)
	if err != nil {
		return err
	}
	view := &watch{cfg: cfg, server: s}
	defer view.close()
	if err := registerAll(s, cfg, view); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if o.withParent {
		ctx = untilEOF(ctx, os.Stdin)
	}
	if err := s.Start(ctx); err != nil {
		return err
	}
	if !o.withParent {
		fmt.Fprintf(out, "%v serves http://%s (status, kv, ledger, watch below /v1)\n", cfg.ID, s.Addr())
	}
	var failed error
	select {
	case <-ctx.Done():
	case <-s.Failed():
		failed = fmt.Errorf("%v has stopped: %w", cfg.ID, s.Err())
	}
	stop() // a second Ctrl-C ends it at once
	view.close()
	ending, cancel := context.WithTimeout(context.Background(), shutdownTime)
	defer cancel()
	return firstError(failed, s.Shutdown(ending))
}

// registerAll gives the server its state machine, its handlers and its view for visitors, in the
// order of DLedger's server.
func registerAll(s *server.Server, cfg server.Config, view http.Handler) error {
	m, err := machine.New(cfg.Machine)
	if err != nil {
		return usage(fmt.Errorf("--machine: %w", err))
	}
	if err := s.RegisterStateMachine(m); err != nil {
		return err
	}
	if err := s.Mount("GET /v1/watch", view); err != nil {
		return err
	}
	// A handler of our own shows that they work, and serves as a check of the way to a node.
	return s.Handle("echo", func(_ context.Context, body []byte) ([]byte, error) {
		return body, nil
	})
}

// untilEOF ends a context with an input: a node that a supervisor started does not outlive it.
func untilEOF(ctx context.Context, in io.Reader) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		_, _ = io.Copy(io.Discard, in)
		cancel()
	}()
	return ctx
}

// parsePeers reads 1=host:port,2=host:port. Where some may be gone, these have no address.
func parsePeers(flag, text string, gone bool) (map[raft.NodeID]string, error) {
	peers := map[raft.NodeID]string{}
	for _, part := range strings.Split(text, ",") {
		id, addr, ok := strings.Cut(part, "=")
		n, err := strconv.ParseUint(strings.TrimPrefix(id, "S"), 10, 31)
		if !ok || err != nil || n == 0 {
			return nil, fmt.Errorf("%s: %q is not of the form id=host:port", flag, part)
		}
		if _, _, err := net.SplitHostPort(addr); err != nil && !(gone && addr == "") {
			return nil, fmt.Errorf("%s: the address of node %d: %w", flag, n, err)
		}
		if _, twice := peers[raft.NodeID(n)]; twice {
			return nil, fmt.Errorf("%s: node %d stands there twice", flag, n)
		}
		peers[raft.NodeID(n)] = addr
	}
	return peers, nil
}

// ids makes ids of the numbers of a flag; what is no id is refused later.
func ids(numbers []uint) (ids []raft.NodeID) {
	for _, n := range numbers {
		ids = append(ids, raft.NodeID(min(n, uint(raft.FirstOutsider))))
	}
	return ids
}

// readSecret reads a file that holds nothing but a secret.
func readSecret(flag, path string) (string, error) {
	if path == "" {
		return "", fmt.Errorf("%s is missing", flag)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("%s: %w", flag, err)
	}
	s := strings.TrimSpace(string(b))
	if len(s) < 16 {
		return "", fmt.Errorf("%s: %s holds %d characters; a secret has at least 16", flag, path,
			len(s))
	}
	return s, nil
}

// logger makes the log for people, on standard error.
func logger(level string) (*slog.Logger, error) {
	var l slog.Level
	if l.UnmarshalText([]byte(level)) != nil {
		return nil, usage(fmt.Errorf("--log-level %q: there are debug, info, warn and error",
			level))
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: l})), nil
}
