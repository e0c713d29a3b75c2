package scenario

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/sim"
	"github.com/raftarium/raftarium/raft/trace"
)

// Whoever writes something wrong is told where, and what may stand there.
func TestErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "x.txt: a title is missing"},
		{"title", "x.txt:1: a text is missing"},
		{"title a\ntitle b", "x.txt:2: title was said already"},
		{"title a\nnodes 0", "x.txt:2: a cluster has 1 to 101 servers"},
		{"title a\nnodes many", `x.txt:2: "many" is no whole number`},
		{"title a\nnodes 3 4", `x.txt:2: "4" stands behind the end`},
		{"title a\npreVote maybe", `x.txt:2: "maybe" is no switch; there may stand off, on`},
		{"title a\nstore tape", `x.txt:2: "tape" is no store; there may stand file, memory`},
		{"title a\nbug none", `x.txt:2: "none" is no bug; there may stand votes-for-everyone`},
		{"title a\nheartbeat 140ms", "x.txt: sim: raft: Heartbeat 140000 us must be above 0"},
		{"title a\ndelay 5", `x.txt:2: "5" is no time up to 600s, like 500ms`},
		{"title a\ndelay 601s", "is no time up to 600s"},
		{"title a\nloss 101%", `"101%" is no share, like 10%`},
		{"title a\nloss 0.00001%", "is no share"},
		{"title a\nkil S1",
			`x.txt:2: "kil" is no setting or step; there may stand >, run, expect, kill`},
		{"title a\nkill S1\nnodes 3", `x.txt:3: "nodes" is no step; there may stand >, run`},
		{"title a\nkill S6", `x.txt:2: "S6" is no server; there are S1 to S5`},
		{"title a\nnodes 3\nkill S4", "there are S1 to S3"},
		{"title a\nkill", "nothing is no server"},
		{"title a\nkill S1 S2", `"S2" stands behind the end`},
		{"title a\ncut S1 S1", "there is no link from S1 to itself"},
		{"title a\ncut S1", "nothing is no server"},
		{"title a\npartition S1 S2 | S2", "S2 stands there twice"},
		{"title a\npartition S1 |", "nothing is no server"},
		{"title a\npropose x", `"x" is no key=value`},
		{"title a\npropose x=1 at", "nothing is no server"},
		{"title a\nlink S1 S2 speed=3",
			`"speed" is no word for a link; there may stand delay=50ms`},
		{"title a\nlink S1 S2 clog=1", "clog has no value"},
		{"title a\ndisk S1 damage=all",
			`"all" is no damage; there may stand none, torn, tail, log`},
		{"title a\nclock S1 skew=--5ms", "is no time"},
		{"title a\nchange joint", "nothing is no change; there may stand vote S4"},
		{"title a\nrun", "nothing is no time"},
		{"title a\nrun until", "nothing is no condition; there may stand leader"},
		{"title a\nrun until leader within soon", `"soon" is no time`},
		{"title a\nexpect dragons", `"dragons" is no condition; there may stand leader, two, role`},
		{"title a\nexpect leader and", "nothing is no condition"},
		{"title a\nexpect two cats", `"two cats" is no condition`},
		{"title a\nexpect role S1 king",
			`"king" is no role; there may stand follower, preCandidate`},
		{"title a\nexpect term 4", `"4" is no comparison; there may stand =, >=, <=, >, <`},
		{"title a\nexpect term = x", `"x" is no whole number`},
		{"title a\nexpect log 1@1", `"on S1" or "on all" is missing`},
		{"title a\nexpect log on S1", "a log is missing"},
		{"title a\nexpect vote S1", "is missing"},
		{"title a\nexpect broken heart",
			`"heart" is no property; there may stand all, electionSafety`},
		{"title a\nexpect event party", `"party" is no event; there may stand started, crashed`},
		{"title a\nexpect event voteRefused because of", `"of" is no reason`},
		{"title a\nexpect event dropped because of",
			"is no reason for a drop; there may stand lost"},
		{"title a\nexpect event started append", `"append" stands behind the end`},
		{"title a\nexpect refused expect leader", `"expect" is no setting or step`},
		{"title a\n" + strings.Repeat("run 1ms\n", maxSteps+1), "at most 4096 steps"},
		{"title a\n" + strings.Repeat("run 600s\n", 7), "x.txt:8: a scenario takes at most 3600s"},
		{strings.Repeat("#", maxText+1), "at most 262144 bytes"},
		{"title a\nkill S\x00\xff" + strings.Repeat("y", 99), `"S\x00\xffyyy`},
	} {
		s, err := Parse("x", c.text)
		if err == nil {
			t.Errorf("%.60q was taken: %+v", c.text, s)
			continue
		}
		if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.60q\n  said  %v\n  not   %s", c.text, err, c.want)
		}
	}
}

// Every command that a source may take can be said in a scenario, and says again what it was.
func TestEveryCommand(t *testing.T) {
	cfg := defaults()
	samples := map[trace.CommandKind][]trace.Command{
		trace.CommandCut:       {{From: 1, To: 2}, {From: 4, To: 2, Both: true}},
		trace.CommandHeal:      {{From: 1, To: 2}, {From: 4, To: 2, Both: true}},
		trace.CommandPartition: {{Groups: [][]raft.NodeID{{1, 2}, {3}, {5, 4}}}},
		trace.CommandHealAll:   {{}},
		trace.CommandPropose:   {{Key: "x", Value: "1"}, {Key: "x", Value: "a=b", Node: 3}},
		trace.CommandLink: {{From: 1, To: 2, Link: cfg.Link},
			{From: 2, To: 1, Link: trace.Link{Delay: 1234567, Jitter: 1, Loss: 1,
				Duplicate: 999_999,
				Reorder:   1_000_000, Clog: true}}},
	}
	samples[trace.CommandRead] = []trace.Command{{Key: "x"}, {Key: "x", Node: 2}}
	samples[trace.CommandTransfer] = []trace.Command{{}, {Node: 2}}
	samples[trace.CommandDisk] = []trace.Command{{Node: 1}, {Node: 2, Disk: trace.Disk{Slow: 1500,
		Stuck: true, Full: true, Failing: true, Damage: trace.DamageLog}}}
	samples[trace.CommandClock] = []trace.Command{{Node: 1}, {Node: 2, Clock: trace.NodeClock{
		Skew: -1500, Drift: 20}}, {Node: 2, Clock: trace.NodeClock{Skew: 5, Drift: -300_000}}}
	samples[trace.CommandChange] = []trace.Command{{Change: raft.Change{Vote: []raft.NodeID{4, 5},
		Learn: []raft.NodeID{1}, Remove: []raft.NodeID{2}, Joint: true}}}
	for k := trace.CommandKind(1); k.String() != "unknown"; k++ {
		v, ok := verbOf(k)
		if !ok {
			t.Errorf("%v has no row among the verbs", k)
			continue
		}
		if v.text == "" {
			t.Errorf("%v: it does not say what it does", k)
		}
		cmds, ok := samples[k]
		if !ok {
			cmds = []trace.Command{{Node: 2}}
		}
		for i := range cmds {
			cmds[i].Kind = k
			text := commandText(&cmds[i], &cfg)
			s, err := Parse("x", "title t\n"+text)
			if err != nil {
				t.Errorf("%v: %v", k, err)
				continue
			}
			got := s.Steps[0].Commands[0]
			if again := commandText(&got, &cfg); again != text || !reflect.DeepEqual(got, cmds[i]) {
				t.Errorf("%q is read as %+v, and was %+v", text, got, cmds[i])
			}
		}
	}
}

// Every setting is read as it is written, and every field of a configuration has one, but for those
// that the cluster or the scenario itself sets.
func TestEverySetting(t *testing.T) {
	own := []string{"Scenario", "Group", "ID", "Boot", "Members", "Seed", "Cut", "Clog"}
	plain := defaults()
	for _, part := range []func(*sim.Config) any{
		func(c *sim.Config) any { return c },
		func(c *sim.Config) any { return &c.Raft },
		func(c *sim.Config) any { return &c.Link },
	} {
		typ := reflect.TypeOf(part(&plain)).Elem()
		for i := range typ.NumField() {
			cfg := defaults()
			if !change(reflect.ValueOf(part(&cfg)).Elem().Field(i)) {
				continue
			}
			set := differing(&cfg, &plain)
			if name := typ.Field(i).Name; set == nil {
				if !slices.Contains(own, name) {
					t.Errorf("%v.%s has no setting", typ, name)
				}
				continue
			}
			var read sim.Config
			if !set.copy(&read, &cfg) || set.write(&read) != set.write(&cfg) {
				t.Errorf("%s %s is read as %s", set.name, set.write(&cfg), set.write(&read))
			}
		}
	}
	for _, s := range settings() {
		if s.text == "" {
			t.Errorf("%s does not say what it is", s.name)
		}
	}
}

// change gives a field another value; false for what no setting can have.
func change(f reflect.Value) bool {
	switch f.Kind() {
	case reflect.Bool:
		f.SetBool(!f.Bool())
	case reflect.Int, reflect.Int64:
		f.SetInt(f.Int() + 1)
	case reflect.Uint32, reflect.Uint64:
		f.SetUint(f.Uint() + 1)
	case reflect.String:
		f.SetString(map[string]string{"file": "memory", "kv": "ledger"}[f.String()])
	case reflect.Slice:
		f.Set(reflect.ValueOf([]raft.NodeID{2, 1}))
	default:
		return false
	}
	return true
}

// differing gives the setting in which two configurations differ; nil for none.
func differing(a, b *sim.Config) *setting {
	for _, s := range settings() {
		if s.write(a) != s.write(b) {
			return &s
		}
	}
	return nil
}

// All that can be said stands in one text.
func TestLanguage(t *testing.T) { golden(t, "testdata/language.golden", Language()) }

// An address opens a scenario of the library, or else a simulation.
func TestOpen(t *testing.T) {
	for _, c := range []struct{ uri, title string }{
		{"sim:?scenario=figure8", "Figure 8: on a majority, and not committed"},
		{"sim:?nodes=3&scenario=figure8&seed=4", "Figure 8: on a majority, and not committed"},
		{"sim:?nodes=3&scenario=away", "away"},
		{"sim:", "first"},
	} {
		src, err := Open(c.uri)
		if err != nil {
			t.Errorf("%s: %v", c.uri, err)
			continue
		}
		if h := src.Header(); h.Title != c.title {
			t.Errorf("%s has the title %q", c.uri, h.Title)
		}
	}
	for _, uri := range []string{"", "ws://x", "sim:?scenario=none", "sim:?nodes=0",
		"sim:?scenario=.."} {
		if _, err := Open(uri); err == nil {
			t.Errorf("%q was opened", uri)
		}
	}
}

// FuzzParse holds that no text does harm, and that what is taken can be played a little.
func FuzzParse(f *testing.F) {
	for _, name := range Names() {
		text, err := Source(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add("title a\nnodes 3\nlink all loss=0.5%\npropose a=b at S1\nexpect no two leaders and " +
		"quiet")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse("x", text)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "x.txt") {
				t.Errorf("the error does not name the file: %v", err)
			}
			return
		}
		p, err := s.Play()
		if err != nil {
			t.Fatalf("it was taken and cannot be played: %v", err)
		}
		buf := make([]trace.Event, 0, 64)
		for range 20 {
			if _, _, err := p.Next(200*raft.Millisecond, buf); err != nil {
				t.Fatal(err)
			}
		}
	})
}
