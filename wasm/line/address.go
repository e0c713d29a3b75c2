package line

import (
	"fmt"
	"net/url"
	"strings"
)

// offered ends every refusal of an address: what may be given instead.
const offered = "give sim:?nodes=5&seed=7 for a cluster in this page, or ws://host:port for a " +
	"live one"

// Address is what a URI names: a simulation, or a live cluster and the token for it.
type Address struct {
	URI   string // without the token
	Token string
}

// Read reads the URI of something to watch. The token of a live cluster stands behind "#token=".
// The error is one sentence that says what was understood and what may be given.
func Read(uri string) (Address, error) {
	plain, fragment, _ := strings.Cut(strings.TrimSpace(uri), "#")
	a := Address{URI: plain}
	if token, ok := strings.CutPrefix(fragment, "token="); ok {
		t, err := url.PathUnescape(token)
		if err != nil {
			return a, fmt.Errorf("opening %s: the token behind # is not escaped as in a URL",
				short(plain))
		}
		a.Token = t
	}
	if strings.HasPrefix(plain, "sim:") {
		return a, nil
	}
	if bare(plain) {
		a.URI = "ws://" + plain
	}
	if why := unfit(a.URI); why != "" {
		return a, fmt.Errorf("%s: %s", why, offered)
	}
	return a, nil
}

// bare reports whether s is host:port without a scheme.
func bare(s string) bool {
	k := strings.LastIndexByte(s, ':')
	if k <= 0 || k == len(s)-1 || strings.Contains(s, "/") {
		return false
	}
	return strings.Trim(s[k+1:], "0123456789") == ""
}

// unfit says what an address is that is no live cluster's; nothing if it may be one.
func unfit(s string) string {
	if s == "" {
		return "there is no address"
	}
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return short(s) + " is no address"
	case u.Scheme == "ws" || u.Scheme == "wss":
		if u.Host == "" || u.Hostname() == "" {
			return short(s) + " names no host"
		}
		return ""
	case u.Scheme == "http" || u.Scheme == "https":
		return short(s) + " is the address of a web page"
	case u.Scheme == "file":
		return short(s) + " is a file, and this page opens none"
	case u.Scheme != "":
		scheme := u.Scheme[:min(len(u.Scheme), 20)] // letters of ASCII
		return short(s) + " begins with " + scheme + ":, which this page does not know"
	}
	return short(s) + " is neither a simulation nor a host and port"
}

// short keeps a wrong address short enough for a sentence, and its quotes show where it ends.
func short(s string) string {
	if r := []rune(s); len(r) > 60 {
		s = string(r[:60]) + "..."
	}
	return fmt.Sprintf("%q", s)
}
