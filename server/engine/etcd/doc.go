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
// A schedule says who proposes, stands for election, crashes, starts, snapshots, who is asked for
// another configuration, for leadership and for reads, and who can talk to whom; script_test.go has
// its language. Wherever the servers rest both clusters must be alike: each server's term, vote,
// log and its beginning, who leads or is handing over, what was applied, which proposals, changes
// and transfers were taken, and by which configuration each goes. A configuration stands in logs
// and among what was applied as all the servers that it names, whatever the engine writes for it,
// so that their sequence is compared with the commands. A read must be answered at or above what
// was committed when it was asked, in each engine by itself; where nothing else was going on by the
// same index; and an election time-out after all hear one another it must be answered or refused.
// Schedules made by hand draw the paper's figures; others are made from seeds, of four kinds:
//
//	go test -run TestRandomSchedules -seed 1 -seeds 100000 .
//	go test -run TestRandomSchedules/changes -seed 7 -seeds 1 .
//
// Either runs plain or guarded, which is with pre-vote and check-quorum. That the comparison can
// fail is shown with the rules of the core broken in turn.
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
//
// Of the configuration:
//
//   - Ours goes by a configuration from when it is appended (section 6), etcd from when it is
//     applied. While one is on its way they ask other majorities: ours removes the last follower
//     without it, and etcd enters a joint configuration by the old half alone. Where not both
//     majorities hear the leader this is a race. A leader that has committed more in one engine
//     than in the other is not asked for anything; one that votes alone gets time to settle a
//     change.
//   - A newcomer learns before it votes in ours, which goes on by itself when it has caught up;
//     etcd leaves this to its host. The driver asks etcd for each step when ours takes it.
//   - Ours takes a change when an entry of its own term is committed, etcd when all that it held at
//     its election is applied, which may be earlier. What is so already ours answers at once, and
//     what leaves no voter it refuses; etcd has an entry for the one and panics at the other. There
//     ours alone is asked.
//   - A change that etcd refuses leaves an empty entry in its log. Ours gets an empty command then.
//   - A leader that is removed hands over in ours, and tells those it removes; in etcd it steps
//     down. The driver hands over for etcd, to whom ours would. A server that takes no part is
//     compared for what it applied alone; when it is back, where its log begins and whom it voted
//     for may differ.
//   - A snapshot that does not name its receiver etcd does not take. The driver adds it as a
//     learner, and takes that back before it is saved.
//   - That it was removed a server of etcd knows after a restart, one of ours not (a commit index
//     is not saved). A random schedule asks nobody to stand who has no vote.
//
// Of transfers:
//
//   - While one is under way ours refuses a second one, and etcd begins anew; while a configuration
//     changes, or to a server that was not heard of lately or needs a snapshot, ours refuses and
//     etcd begins. There ours alone is asked.
//   - To whom it told to stand ours sends no word until it gives up, etcd goes on. A server that
//     lost or ignored that word does not know its leader meanwhile, and by check-quorum its leader
//     may miss it. A transfer that has not ended when both rest is a race; so is one right after a
//     link or server came back: a server that was just started does not take the word of a leader
//     that it has not heard of, in ours.
//   - etcd gives up after the election time-out, ours after the longest one, which is out of reach
//     here. The driver lets the clock of its leader jump there.
//   - With a transfer etcd begins to count anew whom it heard (check-quorum). Where no majority
//     hears the leader a random schedule then rests until both have counted.
//
// Of reads:
//
//   - Ours answers or refuses each and asks the leader again by itself. etcd drops a question that
//     is lost or comes where no leader is known; the driver asks again with every heartbeat.
//   - A read that ours refuses as leadership is lost etcd may answer later.
package etcd
