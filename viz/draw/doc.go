// Package draw turns a scene.Picture into one batch of triangles, and the batch into pixels: on the
// screen with one shader and one call of Ebitengine (paint.go), and in tests and for files without
// a GPU (soft.go). Both evaluate the same small formula for every pixel:
//
//	a vertex carries an offset (x, y) from the centre of something round, an outer radius and an
//	inner one; what lies between the radii is covered, with an edge one pixel wide.
//
// A disc, a ring, an arc, a thick line with soft edges and a rounded box are all that formula over
// different triangles; glyphs take their coverage from an atlas; polygons fade out at their edges
// by the colours of their vertices.
package draw
