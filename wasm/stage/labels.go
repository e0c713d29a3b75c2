//go:build js

package main

import (
	"syscall/js"

	"github.com/raftarium/raftarium/viz/draw"
)

// Label implements draw.Labels: the page draws the string in its own font.
func (b *bridge) Label(text string, size int, bold bool) (w, h int, alpha []byte) {
	l := b.label.Invoke(text, size, bold)
	if l.Type() != js.TypeObject {
		return 0, 0, nil
	}
	w, h = l.Get("w").Int(), l.Get("h").Int()
	if w <= 0 || h <= 0 || w > draw.AtlasSize || h > draw.AtlasSize {
		return 0, 0, nil
	}
	alpha = make([]byte, w*h)
	if n := js.CopyBytesToGo(alpha, l.Get("alpha")); n < len(alpha) {
		return 0, 0, nil
	}
	return w, h, alpha
}
