package yuv

import (
	"encoding/binary"
	"image"
)

// The coefficients of BT.601 in the limited range, times 1<<16.
const (
	yR, yG, yB    = 16829, 33039, 6416
	cbR, cbG, cbB = -9714, -19070, 28784
	crR, crG, crB = 28784, -24103, -4681

	yOffset = 16<<16 + 1<<15
	cOffset = 128<<18 + 1<<17 // of the sum of four pixels
)

// FromBGRX converts pixels of four bytes: blue, green, red and one that is ignored. Their rows are stride bytes apart,
// and there are at least as many as dst has.
func FromBGRX(dst *image.YCbCr, pix []byte, stride int) {
	size := dst.Rect.Max
	for y := 0; y < size.Y; y += 2 {
		top := pix[y*stride:][:4*size.X]
		bottom := pix[(y+1)*stride:][:4*size.X]
		rowsFromBGRX(rowsAt(dst, y), top, bottom)
	}
}

func rowsFromBGRX(to rows, top, bottom []byte) {
	cr := to.cr[:len(to.cb)]
	for i := range to.cb {
		if len(top) < 8 || len(bottom) < 8 || len(to.y0) < 2 || len(to.y1) < 2 { // spares the checks of each index
			return
		}
		a, b := binary.LittleEndian.Uint32(top), binary.LittleEndian.Uint32(top[4:])
		c, d := binary.LittleEndian.Uint32(bottom), binary.LittleEndian.Uint32(bottom[4:])
		to.y0[0], to.y0[1] = luma(a), luma(b)
		to.y1[0], to.y1[1] = luma(c), luma(d)
		// Blue and red are added in one word, 16 bits apart.
		const ends = 0xff00ff
		sum := a&ends + b&ends + c&ends + d&ends
		red, blue := int32(sum>>16), int32(sum&0xffff)
		green := int32(a>>8&0xff + b>>8&0xff + c>>8&0xff + d>>8&0xff)
		to.cb[i] = byte((cbR*red + cbG*green + cbB*blue + cOffset) >> 18)
		cr[i] = byte((crR*red + crG*green + crB*blue + cOffset) >> 18)
		top, bottom, to.y0, to.y1 = top[8:], bottom[8:], to.y0[2:], to.y1[2:]
	}
}

func luma(p uint32) byte {
	return byte((yR*(p>>16&0xff) + yG*(p>>8&0xff) + yB*(p&0xff) + yOffset) >> 16)
}
