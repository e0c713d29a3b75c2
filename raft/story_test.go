package raft_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
)

// A story is a text: what is done, four dashes, what came out, and an empty line. These are done:
//
//	servers 3 preVote=off checkQuorum=off   begin, with so many servers
//	disk 1 term=3 vote=2 log=1,1,2          S1 begins anew with this saved
//	campaign 1                              S1 is asked to stand for election
//	propose 1 text                          S1 is given a command
//	save 1 | save                           the oldest write of S1, or all writes, become durable
//	deliver 1 2 | deliver                   the first message from S1 to S2, or the whole wire
//	drop 1 2 | drop                         messages from S1 to S2 (0 is any), or all, die
//	settle [3]                              all is delivered and saved, but for those who are apart
//	wait 1 50                               50 ms pass for S1
//	crash 1, restart 1                      S1 dies; S1 goes on with what it had saved
//	snapshot 1 text                         S1 saves a snapshot
//	status, wire                            how all stand; what is on the wire
//
// What comes out are notes (deadlines and progress apart), writes, messages and answers.
func TestStoriesInText(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			got := play(t, string(text))
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
						i+1, line,
						append(want, "")[min(i, len(want))])
				}
			}
		})
	}
}

// play does what a story says and gives it with what came out.
func play(t *testing.T, text string) string {
	t.Helper()
	var b strings.Builder
	r := &rig{t: t}
	output := false
	did := false
	var out strings.Builder
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
			r = r.act(strings.Fields(line), &out)
			r.show(&out)
		}
	}
	flush()
	return b.String()
}

func number(t testing.TB, s string) raft.NodeID {
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil {
		t.Fatalf("%q is no number", s)
	}
	return raft.NodeID(n)
}

// act does one line of a story.
func (r *rig) act(f []string, out *strings.Builder) *rig {
	r.t.Helper()
	var ids []raft.NodeID
	for _, s := range f[1:] {
		if n, err := strconv.ParseUint(s, 10, 32); err == nil {
			ids = append(ids, raft.NodeID(n))
		}
	}
	switch f[0] {
	case "servers":
		all := strings.Join(f, " ")
		r = newRig(r.t, int(ids[0]), func(c *raft.Config) {
			c.PreVote = !strings.Contains(all, "preVote=off")
			c.CheckQuorum = !strings.Contains(all, "checkQuorum=off")
		})
		for i := range r.members {
			r.step(raft.NodeID(i+1), raft.Wake())
		}
	case "disk":
		r.m(ids[0]).image = readImage(r.t, f[2:])
		r.restart(ids[0])
	case "campaign":
		r.step(ids[0], raft.Campaign(0))
	case "propose":
		r.propose(ids[0], f[2])
	case "save":
		if len(ids) == 0 {
			r.saveAll()
		} else if !r.save(ids[0]) {
			fmt.Fprintf(out, "nothing to save\n")
		}
	case "deliver":
		if len(ids) == 2 && !r.deliver(ids[0], ids[1]) {
			fmt.Fprintf(out, "nothing to deliver\n")
		}
		if len(ids) == 0 {
			wire := r.wire
			r.wire = nil
			for _, msg := range wire {
				r.step(msg.To, raft.Receive(0, msg))
			}
		}
	case "drop":
		ids = append(ids, 0, 0)
		r.drop(ids[0], ids[1])
	case "settle":
		r.settle(ids...)
	case "wait":
		r.wait(ids[0], raft.Time(ids[1])*ms)
	case "crash":
		r.crash(ids[0])
	case "restart":
		r.restart(ids[0])
	case "snapshot":
		r.snapshot(ids[0], f[2])
	case "wire":
		for i := range r.wire {
			fmt.Fprintf(out, "%s\n", showMessage(&r.wire[i]))
		}
	case "status":
		r.status(out)
	default:
		r.t.Fatalf("a story says %q", f)
	}
	return r
}

// readImage reads term=3 vote=2 log=1,1,2.
func readImage(t testing.TB, f []string) raft.Image {
	var im raft.Image
	for _, s := range f {
		key, value, _ := strings.Cut(s, "=")
		switch key {
		case "term":
			im.Term = raft.Term(number(t, value))
		case "vote":
			im.Vote = number(t, value)
		case "log":
			var terms []raft.Term
			for _, s := range strings.Split(value, ",") {
				terms = append(terms, raft.Term(number(t, s)))
			}
			im.Entries = entries(1, terms...)
		}
	}
	return im
}

// show says what came out of all servers since the last time.
func (r *rig) show(out *strings.Builder) {
	for i := range r.members {
		id := raft.NodeID(i + 1)
		m := r.take(id)
		for k := range m.notes {
			n := &m.notes[k]
			if n.Kind != raft.NoteDeadlineSet && n.Kind != raft.NoteProgress {
				fmt.Fprintf(out, "%v %s\n", id, showNote(n))
			}
		}
		for k := range m.sent {
			fmt.Fprintf(out, "%s\n", showMessage(&m.sent[k]))
		}
		for _, a := range m.answers {
			fmt.Fprintf(out, "%v answers: %v", id, a.Outcome)
			if a.Index > 0 {
				fmt.Fprintf(out, " index=%d term=%d", a.Index, a.Term)
			}
			if a.Why != raft.WhyNone {
				fmt.Fprintf(out, ": %s", a.Why.Name())
			}
			out.WriteString("\n")
		}
		if k := len(m.applied); k > 0 {
			fmt.Fprintf(out, "%v applies %d to %d\n", id, m.applied[0].Index, m.applied[k-1].Index)
		}
	}
}

func (r *rig) status(out *strings.Builder) {
	for i, m := range r.members {
		if m.node == nil {
			fmt.Fprintf(out, "S%d is down\n", i+1)
			continue
		}
		s := m.node.Status()
		fmt.Fprintf(out, "%v %v term=%d vote=%v leader=%v commit=%d saved=%d log=%v", s.ID, s.Role,
			s.Term, s.Vote, s.Leader, s.Commit, s.Saved, r.terms(s.ID))
		if s.Base.Index > 0 {
			fmt.Fprintf(out, " behind %d/%d", s.Base.Index, s.Base.Term)
		}
		fmt.Fprintf(out, " writes=%d\n", len(m.pending))
	}
}

// showMessage says a message in one line.
func showMessage(m *raft.Message) string {
	head := fmt.Sprintf("%v->%v term=%d ", m.From, m.To, m.Term)
	switch b := m.Body.(type) {
	case *raft.RequestVote:
		name := "requestVote"
		if b.Pre {
			name = "preVote"
		}
		return head + fmt.Sprintf("%s for=%d last=%d/%d", name, b.ForTerm, b.LastIndex, b.LastTerm)
	case *raft.RequestVoteReply:
		name := "voteReply"
		if b.Pre {
			name = "preVoteReply"
		}
		if b.Granted {
			return head + fmt.Sprintf("%s for=%d yes", name, b.ForTerm)
		}
		return head + fmt.Sprintf("%s for=%d no: %s", name, b.ForTerm, b.Why.Name())
	case *raft.AppendEntries:
		var terms []raft.Term
		for i := range b.Entries {
			terms = append(terms, b.Entries[i].Term)
		}
		return head + fmt.Sprintf("append prev=%d/%d entries=%v commit=%d", b.PrevIndex, b.PrevTerm,
			terms,
			b.Commit)
	case *raft.AppendEntriesReply:
		if b.Success {
			return head + fmt.Sprintf("appendReply match=%d", b.Match)
		}
		return head + fmt.Sprintf("appendReply rejected=%d hint=%d/%d: %s", b.Rejected, b.Hint,
			b.HintTerm,
			b.Why.Name())
	case *raft.InstallSnapshot:
		return head + fmt.Sprintf("snapshot %d/%d offset=%d size=%d of %d", b.Snapshot.Index,
			b.Snapshot.Term, b.Offset, len(b.Data), b.Snapshot.Size)
	case *raft.InstallSnapshotReply:
		return head + fmt.Sprintf("snapshotReply %d/%d next=%d installed=%v", b.Snapshot.Index,
			b.Snapshot.Term, b.Next, b.Installed)
	}
	return head + fmt.Sprintf("%T", m.Body)
}
