package panel

import (
	"math"
	"strconv"
	"unicode/utf8"
)

// writer appends JSON. It puts the commas itself: a value needs one unless it is the first of its
// object or list, or stands behind its key.
type writer struct{ b []byte }

func (w *writer) comma() {
	if n := len(w.b); n > 0 {
		switch w.b[n-1] {
		case '{', '[', ':':
		default:
			w.b = append(w.b, ',')
		}
	}
}

func (w *writer) open(c byte) {
	w.comma()
	w.b = append(w.b, c)
}

func (w *writer) close(c byte) { w.b = append(w.b, c) }

func (w *writer) key(k string) {
	w.comma()
	w.b = append(w.b, '"')
	w.b = append(w.b, k...)
	w.b = append(w.b, '"', ':')
}

func (w *writer) text(s string) {
	w.comma()
	w.b = appendText(w.b, s)
}

func (w *writer) number(n int64) {
	w.comma()
	w.b = strconv.AppendInt(w.b, n, 10)
}

func (w *writer) bool(v bool) {
	w.comma()
	w.b = strconv.AppendBool(w.b, v)
}

func (w *writer) null() {
	w.comma()
	w.b = append(w.b, "null"...)
}

func (w *writer) float(f float64) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		f = 0
	}
	w.comma()
	w.b = strconv.AppendFloat(w.b, f, 'g', 6, 64)
}

func (w *writer) list(key string) {
	w.key(key)
	w.open('[')
}

func (w *writer) object(key string) {
	w.key(key)
	w.open('{')
}

func (w *writer) textAt(key, s string) {
	w.key(key)
	w.text(s)
}

func (w *writer) boolAt(key string, v bool) {
	w.key(key)
	w.bool(v)
}

func (w *writer) floatAt(key string, f float64) {
	w.key(key)
	w.float(f)
}

// numberAt writes any whole number. What may pass 2^53 is not written with it.
func numberAt[T ~int | ~int64 | ~uint8 | ~uint32 | ~uint64](w *writer, key string, n T) {
	w.key(key)
	w.number(int64(n))
}

const hexDigits = "0123456789abcdef"

// appendText appends s as a JSON string. What is no UTF-8 becomes the replacement character, and
// so does what would turn the direction of the words around it.
func appendText(b []byte, s string) []byte {
	b = append(b, '"')
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
			i++
		case c < 0x20:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
			i++
		case c < utf8.RuneSelf:
			b = append(b, c)
			i++
		default:
			r, size := utf8.DecodeRuneInString(s[i:])
			if turns(r) {
				r = utf8.RuneError
			}
			b = utf8.AppendRune(b, r)
			i += size
		}
	}
	return append(b, '"')
}

// turns reports whether a rune is one of Unicode's controls of direction, which a key or a value
// may hold and whose effect would not end with it.
func turns(r rune) bool { return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 }

// hex16 writes a 64-bit number as 16 hexadecimal digits.
func hex16(n uint64) string {
	var b [16]byte
	for i := 15; i >= 0; i-- {
		b[i] = hexDigits[n&15]
		n >>= 4
	}
	return string(b[:])
}
