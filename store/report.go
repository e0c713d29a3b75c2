package store

import "fmt"

// Report is what was found when a directory was opened, beside what Load gives.
type Report struct {
	Formatted bool // there was nothing, and a new data directory was made
	Segments  int  // of the log
	Snapshots int  // that can be used

	// Doubtful says that the log's tail was cut, because no valid batch stands there or the log
	// ends before the node's own snapshot. What was cut may have been torn by a power loss or
	// a full disk, and then nobody was told of it; or it was damaged since, and then this node
	// acknowledged entries that it no longer has.
	Doubtful bool

	// Notes are sentences for people: what was cut, ignored or removed, and why.
	Notes []string
}

// note adds a sentence.
func (r *Report) note(format string, a ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, a...))
}

// DamageError says that what was durable is no longer what was written. The store that gives it
// has changed nothing.
type DamageError struct {
	File   string // its path
	Offset int64  // in bytes, where the trouble begins
	Found  string // what stands there
}

// Error implements error.
func (d *DamageError) Error() string {
	return fmt.Sprintf("store: damage in %s at byte %d: %s", d.File, d.Offset, d.Found)
}
