package supervisor

import (
	"regexp"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft/trace"
)

// TestWhatBecomesOfNodesIsToldOnTheTerminal reads, a line each, what was done to nodes and by whom;
// of what is no such thing the terminal is quiet.
func TestWhatBecomesOfNodesIsToldOnTheTerminal(t *testing.T) {
	p := run(t, t.TempDir(), "--nodes", "2")
	v := p.own()
	says := func(pattern string) {
		t.Helper()
		line := regexp.MustCompile(`(?m)^\d\d:\d\d:\d\d ` + pattern + `$`)
		until(t, "the terminal says "+pattern, func() bool {
			return line.MatchString(p.stdout.String())
		})
	}
	v.leader(0)
	says(`S[12] leads term \d+`)
	p.put("x", "1")
	v.must(trace.Command{Kind: trace.CommandPause, Node: 1})
	says(`S1 was paused by the page`)
	v.must(trace.Command{Kind: trace.CommandResume, Node: 1})
	says(`S1 was resumed by the page`)
	v.must(trace.Command{Kind: trace.CommandCut, From: 1, To: 2})
	v.must(trace.Command{Kind: trace.CommandHealAll})
	v.must(trace.Command{Kind: trace.CommandKill, Node: 1})
	says(`S1 was killed by the page; it stays down until it is restarted there`)
	v.must(trace.Command{Kind: trace.CommandRestart, Node: 1})
	says(`S1 was started again by the page`)
	sigkill(t, p.child(2))
	says(`S2 has died by itself \(signal: killed\); it is started again in 1s`)
	says(`S2 was started again by raftarium itself`)
	for line := range strings.Lines(p.stdout.String()) {
		if regexp.MustCompile(`^\d\d:`).MatchString(line) && !regexp.MustCompile(
			`was (paused|resumed|killed|started again) by|has died by|leads term`).MatchString(line) {
			t.Errorf("it also says %q", line)
		}
	}
}

// TestNewsThatNobodyReadsHoldNothingUp tells more than can wait.
func TestNewsThatNobodyReadsHoldNothingUp(t *testing.T) {
	n := make(news, mostNews)
	for range 2 * mostNews {
		n.tell("S1 leads term %d", 1)
	}
	if len(n) != mostNews {
		t.Errorf("%d lines wait", len(n))
	}
}
