package sim

import (
	"strconv"
	"strings"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
)

// URI says a configuration in the words of the page: sim:?nodes=5&seed=7&store=file.
func (c *Config) URI() string {
	return say.Textf("sim:?nodes=%d&seed=%d&store=%s&machine=%s&scenario=%s", c.Nodes, c.Seed,
		c.Store, c.Machine, c.Scenario)
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

// clip keeps a wrong value short enough for a message.
func clip(s string) string {
	if len(s) > 40 {
		return s[:40] + "..."
	}
	return s
}
