package scenario

import (
	"strings"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/sim"
	"github.com/raftarium/raftarium/raft/trace"
)

// value is a part of a fault: name=50ms, or the name alone for a switch.
type value struct {
	name   string
	sample string
	read   func(*line, string) error
	write  func() string // empty when it is as plain
}

// values takes name=value until the line ends.
func (l *line) values(what string, all []value) error {
	for len(l.words) > 0 {
		name, text, _ := strings.Cut(l.next(), "=")
		known := false
		for i := range all {
			if all[i].name == name {
				known = true
				if err := all[i].read(l, text); err != nil {
					return err
				}
			}
		}
		if !known {
			var samples []string
			for i := range all {
				samples = append(samples, all[i].sample)
			}
			return l.choice("word for a "+what, name, samples)
		}
	}
	return nil
}

// valuesText writes what values reads.
func valuesText(all []value) string {
	var words []string
	for i := range all {
		if w := all[i].write(); w != "" {
			words = append(words, w)
		}
	}
	return strings.Join(words, " ")
}

func timeValue(name string, t *raft.Time, plain raft.Time) value {
	return value{name, name + "=50ms", func(l *line, text string) (err error) {
		*t, err = l.spanOf(text)
		return err
	}, func() string {
		if *t == plain {
			return ""
		}
		return name + "=" + spanText(*t)
	}}
}

func shareValue(name string, ppm *uint32, plain uint32) value {
	return value{name, name + "=5%", func(l *line, text string) (err error) {
		*ppm, err = l.shareOf(text)
		return err
	}, func() string {
		if *ppm == plain {
			return ""
		}
		return name + "=" + shareText(*ppm)
	}}
}

func switchValue(name string, on *bool) value {
	return value{name, name, func(l *line, text string) error {
		if *on = true; text != "" {
			return l.errorf("%s has no value", name)
		}
		return nil
	}, func() string {
		if !*on {
			return ""
		}
		return name
	}}
}

// linkValues gives what can be said of a link, beside that it is cut.
func linkValues(k *trace.Link, plain *trace.Link) []value {
	return []value{
		timeValue("delay", &k.Delay, plain.Delay), timeValue("jitter", &k.Jitter, plain.Jitter),
		shareValue("loss", &k.Loss, plain.Loss),
		shareValue("duplicate", &k.Duplicate, plain.Duplicate),
		shareValue("reorder", &k.Reorder, plain.Reorder), switchValue("clog", &k.Clog),
	}
}

// readLink reads how a link, both of its directions or all links are from now on.
func readLink(l *line, cfg *sim.Config) ([]trace.Command, error) {
	var cmds []trace.Command
	add := func(from, to raft.NodeID) {
		cmds = append(cmds, trace.Command{Kind: trace.CommandLink, From: from, To: to})
	}
	if l.accept("all") {
		for from := 1; from <= l.nodes; from++ {
			for to := 1; to <= l.nodes; to++ {
				if from != to {
					add(raft.NodeID(from), raft.NodeID(to))
				}
			}
		}
	} else {
		from, to, both, err := l.link()
		if err != nil {
			return nil, err
		}
		if add(from, to); both {
			add(to, from)
		}
	}
	link := cfg.Link
	err := l.values("link", linkValues(&link, &cfg.Link))
	for i := range cmds {
		cmds[i].Link = link
	}
	return cmds, err
}

func writeLink(cmd *trace.Command, cfg *sim.Config) string {
	return strings.TrimSpace(writePair(cmd.From, cmd.To, false) + " " +
		valuesText(linkValues(&cmd.Link, &cfg.Link)))
}

func diskValues(d *trace.Disk) []value {
	return []value{timeValue("slow", &d.Slow, 0), switchValue("stuck", &d.Stuck),
		switchValue("full", &d.Full), switchValue("failing", &d.Failing),
		{"damage", "damage=tail", func(l *line, text string) error {
			var names []string
			for k := trace.DamageNone; k <= trace.DamageLog; k++ {
				if names = append(names, k.String()); k.String() == text {
					d.Damage = k
					return nil
				}
			}
			return l.choice("damage", text, names)
		}, func() string {
			if d.Damage == trace.DamageNone {
				return ""
			}
			return "damage=" + d.Damage.String()
		}}}
}

func readDisk(l *line, _ *sim.Config) ([]trace.Command, error) {
	cmd := trace.Command{Kind: trace.CommandDisk}
	var err error
	if cmd.Node, err = l.server(); err != nil {
		return nil, err
	}
	err = l.values("disk", diskValues(&cmd.Disk))
	return []trace.Command{cmd}, err
}

func writeDisk(cmd *trace.Command, _ *sim.Config) string {
	return strings.TrimSpace(cmd.Node.String() + " " + valuesText(diskValues(&cmd.Disk)))
}

func clockValues(c *trace.NodeClock) []value {
	return []value{
		{"skew", "skew=-50ms", func(l *line, text string) error {
			digits, behind := strings.CutPrefix(text, "-")
			t, err := l.spanOf(digits)
			if c.Skew = t; behind {
				c.Skew = -t
			}
			return err
		}, func() string {
			switch {
			case c.Skew == 0:
				return ""
			case c.Skew < 0:
				return "skew=-" + spanText(-c.Skew)
			}
			return "skew=" + spanText(c.Skew)
		}},
		{"drift", "drift=-0.5%", func(l *line, text string) error {
			digits, slow := strings.CutPrefix(text, "-")
			ppm, err := l.shareOf(digits)
			if c.Drift = int32(ppm); slow {
				c.Drift = -c.Drift
			}
			return err
		}, func() string {
			switch {
			case c.Drift == 0:
				return ""
			case c.Drift < 0:
				return "drift=-" + shareText(uint32(-c.Drift))
			}
			return "drift=" + shareText(uint32(c.Drift))
		}},
	}
}

func readClock(l *line, _ *sim.Config) ([]trace.Command, error) {
	cmd := trace.Command{Kind: trace.CommandClock}
	var err error
	if cmd.Node, err = l.server(); err != nil {
		return nil, err
	}
	err = l.values("clock", clockValues(&cmd.Clock))
	return []trace.Command{cmd}, err
}

func writeClock(cmd *trace.Command, _ *sim.Config) string {
	return strings.TrimSpace(cmd.Node.String() + " " + valuesText(clockValues(&cmd.Clock)))
}
