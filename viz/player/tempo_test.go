package player

import (
	"math"
	"testing"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/sim"
	"github.com/raftarium/raftarium/raft/trace"
)

const frame = 16 * ms

// watched opens a simulated cluster and plays it until it has a leader and nothing more to say of
// its election.
func watched(t *testing.T, uri string) *Player {
	t.Helper()
	cfg, err := sim.ParseURI(uri)
	if err != nil {
		t.Fatal(err)
	}
	c, err := sim.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	p := New(c, NewDesk(0))
	for range 60 * 60 {
		if p.Tick(frame); leader(p) != 0 {
			return p
		}
	}
	t.Fatalf("%s: nobody led within a minute of watching", uri)
	return nil
}

func leader(p *Player) raft.NodeID {
	if p.State() == nil {
		return 0
	}
	for i := range p.State().Nodes {
		if n := &p.State().Nodes[i]; n.Alive && n.Role == raft.Leader {
			return n.ID
		}
	}
	return 0
}

// play ticks for some wall time and gives the least and the greatest speed that was in force. It
// fails when the speed jumps.
func play(t *testing.T, p *Player, wall raft.Time) (least, most float64) {
	t.Helper()
	least, most = math.Inf(1), 0
	for was := p.Clock().Speed; wall > 0; wall -= frame {
		p.Tick(frame)
		now := p.Clock().Speed
		if change := now / was; change > 1.1 || change < 0.65 {
			t.Fatalf("at %d us the speed jumped from %v to %v", p.At(), was, now)
		}
		least, most, was = min(least, now), max(most, now), now
	}
	return least, most
}

func TestTempoIsOnForSimulationsAlone(t *testing.T) {
	for _, c := range []struct {
		kind  trace.SourceKind
		clock trace.Clock
		calm  bool
		want  bool
	}{
		{trace.Simulation, trace.Driven, false, true},
		{trace.Simulation, trace.Driven, true, false}, // less motion was asked for
		{trace.Recording, trace.Driven, false, false},
		{trace.Live, trace.Running, false, false},
	} {
		src := newFake(c.clock, false)
		src.header.Kind = c.kind
		p := New(src, NewDesk(0))
		p.Calm(c.calm)
		p.Tick(0)
		if got := p.Clock().Auto; got != c.want {
			t.Errorf("%v, calm %v: the tempo is on: %v", c.kind, c.calm, got)
		}
		if err := p.SetAuto(); (err != nil) != (c.clock == trace.Running) {
			t.Errorf("%v: choosing it says %v", c.kind, err)
		}
	}
}

// A cluster in which only heartbeats and replies flow is played fast.
func TestQuietTimesAreFast(t *testing.T) {
	p := watched(t, "sim:?nodes=5&seed=7&scenario=quiet")
	play(t, p, 4*raft.Second) // the election's last messages
	if least, most := play(t, p, 3*raft.Second); least < 0.9*QuietSpeed || most > QuietSpeed {
		t.Errorf("between %v and %v, not %v", least, most, QuietSpeed)
	}
}

// After a kill the next election comes within seconds of watching, though clients ask on, and is
// itself slow.
func TestElectionsComeSoonAndAreSlow(t *testing.T) {
	for _, uri := range []string{"sim:?nodes=5&seed=7&scenario=quiet", "sim:?nodes=5&seed=7",
		"sim:?nodes=3&seed=4"} {
		p := watched(t, uri)
		play(t, p, 6*raft.Second)
		old := leader(p)
		p.Do(trace.Command{Kind: trace.CommandKill, Node: old})
		p.Tick(frame)
		at, wall := p.At(), raft.Time(0)
		for ; !electing(p) && wall < 10*raft.Second; wall += frame {
			p.Tick(frame)
		}
		if wall > 5*raft.Second {
			t.Errorf("%s: the election came after %d ms of watching and %d ms of the run", uri,
				wall/ms, (p.At()-at)/ms)
		}
		play(t, p, 300*ms)
		for electing(p) {
			if _, most := play(t, p, 100*ms); most > 1.3*SimulationSpeed {
				t.Fatalf("%s: at %d us the election is played at %v", uri, p.At(), most)
			}
		}
		if now := leader(p); now == 0 || now == old {
			t.Errorf("%s: after the election S%d leads, before it S%d", uri, now, old)
		}
	}
}

// electing reports whether somebody stands for election.
func electing(p *Player) bool {
	for i := range p.State().Nodes {
		n := &p.State().Nodes[i]
		if n.Alive && (n.Role == raft.PreCandidate || n.Role == raft.Candidate) {
			return true
		}
	}
	return false
}

// A client's write, a fault and a return slow the tempo down.
func TestWhatIsWorthSeeingIsSlow(t *testing.T) {
	for _, c := range []trace.Command{
		{Kind: trace.CommandPropose, Key: "x", Value: "7"},
		{Kind: trace.CommandPause, Node: 2},
		{Kind: trace.CommandCut, From: 1, To: 2, Both: true},
	} {
		p := watched(t, "sim:?nodes=5&seed=7&scenario=quiet")
		play(t, p, 6*raft.Second)
		p.Do(c)
		if least, _ := play(t, p, raft.Second); least > 1.1*SimulationSpeed {
			t.Errorf("%v: the speed is still %v a second later", c.Kind, least)
		}
	}
}

// What is on its way decides too: votes, entries, chunks and fresh writes are slow, heartbeats,
// acknowledgements and what waits for an election are fast, and the nearer an election is the
// slower.
func TestWhatAStateIsWorth(t *testing.T) {
	leads := trace.NodeState{ID: 1, Known: true, Alive: true, Role: raft.Leader}
	waits := trace.NodeState{ID: 2, Known: true, Alive: true, Deadline: 1150 * ms}
	soon, late := waits, waits
	soon.Deadline, late.Deadline = 1010*ms, 1030*ms
	flight := func(body raft.Body, fate trace.Fate) trace.State {
		return trace.State{Flights: []trace.Flight{{Message: raft.Message{Body: body}, Fate: fate}},
			Nodes: []trace.NodeState{leads, waits}}
	}
	request := func(at raft.Time, outcome raft.Outcome, nodes ...trace.NodeState) trace.State {
		return trace.State{Requests: []trace.Request{{At: at, Outcome: outcome}}, Nodes: nodes}
	}
	entries := &raft.AppendEntries{Entries: []raft.Entry{{Index: 1}}}
	for name, c := range map[string]struct {
		state trace.State
		want  float64
	}{
		"nothing":              {trace.State{Nodes: []trace.NodeState{leads, waits}}, QuietSpeed},
		"a heartbeat":          {flight(&raft.AppendEntries{}, trace.Flying), QuietSpeed},
		"an acknowledgement":   {flight(&raft.AppendEntriesReply{}, trace.Flying), QuietSpeed},
		"entries":              {flight(entries, trace.Flying), SimulationSpeed},
		"entries, arrived":     {flight(entries, trace.Arrived), QuietSpeed},
		"a vote":               {flight(&raft.RequestVoteReply{}, trace.Flying), SimulationSpeed},
		"a chunk":              {flight(&raft.InstallSnapshot{}, trace.Flying), SimulationSpeed},
		"a fresh write":        {request(990*ms, 0, leads, waits), SimulationSpeed},
		"an answered write":    {request(990*ms, raft.OutcomeOK, leads, waits), QuietSpeed},
		"a write that waits":   {request(900*ms, 0, leads, waits), QuietSpeed},
		"a write to nobody":    {request(990*ms, 0, waits), QuietSpeed},
		"an election at hand":  {trace.State{Nodes: []trace.NodeState{soon}}, SimulationSpeed},
		"an election to come":  {trace.State{Nodes: []trace.NodeState{late}}, 0.05},
		"nobody who can stand": {trace.State{}, QuietSpeed},
	} {
		c.state.At = raft.Second
		if got := quietSpeed(&c.state); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s is worth %v, not %v", name, got, c.want)
		}
	}
}

// What a person does is slow, also when it changes nothing yet: a write while nobody leads.
func TestWhatAPersonDoesIsSlow(t *testing.T) {
	p := watched(t, "sim:?nodes=5&seed=7&scenario=quiet")
	play(t, p, 6*raft.Second)
	p.Do(trace.Command{Kind: trace.CommandKill, Node: leader(p)})
	play(t, p, 1500*ms)
	if p.Clock().Speed < 2*SimulationSpeed {
		t.Fatalf("the wait is played at %v", p.Clock().Speed)
	}
	p.Do(trace.Command{Kind: trace.CommandPropose, Key: "x", Value: "7"})
	if least, _ := play(t, p, 500*ms); least > 1.1*SimulationSpeed {
		t.Errorf("the write is played at %v", least)
	}
}

// Who chooses a speed has it, until the automatic one is chosen again.
func TestManualSpeedEndsTheTempo(t *testing.T) {
	p := watched(t, "sim:?nodes=5&seed=7&scenario=quiet")
	p.SetSpeed(0.02)
	if least, most := play(t, p, 5*raft.Second); least != 0.02 || most != 0.02 || p.Clock().Auto {
		t.Errorf("between %v and %v, automatic: %v", least, most, p.Clock().Auto)
	}
	if err := p.SetAuto(); err != nil {
		t.Fatal(err)
	}
	if _, most := play(t, p, 5*raft.Second); most < 0.9*QuietSpeed || !p.Clock().Auto {
		t.Errorf("automatic again, it reaches %v", most)
	}
}

// Before the source has said what it is, what was chosen counts too.
func TestManualSpeedBeforeTheSource(t *testing.T) {
	src := newFake(trace.Driven, false)
	src.pending = true
	p := New(src, NewDesk(0))
	p.SetSpeed(1)
	src.pending = false
	if p.Tick(0); p.Clock().Auto || p.Clock().Speed != 1 {
		t.Errorf("%+v", p.Clock())
	}
}

// In the past the tempo is the same as it was at the edge: it looks at the state alone.
func TestTempoInThePast(t *testing.T) {
	p := watched(t, "sim:?nodes=5&seed=7&scenario=quiet")
	first := p.At()
	play(t, p, 8*raft.Second)
	p.SeekTime(first - 10*ms)
	least, _ := play(t, p, raft.Second)
	_, most := play(t, p, 6*raft.Second)
	if least > 1.1*SimulationSpeed || most < 0.9*QuietSpeed {
		t.Errorf("the election is replayed at %v, the quiet behind it at %v", least, most)
	}
}

// The tempo of the plain cluster, for people: go test -run TempoOfAPlainCluster -v.
func TestTempoOfAPlainCluster(t *testing.T) {
	p := watched(t, "sim:?nodes=5&seed=7")
	begin := p.At()
	for i := range 20 {
		least, most := play(t, p, raft.Second)
		t.Logf("%2d s: at %d ms, from 1/%.0f to 1/%.0f", i+1, (p.At()-begin)/ms, 1/least,
			1/most)
	}
	if run := p.At() - begin; run < 400*ms {
		t.Errorf("20 s of watching are %d ms of the run", run/ms)
	}
}
