package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "write what is said into the golden file")

// asProgram makes the test binary be the program itself, for the tests that start processes.
const asProgram = "RAFTARIUM_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// call runs a command line within this process and gives what it writes, and how it ends.
func call(args ...string) (out string, status int, err error) {
	root := command()
	var b bytes.Buffer
	root.SetOut(&b)
	root.SetErr(&b)
	root.SetArgs(args)
	err = root.Execute()
	var e exitError
	switch {
	case errors.As(err, &e):
		status = e.status
	case err != nil:
		status = exitFailed
	}
	return b.String(), status, err
}

// TestWhatIsRefused holds the sentence and the status for command lines that are no good.
func TestWhatIsRefused(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret")
	short := filepath.Join(dir, "short")
	if err := errors.Join(os.WriteFile(secret, []byte("0123456789abcdef0123456789abcdef\n"), 0o600),
		os.WriteFile(short, []byte("hush"), 0o600)); err != nil {
		t.Fatal(err)
	}
	const peers = "1=127.0.0.1:7001,2=127.0.0.1:7002"
	const id = "5b0f9a4e-6a59-4a0c-9a57-0d8b0c7a4a11"
	serve := func(args ...string) []string {
		return append([]string{"serve", "--id", "1", "--peers", peers, "--cluster", id,
			"--secret-file", secret}, args...)
	}
	var got strings.Builder
	for _, args := range [][]string{
		{"aquarium"}, {"--what"}, {"sim", "now"}, {"check"}, {"check", "a", "b"},
		{"sim", "--nodes", "0"}, {"sim", "--nodes", "102"}, {"sim", "--for", "0s"},
		{"sim", "--for", "1ns"}, {"sim", "--for", "999ns"},
		{"sim", "--for", "soon"}, {"sim", "--for", "10000h"}, {"sim", "--seed", "-1"},
		{"sim", "--scenario", "flood"}, {"sim", "--store", "tape"}, {"sim", "--machine", "coffee"},
		{"sim", "--json", "--events"}, {"sim", "--for", "1s", "--out", dir},
		{"serve"}, {"serve", "--peers", "1"}, {"serve", "--peers", "0=h:1"},
		{"serve", "--peers", "1=h"}, {"serve", "--peers", "1=h:1,1=h:2"},
		{"serve", "--peers", peers, "--id", "7"},
		{"serve", "--peers", peers, "--id", "7", "--joined", "8=127.0.0.1:1"},
		{"serve", "--peers", peers, "--id", "7", "--joined", "7="},
		{"run", "--preferred", "4"}, {"run", "--preferred", "2,2"},
		serve("--store", "memory", "--preferred", "3"),
		serve("--store", "memory", "--joined", "2=127.0.0.1:1"),
		{"serve", "--peers", peers, "--id", "1", "--cluster", "mine"},
		{"serve", "--peers", peers, "--id", "1", "--cluster", id},
		serve("--secret-file", filepath.Join(dir, "none")), serve("--secret-file", short),
		serve(), serve("--store", "tape"), serve("--machine", "coffee", "--store", "memory"),
		serve("--store", "memory", "--listen", "0.0.0.0:0"), serve("--log-level", "loud"),
		serve("--data", secret), serve("--store", "memory", "--cut", "2"),
		serve("--store", "memory", "--cut", "1", "--allow-faults"),
	} {
		out, status, err := call(args...)
		if err == nil || out != "" {
			t.Errorf("%v: it says %q and %v", args, out, err)
		}
		fmt.Fprintf(&got, "%s\n%d %v\n\n", strings.Join(args, " "), status, err)
	}
	text := strings.ReplaceAll(got.String(), strings.Join(serve(), " "), "serve ...")
	text = strings.ReplaceAll(text, dir, "DIR")
	golden := filepath.Join("testdata", "refused.txt")
	if *rewrite {
		if err := os.WriteFile(golden, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if text != string(want) {
		t.Errorf("what is said differs from %s; it is\n%s", golden, text)
	}
}

func TestHelpTellsOfEveryCommand(t *testing.T) {
	for _, args := range [][]string{{}, {"--help"}, {"help"}} {
		out, status, err := call(args...)
		for _, name := range []string{"run", "serve", "sim", "check"} {
			if !strings.Contains(out, "\n  "+name+" ") {
				t.Errorf("%v: %s is missing in %q (%d, %v)", args, name, out, status, err)
			}
		}
	}
}
