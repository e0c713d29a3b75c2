package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func scenarioOutput(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	cmd := scenarioCommand()
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	cmd.SetArgs(args)
	err := cmd.Execute()
	return out.String(), err
}

func TestScenarios(t *testing.T) {
	list, err := scenarioOutput(t)
	if err != nil || !strings.Contains(list, "figure8") {
		t.Fatalf("the list says %q, %v", list, err)
	}
	text, err := scenarioOutput(t, "election")
	if err != nil || !strings.Contains(text, "all as expected") {
		t.Errorf("an election says %q, %v", text, err)
	}
	if text, err := scenarioOutput(t, "--grammar"); err != nil || !strings.Contains(text, "expect") {
		t.Errorf("the grammar says %q, %v", text, err)
	}
}

func TestScenariosOfOnesOwn(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	wrong := write("wrong.txt", "title A wish\nnodes 3\n\nexpect leader S3\n")
	for arg, want := range map[string]string{
		wrong:                              "wrong.txt:4: expect leader S3",
		write("odd.txt", "title x\nfly\n"): "odd.txt:2",
		filepath.Join(dir, "none.txt"):     "there is no file",
		"nothing":                          "there is no scenario",
		write("big.txt", strings.Repeat("#\n", maxScenario)): "which is no scenario",
	} {
		if _, err := scenarioOutput(t, arg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s is refused with %v, want %q", filepath.Base(arg), err, want)
		}
	}
}
