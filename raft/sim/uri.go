package sim

import (
	"strconv"
	"strings"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
)

// URI says a configuration in the words of the page: sim:?nodes=5&seed=7&store=file. What else
// ParseURI takes is named where it is not as usual.
func (c *Config) URI() string {
	uri := say.Textf("sim:?nodes=%d&seed=%d&store=%s&machine=%s&scenario=%s", c.Nodes, c.Seed,
		c.Store, c.Machine, c.Scenario)
	usual := DefaultConfig()
	if sc, ok := scenarioNamed(c.Scenario); ok {
		usual.Nodes, usual.Seed = c.Nodes, c.Seed
		sc.adjust(&usual)
	}
	l, u := &c.Link, &usual.Link
	for _, n := range [...]struct {
		key        string
		is, wonted uint64
	}{
		{"clients", uint64(c.Clients), uint64(usual.Clients)},
		{"delay", uint64(l.Delay / raft.Millisecond), uint64(u.Delay / raft.Millisecond)},
		{"jitter", uint64(l.Jitter / raft.Millisecond), uint64(u.Jitter / raft.Millisecond)},
		{"loss", uint64(l.Loss), uint64(u.Loss)},
		{"duplicate", uint64(l.Duplicate), uint64(u.Duplicate)},
		{"reorder", uint64(l.Reorder), uint64(u.Reorder)},
	} {
		if n.is != n.wonted {
			uri += "&" + n.key + "=" + strconv.FormatUint(n.is, 10)
		}
	}
	return uri
}

// ParseURI reads a configuration. Keys that are not named keep their default: nodes, seed, store,
// machine, scenario, clients, and delay, jitter (milliseconds), loss, duplicate, reorder (parts per
// million) of every link.
func ParseURI(uri string) (Config, error) {
	c := DefaultConfig()
	query, ok := strings.CutPrefix(uri, "sim:")
	if !ok {
		return c, say.Errorf("sim: %q does not begin with sim:", clip(uri))
	}
	query = strings.TrimPrefix(query, "?")
	if query == "" {
		return c, nil
	}
	for pair := range strings.SplitSeq(query, "&") {
		key, value, ok := strings.Cut(pair, "=")
		if !ok {
			return c, say.Errorf("sim: %q in the address is no key=value", clip(pair))
		}
		if err := c.set(key, value); err != nil {
			return c, err
		}
	}
	return c, c.check()
}

// check says what is wrong with a configuration, its scenario and machine included.
func (c *Config) check() error {
	if _, ok := scenarioNamed(c.Scenario); !ok {
		return say.Errorf("sim: scenario=%q: there are %v", clip(c.Scenario), say.List(Scenarios()))
	}
	if c.Machine != "kv" && c.Machine != "ledger" {
		return say.Errorf("sim: machine=%q: there are kv and ledger", clip(c.Machine))
	}
	return c.validate()
}

func (c *Config) set(key, value string) error {
	switch key {
	case "store":
		c.Store = value
		return nil
	case "machine":
		c.Machine = value
		return nil
	case "scenario":
		c.Scenario = value
		return nil
	case "seed":
		n, err := strconv.ParseUint(value, 0, 64)
		if err != nil {
			return say.Errorf("sim: seed=%q is no number of 64 bits", clip(value))
		}
		c.Seed = n
		return nil
	}
	n, err := strconv.ParseUint(value, 10, 31)
	if err != nil {
		return say.Errorf("sim: %s=%q is no whole number from 0 to 2147483647", clip(key),
			clip(value))
	}
	switch key {
	case "loss", "duplicate", "reorder":
		if n > million {
			return say.Errorf("sim: %s=%d: from 0 to %d, in parts per million", key, n, million)
		}
	}
	switch key {
	case "nodes":
		c.Nodes = int(n)
	case "clients":
		c.Clients = int(n)
	case "delay":
		c.Link.Delay = raft.Time(n) * raft.Millisecond
	case "jitter":
		c.Link.Jitter = raft.Time(n) * raft.Millisecond
	case "loss":
		c.Link.Loss = uint32(n)
	case "duplicate":
		c.Link.Duplicate = uint32(n)
	case "reorder":
		c.Link.Reorder = uint32(n)
	default:
		return say.Errorf("sim: the address has %q, which is unknown", clip(key))
	}
	return nil
}

// million is the whole of what is counted in parts per million.
const million = 1_000_000

// clip keeps a wrong value short enough for a message.
func clip(s string) string {
	if len(s) > 40 {
		return s[:40] + "..."
	}
	return s
}
