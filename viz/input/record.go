package input

// Kind says what a pointer did. The values are those of the page's bridge.
type Kind uint8

// The kinds of record.
const (
	Down   Kind = 0
	Move   Kind = 1
	Up     Kind = 2
	Cancel Kind = 3 // the pointer left, or the browser took it
	Wheel  Kind = 4
)

// Mods is the set of modifier keys that are held.
type Mods uint8

// The modifier keys.
const (
	Shift Mods = 1 << iota
	Ctrl
	Alt
)

// Record is one thing that a pointer did.
type Record struct {
	Kind    Kind
	Pointer int  // which pointer
	Touch   bool // it is a finger
	X, Y    float32
	Buttons int     // the buttons that are held, as a PointerEvent has them
	Delta   float32 // of the wheel, in pixels; down is positive
	Mods    Mods
}
