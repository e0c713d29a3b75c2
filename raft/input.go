package raft

// InputKind says what happened to a node.
type InputKind uint8

// The kinds of input. Transfer, change and read inputs will stand here as well.
const (
	InputWake        InputKind = iota // time has passed; nothing else happened
	InputReceive                      // Message came
	InputPropose                      // a client wants Data in the log
	InputCampaign                     // somebody wants this node to stand for election now
	InputSaved                        // all writes up to Write are durable
	InputSaveFailed                   // Write failed, and Err says how; the node stops
	InputApplied                      // the machine has applied up to Index
	InputSnapshotted                  // the machine's snapshot Snapshot is durable here
	InputChunk                        // Chunk was read, as asked by Output.Fetch
	InputInstalled                    // the machine has loaded Snapshot, as asked by Output.Install
	InputStepDown                     // the host is about to stop; give up leadership
)

// Input is one thing that happened to a node. Each kind uses the fields named at it, and no other.
type Input struct {
	Kind     InputKind
	Ref      Ref         // of the event that recorded it
	Message  Message     // InputReceive
	Data     []byte      // InputPropose; the core keeps it
	Write    WriteID     // InputSaved, InputSaveFailed
	Err      string      // InputSaveFailed
	Index    Index       // InputApplied
	Snapshot SnapshotRef // InputSnapshotted, InputInstalled
	Chunk    Chunk       // InputChunk
}

// Chunk is a piece of a snapshot on its way between the host's disk and a message.
type Chunk struct {
	ChunkRef
	Data []byte // not shorter than ChunkRef.Size, unless the snapshot ends there
	Gone bool   // the snapshot is no longer on the disk
}

// ChunkRef names a piece of a snapshot that the core wants to send.
type ChunkRef struct {
	Snapshot SnapshotRef
	Offset   uint64
	Size     uint64
	To       NodeID
}

// Wake is the input that says that time has passed.
func Wake() Input { return Input{Kind: InputWake} }

// Receive is the input of a message.
func Receive(ref Ref, m Message) Input { return Input{Kind: InputReceive, Ref: ref, Message: m} }

// Propose is the input of a command that a client wants in the log.
func Propose(ref Ref, data []byte) Input { return Input{Kind: InputPropose, Ref: ref, Data: data} }

// Campaign is the input that makes a node stand for election at once.
func Campaign(ref Ref) Input { return Input{Kind: InputCampaign, Ref: ref} }

// Saved is the input that says that all writes up to id are durable.
func Saved(ref Ref, id WriteID) Input { return Input{Kind: InputSaved, Ref: ref, Write: id} }

// Applied is the input that says that the machine has applied the log up to i.
func Applied(ref Ref, i Index) Input { return Input{Kind: InputApplied, Ref: ref, Index: i} }
