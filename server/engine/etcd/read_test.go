package etcd

// readSchedules ask for linearizable reads: section 6.4 of the thesis.
var readSchedules = []schedule{
	{"at every server", setup{nodes: 3, guarded: true}, `
		campaign 1
		settle
		propose 1 *5
		settle
		read 1
		read 2
		read 3
		settle
		answered 1
		answered 2
		answered 3`},
	{"between commands", setup{nodes: 5}, `
		campaign 1
		settle
		propose 1 *5
		read 1
		read 4
		propose 1 *5
		read 4
		settle
		answered 1
		answered 4`},
	{"a leader in a minority cannot know, and then is told", setup{nodes: 5}, `
		campaign 1
		settle
		propose 1 before
		settle
		split 12 345
		campaign 3
		settle
		propose 3 after
		settle
		read 1            # it leads still, as far as it knows
		read 2
		read 3
		settle
		unanswered 1
		unanswered 2
		answered 3
		heal
		settle
		read 1
		elapse
		answered 1`},
	{"a read that came before the cut", setup{nodes: 3, guarded: true}, `
		campaign 1
		settle
		read 1
		read 2
		cut 1
		elapse
		elapse
		unanswered 1
		campaign 2
		settle
		propose 2 *3
		heal
		elapse
		read 1
		settle
		answered 1`},
	{"a round that is on its way proves only what came before it", setup{nodes: 3}, `
		campaign 1
		settle
		cut 1>3
		read 1
		round             # S2 has the round
		cut 2>1           # and its answer comes late
		read 1
		cut 1>2
		campaign 2
		settle
		propose 2 x
		settle
		unanswered 1`},
	{"a new leader waits for an entry of its own term", setup{nodes: 3}, `
		campaign 1
		settle
		propose 1 x
		round             # the others have it
		round             # S1 knows that it is committed
		crash 1           # and tells nobody
		campaign 2
		round             # S3 votes for it
		cut 2>3
		round
		read 2
		settle
		unanswered 2
		heal
		settle
		answered 2`},
	{"at a learner", setup{nodes: 4, members: 3, guarded: true}, `
		campaign 1
		settle
		change 1 learn 4
		settle
		propose 1 *5
		settle
		read 4
		settle
		answered 4
		cut 2
		cut 3
		read 4            # it proves nothing that a learner hears its leader
		read 1
		settle
		unanswered 4
		unanswered 1
		heal
		elapse
		answered 4
		answered 1`},
	{"while leadership passes on", setup{nodes: 3, guarded: true}, `
		campaign 1
		settle
		propose 1 *5
		read 1
		transfer 1 2
		read 3
		settle
		leads 2
		propose 2 *5
		read 1
		settle
		read 3
		settle
		answered 3`},
	{"a single server", setup{nodes: 1}, `
		campaign 1
		settle
		propose 1 x
		read 1
		settle
		answered 1
		crash 1
		start 1
		campaign 1
		read 1
		settle
		answered 1`},
}
