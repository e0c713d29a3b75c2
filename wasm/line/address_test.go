package line

import (
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	for _, c := range []struct{ uri, want, token string }{
		{"sim:?nodes=3", "sim:?nodes=3", ""},
		{"ws://127.0.0.1:7000", "ws://127.0.0.1:7000", ""},
		{" wss://a.example/v1/watch ", "wss://a.example/v1/watch", ""},
		{"localhost:7000", "ws://localhost:7000", ""},
		{"[::1]:7000", "ws://[::1]:7000", ""},
		{"ws://a:1#token=s%20e%2Fcret", "ws://a:1", "s e/cret"},
	} {
		a, err := Read(c.uri)
		if err != nil || a.URI != c.want || a.Token != c.token {
			t.Errorf("%q is %+v, %v", c.uri, a, err)
		}
	}
}

// What cannot be opened is refused with what it was taken for and with what may be given.
func TestReadRefuses(t *testing.T) {
	for uri, what := range map[string]string{
		"":                             "there is no address",
		"http://127.0.0.1:8080":        "is the address of a web page",
		"https://a.example/?nodes=3":   "is the address of a web page",
		"file:///tmp/run.ndjson":       "is a file",
		"gopher://x":                   "begins with gopher:",
		"ws://":                        "names no host",
		"ws://:7000":                   "names no host",
		"ws://a b":                     "is no address",
		"nonsense":                     "is neither",
		"ws://a:1#token=%zz":           "the token",
		"x:" + strings.Repeat("a", 99): "...",
	} {
		_, err := Read(uri)
		if err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%q: %v", uri, err)
			continue
		}
		if s := err.Error(); !strings.Contains(s, "token") &&
			(!strings.Contains(s, "sim:?") || !strings.Contains(s, "ws://host:port")) {
			t.Errorf("%q does not say what may be given: %s", uri, s)
		}
	}
}
