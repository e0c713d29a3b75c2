// Command build-wasm builds the page's two programs, the stage and the engine, into static/dist,
// and joins the page's style sheets there:
//
//	go run ./scripts/build-wasm            for working: quick, nothing compressed
//	go run ./scripts/build-wasm -release   for shipping: brotli and gzip copies of all files
//
// Each program's name carries the hash of its content, and manifest.json names both, so that
// browsers keep them for ever. wasm_exec.js is copied from the very Go that compiles. Compressed
// copies are kept in a cache by the hash of what they are copies of: only what has changed costs
// its 20 seconds again.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// programs are the page's, in the order of the manifest. The museum is the engine with historical
// bugs beside the right rules; it is fetched when it is asked for.
var programs = [...]string{"stage", "engine", "museum"}

// Program is one program in manifest.json.
type Program struct {
	File  string `json:"file"`
	Bytes int    `json:"bytes"`
}

// Manifest is manifest.json, which the page reads first.
type Manifest struct {
	Stage  Program `json:"stage"`
	Engine Program `json:"engine"`
	Museum Program `json:"museum"`
	Build  string  `json:"build"` // changes when a program does
}

// all gives the programs in the order of their names.
func (m *Manifest) all() []*Program { return []*Program{&m.Stage, &m.Engine, &m.Museum} }

// Package static finds files by these two; a test holds them equal there and here.
const (
	packedDir  = "dist/packed"
	hashDigits = 16
)

// hash is the hash of a content as it stands in names.
func hash(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])[:hashDigits]
}

// options are the command line's.
type options struct {
	root    string // the repository
	only    string
	release bool
	cache   string
}

func main() {
	var o options
	flag.StringVar(&o.root, "root", ".", "the repository's `folder`")
	flag.StringVar(&o.only, "only", "", "build only this `program`; the other one stays as it is")
	flag.BoolVar(&o.release, "release", false, "make brotli and gzip copies of all files")
	flag.StringVar(&o.cache, "cache", "",
		"`folder` that keeps compressed copies (default: in the user's cache)")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "build-wasm:", err)
		os.Exit(1)
	}
}

func run(o options) error {
	dist := filepath.Join(o.root, "static", "dist")
	if err := os.MkdirAll(dist, 0o755); err != nil {
		return err
	}
	m := readManifest(dist)
	for i, p := range m.all() {
		if o.only != "" && o.only != programs[i] && p.File != "" {
			continue
		}
		built, err := build(o.root, dist, programs[i])
		if err != nil {
			return err
		}
		*p = built
	}
	if err := copyExec(dist); err != nil {
		return err
	}
	if err := join(o.root); err != nil {
		return err
	}
	if err := writeScenarios(dist); err != nil {
		return err
	}
	m.Build = hash([]byte(m.Stage.File + m.Engine.File))[:8]
	if err := writeManifest(dist, m); err != nil {
		return err
	}
	if err := sweep(dist, m, o.release); err != nil {
		return err
	}
	if o.release {
		return pack(o.root, o.cache)
	}
	return nil
}

// small leaves inlining to the runtime, to arithmetic and to our own code, where it is worth its
// bytes: elsewhere it makes the page a tenth heavier and nothing faster that counts.
var small = []string{"-gcflags=all=-l", "-gcflags=runtime/...=", "-gcflags=runtime=",
	"-gcflags=internal/runtime/...=", "-gcflags=math/...=",
	"-gcflags=github.com/raftarium/...="}

// build compiles a program and gives it the name of its content.
func build(root, dist, name string) (Program, error) {
	raw := filepath.Join(dist, name+".building")
	defer os.Remove(raw)
	args := append([]string{"build", "-trimpath", "-ldflags=-s -w"}, small...)
	from := name
	if name == "museum" {
		args, from = append(args, "-tags=museum"), "engine"
	}
	cmd := exec.Command("go", append(args, "-o", mustAbs(raw), "./wasm/"+from)...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return Program{}, fmt.Errorf("building wasm/%s: %w", name, err)
	}
	body, err := os.ReadFile(raw)
	if err != nil {
		return Program{}, fmt.Errorf("reading what was built of wasm/%s: %w", name, err)
	}
	p := Program{File: name + "-" + hash(body) + ".wasm", Bytes: len(body)}
	if err := os.Rename(raw, filepath.Join(dist, p.File)); err != nil {
		return Program{}, fmt.Errorf("naming wasm/%s: %w", name, err)
	}
	fmt.Printf("%-40s %9d bytes\n", p.File, p.Bytes)
	return p, nil
}

func mustAbs(path string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	return abs
}

// copyExec takes Go's own glue from the Go that builds; of another release it would not fit.
func copyExec(dist string) error {
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return fmt.Errorf("asking go for GOROOT: %w", err)
	}
	from := filepath.Join(strings.TrimSpace(string(out)), "lib", "wasm", "wasm_exec.js")
	body, err := os.ReadFile(from)
	if err != nil {
		return fmt.Errorf("copying wasm_exec.js: %w", err)
	}
	return writeChanged(filepath.Join(dist, "wasm_exec.js"), body)
}

// readManifest gives the manifest of the last build as far as its programs are still there.
func readManifest(dist string) (m Manifest) {
	body, err := os.ReadFile(filepath.Join(dist, "manifest.json"))
	if err != nil || json.Unmarshal(body, &m) != nil {
		return Manifest{}
	}
	for _, p := range m.all() {
		if _, err := os.Stat(filepath.Join(dist, p.File)); err != nil {
			*p = Program{}
		}
	}
	return m
}

func writeManifest(dist string, m Manifest) error {
	body, err := json.MarshalIndent(m, "", "\t")
	if err != nil {
		return fmt.Errorf("writing manifest.json: %w", err)
	}
	return writeChanged(filepath.Join(dist, "manifest.json"), append(body, '\n'))
}

// writeChanged writes a file unless it says so already, so that go build has nothing to embed anew.
func writeChanged(name string, body []byte) error {
	if old, err := os.ReadFile(name); err == nil && slices.Equal(old, body) {
		return nil
	}
	if err := os.WriteFile(name, body, 0o644); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return nil
}

// sweep removes programs of older builds, and compressed copies unless they are wanted.
func sweep(dist string, m Manifest, release bool) error {
	entries, err := os.ReadDir(dist)
	if err != nil {
		return fmt.Errorf("sweeping %s: %w", dist, err)
	}
	var errs []error
	for _, e := range entries {
		name := strings.TrimSuffix(strings.TrimSuffix(e.Name(), ".br"), ".gz")
		isProgram := strings.HasSuffix(name, ".wasm")
		old := isProgram && name != m.Stage.File && name != m.Engine.File && name != m.Museum.File
		if old || isProgram && name != e.Name() && !release {
			errs = append(errs, os.Remove(filepath.Join(dist, e.Name())))
		}
	}
	if !release {
		errs = append(errs, os.RemoveAll(filepath.Join(dist, filepath.Base(packedDir))))
	}
	return errors.Join(errs...)
}
