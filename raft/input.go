package raft

// InputKind says what happened to a node.
type InputKind uint8

// The kinds of input. Transfer, change and read inputs will stand here as well.
const (
	InputWake        InputKind = iota // time has passed; nothing else happened
	InputReceive                      // Message came; see Unreadable for Err
	InputPropose                      // a client wants Data in the log
	InputCampaign                     // somebody wants this node to stand for election now
	InputSaved                        // all writes up to Write are durable
	InputSaveFailed                   // Write failed, and Err says how; the node stops
	InputApplied                      // the machine has applied up to Index
	InputSnapshotted                  // the machine's snapshot Snapshot is durable here
	InputChunk                        // Chunk was read, as asked by Output.Fetch
	InputInstalled                    // the machine has loaded Snapshot, as asked by Output.Install
	InputStepDown                     // the host is about to stop; hand over leadership
	InputRead                         // a client wants a linearizable read
	InputTransfer                     // somebody wants Peer to lead; 0 for whoever is best
	InputChange                       // somebody wants another configuration: Change
)

// Input is one thing that happened to a node. Each kind uses the fields named at it, and no other.
type Input struct {
	Kind     InputKind
	Ref      Ref          // of the event that recorded it
	Message  Message      // InputReceive
	Data     []byte       // InputPropose; the core keeps it
	Write    WriteID      // InputSaved, InputSaveFailed
	Err      string       // InputSaveFailed, InputReceive
	Index    Index        // InputApplied
	Snapshot *SnapshotRef // InputSnapshotted, InputInstalled
	Chunk    *Chunk       // InputChunk
	Peer     NodeID       // InputTransfer
	Change   *Change      // InputChange
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

// Unreadable is the input of a message with the chunk that completes a snapshot which the machine
// cannot be restored from, and why: nothing of it may take the place of what the node has. The host
// tries that before the core sees the chunk.
func Unreadable(ref Ref, m Message, err string) Input {
	return Input{Kind: InputReceive, Ref: ref, Message: m, Err: err}
}

// Propose is the input of a command that a client wants in the log.
func Propose(ref Ref, data []byte) Input { return Input{Kind: InputPropose, Ref: ref, Data: data} }

// Campaign is the input that makes a node stand for election at once.
func Campaign(ref Ref) Input { return Input{Kind: InputCampaign, Ref: ref} }

// Read is the input of a client's linearizable read. Its answer gives the index that the machine
// has applied when it may be asked.
func Read(ref Ref) Input { return Input{Kind: InputRead, Ref: ref} }

// Transfer is the input of a wish that a server, or the best one (0), leads.
func Transfer(ref Ref, to NodeID) Input { return Input{Kind: InputTransfer, Ref: ref, Peer: to} }

// Reconfigure is the input of a wish for another configuration.
func Reconfigure(ref Ref, c *Change) Input { return Input{Kind: InputChange, Ref: ref, Change: c} }

// StepDown is the input that says that the host is about to stop.
func StepDown() Input { return Input{Kind: InputStepDown} }

// Saved is the input that says that all writes up to id are durable.
func Saved(ref Ref, id WriteID) Input { return Input{Kind: InputSaved, Ref: ref, Write: id} }

// Snapshotted is the input that says that a snapshot of the machine is durable.
func Snapshotted(s SnapshotRef) Input { return Input{Kind: InputSnapshotted, Snapshot: &s} }

// Fetched is the input of a piece of a snapshot that was read.
func Fetched(c Chunk) Input { return Input{Kind: InputChunk, Chunk: &c} }

// Installed is the input that says that the machine has loaded a snapshot.
func Installed(s SnapshotRef) Input { return Input{Kind: InputInstalled, Snapshot: &s} }

// Applied is the input that says that the machine has applied the log up to i.
func Applied(ref Ref, i Index) Input { return Input{Kind: InputApplied, Ref: ref, Index: i} }
