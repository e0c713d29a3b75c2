package line

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
	"github.com/raftarium/raftarium/server/wire"
)

const (
	mostTries = 40 // in vain, one after the other
	firstWait = 500 * raft.Millisecond
	longWait  = 5 * raft.Second
)

// stop is an address at which the cluster can be watched.
type stop struct {
	name string // of the member there; empty for what was asked for
	uri  string
}

// roams reports whether the source outlives what carries it: a running cluster does.
func (l *Line) roams() bool { return l.remote.Ready() && l.remote.Header().Clock == trace.Running }

// arrive takes note that a header has come.
func (l *Line) arrive() {
	l.connected, l.retrying, l.lost = true, false, ""
	if !l.roams() {
		return
	}
	scheme, rest, _ := strings.Cut(l.stops[0].uri, "://")
	given, _, _ := strings.Cut(rest, "/")
	stops := l.stops[:1:1]
	at := l.Where()
	for _, m := range l.remote.Header().Members {
		switch {
		case m.Address == given:
			stops[0].name = m.Name
		case m.Address != "":
			stops = append(stops, stop{name: m.Name, uri: scheme + "://" + m.Address})
		}
	}
	l.stops, l.at = stops, 0
	for i := range stops {
		if stops[i].uri == at {
			l.at = i
		}
	}
}

// goOn tries the next address.
func (l *Line) goOn(why string) {
	l.connected = false
	if l.tries++; l.tries > mostTries {
		l.retrying, l.lost = false, why+" No node of the cluster has answered for long."
		l.out.HangUp(l.stream)
		return
	}
	l.at = (l.at + 1) % len(l.stops)
	l.retrying, l.lost = true, why+" Going on at "+l.place()+"."
	l.out.Dial(l.stream, l.Where(), l.wait())
}

// wait gives how long to wait before a try: not at all while there are addresses that were not
// tried yet, then more with each round.
func (l *Line) wait() raft.Time {
	round := (l.tries - 1) / max(len(l.stops)-1, 1)
	if len(l.stops) == 1 {
		round++
	}
	if round == 0 {
		return 0
	}
	return min(firstWait<<min(round-1, 8), longWait)
}

// place says where the line is or tries to be: S2, 127.0.0.1:7002.
func (l *Line) place() string {
	s := l.stops[l.at]
	host := s.uri
	if u, err := url.Parse(s.uri); err == nil && u.Host != "" {
		host = u.Host
	}
	if s.name == "" {
		return host
	}
	return s.name + ", " + host
}

// stranger reports whether a frame is the header of another cluster than the one that is watched.
func (l *Line) stranger(frame []byte) bool {
	if t, _, _, err := wire.Split(frame); err != nil || t != wire.TypeHeader || !l.roams() {
		return false
	}
	_, b, err := wire.Decode(frame)
	h, ok := b.(wire.Header)
	return err == nil && ok && h.Header.Cluster != l.remote.Header().Cluster
}

// sentence makes one of an error's words.
func sentence(s string) string {
	if s == "" {
		return "The source has ended."
	}
	first, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + strings.TrimSuffix(s[n:], ".") + "."
}
