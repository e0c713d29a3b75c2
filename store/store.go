// Package store keeps what a Raft server must not forget: its term and vote, its log, and the
// snapshots that stand for the log's beginning (section 5.2, 'persistent state', and section 7).
//
//	     Committer              groups what waits into one batch and one fsync
//	         |
//	       Store                the contract, in this file
//	     /       \
//	Memory       File           Memory is the reference, and forgets
//	            /    \
//	 LOCK meta.a  log/  snap/   segments of a write-ahead log; snapshots
//	 meta.b    \   |   /
//	              FS            OS(), or store/crashfs, which loses power on purpose
//
// The life of a write: the core asks for it, the committer gathers it with others, Write makes one
// batch of records of it, writes that with one call, syncs once, and only then returns; the node
// is told, and only then acknowledges. What a power loss tears was therefore never acknowledged.
//
// Everything that an earlier acknowledgement rests on is checked when the directory is opened. A
// tail that no valid batch follows was torn: it is left where it is, never read again, and
// reported. Anything else that does not fit is damage: the store does not open, says which file,
// which byte and what was found there, and deletes nothing.
//
// What a checksum cannot tell: damage in the very last batch looks like a torn write. Term and
// vote survive it, for a batch that changes them holds them twice, in two sectors; its entries do
// not. Report.Doubtful says that a tail was cut, so that the node can be careful.
package store

import (
	"errors"

	"github.com/raftarium/raftarium/raft"
)

// The kinds of store, as people and the trace call them.
const (
	KindFile   = "file"
	KindMemory = "memory"
)

// What is said when something is asked for that is not there.
var (
	// ErrClosed is the error of every call to a closed store or committer.
	ErrClosed = errors.New("store: closed")
	// ErrGone is the error of Snapshot for a snapshot that the store does not hold (any more).
	ErrGone = errors.New("no such snapshot")
	// ErrHeld is what FS.Lock says of a file that somebody else has locked.
	ErrHeld = errors.New("held by another process")
)

// Store keeps one node's saved state. Its methods may be called by several goroutines; writes are
// made durable in the order of the calls of Write.
//
// The first error of Write or SaveSnapshot that comes from the disk poisons the store: that call
// and all later ones of whatever kind (but Close) return it. The node must stop, as nobody knows
// what is on the disk. A Write that contradicts what is saved (a gap in the log, a cut below the
// base, a snapshot whose bytes are not what its ref says) poisons likewise: it is a broken node.
type Store interface {
	// Load gives all that is durable. Its log has no gaps, begins behind Base, and Snapshot, when
	// there is one, is at or above Base. A store that was never written gives the zero Image.
	Load() (raft.Image, error)

	// Write makes writes durable as one batch with one sync, in their order and each in the order
	// of its fields; it returns when all of it is durable. After a crash either the whole batch
	// is there or nothing of it, but a term and vote that were written once may be there alone.
	//
	// Fields mean: HardState sets Term and Vote, which are ignored without it. TruncateFrom must
	// be above the base and the newest snapshot. Entries must follow the last entry. A Chunk is
	// put aside, by SnapshotRef, at its offset, in any order and as often as it comes; one at
	// offset 0 begins anew; chunks are lost with the process. Finish checks size and CRC-32C of
	// what was put aside, makes it a durable snapshot, and moves the log's base to its mark: with
	// KeepLog what follows stays, without it nothing does. CompactTo moves the base up, and asks
	// for a durable snapshot there or above. A base at or below the present one changes nothing,
	// but a log cannot begin anew below it, nor end below the newest snapshot.
	Write(ws []raft.Write) error

	// SaveSnapshot makes a snapshot of this node's own machine durable. The log stays as it is. A
	// store keeps the newest two snapshots. It is refused, and nothing is poisoned, when ref's size
	// and CRC are not those of data, when its mark is not one of the durable log or below it, or
	// when a snapshot of that index with other bytes is held.
	SaveSnapshot(ref raft.SnapshotRef, data []byte) error

	// Snapshot reads a whole snapshot and checks it. It gives ErrGone when it is not held.
	Snapshot(ref raft.SnapshotRef) ([]byte, error)

	// Chunk reads a piece of a snapshot, as long as asked for unless the snapshot ends there. A
	// snapshot that is no longer held is no error: the chunk says Gone.
	Chunk(ref raft.ChunkRef) (raft.Chunk, error)

	// Close gives the store back. It writes nothing: what was acknowledged is durable already.
	Close() error

	// Kind gives file or memory.
	Kind() string
}

// keepSnapshots is how many snapshots a store holds: the newest, and one to fall back to.
const keepSnapshots = 2

// maxSnapshot is the largest snapshot that may come in, in bytes: 1 TiB.
const maxSnapshot = 1 << 40

// maxIncoming is how many snapshots may be on their way in at once. A leader sends one; others are
// what leaders before it left behind.
const maxIncoming = 4
