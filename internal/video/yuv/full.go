package yuv

import "image"

// limitedY and limitedC are the values of the full range, which JPEG has, in the limited range.
var limitedY, limitedC = ranges()

func ranges() (y, c [256]byte) {
	for i := range y {
		y[i] = byte(16 + (i*219+127)/255)
		c[i] = byte(128 + floor(2*(i-128)*224+255, 2*255))
	}
	return y, c
}

// floor divides and rounds down; b is positive.
func floor(a, b int) int {
	if a < 0 {
		return -((b - 1 - a) / b)
	}
	return a / b
}

// FromFull converts a picture in the full range, of any subsampling, that starts at the origin and is not smaller than
// dst.
func FromFull(dst, src *image.YCbCr) {
	across, down := subsampling(src.SubsampleRatio)
	for y := 0; y < dst.Rect.Max.Y; y += 2 {
		to := rowsAt(dst, y)
		look(to.y0, src.Y[y*src.YStride:])
		look(to.y1, src.Y[(y+1)*src.YStride:])
		top, bottom := y/down*src.CStride, (y+1)/down*src.CStride
		shareChroma(to.cb, src.Cb[top:], src.Cb[bottom:], across)
		shareChroma(to.cr, src.Cr[top:], src.Cr[bottom:], across)
	}
}

// subsampling returns how many pixels share a sample of chroma.
func subsampling(ratio image.YCbCrSubsampleRatio) (across, down int) {
	switch ratio {
	case image.YCbCrSubsampleRatio422:
		return 2, 1
	case image.YCbCrSubsampleRatio420:
		return 2, 2
	case image.YCbCrSubsampleRatio440:
		return 1, 2
	case image.YCbCrSubsampleRatio411:
		return 4, 1
	case image.YCbCrSubsampleRatio410:
		return 4, 2
	default:
		return 1, 1
	}
}

func look(dst, src []byte) {
	src = src[:len(dst)]
	for i, v := range src {
		dst[i] = limitedY[v]
	}
}

// shareChroma averages the samples of two rows that belong to the same two pixels.
func shareChroma(dst, top, bottom []byte, across int) {
	switch across {
	case 1:
		for i := range dst {
			a, b := top[2*i:][:2], bottom[2*i:][:2]
			dst[i] = limitedC[(int(a[0])+int(a[1])+int(b[0])+int(b[1])+2)>>2]
		}
	case 2:
		top, bottom = top[:len(dst)], bottom[:len(dst)]
		for i := range dst {
			dst[i] = limitedC[(int(top[i])+int(bottom[i])+1)>>1]
		}
	default:
		for i := range dst {
			dst[i] = limitedC[(int(top[i/2])+int(bottom[i/2])+1)>>1]
		}
	}
}
