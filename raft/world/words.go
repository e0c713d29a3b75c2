package world

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/raftarium/raftarium/raft"
)

// mostNames is how many servers a sentence names; more are counted.
const mostNames = 5

// names lists servers: S1, S2 and S5.
func names(ids []raft.NodeID) string {
	var b strings.Builder
	for i, id := range ids {
		switch {
		case i == 0:
		case i == len(ids)-1:
			b.WriteString(" and ")
		default:
			b.WriteString(", ")
		}
		b.WriteString(id.String())
	}
	return b.String()
}

// namesOrCount lists a few servers and counts many.
func namesOrCount(ids []raft.NodeID) string {
	if len(ids) > mostNames {
		return fmt.Sprintf("%d servers", len(ids))
	}
	return names(ids)
}

// indexes gives one index, or from where to where.
func indexes(from, to raft.Index) string {
	if from >= to {
		return strconv.FormatUint(uint64(to), 10)
	}
	return fmt.Sprintf("%d to %d", from, to)
}

// moment gives a time as people read a clock: 4.991 s.
func moment(t raft.Time) string {
	sign := ""
	if t < 0 {
		sign, t = "-", -t
	}
	return fmt.Sprintf("%s%d.%03d s", sign, t/raft.Second, t%raft.Second/raft.Millisecond)
}

// span gives a length of time with no more digits than matter: 850 us, 168 ms, 1.2 s.
func span(t raft.Time) string {
	switch {
	case t < 0:
		return "0 ms"
	case t < raft.Millisecond && t > 0:
		return fmt.Sprintf("%d us", t)
	case t < raft.Second:
		return fmt.Sprintf("%d ms", t/raft.Millisecond)
	}
	return fmt.Sprintf("%d.%d s", t/raft.Second, t%raft.Second/(100*raft.Millisecond))
}

// ago says how long ago something was.
func ago(t raft.Time) string {
	if t < raft.Millisecond {
		return "just now"
	}
	return span(t) + " ago"
}

// size gives a number of bytes: 12 B, 3.4 KB, 5.6 MB.
func size(n uint64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 1000*1000:
		return fmt.Sprintf("%d.%d KB", n/1000, n%1000/100)
	}
	return fmt.Sprintf("%d.%d MB", n/1000/1000, n/1000%1000/100)
}

// count gives a number of things: 1 entry, 2 entries.
func count[T uint32 | uint64 | int](n T, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// short cuts a text that somebody else wrote to what fits into a sentence.
func short(s string) string {
	const most = 24
	n := 0
	for i, r := range s {
		if n == most {
			return s[:i] + "..."
		}
		if r < ' ' {
			return strconv.QuoteToASCII(s[:i]) + "..."
		}
		n++
	}
	return s
}

// command gives what a client wants, as a noun: x = 9, read x, delete x.
func command(op, key, value string) string {
	key, value = short(key), short(value)
	switch op {
	case "put":
		return key + " = " + value
	case "get":
		return "read " + key
	case "delete":
		return "delete " + key
	case "transfer":
		if key == raft.NodeID(0).String() {
			return "that another leads"
		}
		return "that " + key + " leads"
	case "change":
		return "the members " + value
	case "cas":
		return key + " = " + value + ", if it is as expected"
	}
	return strings.TrimSpace(strings.Join([]string{short(op), key, value}, " "))
}
