// Package static holds the page: hand-written HTML, style sheets and modules, and the two
// WebAssembly programs that scripts/build-wasm puts into dist. It works, and says what is missing,
// before the page was built.
package static

import (
	"embed"
	"io/fs"
	"net/http"
)

//go:embed index.html app.js engine-worker.js lib panels styles all:dist
var files embed.FS

// Files gives the page's files as they are embedded, for those who serve them in another way.
func Files() fs.FS { return files }

// Built reports whether the page's programs are there.
func Built() bool {
	_, err := fs.Stat(files, "dist/manifest.json")
	return err == nil
}

// Handler serves the page: / is index.html, every other file stands at its path. Files whose name
// carries the hash of their content may be kept for ever, the others are asked for again and
// answered by their ETag. Brotli and gzip copies that scripts/build-wasm -release made are sent to
// those who take them. Each answer carries the security headers of the page. It serves GET and
// HEAD; before the page was built / says in one sentence how to build it.
func Handler() http.Handler { return newHandler(files) }
