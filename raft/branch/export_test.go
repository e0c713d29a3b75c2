package branch

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"

	"github.com/raftarium/raftarium/raft"
	"github.com/raftarium/raftarium/raft/trace"
)

// Sealed gives the text of a link that holds these bytes, with the checksum that they have.
func Sealed(b ...byte) string {
	b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	return "sim:?run=" + base64.RawURLEncoding.EncodeToString(b)
}

// Stops gives the times of the copies that a run keeps.
func Stops(r *Run) (at []raft.Time) {
	for i := range r.stops {
		at = append(at, r.stops[i].at)
	}
	return at
}

// Last gives the place of the newest copy that a run keeps.
func Last(r *Run) trace.Position {
	s := &r.stops[len(r.stops)-1]
	return trace.Position{Events: s.events, At: s.at}
}
