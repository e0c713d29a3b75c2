package trace

// Forker is a Source that can go on differently from a place in its past (CanFork). Fork may wait;
// the branch is a source of its own, whose first event is a key frame of that place.
type Forker interface {
	Fork(at Position) (Source, error)
}

// Sharer is a Source that can say its run as a link (CanShare). Link may wait.
type Sharer interface {
	Link(at Position) (string, error)
}
