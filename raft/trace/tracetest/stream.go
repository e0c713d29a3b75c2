package tracetest

import "github.com/raftarium/raftarium/raft/trace"

// Encode writes events one behind the other, as a recording's block holds them.
func Encode(evs []trace.Event) (b []byte) {
	var e trace.Encoder
	for i := range evs {
		b = e.Append(b, &evs[i])
	}
	return b
}

// Decode reads events as far as they can be read, at most so many: what a fuzzer's bytes say.
func Decode(b []byte, most int) (evs []trace.Event) {
	var d trace.Decoder
	for len(b) > 0 && len(evs) < most {
		var ev trace.Event
		rest, err := d.Next(b, &ev)
		if err != nil {
			return evs
		}
		evs, b = append(evs, ev), rest
	}
	return evs
}

// Seeds gives what a fuzzer of events begins with: each kind by itself, all of them, and stretches
// of a run that the caller has made.
func Seeds(run []trace.Event) (seeds [][]byte) {
	all := Events()
	for i := range all {
		seeds = append(seeds, Encode(all[i:i+1]))
	}
	seeds = append(seeds, Encode(all))
	for at := 0; at < min(len(run), 2000); at += 200 {
		seeds = append(seeds, Encode(run[at:min(at+200, len(run))]))
	}
	return seeds
}
