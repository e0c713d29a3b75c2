// Package client speaks to a cluster: it finds the leader, asks again where that is safe, and says
// of every request what became of it.
//
// There are three outcomes, and they are not the same. A request without an error is done: its
// entry is committed. One with a *RefusedError never happened and never will. One with an
// *UnknownError may or may not happen, now or later; whoever must know reads, or asks again in a
// way that is harmless.
//
// Writes of keys are exactly-once: each carries a session and a number, by which the cluster knows
// a repeated one and answers it from memory (section 8 of the paper). So they are asked again after
// any failure. Reads are asked again too. An append to the ledger and a call of a handler have no
// such number: they are asked again only when they surely did not happen.
package client
