package draw

import (
	_ "embed" // for the shader
	"fmt"
	"image"
	"unsafe"

	"github.com/hajimehoshi/ebiten/v2"
)

//go:embed stage.kage
var shaderSource []byte

// The two types of vertex are of one size, field for field.
var _ [unsafe.Sizeof(ebiten.Vertex{})]byte = [unsafe.Sizeof(Vertex{})]byte{}

// Painter paints batches with Ebitengine, each in one draw call.
type Painter struct {
	shader  *ebiten.Shader
	atlas   *ebiten.Image
	pixels  []byte
	options ebiten.DrawTrianglesShaderOptions
}

// NewPainter compiles the shader. It is to be called when Ebitengine runs.
func NewPainter() (*Painter, error) {
	shader, err := ebiten.NewShader(shaderSource)
	if err != nil {
		return nil, fmt.Errorf("compile the shader of the stage: %w", err)
	}
	return &Painter{shader: shader}, nil
}

// Paint brings what is new in the batch's atlas to the screen's memory and draws the batch over
// dst, which need not be cleared when the batch has a ground.
func (p *Painter) Paint(dst *ebiten.Image, b *Batch) {
	if p.atlas == nil {
		p.atlas = ebiten.NewImageWithOptions(image.Rect(0, 0, AtlasSize, AtlasSize),
			&ebiten.NewImageOptions{Unmanaged: true})
		p.options.Images[0] = p.atlas
		b.Atlas.Dirty = image.Rect(0, 0, AtlasSize, AtlasSize)
	}
	p.upload(b.Atlas)
	if len(b.Indices) == 0 {
		return
	}
	vs := unsafe.Slice((*ebiten.Vertex)(unsafe.Pointer(&b.Vertices[0])), len(b.Vertices))
	dst.DrawTrianglesShader32(vs, b.Indices, p.shader, &p.options)
}

// upload writes the changed rectangle of the atlas, white with the coverage as its alpha.
func (p *Painter) upload(a *Atlas) {
	r := a.Dirty
	if r.Empty() {
		return
	}
	a.Dirty = image.Rectangle{}
	p.pixels = p.pixels[:0]
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for _, v := range a.Alpha[y*AtlasSize+r.Min.X : y*AtlasSize+r.Max.X] {
			p.pixels = append(p.pixels, v, v, v, v)
		}
	}
	p.atlas.SubImage(r).(*ebiten.Image).WritePixels(p.pixels)
}
