package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// sheetName is the page's one style sheet: a browser that fetches two dozen shows the poster later.
const sheetName = "dist/page.css"

// sheets are the hand-written ones in their order. The first names the cascade's layers, so that
// the order of those that a pattern finds means nothing.
var sheets = [...]string{"styles/reset.css", "styles/*.css", "panels/*.css"}

// join writes the page's style sheet.
func join(root string) error {
	page := filepath.Join(root, "static")
	var names []string
	for _, pattern := range sheets {
		found, err := filepath.Glob(filepath.Join(page, filepath.FromSlash(pattern)))
		if err != nil || len(found) == 0 {
			return fmt.Errorf("joining style sheets: there is no %s in %s", pattern, page)
		}
		for _, name := range found {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	var all bytes.Buffer
	for _, name := range names {
		body, err := os.ReadFile(name)
		if err != nil {
			return fmt.Errorf("joining style sheets: %w", err)
		}
		all.Write(body)
	}
	return writeChanged(filepath.Join(page, filepath.FromSlash(sheetName)), all.Bytes())
}
