package raft

import (
	"encoding/binary"
	"math/bits"
)

// The multipliers are odd constants without structure; the digest is frozen, as recordings hold it.
const (
	digestSeed = 0x9e3779b97f4a7c15
	digestMul  = 0xd1342543de82ef95
)

// Append gives the digest of a log that is one entry longer. It reads eight bytes at a time, for it
// runs once for each entry on each node.
func (d Digest) Append(t Term, k EntryKind, data []byte) Digest {
	h := mix(uint64(d)^digestSeed, uint64(t))
	h = mix(h, uint64(k)|uint64(len(data))<<8)
	for ; len(data) >= 8; data = data[8:] {
		h = mix(h, binary.LittleEndian.Uint64(data))
	}
	if len(data) > 0 {
		var last [8]byte
		copy(last[:], data)
		h = mix(h, binary.LittleEndian.Uint64(last[:]))
	}
	return Digest(h)
}

// mix folds a word into a hash: the two halves of a 128-bit product, xored.
func mix(h, word uint64) uint64 {
	hi, lo := bits.Mul64(h^word^digestSeed, digestMul)
	return hi ^ lo ^ bits.RotateLeft64(word, 23)
}
