package etcd

import (
	"slices"
	"testing"
)

// schedule is a schedule with a name and what it begins with.
type schedule struct {
	name string
	setup
	script string
}

// schedules are made by hand: what the paper draws, and what engines got wrong.
var schedules = []schedule{
	{"one leader, many commands", setup{nodes: 3, guarded: true}, `
		campaign 1
		settle
		propose 1 *100
		settle
		commits 1
		stuck 2           # a follower takes nothing`},
	{"a minority cannot commit, the rest can", setup{nodes: 5}, `
		campaign 1
		settle
		propose 1 before
		settle
		split 12 345
		propose 1 lost
		stuck 1
		campaign 3
		settle
		commits 3
		heal
		settle            # the old leader learns of the term and drops its tail
		commits 3
		stuck 1`},
	{"check-quorum deposes a leader in a minority", setup{nodes: 5, guarded: true}, `
		campaign 1
		settle
		split 12 345
		propose 1 lost
		elapse            # heard in this interval
		elapse            # not in this one
		stuck 1
		campaign 4
		settle
		commits 4
		heal
		settle
		commits 4`},
	{"a server that was cut off does not disturb", setup{nodes: 5, guarded: true}, `
		campaign 1
		settle
		cut 5
		elapse
		campaign 5
		campaign 5
		settle
		link 5
		settle
		commits 1`},
	{"a long tail of a deposed leader goes", setup{nodes: 3}, `
		campaign 1
		settle
		propose 1 kept
		settle
		cut 1
		propose 1 *200
		campaign 2
		settle
		propose 2 *10
		settle
		link 1
		settle
		commits 2
		stuck 1`},
	{"a longer log of an older term loses", setup{nodes: 3}, `
		campaign 1
		settle
		cut 1
		propose 1 *9
		campaign 2
		settle
		propose 2 newer
		settle
		crash 2
		link 1
		campaign 1        # of a higher term each time
		settle
		campaign 1
		settle
		stuck 1
		campaign 3
		settle
		commits 3
		applied 1 newer`},
	{"a tail of a deposed leader meets a cut log", setup{nodes: 3}, `
		campaign 1
		settle
		cut 1
		propose 1 *9
		campaign 2
		settle
		propose 2 *4
		settle
		snapshot 2        # it ends before the tail does
		propose 2 *20
		settle
		link 1
		settle
		commits 2`},
	{"all go down and come back", setup{nodes: 5, guarded: true}, `
		campaign 2
		settle
		propose 2 *20
		settle
		propose 2 perhaps
		crash 0
		start 0
		elapse
		settle
		campaign 4
		settle
		commits 4`},
	{"an empty follower gets a snapshot", setup{nodes: 3, guarded: true}, `
		crash 3
		campaign 1
		settle
		propose 1 *50
		settle
		snapshot 0
		propose 1 *5
		settle
		start 3
		settle
		commits 1
		crash 1
		elapse
		campaign 3
		settle
		commits 3`},
	{"a follower that lags behind a cut log", setup{nodes: 5}, `
		campaign 1
		settle
		propose 1 *10
		settle
		cut 4
		propose 1 *30
		settle
		snapshot 1
		crash 1
		start 1
		campaign 1
		settle
		link 4
		settle
		commits 1`},
	{"figure 7: a leader meets every kind of log", setup{nodes: 7}, figure7},
	{"figure 8: an entry of an old term is not committed by counting", setup{nodes: 5},
		figure8Lost},
	{"figure 8, the other end: with one of its own term it stays", setup{nodes: 5}, figure8Kept},
	{"a leader that only hears", setup{nodes: 3, guarded: true}, `
		campaign 1
		settle
		cut 1>2
		cut 1>3
		elapse
		campaign 2        # its request and all answers pass
		settle
		commits 2`},
	{"a leader that only speaks", setup{nodes: 3, guarded: true}, `
		campaign 1
		settle
		cut 2>1
		cut 3>1
		propose 1 unheard
		settle
		elapse
		elapse            # it heard nobody and steps down
		elapse
		campaign 2
		settle
		heal
		settle
		commits 2`},
	{"two stand at once", setup{nodes: 4}, `
		campaign 1
		campaign 4
		settle
		campaign 2
		settle
		commits 2`},
	{"a bridge between two halves", setup{nodes: 5, guarded: true}, `
		campaign 3
		settle
		cut 1>4
		cut 4>1
		cut 1>5
		cut 5>1
		cut 2>4
		cut 4>2
		cut 2>5
		cut 5>2
		commits 3
		crash 3
		start 3
		elapse
		campaign 1
		settle
		commits 1
		elapse
		campaign 5        # S3 hears S1, and its log is longer
		settle
		commits 1
		heal
		settle
		commits 1`},
	{"a vote survives a crash", setup{nodes: 3}, `
		cut 1>3
		campaign 1        # S2 votes for it, S3 does not hear of it
		cut 2>1           # nor S1 of the vote
		settle
		crash 2
		start 2
		campaign 3
		settle`},
	{"a vote of an earlier campaign does not count", setup{nodes: 3}, `
		campaign 1
		round             # the others vote
		cut 1>2
		cut 1>3
		campaign 1        # for the next term, and nobody hears of it
		settle
		heal
		settle
		campaign 1
		settle
		commits 1`},
	{"a vote counts when it is saved", setup{nodes: 3}, `
		cut 1>3
		cut 3>1
		lazy 2
		campaign 1
		round             # S2 would vote for it
		round
		crash 2
		start 2
		campaign 3        # in the same term
		settle
		heal
		settle
		commits 3`},
	{"an acknowledgement counts when its entry is saved", setup{nodes: 3}, `
		campaign 1
		settle
		lazy 2
		lazy 3
		propose 1 x
		round
		round
		unapplied x
		crash 0
		start 2
		start 3
		campaign 2
		settle
		commits 2
		lacks 2 x
		start 1
		settle
		lacks 1 x`},
	{"a leader's own entry counts when it is saved", setup{nodes: 3, guarded: true}, `
		campaign 1
		settle
		cut 3
		lazy 1
		propose 1 x
		round             # S2 saves it
		round             # and says so
		unapplied x
		sync 1
		settle
		applied 1 x
		lazy 1
		propose 1 y
		round
		round
		propose 1 z       # S2 would learn with it that y is committed
		round
		unapplied y
		crash 0
		start 0
		lacks 1 y
		holds 2 y
		lacks 3 x
		heal
		elapse
		campaign 2
		settle
		applied 3 y`},
	{"a single server", setup{nodes: 1, guarded: true}, `
		campaign 1
		settle
		commits 1
		crash 1
		start 1
		campaign 1
		settle
		commits 1`},
}

// byHand gives all schedules that were made by hand.
func byHand() []schedule {
	return slices.Concat(schedules, changeSchedules, transferSchedules, readSchedules)
}

func TestSchedules(t *testing.T) {
	for _, s := range byHand() {
		t.Run(s.name, func(t *testing.T) {
			if err := newPair(t, s.setup, nil).run(s.script); err != nil {
				t.Fatal(err)
			}
		})
	}
}
