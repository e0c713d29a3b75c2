// Package player moves the play-head: it owns the source, the timeline and the moment that is
// shown. It knows no screen and no clock of its own; once a frame it is told how much time has
// passed.
//
// A driven source (a simulation, a recording) stands still until it is asked, and is asked for at
// most one frame of play, so that its edge and the play-head are one moment unless somebody took
// the play-head back. A running source (a live cluster) is drained all the time, and the play-head
// follows its edge at a distance of Header.Lag. Commands act at the edge: while the play-head was
// taken back by hand they are refused.
package player
