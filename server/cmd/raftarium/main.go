// Raftarium is an aquarium for Raft: one program that simulates clusters, runs them, and shows
// both.
package main

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// The exit statuses: people's scripts and CI tell them apart.
const (
	exitFailed    = 1
	exitUsage     = 2
	exitViolation = 3
	exitUndecided = 4
)

// exitError is an error that asks for a status of its own.
type exitError struct {
	status int
	err    error
}

func (e exitError) Error() string { return e.err.Error() }

func (e exitError) Unwrap() error { return e.err }

func main() {
	root := command()
	if err := root.Execute(); err != nil {
		fmt.Fprintln(os.Stderr, "raftarium:", err)
		var e exitError
		if errors.As(err, &e) {
			os.Exit(e.status)
		}
		os.Exit(exitFailed)
	}
}

// command builds the whole command line.
func command() *cobra.Command {
	root := &cobra.Command{
		Use:   "raftarium",
		Short: "An aquarium for Raft: watch a real implementation, break it, and see why",
		Example: `  raftarium run            the page and a real cluster of three processes
  raftarium sim --nodes 5 --seed 7 --for 60s --json
  raftarium check recording.raftrace`,
		SilenceUsage: true, SilenceErrors: true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage(fmt.Errorf("there is no command %q; raftarium --help lists them",
					args[0]))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage(fmt.Errorf("%w; %s --help tells what there is", err, cmd.CommandPath()))
	})
	root.AddCommand(runCommand(), serveCommand(), simCommand(), swarmCommand(), scenarioCommand(),
		checkCommand())
	return root
}

func usage(err error) error { return exitError{exitUsage, err} }

// noArgs refuses arguments by name.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage(fmt.Errorf("%s takes no argument, and %q is one", cmd.CommandPath(), args[0]))
	}
	return nil
}

// version gives what the program was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) > 12 {
			return s.Value[:12]
		}
	}
	return info.Main.Version
}
