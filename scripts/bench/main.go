// Command bench prints what the built page weighs, against its budgets.
package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// budget is a line of the table: files whose names begin so, and what they may weigh together.
type budget struct {
	what  string
	names []string
	most  int64
}

func main() {
	root := "static"
	budgets := []budget{
		{"stage, brotli", []string{"stage-"}, 2_400_000},
		{"engine, brotli", []string{"engine-"}, 840_000},
	}
	for _, b := range budgets {
		size := weigh(filepath.Join(root, "dist"), b.names)
		fmt.Printf("%-28s %9d of %9d\n", b.what, size, b.most)
	}
	// What the browser needs before it can show the poster: the page, its styles, the theme.
	poster := weighFile(filepath.Join(root, "index.html")) +
		weighFile(filepath.Join(root, "dist", "page.css")) +
		weighFile(filepath.Join(root, "lib", "first.js"))
	fmt.Printf("%-28s %9d of %9d\n", "poster, not compressed", poster, 100_000)
	fmt.Printf("%-28s %9d\n", "modules, not compressed", weighAll(root, ".js"))
}

// weigh adds up the brotli files whose names begin with one of the names.
func weigh(dir string, names []string) (sum int64) {
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".br") {
			return nil
		}
		for _, n := range names {
			if strings.HasPrefix(d.Name(), n) {
				if info, err := d.Info(); err == nil {
					sum += info.Size()
				}
			}
		}
		return nil
	})
	return sum
}

// weighFile gives a file's size; 0 if it is not there.
func weighFile(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// weighAll adds up the hand-written files of the page with these endings, as they are.
func weighAll(dir string, endings ...string) (sum int64) {
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return nil
		}
		if d.IsDir() && (d.Name() == "dist" || d.Name() == "tests") {
			return fs.SkipDir
		}
		if slices.Contains(endings, filepath.Ext(path)) {
			sum += weighFile(path)
		}
		return nil
	})
	return sum
}
