// Package raft is one Raft server as a pure function.
//
// A Node is a value with one method that matters:
//
//	           +--------------------------------------+
//	[]Input -> |  Node.Step(now, inputs, *Output)     | -> notes    why, in order
//	           |                                      |    save     what must become durable
//	   time    |  node.go        dispatch             |    send     what may leave at once
//	 messages  |  election.go    who leads            |    apply    what is committed, saved here
//	proposals  |  replication.go how logs grow equal  |    answers  one for each proposal
//	    saved  |  commit.go      what is safe         |    install  a snapshot for the machine
//	  applied  |  snapshot.go    what is cut          |    fetch    snapshot bytes to send
//	           +--------------------------------------+    wake     when time alone matters next
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
//   - Every leader appends a no-op at the start of its term (thesis 6.4).
//   - An entry is applied only where it is committed and saved, which is later than the paper asks.
package raft
