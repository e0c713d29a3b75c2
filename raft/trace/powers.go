package trace

// Forker is a Source that can go on differently from a place in its past (CanFork). Fork may wait;
// the branch is a source of its own, whose first event is the one behind that place.
type Forker interface {
	Fork(at Position) (Source, error)
}

// Placed is a Source that does not begin at the beginning of its run: a branch. Before its first
// event the run has so many events, with that rolling hash.
type Placed interface {
	Began() (events, hash uint64)
}

// Sharer is a Source that can say its run as a link (CanShare). Link may wait.
type Sharer interface {
	Link(at Position) (string, error)
}
