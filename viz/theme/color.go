package theme

import "math"

// Color is a colour of the screen (sRGB) with straight, not premultiplied, alpha.
type Color struct{ R, G, B, A uint8 }

// Hex gives the opaque colour of a number such as 0x1b2430.
func Hex(rgb uint32) Color {
	return Color{uint8(rgb >> 16), uint8(rgb >> 8), uint8(rgb), 255}
}

// Alpha gives the colour with its alpha multiplied by a, from 0 to 1; what is outside is clamped.
func (c Color) Alpha(a float32) Color {
	c.A = uint8(float32(c.A)*clamp(a) + 0.5)
	return c
}

// Mix gives the colour that lies t (0 to 1) of the way from c to d.
func (c Color) Mix(d Color, t float32) Color {
	t = clamp(t)
	f := func(a, b uint8) uint8 { return uint8(float32(a) + (float32(b)-float32(a))*t + 0.5) }
	return Color{f(c.R, d.R), f(c.G, d.G), f(c.B, d.B), f(c.A, d.A)}
}

// CSS gives the colour as a style sheet writes it: #rrggbb, or #rrggbbaa when it is not opaque.
func (c Color) CSS() string {
	const digits = "0123456789abcdef"
	parts := [...]uint8{c.R, c.G, c.B, c.A}
	n := len(parts)
	if c.A == 255 {
		n--
	}
	out := []byte{'#'}
	for _, v := range parts[:n] {
		out = append(out, digits[v>>4], digits[v&15])
	}
	return string(out)
}

// Luminance gives the relative luminance of WCAG 2, from 0 for black to 1 for white. Alpha does not
// count.
func (c Color) Luminance() float64 {
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

// Contrast gives the contrast ratio of two opaque colours as WCAG 2 defines it, from 1 to 21.
func Contrast(a, b Color) float64 {
	x, y := a.Luminance(), b.Luminance()
	if x < y {
		x, y = y, x
	}
	return (x + 0.05) / (y + 0.05)
}

// Distance says how different two opaque colours look: their distance in the OKLab space, where
// 0.02 is just seen side by side and black and white are 1 apart.
func Distance(a, b Color) float64 {
	l1, a1, b1 := a.oklab()
	l2, a2, b2 := b.oklab()
	return math.Sqrt((l1-l2)*(l1-l2) + (a1-a2)*(a1-a2) + (b1-b2)*(b1-b2))
}

func (c Color) oklab() (l, a, b float64) {
	r, g, bl := linear(c.R), linear(c.G), linear(c.B)
	x := math.Cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*bl)
	y := math.Cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*bl)
	z := math.Cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*bl)
	return 0.2104542553*x + 0.7936177850*y - 0.0040720468*z,
		1.9779984951*x - 2.4285922050*y + 0.4505937099*z,
		0.0259040371*x + 0.7827717662*y - 0.8086757660*z
}

func linear(v uint8) float64 {
	f := float64(v) / 255
	if f <= 0.04045 {
		return f / 12.92
	}
	return math.Pow((f+0.055)/1.055, 2.4)
}

func clamp(a float32) float32 { return min(max(a, 0), 1) }
