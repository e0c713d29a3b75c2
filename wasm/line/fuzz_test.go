package line

import (
	"strings"
	"testing"
)

// FuzzRead reads any address: what is refused is told in a sentence, and what is taken reads alike.
func FuzzRead(f *testing.F) {
	for _, uri := range []string{"sim:?nodes=3", "ws://a:1#token=s%20e%2Fcret", "[::1]:7000",
		"http://x", "nonsense", "ws://%zz", "wss://u:p@h/v1/watch?x=1#token=%"} {
		f.Add(uri)
	}
	f.Fuzz(func(t *testing.T, uri string) {
		a, err := Read(uri)
		if err != nil {
			if len(err.Error()) > 1000 {
				t.Errorf("an error of %d bytes", len(err.Error()))
			}
			return
		}
		if again, err := Read(a.URI); err != nil || again.URI != strings.TrimSpace(a.URI) {
			t.Errorf("%q became %q, and that %q, %v", uri, a.URI, again.URI, err)
		}
	})
}
