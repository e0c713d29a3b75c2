package viz

import (
	"strings"
	"testing"

	"github.com/raftarium/raftarium/viz/input"
)

// voters gives who votes, as the view has it.
func (p *page) voters() int { return len(p.at("group", "config", "voters").([]any)) }

func TestMembersByIntent(t *testing.T) {
	p := running(t)
	p.must(input.Intent{Type: input.Change, Text: "6||"})
	p.until("S6 votes", func() bool { return p.voters() == 6 })
	p.must(input.Intent{Type: input.Transfer, A: 6})
	p.until("S6 leads", func() bool { return p.leader() == 6 })
	p.must(input.Intent{Type: input.Change, Text: "||1,2", C: 1})
	p.until("S1 and S2 are out", func() bool { return p.voters() == 4 })
	p.must(input.Intent{Type: input.Wipe, A: 3})
	p.until("S7 learns in the place of S3", func() bool {
		return strings.Contains(string(p.raw), `"id":7`)
	})
	p.must(input.Intent{Type: input.Write, Text: "k", Text2: "5"})
	p.must(input.Intent{Type: input.Read, Text: "k"})
	p.until("the value of k is told", func() bool {
		return strings.Contains(string(p.raw), `"key":"k","value":"5","told":true`)
	})
}

func TestChangesThatCannotBeRead(t *testing.T) {
	p := running(t)
	for _, c := range []struct{ text, why string }{
		{"", "written 6|7|1,2"}, {"6", "written 6|7|1,2"}, {"||", "a node at least"},
		{"6||6", "S6 is in two lists"}, {"x||", "is no node"}, {"0||", "is no node"},
		{"||9", "no node 9"}, {"9||", "cannot be new"},
	} {
		a := p.ask(input.Intent{Type: input.Change, Text: c.text})
		if why, _ := a["why"].(string); a["accepted"] != false || !strings.Contains(why, c.why) {
			t.Errorf("%q: %v", c.text, a)
		}
	}
	for _, in := range []input.Intent{{Type: input.Read}, {Type: input.Wipe, A: 40},
		{Type: input.Transfer, A: 40}, {Type: input.Read, Text: strings.Repeat("k", 2000)}} {
		if a := p.ask(in); a["accepted"] != false || a["why"] == "" {
			t.Errorf("%s: %v", in.Type, a)
		}
	}
}
