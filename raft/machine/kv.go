package machine

import (
	"encoding/binary"
	"errors"
	"maps"
	"slices"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/say"
)

// Op is what a command asks of the key-value machine. Values are frozen: logs hold them.
type Op uint8

// The operations.
const (
	OpGet    Op = 1 // read; in the log it is a read that needs no other proof
	OpPut    Op = 2
	OpDelete Op = 3
	OpCAS    Op = 4 // put if the value is Expect
)

var opNames = [...]string{"", "get", "put", "delete", "cas"}

// String gives the operation's name.
func (o Op) String() string {
	if int(o) < len(opNames) {
		return opNames[o]
	}
	return "unknown"
}

// Command is one request to the key-value machine.
type Command struct {
	Op     Op
	Key    string
	Value  string
	Expect string // OpCAS
	// Session and Seq make a repeated request harmless (section 8): a session's highest Seq is
	// answered from memory when it comes again. The zero Session is none.
	Session [16]byte
	Seq     uint64
}

// Result is what the key-value machine answers.
type Result struct {
	Found bool   // the key had a value (before a put or delete; after a get)
	Done  bool   // the command took effect; false for a cas whose Expect did not hold
	Value string // of a get; of a cas the value found
	Err   string // the command could not be read
}

// The limits of the key-value machine, and of its sessions: the oldest go first.
const (
	MaxKey      = 1 << 10
	MaxValue    = 1 << 20
	MaxSessions = 4096
)

var (
	errShort = errors.New("it is cut short")
	errOrder = errors.New("its keys or sessions are not in order")
)

// Encode gives the command's bytes for the log.
func (c Command) Encode() []byte {
	b := make([]byte, 0, 32+len(c.Key)+len(c.Value)+len(c.Expect))
	b = append(b, byte(c.Op))
	b = appendText(b, c.Key)
	b = appendText(b, c.Value)
	if c.Op == OpCAS {
		b = appendText(b, c.Expect)
	}
	if c.Seq != 0 {
		b = append(b, c.Session[:]...)
		b = binary.AppendUvarint(b, c.Seq)
	}
	return b
}

// DecodeCommand reads a command's bytes.
func DecodeCommand(b []byte) (c Command, err error) {
	if len(b) == 0 {
		return c, errShort
	}
	c.Op = Op(b[0])
	if c.Op < OpGet || c.Op > OpCAS {
		return c, say.Errorf("operation %d is unknown", b[0])
	}
	if c.Key, b, err = takeText(b[1:]); err != nil {
		return c, say.Errorf("reading the key: %w", err)
	}
	if c.Value, b, err = takeText(b); err != nil {
		return c, say.Errorf("reading the value: %w", err)
	}
	if c.Op == OpCAS {
		if c.Expect, b, err = takeText(b); err != nil {
			return c, say.Errorf("reading the expected value: %w", err)
		}
	}
	if len(b) == 0 {
		return c, nil
	}
	if len(b) < 17 {
		return c, say.Errorf("reading the session: %w", errShort)
	}
	copy(c.Session[:], b)
	seq, n := binary.Uvarint(b[16:])
	if n <= 0 || 16+n != len(b) {
		return c, errors.New("the session's number is malformed")
	}
	c.Seq = seq
	return c, nil
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func takeText(b []byte) (s string, rest []byte, err error) {
	size, n := binary.Uvarint(b)
	if n <= 0 || size > uint64(len(b)-n) {
		return "", nil, errShort
	}
	return string(b[n : n+int(size)]), b[n+int(size):], nil
}

// Encode gives the result's bytes.
func (r Result) Encode() []byte {
	var flags byte
	if r.Found {
		flags |= 1
	}
	if r.Done {
		flags |= 2
	}
	return appendText(appendText([]byte{flags}, r.Value), r.Err)
}

// DecodeResult reads a result's bytes.
func DecodeResult(b []byte) (r Result, err error) {
	if len(b) == 0 {
		return r, errShort
	}
	r.Found, r.Done = b[0]&1 != 0, b[0]&2 != 0
	if r.Value, b, err = takeText(b[1:]); err != nil {
		return r, err
	}
	r.Err, _, err = takeText(b)
	return r, err
}

// KV is a map of keys to values, with sessions that make a repeated command harmless.
type KV struct {
	values   map[string]string
	sessions map[[16]byte]session
	applied  raft.Index // orders sessions by their last use
}

type session struct {
	seq    uint64
	used   raft.Index
	result string // encoded
}

// NewKV gives an empty map.
func NewKV() *KV {
	return &KV{values: map[string]string{}, sessions: map[[16]byte]session{}}
}

// Name implements StateMachine.
func (*KV) Name() string { return "kv" }

// Len gives the number of keys.
func (kv *KV) Len() int { return len(kv.values) }

// Get reads a key as this server has it, which may be behind the others.
func (kv *KV) Get(key string) (value string, found bool) {
	value, found = kv.values[key]
	return value, found
}

// Apply implements StateMachine.
func (kv *KV) Apply(e raft.Entry) []byte {
	kv.applied = e.Index
	if e.Kind != raft.EntryCommand {
		return nil
	}
	c, err := DecodeCommand(e.Data)
	if err != nil {
		return Result{Err: say.Textf("entry %d: %v", e.Index, err)}.Encode()
	}
	if c.Seq == 0 {
		return kv.do(c).Encode()
	}
	s := kv.sessions[c.Session]
	switch {
	case c.Seq == s.seq:
		return []byte(s.result)
	case c.Seq < s.seq:
		return Result{Err: "the session has gone on; this request was answered before"}.Encode()
	}
	result := kv.do(c).Encode()
	kv.sessions[c.Session] = session{seq: c.Seq, used: e.Index, result: string(result)}
	kv.forgetSessions()
	return result
}

// Read implements StateMachine. The query is a Command of OpGet.
func (kv *KV) Read(query []byte) []byte {
	c, err := DecodeCommand(query)
	switch {
	case err != nil:
		return Result{Err: say.Textf("the query cannot be read: %v", err)}.Encode()
	case c.Op != OpGet:
		return Result{Err: say.Textf("a %s is no read", c.Op.String())}.Encode()
	}
	return kv.do(c).Encode()
}

func (kv *KV) do(c Command) Result {
	old, found := kv.values[c.Key]
	r := Result{Found: found, Done: true}
	switch c.Op {
	case OpGet:
		r.Value = old
	case OpPut:
		kv.values[c.Key] = c.Value
	case OpDelete:
		delete(kv.values, c.Key)
	case OpCAS:
		r.Value, r.Done = old, found && old == c.Expect
		if r.Done {
			kv.values[c.Key] = c.Value
		}
	}
	return r
}

// forgetSessions keeps the table bounded: the eighth that was used least recently goes, on every
// server the same.
func (kv *KV) forgetSessions() {
	if len(kv.sessions) <= MaxSessions {
		return
	}
	ids := kv.sessionIDs()
	slices.SortStableFunc(ids, func(a, b [16]byte) int {
		return int(int64(kv.sessions[a].used) - int64(kv.sessions[b].used))
	})
	for _, id := range ids[:MaxSessions/8] {
		delete(kv.sessions, id)
	}
}

func (kv *KV) sessionIDs() [][16]byte {
	return slices.SortedFunc(maps.Keys(kv.sessions), func(a, b [16]byte) int {
		return slices.Compare(a[:], b[:])
	})
}

// Snapshot implements StateMachine. Keys and sessions stand in order, so that equal states have
// equal bytes.
func (kv *KV) Snapshot() []byte {
	b := binary.AppendUvarint([]byte("kv1"), uint64(kv.applied))
	b = binary.AppendUvarint(b, uint64(len(kv.values)))
	for _, k := range slices.Sorted(maps.Keys(kv.values)) {
		b = appendText(appendText(b, k), kv.values[k])
	}
	b = binary.AppendUvarint(b, uint64(len(kv.sessions)))
	for _, id := range kv.sessionIDs() {
		s := kv.sessions[id]
		b = append(b, id[:]...)
		b = binary.AppendUvarint(b, s.seq)
		b = binary.AppendUvarint(b, uint64(s.used))
		b = appendText(b, s.result)
	}
	return b
}

// Restore implements StateMachine.
func (kv *KV) Restore(b []byte) error {
	r := reader{rest: b}
	if r.raw(3) != "kv1" {
		return errors.New("restoring the kv machine: these bytes are no kv snapshot")
	}
	fresh := NewKV()
	fresh.applied = raft.Index(r.number())
	last := ""
	for i := range r.count() {
		k := r.text()
		if i > 0 && k <= last {
			r.fail(errOrder)
		}
		fresh.values[k], last = r.text(), k
	}
	last = ""
	for i := range r.count() {
		var id [16]byte
		k := r.raw(16)
		if copy(id[:], k); i > 0 && k <= last {
			r.fail(errOrder)
		}
		last = k
		fresh.sessions[id] = session{seq: r.number(), used: raft.Index(r.number()),
			result: r.text()}
	}
	if r.err != nil || len(r.rest) != 0 {
		return say.Errorf("restoring the kv machine: %w", errors.Join(r.err, r.left()))
	}
	*kv = *fresh
	return nil
}

// Clone implements StateMachine.
func (kv *KV) Clone() StateMachine {
	return &KV{values: maps.Clone(kv.values), sessions: maps.Clone(kv.sessions),
		applied: kv.applied}
}
