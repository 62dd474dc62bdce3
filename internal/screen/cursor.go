//go:build linux || freebsd || netbsd || openbsd

package screen

import (
	"image"

	"github.com/jezek/xgb/xfixes"
)

// drawCursor draws the mouse cursor into the pixels of an area of the display.
func drawCursor(pix []byte, area image.Rectangle, c *xfixes.GetCursorImageReply) {
	width := int(c.Width)
	at := image.Pt(int(c.X)-int(c.Xhot), int(c.Y)-int(c.Yhot))
	seen := area.Intersect(image.Rectangle{at, at.Add(image.Pt(width, int(c.Height)))})
	for y := seen.Min.Y; y < seen.Max.Y; y++ {
		for x := seen.Min.X; x < seen.Max.X; x++ {
			colour := c.CursorImage[(y-at.Y)*width+x-at.X] // alpha, red, green, blue; multiplied by alpha
			p := pix[((y-area.Min.Y)*area.Dx()+x-area.Min.X)*pixelSize:][:3]
			rest := 255 - colour>>24
			for i := range p {
				p[i] = byte(min(255, colour>>(8*i)&0xff+(uint32(p[i])*rest+127)/255))
			}
		}
	}
}
