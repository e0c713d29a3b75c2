package draw

// Vertex is laid out field for field like ebiten.Vertex, so that a batch is handed over as it is.
type Vertex struct {
	DstX, DstY float32 // device pixels
	SrcX, SrcY float32 // pixels of the atlas
	// The colour is premultiplied with its alpha.
	ColorR, ColorG, ColorB, ColorA float32
	// OffX and OffY lead here from the centre, in device pixels; Outer is a radius. Inner is the
	// inner radius, or one of the modes.
	OffX, OffY, Outer, Inner float32
}

// The modes of a vertex, in place of an inner radius.
const (
	modePlain float32 = -1 // the colour
	modeGlyph float32 = -2 // the colour where the atlas has coverage
	modeGlow  float32 = -3 // the colour, softly down to nothing at the outer radius
)

// coverage is the formula of the shader, for the software painter: how much of a pixel is covered.
func coverage(ox, oy, outer, inner, atlas float32) float32 {
	switch {
	case inner < -2.5:
		d := max(1-length(ox, oy)/outer, 0)
		return d * d * (3 - 2*d)
	case inner < -1.5:
		return atlas
	case inner < -0.5:
		return 1
	}
	d := length(ox, oy)
	a := clamp(outer - d + 0.5)
	if inner > 0 {
		a *= clamp(d - inner + 0.5)
	}
	return a
}
