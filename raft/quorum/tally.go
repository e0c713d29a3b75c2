package quorum

// Tally is how many of some voters have said yes.
type Tally struct{ Yes, Of int }

// Won reports whether a majority said yes. Of no voters there is none.
func (t Tally) Won() bool { return t.Of > 0 && t.Yes >= Majority(t.Of) }

// All reports whether everybody said yes.
func (t Tally) All() bool { return t.Yes == t.Of }

// Joint reports whether a decision is made under a configuration whose second half may be absent:
// each half that is there decides by itself (section 6).
func Joint(voters, outgoing Tally) bool {
	return voters.Won() && (outgoing.Of == 0 || outgoing.Won())
}
