// Command bench prints what the built page weighs, against its budgets.
package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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
		{"engine, brotli", []string{"engine-"}, 700_000},
	}
	for _, b := range budgets {
		size := weigh(filepath.Join(root, "dist"), b.names)
		fmt.Printf("%-28s %9d of %9d\n", b.what, size, b.most)
	}
	poster := weighAll(root)
	fmt.Printf("%-28s %9d of %9d\n", "before the engines, unpacked", poster, 100_000)
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

// weighAll adds up the hand-written files of the page as they are.
func weighAll(dir string) (sum int64) {
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return nil
		}
		if d.IsDir() && (d.Name() == "dist" || d.Name() == "tests") {
			return fs.SkipDir
		}
		switch filepath.Ext(path) {
		case ".html", ".css", ".js":
			if info, err := d.Info(); err == nil {
				sum += info.Size()
			}
		}
		return nil
	})
	return sum
}
