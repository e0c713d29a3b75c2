package raft_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
)

// A story is a text: what is done, four dashes, what came out, and an empty line. These are done:
//
//	servers 3 preVote=off leases=on ...     begin, with so many servers and these options
//	led 3 options                           begin where S1 leads and all are at rest
//	add 4                                   a server that nobody knows begins, empty
//	disk 1 term=3 vote=2 log=1,1,2 doubtful S1 begins anew with this saved (nothing: it is empty)
//	campaign 1                              S1 is asked to stand for election
//	propose 1 text                          S1 is given a command
//	read 1                                  S1 is asked for a read
//	transfer 1 2                            S1 is asked to hand over to S2 (0: to anybody)
//	change 1 vote=4,5 learn=3 remove=2 joint  S1 is asked for another configuration
//	stepDown 1                              S1 is about to stop
//	save 1 | save                           the oldest write of S1, or all writes, become durable
//	fail 1                                  the oldest write of S1 fails
//	deliver 1 2 | deliver                   the first message from S1 to S2, or the whole wire
//	again 1 2                               the first message from S1 to S2 comes, and comes again
//	keep 1 2, let 1 2                       messages from S1 to S2 are held up; they go on
//	say 2 1 term=3 append prev=1/1 ...      S1 gets a message that nobody has sent
//	drop 1 2 | drop                         messages from S1 to S2 (0 is any), or all, die
//	settle [3]                              all is delivered and saved, but for those who are apart
//	wait 1 50                               50 ms pass for S1
//	beat 50                                 50 ms pass, and S1 to Sn notice one after the other
//	crash 1, restart 1                      S1 dies; S1 goes on with what it had saved
//	snapshot 1 text                         S1 saves a snapshot
//	confuse 1                               S1's machine can read no snapshots; now it can again
//	lose 1                                  the bytes of S1's snapshots are gone
//	damage 1                                S1 dies, and its disk loses the last saved entry
//	status, wire                            how all stand; what is on the wire
//
// What comes out are notes (deadlines and progress apart), writes, messages and answers.
func TestStoriesInText(t *testing.T) {
	for _, path := range stories(t) {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			got, _ := play(t, string(text))
			if *rewrite {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want := strings.Split(string(text), "\n")
			for i, line := range strings.Split(got, "\n") {
				if i >= len(want) || line != want[i] {
					t.Fatalf("%s:%d: came out\n%s\ninstead of\n%s\n(-rewrite writes it anew)", path,
						i+1, line, append(want, "")[min(i, len(want))])
				}
			}
		})
	}
}

func stories(t *testing.T) []string {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	return files
}

// told is what a story has made the core say.
type told struct {
	kinds   map[raft.NoteKind]bool
	reasons map[raft.Reason]bool
}

// hear takes note of what came out of a server.
func (h *told) hear(m *member) {
	for i := range m.notes {
		h.kinds[m.notes[i].Kind], h.reasons[m.notes[i].Why] = true, true
	}
	for i := range m.sent {
		switch b := m.sent[i].Body.(type) {
		case *raft.RequestVoteReply:
			h.reasons[b.Why] = true
		case *raft.AppendEntriesReply:
			h.reasons[b.Why] = true
		case *raft.ReadIndexReply:
			h.reasons[b.Why] = true
		}
	}
	for _, a := range m.answers {
		h.reasons[a.Why] = true
	}
}

// notGiven are the reasons that no story can have, and why.
var notGiven = map[raft.Reason]string{
	raft.WhyLogCompacted: "of earlier recordings: a leader now says that it offers a snapshot",
}

// Whatever the core can say, some story has made it say: each kind of note and each reason.
func TestStoriesSayEverything(t *testing.T) {
	all := told{map[raft.NoteKind]bool{}, map[raft.Reason]bool{}}
	for _, path := range stories(t) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		_, h := play(t, string(text))
		for k := range h.kinds {
			all.kinds[k] = true
		}
		for why := range h.reasons {
			all.reasons[why] = true
		}
	}
	for _, k := range raft.NoteKinds() {
		if !all.kinds[k] {
			t.Errorf("no story has a note %v", k)
		}
	}
	// A reason that this version does not know is named by its number.
	for why := raft.WhyNone + 1; !strings.HasPrefix(why.Name(), "reason"); why++ {
		if all.reasons[why] == (notGiven[why] != "") {
			t.Errorf("reason %d, %s: told in a story: %v; said to be never given: %q", why,
				why.Name(), all.reasons[why], notGiven[why])
		}
	}
}

// play does what a story says and gives it with what came out.
func play(t *testing.T, text string) (string, *told) {
	t.Helper()
	var b, out strings.Builder
	r := &rig{t: t}
	heard := &told{map[raft.NoteKind]bool{}, map[raft.Reason]bool{}}
	output, did := false, false
	flush := func() {
		if did {
			fmt.Fprintf(&b, "----\n%s\n", out.String())
		}
		out.Reset()
		did = false
	}
	for _, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		switch {
		case line == "----":
			flush()
			output = true
		case output && line == "":
			output = false
		case output:
		case line == "" || strings.HasPrefix(line, "#"):
			b.WriteString(line + "\n")
		default:
			b.WriteString(line + "\n")
			did = true
			r.act(strings.Fields(line), &out)
			r.show(&out, heard)
		}
	}
	flush()
	return b.String(), heard
}

// act does one line of a story.
func (r *rig) act(f []string, out *strings.Builder) {
	r.t.Helper()
	verb := verbs()[f[0]]
	if verb == nil {
		r.t.Fatalf("a story says %q", f)
	}
	verb(r, &doing{t: r.t, words: f[1:], out: out})
}

// doing is a line of a story behind its verb, and where to say what came of it.
type doing struct {
	t     testing.TB
	words []string
	out   *strings.Builder
}

// id gives the k-th word as a server; 0 if there is none.
func (d *doing) id(k int) raft.NodeID {
	if k >= len(d.words) {
		return 0
	}
	return raft.NodeID(number(d.t, d.words[k]))
}

func (d *doing) span(k int) raft.Time { return raft.Time(number(d.t, d.words[k])) * ms }

func (d *doing) failed(ok bool, what string) {
	if !ok {
		fmt.Fprintf(d.out, "nothing to %s\n", what)
	}
}
