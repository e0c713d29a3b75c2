// Package input turns what a pointer does on the stage into intents.
//
// The page owns input: it sends records (down, move, up, cancel, wheel) in device pixels of the
// canvas; on the desktop the same records are made from Ebitengine's own input. A Reader keeps the
// gesture that is under way and asks the picture what lies where. Keys are the page's affair: it
// sends intents for those that mean something.
//
// The gestures:
//
//	tap on a node                selects it, on empty stage selects none
//	tap on a message             selects the event that sent it
//	tap on a scar's handle       heals the links of the scar
//	stroke from empty stage      the knife: cuts every link that it crosses, both ways
//	stroke with shift            cuts one way: what travels from the stroke's left side to its
//	                             right, seen along the stroke as it was drawn
//	stroke with the lasso        isolates the nodes inside from those outside
//	tap on a node, tool "write"  writes a value there
//	press and hold on a node     selects it, as a right button would
//	hover over a message, node   freezes the playing time, so that messages can be caught; a
//	                             pointer that rests over a node lets go of it again
//	wheel                        turns time back and forth
package input
