package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/raftarium/raftarium/raft/scenario"
)

// maxScenario is the largest file, in bytes, that is taken for a scenario.
const maxScenario = 1 << 20

func scenarioCommand() *cobra.Command {
	var grammar bool
	cmd := &cobra.Command{
		Use:   "scenario [NAME | FILE]",
		Short: "Play a scenario: what is done, and what came out",
		Long: "Play a scenario of the library, or a file of your own, and print what is done\n" +
			"and what came out, step by step. Without a name the library is listed. The exit\n" +
			"status is 3 when something went otherwise than the scenario says.",
		Example: `  raftarium scenario
  raftarium scenario figure8
  raftarium scenario ./mine.txt`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			out := cmd.OutOrStdout()
			switch {
			case grammar:
				_, err := io.WriteString(out, scenario.Language())
				return err
			case len(args) == 0:
				return listScenarios(out)
			}
			return playScenario(out, args[0])
		},
	}
	cmd.Flags().BoolVar(&grammar, "grammar", false, "print all that a scenario can say")
	return cmd
}

func listScenarios(out io.Writer) error {
	all, err := scenario.All()
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	for _, s := range all {
		fmt.Fprintf(w, "%s\t%s\t%s\n", s.Name, s.Section, s.Title)
	}
	return w.Flush()
}

// playScenario plays what has that name: a file if it looks like one, else one of the library.
func playScenario(out io.Writer, name string) error {
	s, err := readScenario(name)
	if err != nil {
		return usage(err)
	}
	r, err := s.Run()
	if err != nil {
		return err
	}
	if _, err := io.WriteString(out, r.Text()); err != nil {
		return err
	}
	if err := r.Err(); err != nil {
		return exitError{exitViolation, err}
	}
	return nil
}

func readScenario(name string) (*scenario.Scenario, error) {
	if !strings.ContainsAny(name, `./\`) {
		return scenario.Named(name)
	}
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no file %s, and no scenario of that name", name)
	}
	if err != nil {
		return nil, fmt.Errorf("reading a scenario: %w", err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	text, err := io.ReadAll(io.LimitReader(f, maxScenario+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading a scenario: %w", err)
	case len(text) > maxScenario:
		return nil, fmt.Errorf("%s has more than %d bytes, which is no scenario", name, maxScenario)
	}
	base := filepath.Base(name)
	return scenario.Parse(strings.TrimSuffix(base, filepath.Ext(base)), string(text))
}
