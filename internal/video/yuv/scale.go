package yuv

import "image"

// one is the sum of the weights of a span. The sum of 255 times two such weights fits into 32 bits.
const (
	bits = 12
	one  = 1 << bits
)

// Scaler scales frames by averaging the area of each pixel. It keeps its memory from frame to frame; the zero value is
// ready to use.
type Scaler struct {
	frame        *image.YCbCr
	from         image.Point
	luma, chroma plane
}

// Scale returns the frame at an even size in pixels, valid until the next call. A frame that has the size is returned
// itself.
func (s *Scaler) Scale(src *image.YCbCr, size image.Point) *image.YCbCr {
	if src.Rect.Max == size {
		return src
	}
	if s.frame == nil || s.frame.Rect.Max != size || s.from != src.Rect.Max {
		s.frame, s.from = Resize(s.frame, size), src.Rect.Max
		s.luma = newPlane(s.from, size)
		s.chroma = newPlane(s.from.Div(2), size.Div(2))
	}
	s.luma.scale(s.frame.Y, src.Y, s.frame.YStride, src.YStride)
	s.chroma.scale(s.frame.Cb, src.Cb, s.frame.CStride, src.CStride)
	s.chroma.scale(s.frame.Cr, src.Cr, s.frame.CStride, src.CStride)
	return s.frame
}

// plane scales one component.
type plane struct {
	columns, rows []span
	sums          []uint32 // a row of the result at the width of the source
}

// span is what a pixel of the result is made of: pixels of the source from first, with their weights.
type span struct {
	first   int
	weights []uint32
}

func newPlane(from, to image.Point) plane {
	return plane{columns: spans(from.X, to.X), rows: spans(from.Y, to.Y), sums: make([]uint32, from.X)}
}

// spans returns the spans of n pixels that become m.
func spans(n, m int) []span {
	all := make([]span, m)
	for i := range all {
		begin, end := i*n, (i+1)*n // in parts of a pixel of the source, of which each has m
		s := span{first: begin / m}
		done, weight := 0, 0
		for j := s.first; j*m < end; j++ {
			done += min(end, (j+1)*m) - max(begin, j*m)
			next := (done*one + n/2) / n
			s.weights = append(s.weights, uint32(next-weight))
			weight = next
		}
		all[i] = s
	}
	return all
}

func (p *plane) scale(dst, src []byte, dstStride, srcStride int) {
	for y, row := range p.rows {
		for i, weight := range row.weights {
			from := src[(row.first+i)*srcStride:]
			if i == 0 {
				weigh(p.sums, from, weight)
			} else {
				add(p.sums, from, weight)
			}
		}
		to := dst[y*dstStride:][:len(p.columns)]
		for x := range to {
			column := &p.columns[x]
			sum := uint32(1 << (2*bits - 1))
			for i, v := range p.sums[column.first:][:len(column.weights)] {
				sum += v * column.weights[i]
			}
			to[x] = byte(sum >> (2 * bits))
		}
	}
}

func weigh(sums []uint32, row []byte, weight uint32) {
	row = row[:len(sums)]
	for i, v := range row {
		sums[i] = weight * uint32(v)
	}
}

func add(sums []uint32, row []byte, weight uint32) {
	row = row[:len(sums)]
	for i, v := range row {
		sums[i] += weight * uint32(v)
	}
}
