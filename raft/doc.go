// Package raft is one Raft server as a pure function.
//
// A Node is a value with one method that matters:
//
//	           +--------------------------------------+
//	[]Input -> |  Node.Step(now, inputs, *Output)     | -> notes    why, in order
//	           |                                      |    save     what must become durable
//	   time    |  node.go        dispatch             |    send     what may leave at once
//	 messages  |  election.go    who leads            |    apply    what is committed, saved here
//	proposals  |  replication.go how logs grow equal  |    answers  one for each request
//	    reads  |  commit.go      what is safe         |    install  a snapshot for the machine
//	  changes  |  read.go        what may be read     |    fetch    snapshot bytes to send
//	transfers  |  configs.go     who takes part       |    wake     when time alone matters next
//	    saved  |  change.go      who joins and leaves |
//	  applied  |  transfer.go    who shall lead       |
//	           |  snapshot.go    what is cut          |
//	           |  doubt.go       what a disk lost     |
//	           +--------------------------------------+
//
// There is no clock, thread, chance, disk or network in it: time is an input and a deadline is an
// output, so that the same code runs in a deterministic simulation, in a page and in a process.
//
// The life of a step: every input at hand goes in together; the node decides, and each decision
// leaves one Note with its reason and the paper's section; messages to one peer are formed once, at
// the end; what must wait for the disk is held back by the node itself and appears in Output.Send
// only in the step that took the Saved which it needs. The host never orders anything.
//
// Sections are those of "In Search of an Understandable Consensus Algorithm (Extended Version)",
// Ongaro and Ousterhout 2014 ("section 5.2"), and of Ongaro's thesis ("thesis 9.6").
//
// # Divergences
//
// Where this core differs from the paper, and why that is safe:
//
//   - Pre-vote (thesis 9.6) and check-quorum (thesis 6.2) are on by default. They only prevent
//     elections and end leaderships; a vote is still needed to lead.
//   - A voter that heard a leader within the minimum election time-out refuses votes as well as
//     pre-votes (thesis 4.2.3 asks this for membership changes): refusing a vote is always safe.
//   - A pre-vote never changes a term; it carries the term it asks about in its body. Its refusal
//     carries the voter's own term, so that a stale pre-candidate learns of it.
//   - The rejection of an append carries a hint (index and term), and the leader probes from there
//     (section 5.3, last part). The leader proposes where to probe; only a proven conflict
//     truncates.
//   - A configuration is in force when it is appended, as in the paper, also where one voter
//     changes at a time (thesis 4.1). Any change waits for a commit of the leader's own term, which
//     single steps need to be safe (Ongaro, raft-dev, July 2015) and joint ones do not.
//   - A server that is new, or was a learner, gets its vote only when it has caught up (thesis
//     4.2.1); the leader that was asked sees to both steps.
//   - A request is taken from a server that this one's configuration does not name, as that may be
//     the older one (thesis 4.1); an answer counts only from a member.
//   - Reads need no entry in the log: they take the commit index, a round of heartbeats that the
//     leader counts itself, and the machine (thesis 6.4). A lease, where it is switched on, lasts
//     less than the shortest election time-out, as clocks may drift; voters keep its promise across
//     a restart; a transfer ends it until an entry made afterwards is committed.
//   - A vote that the leader itself asked for (leadership transfer, thesis 3.10) passes where a
//     leader was just heard: it hands over.
//   - A server that may have lost acknowledged entries (doubt.go) says so with its votes; they
//     count only in an election that every member granted. The paper has no such server. A learner
//     whose log is ahead of the voters' that ask it stands for election itself.
//   - Every leader appends a no-op at the start of its term (thesis 6.4).
//   - An entry is applied only where it is committed and saved, which is later than the paper asks.
package raft
