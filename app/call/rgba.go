package call

import "image"

// The coefficients of BT.601 in the limited range, which video has, times 1<<16.
const (
	fromY  = 76309 // 1.164
	redCr  = 104597
	grnCb  = 25675
	grnCr  = 53279
	bluCb  = 132201
	rounds = 1 << 15
)

// toRGBA converts a frame in 4:2:0 to a picture of its size. Package image takes frames as if they had the full range,
// and would show black as gray.
func toRGBA(dst *image.RGBA, src *image.YCbCr) {
	if src.SubsampleRatio != image.YCbCrSubsampleRatio420 {
		return
	}
	size := dst.Rect.Size()
	for y := range size.Y {
		at := src.COffset(src.Rect.Min.X, src.Rect.Min.Y+y)
		half := (size.X + 1) / 2
		row(dst.Pix[y*dst.Stride:][:size.X*4], src.Y[y*src.YStride:][:size.X], src.Cb[at:][:half], src.Cr[at:][:half])
	}
}

// row converts a row of pixels.
func row(dst, luma, cb, cr []uint8) {
	for x, v := range luma {
		u, w := int32(cb[x/2])-128, int32(cr[x/2])-128
		l := (int32(v)-16)*fromY + rounds
		p := dst[x*4:][:4]
		p[0] = clamp(l + redCr*w)
		p[1] = clamp(l - grnCb*u - grnCr*w)
		p[2] = clamp(l + bluCb*u)
		p[3] = 0xFF
	}
}

func clamp(v int32) uint8 { return uint8(min(max(v>>16, 0), 0xFF)) }
