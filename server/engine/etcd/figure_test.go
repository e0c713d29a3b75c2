package etcd

// figure7 makes the logs of the paper's Figure 7 by crashes and cuts: S1 will lead in term 8, S2 to
// S7 are the followers (a) to (f).
const figure7 = `
	campaign 1            # term 1, the first of three entries
	settle
	propose 1 1-2
	propose 1 1-3
	settle
	split 17 23456        # (f): two terms that nobody else saw
	campaign 7            # term 2 cannot be won here
	settle
	heal
	campaign 7            # term 3
	settle
	cut 7
	propose 7 3-x
	propose 7 3-y
	settle
	crash 7
	heal
	campaign 5            # term 4
	settle
	propose 5 4-5
	settle
	crash 3               # (b) stays here
	propose 5 4-6
	settle
	cut 6                 # (e) has two more of term 4
	propose 5 4-7
	settle
	link 6
	split 5 12346
	campaign 1            # term 5
	settle
	propose 1 5-a
	settle
	heal
	crash 2               # (a) misses the last
	campaign 4            # term 6
	settle
	propose 4 6-a
	propose 4 6-b
	settle
	cut 4                 # (c) has one more
	propose 4 6-c
	settle
	crash 4
	heal
	campaign 5            # (d) has two of term 7
	settle
	cut 5
	propose 5 7-a
	propose 5 7-b
	settle
	crash 5
	heal
	start 0
	settle
	campaign 1            # term 8, or whatever it takes
	settle
	campaign 1
	settle
	commits 1`

// figure8 is the paper's Figure 8, (a) to (c), which both ends share: an entry of an old term is on
// a majority, and is not committed. Appends carry one entry each. The paper's term 2 is 1 here.
const figure8 = `
	campaign 1
	settle
	cut 3                 # (a) S1 leads, and its entry reaches S2 alone
	cut 4
	cut 5
	propose 1 two
	settle
	holds 2 two
	crash 1
	heal
	cut 2                 # (b) S5 is elected by S3, S4 and itself, and nobody hears of its entry
	campaign 5
	round                 # the requests
	cut 5>3
	cut 5>4
	settle
	propose 5 three
	settle
	lacks 4 three
	crash 5
	heal
	start 1               # (c) S1 is elected again, as soon as its term is above S5's
	campaign 1
	settle
	campaign 1
	round                 # the requests
	cut 1>4
	round                 # the votes
	round                 # S2 takes the entry of the new term, S3 refuses it
	round                 # S1 hears of it
	round                 # S3 gets the entry of the old term
	cut 1>2
	cut 1>3
	settle                # S1 hears that S2 and S3 hold it
	holds 1 two
	holds 2 two
	holds 3 two
	unapplied two`

// figure8Lost goes on with (d): S1 crashes, and S5 overwrites the entry.
const figure8Lost = figure8 + `
	crash 1
	heal
	start 5
	campaign 5
	settle
	campaign 5
	settle
	lacks 2 two
	lacks 3 two
	holds 3 three
	start 1
	settle
	lacks 1 two
	commits 5`

// figure8Kept goes on with (e): S1 spreads an entry of its own term first, and S5 cannot win.
const figure8Kept = figure8 + `
	heal
	settle
	applied 3 two
	crash 1
	start 5
	campaign 5
	settle
	campaign 5
	settle
	campaign 2
	settle
	commits 2
	holds 5 two
	lacks 5 three`
