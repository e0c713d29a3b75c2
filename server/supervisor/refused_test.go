package supervisor

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "write what is said into the golden file")

// fails runs the program, which must end by itself, and gives what it says on standard error and
// its status.
func fails(t *testing.T, args ...string) (said string, status int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, built.path, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		t.Fatalf("%v: %v; it says %s %s", args, err, &out, &errs)
	}
	if out.Len() > 0 {
		t.Errorf("%v: it says %q as if all were well", args, &out)
	}
	return errs.String(), exit.ExitCode()
}

// TestWhatIsRefused holds each sentence and status for settings and files that are no good.
func TestWhatIsRefused(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return filepath.Dir(path)
	}
	other := write("other/cluster.json", `{"cluster":"5b0f9a4e-6a59-4a0c-9a57-0d8b0c7a4a11",`+
		`"nodes":5,"machine":"kv","store":"file"}`)
	memory := write("memory/cluster.json", `{"cluster":"5b0f9a4e-6a59-4a0c-9a57-0d8b0c7a4a11",`+
		`"nodes":3,"machine":"kv","store":"memory"}`)
	torn := write("torn/cluster.json", `{"cluster":"5b0f9a4e-6a5`)
	empty := write("empty/cluster.json", `{}`)
	token := write("token/token", "short\n")
	file := filepath.Join(write("file", ""), "file")
	fresh := filepath.Join(dir, "fresh")
	var got strings.Builder
	for _, args := range [][]string{
		{"--nodes", "0"}, {"--nodes", "10"}, {"--nodes", "many"}, {"--store", "tape"},
		{"--machine", "coffee"}, {"--restart", "sometimes"}, {"--log-level", "loud"},
		{"--listen", "nowhere"}, {"--listen", "127.0.0.1:http-but-wrong"}, {"--what"}, {"now"},
		{"--data", other}, {"--data", other, "--nodes", "5", "--machine", "ledger"},
		{"--data", other, "--nodes", "5", "--store", "memory"}, {"--data", memory},
		{"--data", torn}, {"--data", empty}, {"--data", token}, {"--data", file},
	} {
		all := append([]string{"run", "--listen", "127.0.0.1:0", "--data", fresh}, args...)
		said, status := fails(t, all...)
		fmt.Fprintf(&got, "%s\n%d %s\n", strings.Join(args, " "), status, said)
	}
	text := strings.ReplaceAll(got.String(), dir, "DIR")
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
