package yuv

import "image"

// FromYUYV converts pixels of 4:2:2 in the limited range, in pairs of four bytes: Y, Cb, Y, Cr. Their rows are stride
// bytes apart, and there are at least as many as dst has.
func FromYUYV(dst *image.YCbCr, pix []byte, stride int) {
	size := dst.Rect.Max
	for y := 0; y < size.Y; y += 2 {
		to := rowsAt(dst, y)
		top := pix[y*stride:][:2*size.X]
		bottom := pix[(y+1)*stride:][:2*size.X]
		for i := range to.cb {
			a, b := top[4*i:][:4], bottom[4*i:][:4]
			y0, y1 := to.y0[2*i:][:2], to.y1[2*i:][:2]
			y0[0], y0[1], y1[0], y1[1] = a[0], a[2], b[0], b[2]
			to.cb[i] = byte((int(a[1]) + int(b[1]) + 1) >> 1)
			to.cr[i] = byte((int(a[3]) + int(b[3]) + 1) >> 1)
		}
	}
}
