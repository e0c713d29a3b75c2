package static

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

func tree() fstest.MapFS {
	wasm := []byte("\x00asm\x01\x00\x00\x00")
	style := []byte("body{}")
	return fstest.MapFS{
		"index.html":                             {Data: []byte("<!doctype html>")},
		"styles/page.css":                        {Data: style},
		"styles/other.css":                       {Data: []byte("p{}")},
		"dist/.keep":                             {},
		"dist/manifest.json":                     {Data: []byte("{}")},
		"dist/stage-" + Hash(wasm) + ".wasm":     {Data: wasm},
		"dist/stage-" + Hash(wasm) + ".wasm.br":  {Data: []byte("brotli wasm")},
		"dist/stage-" + Hash(wasm) + ".wasm.gz":  {Data: []byte("gzip wasm")},
		"dist/engine-0123456789abcdef.wasm":      {Data: wasm},
		Packed + "/" + Hash(style) + ".br":       {Data: []byte("brotli style")},
		Packed + "/" + Hash([]byte("x")) + ".br": {Data: []byte("of an older file")},
	}
}

func get(h http.Handler, path, accept string, more ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept-Encoding", accept)
	for i := 0; i+1 < len(more); i += 2 {
		r.Header.Set(more[i], more[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestFilesHaveTheirTypesEncodingsAndLives(t *testing.T) {
	h := newHandler(tree())
	stage := "/dist/stage-" + Hash([]byte("\x00asm\x01\x00\x00\x00")) + ".wasm"
	for _, c := range []struct {
		path, accept         string
		code                 int
		kind, encoding, body string
		immutable            bool
	}{
		{"/", "", 200, "text/html; charset=utf-8", "", "<!doctype html>", false},
		{"/index.html", "br", 200, "text/html; charset=utf-8", "", "<!doctype html>", false},
		{"/styles/page.css", "gzip, br", 200, "text/css; charset=utf-8", "br", "brotli style",
			false},
		{"/styles/page.css", "gzip", 200, "text/css; charset=utf-8", "", "body{}", false},
		{"/styles/other.css", "br", 200, "text/css; charset=utf-8", "", "p{}", false},
		{stage, "gzip, deflate, br", 200, "application/wasm", "br", "brotli wasm", true},
		{stage, "gzip, br;q=0", 200, "application/wasm", "gzip", "gzip wasm", true},
		{stage, "*", 200, "application/wasm", "br", "brotli wasm", true},
		{stage, "br;q=0, *", 200, "application/wasm", "gzip", "gzip wasm", true},
		{stage, "", 200, "application/wasm", "", "\x00asm\x01\x00\x00\x00", true},
		// The name promises another content.
		{"/dist/engine-0123456789abcdef.wasm", "br", 200, "application/wasm", "",
			"\x00asm\x01\x00\x00\x00", false},
		{"/styles", "", 404, "text/plain; charset=utf-8", "", "404 page not found\n", false},
		{"/dist/.keep", "", 404, "text/plain; charset=utf-8", "", "404 page not found\n", false},
		{"/../go.mod", "", 404, "text/plain; charset=utf-8", "", "404 page not found\n", false},
		{"/" + Packed + "/" + Hash([]byte("body{}")) + ".br", "", 404,
			"text/plain; charset=utf-8", "", "404 page not found\n", false},
	} {
		w := get(h, c.path, c.accept)
		head := w.Header()
		if w.Code != c.code || w.Body.String() != c.body || head.Get("Content-Type") != c.kind ||
			head.Get("Content-Encoding") != c.encoding {
			t.Errorf("%s, accepting %q: %d %s %q %q", c.path, c.accept, w.Code,
				head.Get("Content-Type"), head.Get("Content-Encoding"), w.Body)
		}
		if got := strings.Contains(head.Get("Cache-Control"), "immutable"); got != c.immutable {
			t.Errorf("%s: Cache-Control %q", c.path, head.Get("Cache-Control"))
		}
		if head.Get("Content-Security-Policy") != policy {
			t.Errorf("%s: no content security policy", c.path)
		}
	}
}

func TestAnUnchangedFileIsNotSentAgain(t *testing.T) {
	h := newHandler(tree())
	tag := get(h, "/styles/page.css", "br").Header().Get("ETag")
	w := get(h, "/styles/page.css", "br", "If-None-Match", tag)
	if w.Code != http.StatusNotModified {
		t.Errorf("the same ETag %s: %d", tag, w.Code)
	}
	if w := get(h, "/styles/page.css", "", "If-None-Match", tag); w.Code != http.StatusOK {
		t.Errorf("the ETag of another encoding: %d", w.Code)
	}
}

func TestOnlyReadingIsServed(t *testing.T) {
	w := httptest.NewRecorder()
	newHandler(tree()).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", nil))
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d", w.Code)
	}
}

func TestBeforeTheBuildThePageSaysHowToBuildIt(t *testing.T) {
	files := tree()
	delete(files, "dist/manifest.json")
	w := get(newHandler(files), "/", "")
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "build-wasm") {
		t.Errorf("%d %q", w.Code, w.Body)
	}
	if w := get(newHandler(files), "/styles/page.css", ""); w.Code != http.StatusOK {
		t.Errorf("a style sheet: %d", w.Code)
	}
}

// The content security policy forbids what these look for; a browser would drop it silently.
func TestThePageHasNothingInlineAndNoOtherHost(t *testing.T) {
	forbidden := regexp.MustCompile(`(?i)<script>|<style|\sstyle=|\son[a-z]+=["']|javascript:|` +
		`(?:src|href)=["']https?://`)
	linked := regexp.MustCompile(`rel="stylesheet" href="https?:`)
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(name, "dist") {
			return err
		}
		body, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		if hit := forbidden.Find(body); hit != nil && name != "panels/help-sheet.js" {
			t.Errorf("%s: %q", name, hit)
		}
		if linked.Match(body) {
			t.Errorf("%s: a style sheet of another host", name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What is fetched before the programs has to fit the poster's budget (DESIGN.md, 11).
func TestThePageWithoutItsProgramsIsSmall(t *testing.T) {
	poster := []string{"index.html"}
	for _, pattern := range []string{"styles/*.css", "panels/*.css"} {
		names, err := fs.Glob(files, pattern)
		if err != nil {
			t.Fatal(err)
		}
		poster = append(poster, names...)
	}
	total := 0
	for _, name := range poster {
		body, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		total += len(body)
	}
	if total >= 100_000 {
		t.Errorf("the poster is %d bytes", total)
	}
}

// Every file that is named is there, and every module that is there is named. The style sheets are
// joined by scripts/build-wasm, which leaves none out.
func TestEveryNamedFileIsThere(t *testing.T) {
	named := map[string]bool{"engine-worker.js": true}
	page, err := fs.ReadFile(files, "index.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?:src|href)="([^"#:]+)"`).FindAllSubmatch(page, -1) {
		named[string(m[1])] = true
	}
	imports := regexp.MustCompile(`(?:from|import) "(\.[^"]+)"`)
	for _, pattern := range []string{"app.js", "lib/*.js", "panels/*.js"} {
		names, err := fs.Glob(files, pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			body, err := fs.ReadFile(files, name)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range imports.FindAllSubmatch(body, -1) {
				named[join(name, string(m[1]))] = true
			}
		}
	}
	for name := range named {
		if strings.HasPrefix(name, "dist/") && !Built() {
			continue
		}
		if _, err := fs.Stat(files, name); err != nil {
			t.Errorf("%s is named and missing", name)
		}
	}
	for _, pattern := range []string{"lib/*.js", "panels/*.js"} {
		names, _ := fs.Glob(files, pattern)
		for _, name := range names {
			if !named[name] {
				t.Errorf("%s is used by nobody", name)
			}
		}
	}
}

func join(from, to string) string {
	if rest, ok := strings.CutPrefix(to, "../"); ok {
		return rest
	}
	to = strings.TrimPrefix(to, "./")
	if i := strings.LastIndexByte(from, '/'); i >= 0 {
		return from[:i+1] + to
	}
	return to
}
