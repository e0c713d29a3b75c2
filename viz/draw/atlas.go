package draw

import "image"

// Labels makes the coverage of short strings: w*h bytes, row by row, 0 for nothing and 255 for all.
// size is the font's size in device pixels. The box is Height(size) high, its baseline is at
// Baseline(size), and a pixel of air is on the left and on the right. Figures should all have the
// same width. A label that cannot be made has w or h 0.
type Labels interface {
	Label(text string, size int, bold bool) (w, h int, alpha []byte)
}

// Height is how high the box of a label of a font size is.
func Height(size int) int { return (size*7 + 4) / 5 }

// Baseline is how far below the top of its box the baseline of a label is.
func Baseline(size int) int { return (size*21 + 10) / 20 }

// The side of the atlas, and how wide a label may be.
const (
	AtlasSize = 1024
	maxWidth  = 512
)

// Atlas holds the coverage of whole short strings on one page, packed in shelves.
type Atlas struct {
	Alpha []byte          // AtlasSize * AtlasSize
	Dirty image.Rectangle // what has changed since the caller last set it to the empty one
	Full  bool            // something found no room

	labels  Labels
	places  map[label]place
	shelves []shelf
	bottom  int
}

type label struct {
	text string
	size int
	bold bool
}

type place struct{ x, y, w, h int }

type shelf struct{ y, h, x int }

// NewAtlas makes an empty atlas.
func NewAtlas(labels Labels) *Atlas {
	return &Atlas{Alpha: make([]byte, AtlasSize*AtlasSize), labels: labels,
		places: map[label]place{}}
}

// Clear throws all labels away; they are made anew when they are needed. It is due when the font
// or the scale of the screen has changed.
func (a *Atlas) Clear() {
	clear(a.places)
	clear(a.Alpha)
	a.shelves, a.bottom, a.Full = a.shelves[:0], 0, false
	a.Dirty = image.Rect(0, 0, AtlasSize, AtlasSize)
}

func (a *Atlas) find(text string, size int, bold bool) (place, bool) {
	key := label{text, size, bold}
	e, ok := a.places[key]
	if ok {
		return e, true
	}
	if text == "" || size <= 0 || size > 200 {
		return place{}, false
	}
	w, h, alpha := a.labels.Label(text, size, bold)
	if w <= 0 || h <= 0 || w > maxWidth || h > AtlasSize/2 || len(alpha) < w*h {
		a.places[key] = place{}
		return place{}, true
	}
	if e, ok = a.room(w, h); !ok {
		a.Full = true
		return place{}, false
	}
	for row := range h {
		copy(a.Alpha[(e.y+row)*AtlasSize+e.x:][:w], alpha[row*w:][:w])
	}
	a.places[key] = e
	a.Dirty = a.Dirty.Union(image.Rect(e.x, e.y, e.x+w, e.y+h))
	return e, true
}

// room finds a place with a pixel of air around it, on the first shelf that is high enough and not
// much too high.
func (a *Atlas) room(w, h int) (place, bool) {
	for i := range a.shelves {
		s := &a.shelves[i]
		if h <= s.h && s.h <= h+h/4+2 && s.x+w+1 <= AtlasSize {
			e := place{s.x, s.y, w, h}
			s.x += w + 1
			return e, true
		}
	}
	if a.bottom+h+1 > AtlasSize {
		return place{}, false
	}
	a.shelves = append(a.shelves, shelf{y: a.bottom, h: h, x: w + 1})
	e := place{0, a.bottom, w, h}
	a.bottom += h + 1
	return e, true
}
