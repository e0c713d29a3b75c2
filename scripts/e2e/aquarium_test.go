package e2e

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// aquarium is a "raftarium run" for a test: the page, and a cluster of real processes.
type aquarium struct {
	url string // http://127.0.0.1:PORT
	dir string
	cmd *exec.Cmd
}

const program = "../../bin/raftarium"

// start runs the program until the test ends.
func start(t testing.TB, args ...string) *aquarium {
	t.Helper()
	if _, err := os.Stat(program); err != nil {
		t.Skip("bin/raftarium is missing: make build")
	}
	a := &aquarium{dir: filepath.Join(t.TempDir(), "data")}
	a.cmd = exec.Command(program, append([]string{"run", "--listen", "127.0.0.1:0", "--data", a.dir},
		args...)...)
	a.cmd.Stderr = os.Stderr
	out, err := a.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := a.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = a.cmd.Process.Signal(syscall.SIGTERM)
		done := make(chan struct{})
		go func() { _ = a.cmd.Wait(); close(done) }()
		select {
		case <-done:
		case <-time.After(15 * time.Second):
			_ = a.cmd.Process.Kill()
			t.Error("raftarium run did not end within 15 s of SIGTERM")
		}
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if m := regexp.MustCompile(`http://\S+`).FindString(lines.Text()); m != "" {
			a.url = m
			go func() {
				for lines.Scan() {
				}
			}()
			return a
		}
	}
	t.Fatalf("raftarium run said no address: %v", lines.Err())
	return nil
}

// host gives the address without its scheme.
func (a *aquarium) host() string { return strings.TrimPrefix(a.url, "http://") }

// eventually waits for a state, and says what was missing when it does not come.
func eventually(t testing.TB, ctx context.Context, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !holds() {
		if time.Now().After(deadline) || ctx.Err() != nil {
			t.Fatalf("waited %v in vain until %s", patience, what)
		}
		select {
		case <-time.After(30 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

// patience bounds every waiting for a state; a slow machine needs more than a fast one.
const patience = 60 * time.Second
