package trace

import (
	"encoding/binary"
	"math/bits"

	"github.com/raftarium/raftarium/raft"
)

// The rolling hash of a run. Its encoding is its own and frozen, apart from the binary form of
// events: links and golden tables hold it. What is hashed of an event is all that the binary form
// keeps but How, each field as one word, texts eight bytes at a time.
const (
	hashSeed = 0x9e3779b97f4a7c15
	hashMul  = 0xd1342543de82ef95
)

// fold folds a word into a hash: the halves of a 128-bit product, xored.
func fold(h, word uint64) uint64 {
	hi, lo := bits.Mul64(h^word^hashSeed, hashMul)
	return hi ^ lo ^ bits.RotateLeft64(word, 23)
}

// HashEvent gives the rolling hash of a run that is one event longer. Events that lie beside the
// run change nothing. The hash of the empty run is 0.
func HashEvent(h uint64, ev *Event) uint64 {
	if ev.Body == nil || !ev.Body.Kind().InRun() {
		return h
	}
	h = fold(h, uint64(ev.Body.Kind()))
	h = foldID(h, ev.ID)
	h = foldID(h, ev.Cause)
	h = fold(h, uint64(ev.At))
	switch b := ev.Body.(type) {
	case Decided:
		return foldNote(h, &b.Note)
	case Sent:
		h = foldMessage(h, &b.Message)
		h = fold(h, uint64(b.Bytes))
		return fold(h, uint64(b.Due))
	case Delivered:
		h = foldID(h, b.Msg)
		return fold(h, uint64(b.Copy))
	case Saved:
		h = fold(h, uint64(b.Write))
		h = fold(h, uint64(b.Term))
		h = fold(h, uint64(b.Vote))
		return foldMark(h, b.Last)
	case Applied:
		h = fold(h, uint64(b.From))
		h = fold(h, uint64(b.To))
		if b.CRC != 0 {
			h = fold(h, uint64(b.CRC))
		}
		return h
	case Other:
		return foldBytes(h, b.Raw)
	}
	return foldRare(h, ev.Body)
}

func foldRare(h uint64, body Body) uint64 {
	switch b := body.(type) {
	case Started:
		return foldStarted(h, &b)
	case Crashed:
		h = fold(h, uint64(b.Node))
		h = foldText(h, b.Why)
		h = fold(h, flag(b.Stays))
		return fold(h, uint64(b.Losing))
	case Paused:
		return fold(h, uint64(b.Node))
	case Resumed:
		return fold(h, uint64(b.Node))
	case SaveFailed:
		return foldText(fold(h, uint64(b.Write)), b.Err)
	case Loaded:
		return foldSnapshot(h, b.Snapshot)
	case Dropped:
		h = foldID(h, b.Msg)
		h = fold(h, uint64(b.Copy))
		return fold(h, uint64(b.Why))
	case Duplicated:
		return foldPlan(h, b.Msg, b.Copy, b.Due)
	case Rescheduled:
		return foldPlan(h, b.Msg, b.Copy, b.Due)
	case LinkSet:
		h = fold(h, uint64(b.From)<<32|uint64(b.To))
		h = fold(h, flag(b.Link.Cut))
		h = fold(h, uint64(b.Link.Delay))
		h = fold(h, uint64(b.Link.Jitter))
		h = fold(h, uint64(b.Link.Loss)<<32|uint64(b.Link.Duplicate))
		return fold(h, uint64(b.Link.Reorder)|flag(b.Link.Clog)<<32)
	case DiskSet:
		h = fold(h, uint64(b.Node)<<32|uint64(b.Disk.Damage))
		h = fold(h, flag(b.Disk.Stuck)|flag(b.Disk.Full)<<1|flag(b.Disk.Failing)<<2)
		return fold(h, uint64(b.Disk.Slow))
	case ClockSet:
		h = fold(h, uint64(b.Node)<<32|uint64(uint32(b.Clock.Drift)))
		return fold(h, uint64(b.Clock.Skew))
	}
	return foldClient(h, body)
}

func foldClient(h uint64, body Body) uint64 {
	switch b := body.(type) {
	case Invoked:
		h = fold(h, uint64(b.Client)<<32|uint64(b.Node))
		h = foldTexts(h, b.Op, b.Key, b.Value)
		return fold(h, uint64(b.Due))
	case Requested:
		return foldTexts(foldID(h, b.Request), b.Op, b.Key, b.Value)
	case Answered:
		h = foldID(h, b.Request)
		h = fold(h, uint64(b.Outcome)|uint64(b.Why)<<8|uint64(b.Leader)<<32)
		h = fold(h, uint64(b.Index))
		h = fold(h, uint64(b.Term))
		return fold(h, uint64(b.Due))
	case Returned:
		h = foldID(h, b.Request)
		h = fold(h, uint64(b.Outcome)|uint64(b.Why)<<8|flag(b.Retry)<<16|uint64(b.Client)<<32)
		h = fold(h, uint64(b.Index))
		h = fold(h, uint64(b.Term))
		return foldText(h, b.Value)
	}
	return h
}

func foldStarted(h uint64, b *Started) uint64 {
	h = fold(h, flag(b.Restart))
	h = foldText(h, b.Store)
	h = foldText(h, b.Machine)
	h = fold(h, uint64(len(b.Members)))
	for _, id := range b.Members {
		h = fold(h, uint64(id))
	}
	h = fold(h, uint64(b.Term))
	h = fold(h, uint64(b.Vote))
	h = foldMark(h, b.Base)
	h = fold(h, uint64(len(b.Runs)))
	for _, r := range b.Runs {
		h = fold(h, uint64(r.From))
		h = foldMark(h, raft.Mark{Index: r.To, Term: r.Term, Pos: r.Pos, Digest: r.Digest})
	}
	return foldSnapshot(h, b.Snapshot)
}

func flag(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

func foldID(h uint64, id EventID) uint64 {
	return fold(fold(h, uint64(id.Node)<<32|uint64(id.Boot)), id.N)
}

func foldMark(h uint64, m raft.Mark) uint64 {
	h = fold(h, uint64(m.Index))
	h = fold(h, uint64(m.Term))
	h = fold(h, m.Pos)
	return fold(h, uint64(m.Digest))
}

func foldSnapshot(h uint64, s raft.SnapshotRef) uint64 {
	return foldText(fold(fold(foldMark(h, s.Mark), s.Size), uint64(s.CRC)), string(s.Config))
}

func foldPlan(h uint64, msg EventID, n uint32, due raft.Time) uint64 {
	return fold(fold(foldID(h, msg), uint64(n)), uint64(due))
}

func foldTexts(h uint64, a, b, c string) uint64 {
	return foldText(foldText(foldText(h, a), b), c)
}

func foldText(h uint64, s string) uint64 {
	h = fold(h, uint64(len(s)))
	for ; len(s) >= 8; s = s[8:] {
		h = fold(h, uint64(s[0])|uint64(s[1])<<8|uint64(s[2])<<16|uint64(s[3])<<24|
			uint64(s[4])<<32|uint64(s[5])<<40|uint64(s[6])<<48|uint64(s[7])<<56)
	}
	var last uint64
	for i := range len(s) {
		last |= uint64(s[i]) << (8 * i)
	}
	if len(s) > 0 {
		h = fold(h, last)
	}
	return h
}

func foldBytes(h uint64, b []byte) uint64 {
	h = fold(h, uint64(len(b)))
	for ; len(b) >= 8; b = b[8:] {
		h = fold(h, binary.LittleEndian.Uint64(b))
	}
	if len(b) > 0 {
		var last [8]byte
		copy(last[:], b)
		h = fold(h, binary.LittleEndian.Uint64(last[:]))
	}
	return h
}

func foldEntries(h uint64, es []raft.Entry) uint64 {
	h = fold(h, uint64(len(es)))
	for i := range es {
		e := &es[i]
		h = fold(h, uint64(e.Index))
		h = fold(h, uint64(e.Term)<<8|uint64(e.Kind))
		h = fold(h, e.Pos)
		if len(e.Data) > 0 {
			h = foldBytes(h, e.Data)
		}
	}
	return h
}

// foldNote hashes the fields that the kind of note has.
func foldNote(h uint64, n *raft.Note) uint64 {
	h = fold(h, uint64(n.Cause))
	if n.Kind == raft.NoteOther {
		return foldBytes(fold(h, uint64(n.Kind)|uint64(n.Code)<<8), n.Raw)
	}
	fields, small := n.Kind.Fields(), uint64(n.Kind)
	if fields&raft.FieldWhy != 0 {
		small |= uint64(n.Why) << 16
	}
	if fields&raft.FieldPre != 0 {
		small |= flag(n.Pre) << 24
	}
	if fields&raft.FieldState != 0 {
		small |= uint64(n.State) << 32
	}
	h = fold(h, small)
	for rest := fields &^ (raft.FieldWhy | raft.FieldPre | raft.FieldState); rest != 0; {
		f := rest & -rest
		rest &^= f
		switch f {
		case raft.FieldTerm:
			h = fold(h, uint64(n.Term))
		case raft.FieldPeer:
			h = fold(h, uint64(n.Peer))
		case raft.FieldIndex:
			h = fold(h, uint64(n.Index))
		case raft.FieldLogTerm:
			h = fold(h, uint64(n.LogTerm))
		case raft.FieldFrom:
			h = fold(h, uint64(n.From))
		case raft.FieldTo:
			h = fold(h, uint64(n.To))
		case raft.FieldDigest:
			h = fold(h, uint64(n.Digest))
		case raft.FieldPos:
			h = fold(h, n.Pos)
		case raft.FieldCount:
			h = fold(h, uint64(n.Count))
		case raft.FieldLeft:
			h = fold(h, uint64(n.Left))
		default:
			h = foldNoteLate(h, n, f)
		}
	}
	return h
}

func foldNoteLate(h uint64, n *raft.Note, f raft.NoteField) uint64 {
	switch f {
	case raft.FieldMatch:
		return fold(h, uint64(n.Match))
	case raft.FieldNext:
		return fold(h, uint64(n.Next))
	case raft.FieldOffset:
		return fold(h, n.Offset)
	case raft.FieldSize:
		return fold(h, n.Size)
	case raft.FieldEntries:
		return foldEntries(h, n.Entries)
	case raft.FieldConfig:
		return foldText(h, string(n.Config))
	case raft.FieldRound:
		return fold(h, n.Round)
	}
	return h
}

func foldMessage(h uint64, m *raft.Message) uint64 {
	h = foldID(h, EventID{Node: m.From, Boot: m.FromBoot, N: m.ID})
	h = fold(h, uint64(m.Group))
	h = fold(h, uint64(m.To)|uint64(m.ToBoot)<<32)
	h = fold(h, uint64(m.Term))
	h = fold(h, uint64(m.Cause))
	if m.Body == nil {
		return fold(h, 0)
	}
	h = fold(h, uint64(m.Body.Kind()))
	switch b := m.Body.(type) {
	case *raft.RequestVote:
		h = fold(h, uint64(b.ForTerm)<<2|flag(b.Pre)|flag(b.Transfer)<<1)
		h = fold(h, uint64(b.LastIndex))
		return fold(h, uint64(b.LastTerm))
	case *raft.RequestVoteReply:
		h = fold(h, uint64(b.ForTerm))
		return fold(h, flag(b.Pre)|flag(b.Granted)<<1|flag(b.Doubtful)<<2|uint64(b.Why)<<8)
	case *raft.AppendEntries:
		h = fold(h, uint64(b.PrevIndex))
		h = fold(h, uint64(b.PrevTerm))
		h = fold(h, uint64(b.Commit))
		h = fold(h, b.Round)
		h = fold(h, uint64(b.Last))
		return foldEntries(h, b.Entries)
	case *raft.AppendEntriesReply:
		h = fold(h, flag(b.Success)|uint64(b.Why)<<8)
		h = fold(h, uint64(b.Match))
		h = fold(h, uint64(b.Rejected))
		h = fold(h, uint64(b.Hint))
		h = fold(h, b.Round)
		return fold(h, uint64(b.HintTerm))
	case *raft.InstallSnapshot:
		h = fold(foldSnapshot(h, b.Snapshot), b.Offset)
		return fold(foldBytes(h, b.Data), flag(b.Done))
	case *raft.InstallSnapshotReply:
		return fold(fold(foldSnapshot(h, b.Snapshot), b.Next), flag(b.Installed))
	case *raft.TimeoutNow:
		return fold(h, uint64(b.LastIndex))
	case *raft.ReadIndex:
		return fold(h, b.ID)
	case *raft.ReadIndexReply:
		h = fold(h, b.ID)
		return fold(fold(h, uint64(b.Index)), flag(b.Granted)|uint64(b.Why)<<8)
	case *raft.Foreign:
		return foldTexts(h, b.Name, b.Class, b.Text)
	case *raft.OtherBody:
		return foldBytes(h, b.Raw)
	}
	return h
}
