package linear_test

import (
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/check/linear"
	"github.com/raftarium/raftarium/raft/rng"
	"github.com/raftarium/raftarium/raft/trace"
)

// history is what clients asked and were told, written by hand, a word each:
// "1put x=5" client 1 asks to put, "1ok" it is told that this is done, "1=5" that it read 5,
// "1no" that it is refused, "1?" that nobody knows, and with "!" behind it that it asks again.
func history(t *testing.T, words string) (evs []trace.Event) {
	asked := map[byte]trace.EventID{}
	for _, word := range strings.Split(words, ", ") {
		id := trace.EventID{Node: trace.Clients, Boot: 1, N: uint64(len(evs) + 1)}
		client, rest := word[0], word[1:]
		var body trace.Body
		op, what, isAsk := strings.Cut(rest, " ")
		if isAsk {
			key, value, _ := strings.Cut(what, "=")
			body = trace.Invoked{Client: uint32(client - '0'), Op: op, Key: key, Value: value}
			asked[client] = id
		} else {
			r := trace.Returned{Request: asked[client], Client: uint32(client - '0'),
				Retry: strings.HasSuffix(rest, "!")}
			switch rest = strings.TrimSuffix(rest, "!"); {
			case rest == "ok":
				r.Outcome = raft.OutcomeOK
			case rest == "no":
				r.Outcome = raft.OutcomeRefused
			case rest == "?":
				r.Outcome = raft.OutcomeUnknown
			case rest[0] == '=':
				r.Outcome, r.Value = raft.OutcomeOK, rest[1:]
			default:
				t.Fatalf("%q is no word", word)
			}
			body = r
		}
		evs = append(evs, trace.Event{ID: id, Body: body})
	}
	return evs
}

func TestHistories(t *testing.T) {
	for _, test := range []struct {
		name, words string
		want        linear.Verdict
		text        string
	}{
		{"one after the other", "1put x=5, 1ok, 2get x, 2=5", linear.OK, ""},
		{"a stale read", "1put x=5, 1ok, 1put x=6, 1ok, 2get x, 2=5", linear.Broken,
			`No order of the 3 operations on "x" up to there explains that client 2 read "x" = "5".`},
		{"another key is no matter", "1put y=5, 1ok, 2get x, 2=", linear.OK, ""},
		{"at the same time", "1put x=5, 2get x, 2=, 3get x, 3=5, 1ok", linear.OK, ""},
		{"and then back", "1put x=5, 2get x, 2=5, 3get x, 3=, 1ok", linear.Broken, `read "x" = ""`},
		{"unknown, happened", "1put x=5, 1?, 2get x, 2=5", linear.OK, ""},
		{"unknown, did not happen", "1put x=5, 1?, 2get x, 2=", linear.OK, ""},
		{"unknown, happened later", "1put x=5, 1?, 2get x, 2=, 2get x, 2=5", linear.OK, ""},
		{"unknown, happened twice", "1put x=5, 1?, 2put x=6, 2ok, 2get x, 2=5, 2put x=7, 2ok, " +
			"2get x, 2=5", linear.Broken, `read "x" = "5"`},
		{"refused", "1put x=5, 1no, 2get x, 2=5", linear.Broken, `read "x" = "5"`},
		{"tried again, once", "1put x=5, 1?!, 1put x=5, 1ok, 2get x, 2=5", linear.OK, ""},
		{"tried again, twice", "1put x=5, 1?!, 2get x, 2=5, 2put x=6, 2ok, 1put x=5, 1ok, " +
			"2get x, 2=5", linear.Broken, `read "x" = "5"`},
		{"refused and given up", "1put x=5, 1no!, 1put x=6, 1ok, 2get x, 2=6", linear.OK, ""},
		{"a read counts from its last try", "1get x, 1no!, 2put x=5, 2ok, 1get x, 1=", linear.Broken,
			`read "x" = ""`},
		{"deleted", "1put x=5, 1ok, 1delete x, 1ok, 2get x, 2=", linear.OK, ""},
		{"still waited for", "1put x=5, 2get x, 2=5", linear.OK, ""},
		{"a cas that says too little", "1cas x=5, 1ok", linear.Unknown, "what the cas of"},
	} {
		r := linear.Check(history(t, test.words), 1000)
		if r.Verdict != test.want || !strings.Contains(r.Text, test.text) ||
			(r.Verdict == linear.Broken) != (len(r.Evidence) == 2) {
			t.Errorf("%s: %v, %q, %v", test.name, r.Verdict, r.Text, r.Evidence)
		}
	}
}

// The first request that cannot be explained is the evidence, not a later one.
func TestCulprit(t *testing.T) {
	evs := history(t, "1put x=1, 1ok, 1get x, 1=1, 1put x=2, 1ok, 2get x, 2=1, 1get x, 1=7, "+
		"1put x=9, 1ok")
	r := linear.Check(evs, 1000)
	if r.Verdict != linear.Broken || r.Evidence[0] != evs[6].ID || r.Evidence[1] != evs[7].ID {
		t.Errorf("%v: %v, not events 7 and 8", r.Text, r.Evidence)
	}
}

// What lies behind the limit is left out, and what was waited for then may have happened.
func TestLimit(t *testing.T) {
	evs := history(t, "1put x=1, 1ok, 2put x=2, 1get x, 1=2, 2ok, 1get x, 1=7")
	for limit, want := range map[int]linear.Verdict{1: linear.OK, 2: linear.OK, 4: linear.Broken} {
		h := linear.NewHistory(limit)
		for i := range evs {
			h.Observe(&evs[i])
		}
		if r := h.Check(); r.Verdict != want || h.Dropped() != (limit < 4) {
			t.Errorf("limit %d: %v, dropped %v: %s", limit, r.Verdict, h.Dropped(), r.Text)
		}
	}
}

// A cas has one meaning: it is done where the value was as expected.
func TestCompareAndSet(t *testing.T) {
	cas := func(client uint32, expect, value, got string, done bool, at int64) linear.Operation {
		return linear.Operation{Client: client, Op: "cas", Key: "x", Expect: expect, Value: value,
			Got: got, Done: done, Call: at, Return: at + 1}
	}
	put := linear.Operation{Op: "put", Key: "x", Value: "1", Call: 0, Return: 1}
	open := linear.Operation{Op: "cas", Key: "x", Expect: "1", Value: "2", Call: 2,
		Return: linear.Never}
	for name, test := range map[string]struct {
		ops  []linear.Operation
		want linear.Verdict
	}{
		"done":             {[]linear.Operation{put, cas(1, "1", "2", "1", true, 5)}, linear.OK},
		"not done":         {[]linear.Operation{put, cas(1, "3", "2", "1", false, 5)}, linear.OK},
		"done twice":       {[]linear.Operation{put, cas(1, "1", "2", "1", true, 5), cas(2, "1", "3", "1", true, 8)}, linear.Broken},
		"done wrongly":     {[]linear.Operation{put, cas(1, "3", "2", "1", true, 5)}, linear.Broken},
		"perhaps done":     {[]linear.Operation{put, open, cas(1, "2", "3", "2", true, 5)}, linear.OK},
		"perhaps not done": {[]linear.Operation{put, open, cas(1, "1", "3", "1", true, 5)}, linear.OK},
	} {
		if r := linear.Judge(test.ops); r.Verdict != test.want {
			t.Errorf("%s: %v: %s", name, r.Verdict, r.Text)
		}
	}
}

// Histories of a register that works are linearizable, whoever asks it how.
func TestRegister(t *testing.T) {
	for seed := range uint64(50) {
		r := rng.New(seed)
		var words []string
		value := ""
		waits := [4]string{}
		for range 400 {
			k := r.Below(4)
			client := string(rune('1' + k))
			switch w := waits[k]; {
			case w == "":
				waits[k] = "get x"
				if r.Below(2) == 0 {
					waits[k] = "put x=" + string(rune('0'+r.Below(10)))
				}
				words = append(words, client+waits[k])
			case w == "get x":
				words, waits[k] = append(words, client+"="+value), ""
			case r.Below(5) == 0: // it may have been done, and nobody knows
				if r.Below(2) == 0 {
					value = w[6:]
				}
				words, waits[k] = append(words, client+"?"), ""
			default:
				value = w[6:]
				words, waits[k] = append(words, client+"ok"), ""
			}
		}
		res := linear.Check(history(t, strings.Join(words[:120], ", ")), 1000)
		if res.Verdict != linear.OK {
			t.Errorf("seed %d: %v: %s", seed, res.Verdict, res.Text)
		}
	}
}
