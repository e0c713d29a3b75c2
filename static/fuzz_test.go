package static

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// FuzzHandler asks for any path in any encoding: what comes is a file of the page or a clear no,
// and never what is hidden.
func FuzzHandler(f *testing.F) {
	for _, path := range []string{"/", "/index.html", "/styles/page.css", "/../go.mod", "//",
		"/dist/.keep", "/" + Packed + "/x.br", "/styles", "/.", "/dist/../index.html", "/\x00"} {
		f.Add("GET", path, "gzip, br;q=0.5", "bytes=0-1", `"x"`)
	}
	f.Add("HEAD", "/index.html", "br;q=x,*;q=0,,;", "bytes=9-1,-1", "*")
	f.Add("POST", "/", "", "", "")
	files := tree()
	h := newHandler(files)
	f.Fuzz(func(t *testing.T, method, path, accept, ranges, match string) {
		r := &http.Request{Method: method, URL: &url.URL{Path: path}, Header: http.Header{
			"Accept-Encoding": {accept}, "Range": {ranges}, "If-None-Match": {match}}}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Fatalf("%q is answered %d %s", path, w.Code, w.Body)
		}
		name := strings.TrimPrefix(path, "/")
		if name == "" {
			name = "index.html"
		}
		file, there := files[name]
		switch {
		case w.Code != http.StatusOK || w.Header().Get("Content-Encoding") != "":
		case !there || strings.HasPrefix(name, Packed) || strings.Contains(name, "/."):
			t.Fatalf("%q is given: %q", path, w.Body)
		case method == http.MethodGet && w.Body.String() != string(file.Data):
			t.Fatalf("%q is %q, not %q", path, w.Body, file.Data)
		}
	})
}
