// Package theme is the one table of how Raftarium looks: the colours of the light and the dark
// look, the sizes and the times. The stage takes it as Go values, the page as the custom properties
// that CSS writes.
//
// One channel has one meaning: pastel fill is a term, outline and shape are a role, a saturated
// colour with its shape is a class of message, vermillion is a fault, and red is a broken promise
// and nothing else.
package theme

import "github.com/raftarium/raftarium/raft"

// Terms is the number of term colours. Term 9 has the colour of term 1 again, hatched.
const Terms = 8

// Theme is the colours of one look.
type Theme struct {
	Dark bool // the look is for dark surroundings

	Page     Color // behind everything
	Card     Color // panels, badges, buttons
	Hairline Color // borders

	Ink  Color // text that must be read
	Ink2 Color // text that explains
	Ink3 Color // text that may be overlooked; still 4.5 : 1 on a card

	Centre Color // the stage in its middle
	Rim    Color // the stage at its corners
	Link   Color // the hairlines between nodes

	Term    [Terms]Color // the fill of terms 1 to 8
	OnTerm  Color        // text on a term's fill
	Hatch   Color        // the lines of the second lap of terms, over the fill
	Fog     Color        // a node of which nothing is known, or that is down
	Append  Color        // AppendEntries and heartbeats
	Vote    Color        // RequestVote and pre-votes
	Snap    Color        // InstallSnapshot
	Read    Color        // reads
	OnClass Color        // a sign on a message's colour

	Fault     Color // cuts, crashes, drops
	Committed Color // on a quorum, for good
	Broken    Color // a promise of Raft does not hold; nothing else is red

	Accent   Color // selection, play-head, links of the page
	AccentBg Color // behind selected text
	OnAccent Color // text on the accent
	Shadow   Color // the one soft shadow
}

// Light gives the look for bright surroundings.
func Light() Theme {
	return Theme{
		Page: Hex(0xf7f9fb), Card: Hex(0xffffff), Hairline: Hex(0xdfe5ec),
		Ink: Hex(0x1b2430), Ink2: Hex(0x505c6a), Ink3: Hex(0x616c79),
		Centre: Hex(0xfcfdff), Rim: Hex(0xe8f0f7), Link: Hex(0x1b2430).Alpha(0.12),
		Term: [Terms]Color{Hex(0xbfdaf6), Hex(0xc9e8c4), Hex(0xfad9a4), Hex(0xdccaf6),
			Hex(0xfbc5cb), Hex(0xbce8e3), Hex(0xf0e69c), Hex(0xddd4c9)},
		OnTerm: Hex(0x3a4553), Hatch: Hex(0x1b2430).Alpha(0.13), Fog: Hex(0xe3e7ed),
		Append: Hex(0x0072b2), Vote: Hex(0xc47a00), Snap: Hex(0xa8548b), Read: Hex(0x2b8fc9),
		OnClass: Hex(0xffffff),
		Fault:   Hex(0xcc5800), Committed: Hex(0x007f5c), Broken: Hex(0xc8102e),
		Accent: Hex(0x0b5fa5), AccentBg: Hex(0xe6f0f9), OnAccent: Hex(0xffffff),
		Shadow: Hex(0x1b2f48).Alpha(0.16),
	}
}

// Dark gives the look for dark surroundings.
func Dark() Theme {
	return Theme{
		Dark: true,
		Page: Hex(0x0c1118), Card: Hex(0x131a24), Hairline: Hex(0x253141),
		Ink: Hex(0xe8edf3), Ink2: Hex(0xa5b1bf), Ink3: Hex(0x8b98a8),
		Centre: Hex(0x16212f), Rim: Hex(0x0b1119), Link: Hex(0xe8edf3).Alpha(0.13),
		Term: [Terms]Color{Hex(0x2b5583), Hex(0x2c663c), Hex(0x8f4d12), Hex(0x5d4489),
			Hex(0x87384f), Hex(0x146466), Hex(0x756400), Hex(0x545a63)},
		OnTerm: Hex(0xe3e9f0), Hatch: Hex(0x000000).Alpha(0.22), Fog: Hex(0x1d2633),
		Append: Hex(0x5ab3f0), Vote: Hex(0xf0b23e), Snap: Hex(0xe59ac6), Read: Hex(0x8fd0f7),
		OnClass: Hex(0x0d141e),
		Fault:   Hex(0xff8a4a), Committed: Hex(0x43c9a0), Broken: Hex(0xff5c6e),
		Accent: Hex(0x7cc0f5), AccentBg: Hex(0x1b2d40), OnAccent: Hex(0x0c1118),
		Shadow: Hex(0x000000).Alpha(0.45),
	}
}

// Fill gives the colour of a term, and its lap: 0 for terms 1 to 8, whose fill is plain, 1 for 9 to
// 16, which are hatched, and so on. Term 0, before the first election, has the colour of fog.
func (t *Theme) Fill(term raft.Term) (c Color, lap int) {
	if term == 0 {
		return t.Fog, 0
	}
	n := uint64(term) - 1
	return t.Term[n%Terms], int(n / Terms % 4)
}
