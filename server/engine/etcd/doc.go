// Package etcd holds Raftarium's core against go.etcd.io/raft v3.6.0. It is tests only, and a
// module of its own, so that nothing that is shipped depends on another engine.
//
// # Speed
//
// Both cores run in memory and in one thread, driven by equally plain loops: saves are acknowledged
// at once, messages go through slices, batches and windows have equal limits, pre-vote and check-
// quorum are on, both cut their logs every few thousand entries. A round ends when every node has
// applied its entries. See the ratio with
//
//	go test -v -run TestSpeedRatio . -args -speed 200ms
//
// and everything with -bench Commit.
//
// # The same schedules through both
//
// A schedule says who proposes, stands for election, crashes, starts, snapshots, and who can talk
// to whom; script_test.go has its language. Wherever the servers rest both clusters must be alike:
// each server's term, vote, log and its beginning, who leads, what was applied, which proposals
// were taken. Schedules made by hand draw the paper's figures; others are made from seeds:
//
//	go test -run TestRandomSchedules -seed 1 -seeds 100000 .
//
// Either runs plain or guarded, which is with pre-vote and check-quorum. That the comparison can
// fail is shown with every rule of the core broken in turn.
//
// # Differences that are allowed
//
//   - The commit index is volatile in the paper and here; etcd saves it, so that a restarted server
//     of etcd applies at once what ours applies when a leader says so. What servers ever applied is
//     compared, not what they have applied since they started; a snapshot is taken at an index that
//     both have applied.
//   - etcd's leader tells of a commit at once, ours with its next append or heartbeat. A settle
//     waits for heartbeats; where no leader is heard by a majority the shorter of the two lists of
//     commands must begin the longer one.
//   - To a follower that does not answer ours repeats its entries with each heartbeat, etcd waits
//     for a word first. So a follower that hears and is not heard may have more of the log here.
//     Random schedules cut links in both directions only, as such a follower may win later.
//   - etcd does not answer a request for a vote of an earlier term, nor, when it is plain, an
//     append of one; the paper does, and so does ours. The driver answers for etcd.
//   - With check-quorum etcd refuses its vote to a restarted leader that it still follows; ours
//     knows that a leader that asks leads no more. The driver keeps such a request from ours.
//   - etcd asks for votes before its own term is saved; ours asks when it is. A server that stands
//     has saved everything first.
//   - Where servers of several terms meet, several stand at once, or a crash comes in the middle of
//     a round, who hears whom first decides who wins and how far an old leader gets, and the
//     engines do not send the same messages. Should they differ after such a race, a random
//     schedule goes on without comparing but for safety: nothing that was committed may change, and
//     in the end each cluster must agree on everything. The test counts these schedules, and fails
//     when they are more than one in ten. By hand no race may end differently.
package etcd
