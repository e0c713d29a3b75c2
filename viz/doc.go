// Package viz is the stage: events in, picture out, intents back. Game joins the parts: the player
// moves the play-head, the scene makes the picture of the state there, draw paints it, the view of
// the panels is handed out as JSON, and input turns pointers into intents.
//
// It knows one thing of the outside, a Shelf that opens sources; who runs it (the page, the
// desktop) hands it that and a few functions.
package viz
