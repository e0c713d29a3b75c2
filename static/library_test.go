package static

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestLibrary runs testdata/lib.test.mjs, which tests the modules of lib that need no document. It
// needs Node and is skipped without; the browser tests use the same modules in a page.
func TestLibrary(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("there is no node")
	}
	dir := t.TempDir()
	lib, err := fs.Sub(files, "lib")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(dir, "lib"), lib); err != nil {
		t.Fatal(err)
	}
	tests, err := os.ReadFile("testdata/lib.test.mjs")
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string][]byte{
		"lib.test.mjs": tests, "package.json": []byte(`{"type":"module"}`),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), body, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(node, "--test", "--test-reporter=tap", "lib.test.mjs")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
