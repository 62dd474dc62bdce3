package audio

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/hajimehoshi/go-mp3"
)

// mp3Decoder reads MP3, always as two channels of 16 bits.
type mp3Decoder struct {
	dec *mp3.Decoder
	buf []byte
	out []float32
}

const (
	mp3Block     = 4
	mp3Preroll   = 10 * 1152 // samples after which a decoder that started in the middle is exact
	mp3LeastRate = 32000     // below this rate the library decodes noise
)

func newMP3(r io.ReadSeeker) (sound, error) {
	dec, err := mp3.NewDecoder(r)
	if err != nil {
		return sound{}, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	rate, total := dec.SampleRate(), dec.Length()/mp3Block
	if rate < minRate || rate > maxRate || total <= 0 {
		return sound{}, fmt.Errorf("%w: no frames", ErrFormat)
	}
	info := Info{MIMEMP3, lasting(total, rate), rate, 2}
	if rate < mp3LeastRate {
		return sound{info: info, total: total}, fmt.Errorf("%w: MP3 with %d samples per second", ErrNoDecoder, rate)
	}
	d := &mp3Decoder{dec: dec, buf: make([]byte, 4096), out: make([]float32, 4096/2)}
	return sound{info, total, d}, nil
}

func (d *mp3Decoder) read() ([]float32, error) {
	n, err := io.ReadAtLeast(d.dec, d.buf, mp3Block)
	if n < mp3Block {
		return nil, fmt.Errorf("decode: %w", err)
	}
	if odd := n % mp3Block; odd > 0 { // complete the sample
		m, err := io.ReadFull(d.dec, d.buf[n:n+mp3Block-odd])
		if err != nil {
			return nil, fmt.Errorf("decode: %w", err)
		}
		n += m
	}
	for i := range n / 2 {
		d.out[i] = float32(int16(binary.LittleEndian.Uint16(d.buf[2*i:]))) / (1 << 15)
	}
	return d.out[:n/2], nil
}

// seek starts ten frames earlier.
func (d *mp3Decoder) seek(frame int64) (int64, error) {
	frame = max(0, min(frame-mp3Preroll, d.dec.Length()/mp3Block-1))
	if _, err := d.dec.Seek(frame*mp3Block, io.SeekStart); err != nil {
		return 0, fmt.Errorf("seek: %w", err)
	}
	return frame, nil
}
