// Package line is a source at the other end of a Worker or a socket, as the stage sees it: what
// carries its frames, whether that is there, and what to do when it goes. It knows no page; the
// stage hands it three functions.
package line
