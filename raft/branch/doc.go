// Package branch makes a simulation that can be gone back to. A Run keeps copies of the whole
// cluster, with the checker that judges it: dense near its edge, thinner behind. A branch begins at
// any place of the past, from the nearest copy before it. And a Run is a short text, its address
// with what was asked of it at which places: a link, which opens as the same run.
package branch
