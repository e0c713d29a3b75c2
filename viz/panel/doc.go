// Package panel computes what the page's panels show, as plain structs and as the JSON that the
// stage hands to the page. It knows no screen: its input is the state at the play-head, a Book that
// has seen every event, and what the viewer has chosen.
//
// Words are made here and in package world, so that they are tested in Go; the page only places
// them.
package panel
