package libvpx

import (
	"image"
	"unsafe"
)

const (
	format420 = 0x102
	sideMost  = 16383 // pixels, of VP8

	// pixelsMost bounds the memory that a key frame can ask for: a little more than 4K.
	pixelsMost = 4096 * 2304
)

// picture is the part of the library's vpx_image that we use.
type picture struct {
	format         int32
	_, _           int32  // colours
	_, _, _        uint32 // stored size, depth
	width, height  uint32
	_, _           uint32 // rendered size
	shiftX, shiftY uint32
	planes         [4]*byte
	strides        [4]int32
}

// fits reports whether a picture has the size and is 4:2:0, and is laid out as expected.
func (p *picture) fits(size image.Point) bool {
	if p.format != format420 || int(p.width) != size.X || int(p.height) != size.Y || p.shiftX != 1 || p.shiftY != 1 {
		return false
	}
	for i := range 3 {
		width, _ := plane(i, size)
		if p.planes[i] == nil || int(p.strides[i]) < width {
			return false
		}
	}
	return true
}

// plane returns the width and height of a plane of a picture.
func plane(i int, size image.Point) (width, height int) {
	if i == 0 {
		return size.X, size.Y
	}
	return (size.X + 1) / 2, (size.Y + 1) / 2
}

// rows returns the bytes of a plane.
func (p *picture) rows(i int) []byte {
	width, height := plane(i, image.Pt(int(p.width), int(p.height)))
	return unsafe.Slice(p.planes[i], int(p.strides[i])*(height-1)+width)
}

// put copies frame into the picture, which has its size.
func (p *picture) put(frame *image.YCbCr) {
	size, corner := frame.Rect.Size(), frame.Rect.Min
	y, c := frame.YOffset(corner.X, corner.Y), frame.COffset(corner.X, corner.Y)
	copyPlane(0, size, p.rows(0), int(p.strides[0]), frame.Y[y:], frame.YStride)
	copyPlane(1, size, p.rows(1), int(p.strides[1]), frame.Cb[c:], frame.CStride)
	copyPlane(2, size, p.rows(2), int(p.strides[2]), frame.Cr[c:], frame.CStride)
}

// take copies the picture into frame, which has its size.
func (p *picture) take(frame *image.YCbCr) {
	size := frame.Rect.Size()
	copyPlane(0, size, frame.Y, frame.YStride, p.rows(0), int(p.strides[0]))
	copyPlane(1, size, frame.Cb, frame.CStride, p.rows(1), int(p.strides[1]))
	copyPlane(2, size, frame.Cr, frame.CStride, p.rows(2), int(p.strides[2]))
}

func copyPlane(i int, size image.Point, to []byte, toStride int, from []byte, fromStride int) {
	width, height := plane(i, size)
	for y := range height {
		copy(to[y*toStride:][:width], from[y*fromStride:])
	}
}

// header returns whether the data of a frame starts a key frame, and its size then.
func header(data []byte) (key bool, size image.Point) {
	if len(data) < 10 || data[0]&1 != 0 || data[3] != 0x9d || data[4] != 0x01 || data[5] != 0x2a {
		return false, image.Point{}
	}
	return true, image.Pt(int(data[6])|int(data[7]&0x3f)<<8, int(data[8])|int(data[9]&0x3f)<<8)
}
