package etcd

// changes of the configuration, made by hand: section 6 of the paper, chapter 4 of the thesis, and
// what both engines had to learn.
var changeSchedules = []schedule{
	{"a learner is added, promoted and removed", setup{nodes: 4, members: 3}, `
		campaign 1
		settle
		propose 1 *5
		settle
		change 1 learn 4
		taken
		settle
		members 123 4
		commits 1
		change 1 vote 4
		taken
		settle
		members 1234
		campaign 4        # a voter like the others
		settle
		leads 4
		change 4 remove 1
		settle
		change 4 remove 2
		settle
		members 34
		commits 4`},
	{"a newcomer that shall vote learns first", setup{nodes: 4, members: 3}, `
		campaign 1
		settle
		propose 1 *20
		settle
		change 1 vote 4
		propose 1 *3
		settle            # two entries: it learns, it votes
		members 1234
		commits 1`},
	{"a newcomer gets a snapshot", setup{nodes: 4, members: 3, guarded: true}, `
		campaign 1
		settle
		propose 1 *20
		settle
		snapshot 1
		change 1 learn 4
		settle
		change 1 vote 4
		settle
		members 1234
		snapshot 0
		crash 1
		elapse
		campaign 4
		settle
		commits 4
		start 1
		settle
		commits 4`},
	{"one change at a time", setup{nodes: 5, members: 3}, `
		campaign 1
		settle
		cut 2
		cut 3
		change 1 learn 4
		taken
		change 1 learn 5  # the first is not committed
		refused
		settle
		change 1 remove 2
		refused
		change 2 learn 5  # no leader
		refused
		heal
		settle
		members 123 4
		change 1 learn 5
		taken
		settle
		members 123 45`},
	{"joint consensus: two come and two go", setup{nodes: 5, members: 3, guarded: true}, `
		campaign 1
		settle
		propose 1 *4
		change 1 learn 4 learn 5
		settle
		members 123 45
		change 1 vote 4 vote 5 remove 2 remove 3
		taken
		change 1 learn 2  # not while the configuration is joint
		refused
		settle
		members 145
		commits 1
		crash 1
		elapse
		campaign 4        # without the old ones
		settle
		commits 4`},
	{"joint also where one step would do", setup{nodes: 4, members: 3}, `
		campaign 1
		settle
		change 1 learn 4 joint
		settle
		members 123 4
		change 1 vote 4 joint
		settle
		change 1 learn 2 joint
		settle
		members 134 2
		commits 1`},
	{"the leader of a joint configuration is lost, the next one leaves it", setup{nodes: 5,
		members: 3}, `
		campaign 1
		settle
		change 1 learn 4 learn 5
		settle
		lazy 1
		cut 1>4
		cut 1>5
		change 1 vote 4 vote 5 remove 3
		round             # S2 and S3 have it, and nothing is committed
		crash 1
		heal
		campaign 2
		settle
		campaign 2        # by both halves
		settle
		members 1245
		commits 2`},
	{"a change that is cut off goes", setup{nodes: 4, members: 3}, `
		campaign 1
		settle
		cut 1
		change 1 remove 3
		taken
		campaign 2
		settle
		link 1
		settle
		members 123
		commits 2
		crash 2
		campaign 1        # S3 has a vote at S1 as before
		settle
		commits 1`},
	{"a snapshot keeps the configuration of its time", setup{nodes: 3}, `
		campaign 1
		settle
		propose 1 *5
		settle
		cut 1
		change 1 remove 3
		snapshot 1        # before the change, which is not committed
		crash 1
		start 1
		campaign 2
		settle
		link 1
		settle
		members 123
		crash 2
		campaign 1
		settle
		commits 1`},
	{"a new leader settles the change of the old one first", setup{nodes: 5, members: 3}, `
		campaign 1
		settle
		cut 3
		change 1 learn 4
		round             # S2 has it
		crash 1
		link 3
		campaign 2
		round             # S3 votes for it
		cut 2>3
		round
		leads 2
		change 2 learn 5  # what it holds of the old one may be a change
		refused
		link 3
		settle
		members 123 4
		change 2 learn 5
		taken
		settle
		members 123 45`},
	{"a new leader does not know yet what is committed", setup{nodes: 4, members: 3}, `
		campaign 1
		settle
		propose 1 x
		round
		round             # S1 alone knows that it is committed
		crash 1
		campaign 2
		round
		cut 2>3
		round
		leads 2
		change 2 learn 4
		refused
		link 3
		settle
		change 2 learn 4
		taken
		settle
		members 123 4`},
	{"a learner does not stand", setup{nodes: 3}, `
		campaign 1
		settle
		change 1 learn 3
		settle
		campaign 3
		settle
		members 12 3
		leads 1
		crash 1
		campaign 3
		settle
		leads 0`},
	{"a change that is cut off goes with a snapshot", setup{nodes: 5, members: 3}, `
		campaign 1
		settle
		cut 1
		propose 1 *20
		change 1 learn 4 learn 5
		campaign 2
		settle
		propose 2 *5      # the snapshot ends before that change
		settle
		snapshot 2
		snapshot 3
		link 1
		settle
		members 123
		commits 2
		crash 3
		campaign 1
		settle
		commits 1`},
	{"a learner does not count", setup{nodes: 5, members: 3, guarded: true}, `
		campaign 1
		settle
		change 1 learn 4 learn 5
		settle
		members 123 45
		cut 2
		cut 3
		stuck 1           # S1 and two learners
		campaign 4        # it has no vote
		elapse
		elapse
		leads 0
		heal
		campaign 2
		settle
		commits 2`},
	{"the leader is removed, and hands over", setup{nodes: 3}, `
		campaign 1
		settle
		propose 1 *5
		change 1 remove 1
		taken
		settle
		members 23
		leads 2
		commits 2
		crash 3
		stuck 2`},
	{"the leader of a pair is removed", setup{nodes: 2, guarded: true}, `
		campaign 2
		settle
		change 2 remove 2
		settle
		members 1
		leads 1
		commits 1`},
	{"the leader is removed among others, by joint consensus", setup{nodes: 5, guarded: true}, `
		campaign 3
		settle
		change 3 remove 3 remove 5 learn 1
		settle
		members 24 1
		leads 2
		commits 2`},
	{"the leader becomes a learner", setup{nodes: 4, guarded: true}, `
		campaign 1
		settle
		change 1 learn 1
		settle
		members 234 1
		leads 2
		commits 2`},
	{"who was removed comes back", setup{nodes: 4, guarded: true}, `
		campaign 1
		settle
		change 1 remove 4
		settle
		propose 1 *10
		settle
		snapshot 1
		members 123
		change 1 vote 4
		settle
		members 1234
		commits 1
		campaign 4
		elapse
		campaign 4
		settle
		commits 1`},
	{"down to one and up again", setup{nodes: 3}, `
		campaign 1
		settle
		change 1 remove 2
		settle
		change 1 remove 3
		settle
		members 1
		commits 1
		crash 1
		start 1
		campaign 1
		settle
		commits 1
		change 1 vote 3
		settle
		members 13
		commits 1`},
}
