package static

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Packed is the folder below dist that holds compressed copies, each named by the first hex digits
// of the hash of what it is a copy of, so that a copy of an older file is never taken.
const Packed = "dist/packed"

// HashDigits is how many hex digits of a content's SHA-256 stand in names.
const HashDigits = 16

// NotBuilt is what / says when there is no program to show.
const NotBuilt = "The page is not built yet: run `make page` (or `go run ./scripts/build-wasm`) " +
	"in the repository and start again.\n"

// policy lets the page load nothing but its own files, and talk to any cluster by websocket.
const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; " +
	"connect-src 'self' ws: wss:; style-src 'self'; img-src 'self' data:; base-uri 'none'; " +
	"form-action 'none'; frame-ancestors 'self'"

var headers = [...][2]string{
	{"Content-Security-Policy", policy},
	{"X-Content-Type-Options", "nosniff"},
	{"Referrer-Policy", "no-referrer"},
	{"Cross-Origin-Opener-Policy", "same-origin-allow-popups"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
}

// encodings are the compressed copies that may exist, the better one first.
var encodings = [...]struct{ name, suffix string }{{"br", ".br"}, {"gzip", ".gz"}}

// handler serves a tree of files that does not change.
type handler struct {
	files fs.FS

	mu    sync.Mutex
	known map[string]*file
}

// file is what is known of one file; made when it is first asked for.
type file struct {
	body      []byte
	hash      string
	immutable bool
}

func newHandler(files fs.FS) *handler {
	return &handler{files: files, known: map[string]*file{}}
}

// ServeHTTP answers with the file at the request's path.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for _, pair := range headers {
		w.Header().Set(pair[0], pair[1])
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "the page is only read", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(r.URL.Path, "/")
	if name == "" {
		name = "index.html"
	}
	if name == "index.html" && !h.built() {
		http.Error(w, NotBuilt, http.StatusServiceUnavailable)
		return
	}
	f := h.file(name)
	if f == nil || hidden(name) {
		http.NotFound(w, r)
		return
	}
	h.send(w, r, name, f)
}

// hidden are the files that are there for us, not for browsers.
func hidden(name string) bool {
	return strings.HasPrefix(name, Packed+"/") || strings.HasPrefix(path.Base(name), ".")
}

func (h *handler) built() bool {
	_, err := fs.Stat(h.files, "dist/manifest.json")
	return err == nil
}

// file reads a file once; nil if there is none.
func (h *handler) file(name string) *file {
	h.mu.Lock()
	defer h.mu.Unlock()
	if f := h.known[name]; f != nil {
		return f
	}
	if !fs.ValidPath(name) {
		return nil
	}
	body, err := fs.ReadFile(h.files, name)
	if err != nil {
		return nil
	}
	f := &file{body: body, hash: Hash(body)}
	f.immutable = strings.Contains(path.Base(name), "-"+f.hash+".")
	h.known[name] = f
	return f
}

// Hash is the hash of a content as it stands in names and ETags.
func Hash(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])[:HashDigits]
}

func (h *handler) send(w http.ResponseWriter, r *http.Request, name string, f *file) {
	head := w.Header()
	head.Set("Content-Type", mediaType(name))
	head.Set("Vary", "Accept-Encoding")
	head.Set("Cache-Control", "no-cache")
	if f.immutable {
		head.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	body, tag := f.body, f.hash
	for _, e := range encodings {
		if !accepts(r.Header.Get("Accept-Encoding"), e.name) {
			continue
		}
		if packed := h.packed(name, f.hash, e.suffix); packed != nil {
			body, tag = packed.body, f.hash+"-"+e.name
			head.Set("Content-Encoding", e.name)
			break
		}
	}
	head.Set("ETag", strconv.Quote(tag))
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(body))
}

// packed finds a compressed copy: beside the file if its name says its content, else in Packed.
func (h *handler) packed(name, hash, suffix string) *file {
	if f := h.file(Packed + "/" + hash + suffix); f != nil {
		return f
	}
	if strings.Contains(path.Base(name), "-"+hash+".") {
		return h.file(name + suffix)
	}
	return nil
}

// accepts reports whether an Accept-Encoding header takes an encoding.
func accepts(header, encoding string) bool {
	taken := false
	for part := range strings.SplitSeq(header, ",") {
		name, rest, _ := strings.Cut(strings.TrimSpace(part), ";")
		name = strings.ToLower(strings.TrimSpace(name))
		if name != encoding && name != "*" {
			continue
		}
		q := strings.ReplaceAll(strings.ToLower(rest), " ", "")
		weight, err := strconv.ParseFloat(strings.TrimPrefix(q, "q="), 64)
		wanted := q == "" || err == nil && weight > 0
		if name == encoding {
			return wanted
		}
		taken = wanted
	}
	return taken
}

// types are written here because a machine's own table may differ.
var types = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".json": "application/json",
	".wasm": "application/wasm",
	".svg":  "image/svg+xml",
}

func mediaType(name string) string {
	ext := path.Ext(name)
	if t := types[ext]; t != "" {
		return t
	}
	if t := mime.TypeByExtension(ext); t != "" {
		return t
	}
	return "application/octet-stream"
}
