package sim

import (
	"encoding/binary"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
)

// knobs shows f every setting that an address has no word for, by a number that is frozen, and
// sets it to what f gives.
func (c *Config) knobs(f func(k int, v uint64) uint64) {
	knob(f, 1, &c.Fsync)
	knob(f, 2, &c.Think)
	knob(f, 3, &c.Patient)
	knob(f, 4, &c.Rest)
	knob(f, 5, &c.Readers)
	knob(f, 6, &c.SnapshotEvery)
	turn(f, 7, &c.ReadAnywhere)
	knob(f, 8, &c.Link.Delay)
	knob(f, 9, &c.Link.Jitter)
	r := &c.Raft
	knob(f, 20, &r.ElectionMin)
	knob(f, 21, &r.ElectionMax)
	knob(f, 22, &r.Heartbeat)
	turn(f, 23, &r.PreVote)
	turn(f, 24, &r.CheckQuorum)
	turn(f, 25, &r.LeaseReads)
	knob(f, 26, &r.MaxDrift)
	knob(f, 27, &r.CatchUp)
	c.preferredKnob(f, 28)
	knob(f, 30, &r.MaxBatch)
	knob(f, 31, &r.MaxBytes)
	knob(f, 32, &r.MaxInflight)
	knob(f, 33, &r.MaxWindow)
	knob(f, 34, &r.MaxEntry)
	knob(f, 35, &r.MaxPending)
	knob(f, 36, &r.MaxReads)
	knob(f, 37, &r.MaxHeld)
	knob(f, 38, &r.MaxSnapshot)
	knob(f, 39, &r.ChunkSize)
	knob(f, 40, &r.Trailing)
}

// mostKnobs is above every number.
const mostKnobs = 64

func knob[T ~int | ~int64 | ~uint32 | ~uint64](f func(int, uint64) uint64, k int, v *T) {
	*v = T(f(k, uint64(*v)))
}

func turn(f func(int, uint64) uint64, k int, v *bool) {
	n := uint64(0)
	if *v {
		n = 1
	}
	*v = f(k, n) != 0
}

// preferredKnob has a byte for each of the first eight who are preferred.
func (c *Config) preferredKnob(f func(int, uint64) uint64, k int) {
	var v uint64
	for i, id := range c.Raft.Preferred {
		v |= uint64(id) << (8 * i)
	}
	v = f(k, v)
	c.Raft.Preferred = nil
	for ; v != 0; v >>= 8 {
		c.Raft.Preferred = append(c.Raft.Preferred, raft.NodeID(v&0xff))
	}
}

// AppendSettings appends what URI does not say of a configuration: pairs of a number and a value,
// of those settings alone that are not what the URI gives. The error says that something of it
// cannot be said.
func (c *Config) AppendSettings(dst []byte) ([]byte, error) {
	if len(c.Raft.Preferred) > 8 || c.Raft.Rules != nil || c.Flaw != 0 {
		return dst, say.Errorf("sim: this configuration has rules of its own, or prefers more " +
			"than eight servers: it cannot be said in a link")
	}
	usual, err := ParseURI(c.URI())
	if err != nil {
		return dst, err
	}
	if sc, ok := scenarioNamed(usual.Scenario); ok {
		sc.adjust(&usual)
	}
	var values [mostKnobs]uint64
	usual.knobs(func(k int, v uint64) uint64 { values[k] = v; return v })
	c.knobs(func(k int, v uint64) uint64 {
		if v != values[k] {
			dst = binary.AppendUvarint(binary.AppendUvarint(dst, uint64(k)), v)
		}
		return v
	})
	return dst, nil
}

// TakeSettings sets what AppendSettings wrote, all of src; the configuration is then checked. It
// is for one whose scenario changes nothing.
func (c *Config) TakeSettings(src []byte) error {
	var values [mostKnobs]uint64
	var given [mostKnobs]bool
	for len(src) > 0 {
		k, n := binary.Uvarint(src)
		v, m := binary.Uvarint(src[max(n, 0):])
		if n <= 0 || m <= 0 || k >= mostKnobs || given[k] {
			return say.Errorf("sim: the settings are damaged")
		}
		values[k], given[k], src = v, true, src[n+m:]
	}
	c.knobs(func(k int, v uint64) uint64 {
		if given[k] {
			given[k] = false
			return values[k]
		}
		return v
	})
	for k, left := range given {
		if left {
			return say.Errorf("sim: there is a setting %d that this version does not know", k)
		}
	}
	return c.validate()
}
