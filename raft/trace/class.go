package trace

import "github.com/raftarium/raftarium/raft"

// Class sorts messages the way people tell them apart: by colour and shape in the picture.
type Class uint8

// The classes.
const (
	ClassHeartbeat Class = iota
	ClassAppend
	ClassAppendReply
	ClassPreVote
	ClassPreVoteReply
	ClassVote
	ClassVoteReply
	ClassSnapshot
	ClassSnapshotReply
	ClassTransfer // TimeoutNow
	ClassRead     // ReadIndex
	ClassReadReply
	ClassOther // always the last
)

var classNames = [...]string{"heartbeat", "append", "appendReply", "preVote", "preVoteReply",
	"vote", "voteReply", "snapshot", "snapshotReply", "transfer", "read",
	"readReply", "other"}

// String gives the class's name.
func (c Class) String() string {
	if int(c) < len(classNames) {
		return classNames[c]
	}
	return "other"
}

// Reply reports whether messages of the class are answers.
func (c Class) Reply() bool {
	return c == ClassAppendReply || c == ClassPreVoteReply || c == ClassVoteReply ||
		c == ClassSnapshotReply || c == ClassReadReply
}

// ClassOf sorts a message.
func ClassOf(m *raft.Message) Class {
	switch b := m.Body.(type) {
	case *raft.AppendEntries:
		if b.Heartbeat() {
			return ClassHeartbeat
		}
		return ClassAppend
	case *raft.AppendEntriesReply:
		return ClassAppendReply
	case *raft.RequestVote:
		if b.Pre {
			return ClassPreVote
		}
		return ClassVote
	case *raft.RequestVoteReply:
		if b.Pre {
			return ClassPreVoteReply
		}
		return ClassVoteReply
	case *raft.InstallSnapshot:
		return ClassSnapshot
	case *raft.InstallSnapshotReply:
		return ClassSnapshotReply
	case *raft.TimeoutNow:
		return ClassTransfer
	case *raft.ReadIndex:
		return ClassRead
	case *raft.ReadIndexReply:
		return ClassReadReply
	}
	return ClassOther
}
