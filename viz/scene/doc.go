// Package scene turns the state of a cluster into a picture: a flat list of shapes in device
// pixels, with what can be hit and where nodes stand. It draws nothing itself and knows no screen,
// so a picture can be tested as text and looked at as SVG.
//
// One channel has one meaning. A node's fill is its term, its outline is its role; a saturated
// colour with its shape is a class of message; vermillion is a fault; red is a broken promise.
//
// All lengths that go in and out of the package are device pixels; View.Scale says how many of them
// make a CSS pixel.
package scene
