package scene

import (
	"strconv"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// words keeps the strings that a picture shows, so that a frame makes none.
type words struct {
	numbers map[numberKey]string
	pairs   map[pairKey]string
}

type numberKey struct {
	form form
	n    uint64
}

type pairKey struct{ form, a, b string }

// form says how a number becomes a string.
type form uint8

const (
	plain form = iota
	named
	termOf
	termShort
	timesOf
	leads
	leadsAlone
	follows
	okAt
	waits
	differs
	endsAt
	votedFor
	fogged
	percent
	moreOf
	handsTo
)

// tooMany bounds the strings that are kept; beyond it all are thrown away.
const tooMany = 8192

func (w *words) number(f form, n uint64) string {
	key := numberKey{f, n}
	if s, ok := w.numbers[key]; ok {
		return s
	}
	if w.numbers == nil || len(w.numbers) >= tooMany {
		w.numbers = map[numberKey]string{}
	}
	s := f.write(n)
	w.numbers[key] = s
	return s
}

func (f form) write(n uint64) string {
	d := strconv.FormatUint(n, 10)
	switch f {
	case named:
		return "S" + d
	case termOf:
		return "term " + d
	case termShort:
		return "t" + d
	case timesOf:
		return "×" + d
	case leads:
		return "leader of term " + d
	case leadsAlone:
		return "leader of term " + d + " · no quorum"
	case follows:
		return "follower of S" + d
	case okAt:
		return "ok at " + d
	case waits:
		if n == 0 {
			return "waits"
		}
		return "waits " + strconv.FormatUint(n/10, 10) + "." + strconv.FormatUint(n%10, 10) + " s"
	case differs:
		return "differs at " + d
	case endsAt:
		return "ends at " + d
	case votedFor:
		return "voted S" + d
	case fogged:
		return "S" + d + " ?"
	case percent:
		return d + " %"
	case moreOf:
		return "+" + d
	case handsTo:
		return "hands over to S" + d
	}
	return d
}

// pair joins two strings by a third.
func (w *words) pair(a, by, b string) string {
	key := pairKey{by, a, b}
	if s, ok := w.pairs[key]; ok {
		return s
	}
	if w.pairs == nil || len(w.pairs) >= tooMany {
		w.pairs = map[pairKey]string{}
	}
	s := a + by + b
	w.pairs[key] = s
	return s
}

func (w *words) name(id raft.NodeID) string { return w.number(named, uint64(id)) }

// request says what a client asks for: x = 7, get x.
func (w *words) request(q *trace.Request) string {
	key, value := short(q.Key, 10), short(q.Value, 8)
	switch q.Op {
	case "put", "set", "write":
		return w.pair(key, " = ", value)
	case "append":
		return w.pair(key, " + ", value)
	case "cas":
		return w.pair(key, " := ", value)
	case "transfer":
		if key == raft.NodeID(0).String() {
			return "hand over"
		}
		return w.pair("hand over to ", "", key)
	case "change":
		return w.pair("members ", "", short(q.Value, 14))
	}
	return w.pair(short(q.Op, 8), " ", key)
}

// short cuts a string to at most n runes; it makes no new string.
func short(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

var shortReasons = [...]string{
	raft.WhyStaleTerm: "stale term", raft.WhyAlreadyVoted: "has voted",
	raft.WhyLeaderAlive: "hears a leader", raft.WhyLogBehindTerm: "log is older",
	raft.WhyLogBehindIndex: "log is shorter", raft.WhyLeaderKnown: "knows a leader",
	raft.WhyLogTooShort: "too short", raft.WhyLogConflict: "differs",
	raft.WhyLogCompacted: "compacted", raft.WhyNotLeader: "not the leader",
	raft.WhyLostLeadership: "lost the lead", raft.WhyUnknownMember: "no member",
	raft.WhyTooLarge: "too large", raft.WhyTooMany: "too many", raft.WhyStopping: "stopping",
	raft.WhyInstalling: "installing", raft.WhySaveFailed: "disk failed",
	raft.WhyWaitsForDisk: "waits for disk", raft.WhyTransferring: "hands over",
	raft.WhyChanging: "changes", raft.WhyNoVoters: "no voters", raft.WhyTooSlow: "too slow",
	raft.WhyRemoved: "removed", raft.WhyDoubtful: "in doubt", raft.WhyPromised: "has promised",
	raft.WhyNoLeader: "no leader", raft.WhyTimeout: "took too long", raft.WhyNotVoter: "no vote",
	raft.WhyUnreachable: "not reached", raft.WhyUnreadable: "cannot read it",
}

// reason says in a word or two why something was refused.
func reason(r raft.Reason) string {
	if int(r) < len(shortReasons) && shortReasons[r] != "" {
		return shortReasons[r]
	}
	if r == raft.WhyNone {
		return ""
	}
	return "no"
}

// width tells about how wide a string is, in the unit of size. It errs to the wide side.
func width(s string, size float32, bold bool) float32 {
	var w float32
	for _, r := range s {
		switch {
		case r == ' ' || r == 'i' || r == 'l' || r == '.' || r == ',' || r == '·' || r == ':':
			w += 0.31
		case r == 'm' || r == 'w' || r == 'M' || r == 'W':
			w += 0.88
		case r == 'f' || r == 't' || r == 'r' || r == 'j' || r == 'I':
			w += 0.40
		case r >= 'A' && r <= 'Z':
			w += 0.68
		case r > 0x2e80:
			w++
		default:
			w += 0.585
		}
	}
	if bold {
		w *= 1.13
	}
	return w * size
}
