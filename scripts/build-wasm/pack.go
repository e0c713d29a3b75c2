package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/andybalholm/brotli"
)

// brotliLevel is the strongest: slow to make, as quick as any to read.
const brotliLevel = 11

// smallest is the size in bytes below which a copy would save nothing.
const smallest = 256

// packer makes one kind of compressed copy.
type packer struct {
	suffix string
	open   func(io.Writer) (io.WriteCloser, error)
}

var packers = [...]packer{
	{".br", func(w io.Writer) (io.WriteCloser, error) {
		o := brotli.WriterOptions{Quality: brotliLevel, LGWin: 24}
		return brotli.NewWriterOptions(w, o), nil
	}},
	{".gz", func(w io.Writer) (io.WriteCloser, error) {
		return gzip.NewWriterLevel(w, gzip.BestCompression)
	}},
}

// pack makes the compressed copies of all files of the page: of the programs beside them, where
// people look for their sizes; of all others in packedDir, by hash.
func pack(root, cache string) error {
	if cache == "" {
		base, err := os.UserCacheDir()
		if err != nil {
			return fmt.Errorf("finding the cache for compressed copies: %w", err)
		}
		cache = filepath.Join(base, "raftarium", "packed")
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return fmt.Errorf("making the cache %s: %w", cache, err)
	}
	page := filepath.Join(root, "static")
	packed := filepath.Join(page, filepath.FromSlash(packedDir))
	if err := os.RemoveAll(packed); err != nil {
		return err
	}
	if err := os.MkdirAll(packed, 0o755); err != nil {
		return err
	}
	total := 0
	err := filepath.WalkDir(page, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !wanted(name) {
			return err
		}
		n, err := packFile(name, packed, cache)
		if !onDemand(filepath.Base(name)) {
			total += n
		}
		return err
	})
	fmt.Printf("%-40s %9d bytes with brotli\n", "what a visitor waits for", total)
	return err
}

// onDemand says that a file is fetched only when somebody asks for what it holds.
func onDemand(name string) bool {
	return strings.HasPrefix(name, "museum-") || name == scenariosName
}

// wanted are the files that browsers ask for and that shrink.
func wanted(name string) bool {
	switch filepath.Ext(name) {
	case ".html", ".js", ".json", ".wasm", ".svg":
		return true
	case ".css":
		return strings.HasSuffix(filepath.ToSlash(name), "/"+sheetName) // the others are in it
	}
	return false
}

// packFile makes all copies of one file and says how long the first of them is.
func packFile(name, packed, cache string) (int, error) {
	body, err := os.ReadFile(name)
	if err != nil || len(body) < smallest {
		return len(body), err
	}
	first := 0
	for _, p := range packers {
		copied, err := compressed(body, p, cache)
		if err != nil {
			return 0, fmt.Errorf("compressing %s: %w", name, err)
		}
		to := name + p.suffix
		if !strings.HasSuffix(name, ".wasm") {
			to = filepath.Join(packed, hash(body)+p.suffix)
		} else {
			fmt.Printf("%-40s %9d bytes\n", filepath.Base(to), len(copied))
		}
		if err := writeChanged(to, copied); err != nil {
			return 0, err
		}
		if first == 0 {
			first = len(copied)
		}
	}
	return first, nil
}

// compressed takes a copy from the cache, or makes it and puts it there.
func compressed(body []byte, p packer, cache string) ([]byte, error) {
	kept := filepath.Join(cache, hash(body)+p.suffix)
	if copied, err := os.ReadFile(kept); err == nil && len(copied) > 0 {
		return copied, nil
	}
	var b bytes.Buffer
	w, err := p.open(&b)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(body); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), keep(kept, b.Bytes())
}

// keep writes beside and renames, so that a build that was stopped leaves no half copy.
func keep(name string, body []byte) error {
	half, err := os.CreateTemp(filepath.Dir(name), "half-*")
	if err != nil {
		return err
	}
	defer os.Remove(half.Name())
	if _, err := half.Write(body); err != nil {
		half.Close()
		return err
	}
	if err := half.Close(); err != nil {
		return err
	}
	return os.Rename(half.Name(), name)
}
