package audio

import "math"

// stretcher makes sound faster or slower at the same pitch: it overlaps pieces of it where they are most alike
// (WSOLA).
type stretcher struct {
	speed    float64
	channels int
	sequence int // samples of each channel in a piece
	overlap  int // of them that are mixed with the piece before
	seek     int // how far the best offset is searched
	in       []float32
	tail     []float32 // to be mixed with the next piece
	part     float64   // fraction of a sample, left from the last step
}

func newStretcher(rate, channels int, speed float64) *stretcher {
	ms := func(n int) int { return rate * n / 1000 }
	return &stretcher{speed: speed, channels: channels, sequence: ms(40), overlap: ms(8), seek: ms(15)}
}

// add takes samples and appends to out what is complete.
func (s *stretcher) add(out, samples []float32) []float32 {
	s.in = append(s.in, samples...)
	c := s.channels
	for {
		step := s.speed*float64(s.sequence-s.overlap) + s.part
		skip := int(step)
		if len(s.in) < max(skip, s.seek+s.sequence)*c {
			return out
		}
		at := 0
		if s.tail != nil {
			at = s.best()
		}
		seq := s.in[at*c : (at+s.sequence)*c]
		fade := s.overlap * c
		if s.tail == nil {
			out = append(out, seq[:fade]...)
		} else {
			for i := range fade {
				w := float32(i/c) / float32(s.overlap)
				out = append(out, s.tail[i]*(1-w)+seq[i]*w)
			}
		}
		out = append(out, seq[fade:len(seq)-fade]...)
		s.tail = append(s.tail[:0], seq[len(seq)-fade:]...)
		s.part = step - float64(skip)
		s.in = append(s.in[:0], s.in[skip*c:]...)
	}
}

// end returns the rest.
func (s *stretcher) end(out []float32) []float32 {
	out = append(out, s.tail...)
	s.tail, s.in = nil, nil
	return out
}

// best finds the offset where the input is most like the tail.
func (s *stretcher) best() int {
	const coarse = 2 // every other sample is skipped, for speed
	at, most := 0, math.Inf(-1)
	for i := 0; i < s.seek; i += coarse {
		here := s.in[i*s.channels:]
		product, power := 0.0, 1e-9
		for j := 0; j < s.overlap*s.channels; j += coarse * s.channels {
			product += float64(s.tail[j]) * float64(here[j])
			power += float64(here[j]) * float64(here[j])
		}
		if like := product / math.Sqrt(power); like > most {
			at, most = i, like
		}
	}
	return at
}
