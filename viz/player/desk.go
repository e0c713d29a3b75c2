package player

// Answer is the end of what was asked under a ticket.
type Answer struct {
	Ticket   uint64
	Accepted bool
	Why      string // of a refusal, a sentence for people
	Link     string // what was asked for, when that is a link
}

// Desk gives tickets and keeps the answers until they are fetched. It outlives the sources, so that
// no ticket is given twice.
type Desk struct {
	last uint64
	done []Answer
}

// NewDesk gives a desk whose tickets begin behind base. Sources that several viewers share tell
// answers apart by the ticket alone, so each viewer takes a base of its own, below 2^52.
func NewDesk(base uint64) *Desk { return &Desk{last: base} }

// Ticket gives a new ticket.
func (d *Desk) Ticket() uint64 {
	d.last++
	return d.last
}

// Settle keeps the answer to a ticket; ticket 0 is nobody's.
func (d *Desk) Settle(ticket uint64, accepted bool, why string) {
	if ticket != 0 {
		d.done = append(d.done, Answer{Ticket: ticket, Accepted: accepted, Why: why})
	}
}

// SettleLink keeps the answer to who asked for a link: the link, or why there is none.
func (d *Desk) SettleLink(ticket uint64, link, why string) {
	d.Settle(ticket, why == "", why)
	if ticket != 0 {
		d.done[len(d.done)-1].Link = link
	}
}

// Waiting reports whether there are answers to fetch.
func (d *Desk) Waiting() bool { return len(d.done) > 0 }

// Fetch appends the answers since the last call, each exactly once.
func (d *Desk) Fetch(dst []Answer) []Answer {
	dst = append(dst, d.done...)
	d.done = d.done[:0]
	return dst
}
