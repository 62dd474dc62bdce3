// Package yuv converts what cameras and screens deliver to 4:2:0 in the limited range of BT.601, which VP8 carries, and
// scales it. Frames start at the origin and have even sides.
package yuv

import "image"

// even returns n without its lowest bit, at least 2.
func even(n int) int { return max(2, n&^1) }

// Even returns the largest even size within a size in pixels, at least 2x2.
func Even(size image.Point) image.Point { return image.Pt(even(size.X), even(size.Y)) }

// Fit returns the even size, in pixels, at which a picture of a size fits into a box. It keeps the aspect ratio and is
// never larger than the picture.
func Fit(size, box image.Point) image.Point {
	size, box = Even(size), Even(box)
	switch {
	case size.X <= box.X && size.Y <= box.Y:
		return size
	case size.X*box.Y >= size.Y*box.X: // the width decides
		return image.Pt(box.X, even((size.Y*box.X+size.X/2)/size.X))
	}
	return image.Pt(even((size.X*box.Y+size.Y/2)/size.Y), box.Y)
}

// Resize returns the frame if it has an even size in pixels, and a new one of that size otherwise. The frame may be
// nil.
func Resize(frame *image.YCbCr, size image.Point) *image.YCbCr {
	if frame != nil && frame.Rect.Max == size {
		return frame
	}
	return image.NewYCbCr(image.Rectangle{Max: size}, image.YCbCrSubsampleRatio420)
}

// rows are two rows of luma and the row of chroma that they share.
type rows struct{ y0, y1, cb, cr []byte }

// rowsAt returns the rows of a frame from y, which is even.
func rowsAt(f *image.YCbCr, y int) rows {
	width, luma, chroma := f.Rect.Dx(), y*f.YStride, y/2*f.CStride
	return rows{
		y0: f.Y[luma:][:width],
		y1: f.Y[luma+f.YStride:][:width],
		cb: f.Cb[chroma:][:width/2],
		cr: f.Cr[chroma:][:width/2],
	}
}
