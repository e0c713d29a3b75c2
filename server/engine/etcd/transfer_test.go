package etcd

// transferSchedules hand over leadership: section 3.10 of the thesis.
var transferSchedules = []schedule{
	{"to one that has everything", setup{nodes: 3, guarded: true}, `
		campaign 1
		settle
		propose 1 *5
		settle
		transfer 1 3
		taken
		propose 1 no      # it takes no commands for itself
		settle
		leads 3
		unapplied no
		commits 3
		transfer 3 1
		settle
		leads 1
		commits 1`},
	{"to one that lacks the last commands", setup{nodes: 5}, `
		campaign 1
		settle
		cut 4
		propose 1 *8
		settle
		link 4
		transfer 1 4
		taken
		settle
		leads 4
		commits 4`},
	{"to one that is cut off: given up after an election time-out", setup{nodes: 3}, `
		campaign 1
		settle
		cut 3
		transfer 1 3
		taken
		settle
		leads 1
		propose 1 no
		elapse
		commits 1
		unapplied no
		link 3
		settle
		transfer 1 3
		settle
		leads 3
		commits 3`},
	{"to one that is cut off and lacks commands: given up as well", setup{nodes: 3,
		guarded: true}, `
		campaign 1
		settle
		cut 2
		propose 1 *3
		settle
		transfer 1 2
		taken
		settle
		settle
		leads 1
		elapse
		commits 1
		link 2
		settle
		commits 1`},
	{"to nobody who may lead", setup{nodes: 4, members: 3, guarded: true}, `
		campaign 1
		settle
		change 1 learn 4
		settle
		transfer 1 4      # it only learns
		refused
		transfer 1 1      # it leads already
		refused
		transfer 2 3      # S2 does not lead
		refused
		change 1 remove 4
		settle
		transfer 1 4
		refused
		commits 1`},
	{"not while the configuration changes, nor the other way round", setup{nodes: 4}, `
		campaign 1
		settle
		cut 2
		cut 3
		cut 4
		change 1 learn 3
		transfer 1 2
		refused
		heal
		settle
		members 124 3
		cut 2
		transfer 1 2
		taken
		change 1 vote 3
		refused
		elapse
		change 1 vote 3
		taken
		heal
		settle
		members 1234
		commits 1`},
	{"a majority does not hear the new leader", setup{nodes: 5}, `
		campaign 1
		settle
		cut 2>3
		cut 3>2
		cut 2>4
		cut 4>2
		cut 2>5
		cut 5>2
		transfer 1 2      # S1 alone would vote for it
		settle
		leads 0
		heal
		campaign 3
		settle
		campaign 3
		settle
		commits 3`},
	{"from one to the next, with snapshots", setup{nodes: 5, guarded: true}, `
		campaign 1
		settle
		propose 1 *5
		transfer 1 2
		settle
		snapshot 0
		propose 2 *5
		transfer 2 3
		settle
		transfer 3 4
		settle
		propose 4 *5
		settle
		snapshot 4
		transfer 4 5
		settle
		leads 5
		commits 5`},
}
