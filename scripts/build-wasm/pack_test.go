package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
)

func page(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, body := range files {
		to := filepath.Join(root, "static", filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func read(t *testing.T, parts ...string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join(parts...))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestCopiesUnpackToWhatTheyAreCopiesOf(t *testing.T) {
	style := string(bytes.Repeat([]byte("p { color: red }\n"), 100))
	root := page(t, map[string]string{"dist/page.css": style, "dist/a.wasm": style + "wasm",
		"dist/small.js": "1"})
	if err := pack(root, t.TempDir()); err != nil {
		t.Fatal(err)
	}
	packed := filepath.Join(root, "static", packedDir)
	unpack := map[string]func([]byte) io.Reader{
		".br": func(b []byte) io.Reader { return brotli.NewReader(bytes.NewReader(b)) },
		".gz": func(b []byte) io.Reader {
			r, err := gzip.NewReader(bytes.NewReader(b))
			if err != nil {
				t.Fatal(err)
			}
			return r
		},
	}
	for suffix, open := range unpack {
		got, err := io.ReadAll(open(read(t, packed, hash([]byte(style))+suffix)))
		if err != nil || string(got) != style {
			t.Errorf("the style's %s copy: %v", suffix, err)
		}
		got, err = io.ReadAll(open(read(t, root, "static/dist/a.wasm"+suffix)))
		if err != nil || string(got) != style+"wasm" {
			t.Errorf("the program's %s copy: %v", suffix, err)
		}
	}
	if names, _ := os.ReadDir(packed); len(names) != 2 {
		t.Errorf("%d copies, want those of the style alone", len(names))
	}
}

func TestAnUnchangedFileIsTakenFromTheCache(t *testing.T) {
	style := string(bytes.Repeat([]byte("p { color: red }\n"), 100))
	root, cache := page(t, map[string]string{"dist/page.css": style}), t.TempDir()
	kept := filepath.Join(cache, hash([]byte(style))+".br")
	if err := os.WriteFile(kept, []byte("from the cache"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := pack(root, cache); err != nil {
		t.Fatal(err)
	}
	got := read(t, root, "static", packedDir, filepath.Base(kept))
	if string(got) != "from the cache" {
		t.Errorf("the copy is %q", got)
	}
}

func TestSweepingKeepsThisBuildAlone(t *testing.T) {
	files := map[string]string{"dist/.keep": "", "dist/stage-1.wasm": "",
		"dist/stage-1.wasm.br": "",
		"dist/stage-2.wasm":    "", "dist/stage-2.wasm.br": "", "dist/wasm_exec.js": "",
		"dist/packed/1.br": ""}
	m := Manifest{Stage: Program{File: "stage-2.wasm"}}
	for _, c := range []struct {
		release bool
		want    []string
	}{
		{true, []string{".keep", "packed", "stage-2.wasm", "stage-2.wasm.br", "wasm_exec.js"}},
		{false, []string{".keep", "stage-2.wasm", "wasm_exec.js"}},
	} {
		dist := filepath.Join(page(t, files), "static", "dist")
		if err := sweep(dist, m, c.release); err != nil {
			t.Fatal(err)
		}
		entries, _ := os.ReadDir(dist)
		var got []string
		for _, e := range entries {
			got = append(got, e.Name())
		}
		if len(got) != len(c.want) {
			t.Errorf("release %v: %v, want %v", c.release, got, c.want)
		}
	}
}

// scripts may not import static, so what both must know is compared as text.
func TestStaticFindsWhatIsPackedHere(t *testing.T) {
	source := string(read(t, "../../static/handler.go"))
	for _, want := range []string{
		fmt.Sprintf("const Packed = %q", packedDir),
		fmt.Sprintf("const HashDigits = %d", hashDigits),
	} {
		if !strings.Contains(source, want) {
			t.Errorf("static/handler.go does not say %s", want)
		}
	}
}
