package scenario

import (
	"strconv"
	"strings"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
)

// line is a line of a scenario in the reading, word by word.
type line struct {
	file   string
	number int
	words  []string
	nodes  int // of the cluster
}

func (l *line) errorf(format string, args ...any) error {
	return say.Errorf("%s:%d: %w", l.file, l.number, say.Errorf(format, args...))
}

// peek gives the next word; empty at the end.
func (l *line) peek() string {
	if len(l.words) == 0 {
		return ""
	}
	return l.words[0]
}

// next takes a word; empty at the end.
func (l *line) next() string {
	w := l.peek()
	if len(l.words) > 0 {
		l.words = l.words[1:]
	}
	return w
}

// accept takes a word if it is the next one.
func (l *line) accept(word string) bool {
	if len(l.words) == 0 || l.words[0] != word {
		return false
	}
	l.words = l.words[1:]
	return true
}

// end says that nothing more may stand there.
func (l *line) end() error {
	if len(l.words) > 0 {
		return l.errorf("%s stands behind the end of what can be said here", l.shown(l.words[0]))
	}
	return nil
}

// shown gives a word as an error shows it.
func (*line) shown(word string) string {
	if word == "" {
		return "nothing"
	}
	if len(word) > 40 {
		word = word[:40] + "..."
	}
	return strconv.Quote(word)
}

// choice says that a word is none of those that may stand there.
func (l *line) choice(what, word string, all []string) error {
	return l.errorf("%s is no %s; there may stand %s", l.shown(word), what, strings.Join(all, ", "))
}

// server takes the name of a server.
func (l *line) server() (raft.NodeID, error) {
	w := l.next()
	digits, ok := strings.CutPrefix(w, "S")
	n, err := strconv.ParseUint(digits, 10, 31)
	if !ok || err != nil || n < 1 || int(n) > l.nodes {
		return 0, l.errorf("%s is no server; there are S1 to S%d", l.shown(w), l.nodes)
	}
	return raft.NodeID(n), nil
}

// servers takes at least one server, or all.
func (l *line) servers() ([]raft.NodeID, error) {
	var ids []raft.NodeID
	if l.accept("all") {
		for i := range l.nodes {
			ids = append(ids, raft.NodeID(i+1))
		}
		return ids, nil
	}
	for {
		id, err := l.server()
		if err != nil {
			return nil, err
		}
		if ids = append(ids, id); !l.atServer() {
			return ids, nil
		}
	}
}

// atServer reports whether the next word looks like a server.
func (l *line) atServer() bool {
	w := l.peek()
	return len(w) > 1 && w[0] == 'S' && w[1] >= '0' && w[1] <= '9'
}

// uint takes a whole number.
func (l *line) uint() (uint64, error) {
	w := l.next()
	n, err := strconv.ParseUint(w, 10, 63)
	if err != nil {
		return 0, l.errorf("%s is no whole number", l.shown(w))
	}
	return n, nil
}

// span takes a length of time.
func (l *line) span() (raft.Time, error) { return l.spanOf(l.next()) }

func (l *line) spanOf(w string) (raft.Time, error) {
	for _, unit := range units {
		if digits, ok := strings.CutSuffix(w, unit.name); ok {
			if t, ok := decimal(digits, int64(unit.span)); ok && raft.Time(t) <= maxSpan {
				return raft.Time(t), nil
			}
			break
		}
	}
	return 0, l.errorf("%s is no time up to %s, like 500ms or 1.5s", l.shown(w), spanText(maxSpan))
}

var units = [...]struct {
	name string
	span raft.Time
}{{"us", raft.Microsecond}, {"ms", raft.Millisecond}, {"s", raft.Second}}

// decimal reads a number with digits behind a point, times one; false if it is none, or too fine.
func decimal(s string, one int64) (int64, bool) {
	whole, part, _ := strings.Cut(s, ".")
	n, err := strconv.ParseUint(whole, 10, 32)
	if err != nil {
		return 0, false
	}
	sum := int64(n) * one
	for _, d := range []byte(part) {
		if d < '0' || d > '9' || one%10 != 0 {
			return 0, false
		}
		one /= 10
		sum += int64(d-'0') * one
	}
	return sum, true
}

// pointed writes a number of units with as many digits behind the point as it needs: 1234567 of
// 1000 is 1234.567.
func pointed(n, unit int64) string {
	s := strconv.FormatInt(n/unit, 10)
	if rest := n % unit; rest > 0 {
		digits := strconv.FormatInt(unit+rest, 10)[1:]
		s += "." + strings.TrimRight(digits, "0")
	}
	return s
}

// spanText writes a length of time as span reads it.
func spanText(t raft.Time) string {
	if t >= raft.Second && t%raft.Second == 0 {
		return pointed(int64(t), int64(raft.Second)) + "s"
	}
	return pointed(int64(t), int64(raft.Millisecond)) + "ms"
}

// share takes a part of a whole: 12%, 0.5%. It gives parts per million.
func (l *line) shareOf(w string) (uint32, error) {
	digits, ok := strings.CutSuffix(w, "%")
	n, fine := decimal(digits, 10_000)
	if !ok || !fine || n > 1_000_000 {
		return 0, l.errorf("%s is no share, like 10%% or 0.5%%", l.shown(w))
	}
	return uint32(n), nil
}

// shareText writes parts per million as shareOf reads them.
func shareText(ppm uint32) string { return pointed(int64(ppm), 10_000) + "%" }
