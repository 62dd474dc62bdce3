// Package qr draws QR codes: for terminals, and as pictures.
package qr

import (
	"fmt"
	"image"
	"image/color"
	"strings"

	"github.com/yeqown/go-qrcode/v2"
)

// quiet is the width of the light margin in modules that readers need.
const quiet = 4

// Code is a QR code with its margin, row by row; true is dark.
type Code [][]bool

// New encodes a text.
func New(text string) (Code, error) {
	q, err := qrcode.NewWith(
		text, qrcode.WithEncodingMode(qrcode.EncModeByte), qrcode.WithErrorCorrectionLevel(qrcode.ErrorCorrectionLow),
	)
	if err != nil {
		return nil, fmt.Errorf("encode QR code: %w", err)
	}
	var w writer
	if err := q.Save(&w); err != nil {
		return nil, fmt.Errorf("draw QR code: %w", err)
	}
	return w.code, nil
}

// writer implements qrcode.Writer.
type writer struct{ code Code }

func (w *writer) Write(m qrcode.Matrix) error {
	side := m.Width() + 2*quiet
	w.code = make(Code, side)
	for y := range w.code {
		w.code[y] = make([]bool, side)
	}
	m.Iterate(qrcode.IterDirection_ROW, func(x, y int, v qrcode.QRValue) { w.code[y+quiet][x+quiet] = v.IsSet() })
	return nil
}

func (*writer) Close() error { return nil }

// Terminal returns the code as lines of half blocks, dark on light whatever the terminal's colours are.
func (c Code) Terminal() string {
	const dark, reset = "\x1b[38;5;16;48;5;231m", "\x1b[0m"
	blocks := map[[2]bool]rune{{}: ' ', {true, false}: '▀', {false, true}: '▄', {true, true}: '█'}
	var b strings.Builder
	for y := 0; y < len(c); y += 2 {
		b.WriteString(dark)
		for x := range c[y] {
			below := y+1 < len(c) && c[y+1][x]
			b.WriteRune(blocks[[2]bool{c[y][x], below}])
		}
		b.WriteString(reset + "\n")
	}
	return b.String()
}

// Image returns the code as a picture with so many pixels for each module.
func (c Code) Image(scale int) image.Image {
	img := image.NewPaletted(image.Rect(0, 0, len(c)*scale, len(c)*scale), color.Palette{color.White, color.Black})
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			if c[y/scale][x/scale] {
				img.SetColorIndex(x, y, 1)
			}
		}
	}
	return img
}
