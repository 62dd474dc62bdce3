package audio

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// waveDecoder reads PCM of 8, 16, 24 or 32 bits, and 32-bit floats.
type waveDecoder struct {
	r        io.ReadSeeker
	start    int64 // of the samples
	bytes    int64 // of the samples
	at       int64
	channels int
	sample   int // bytes of one
	float    bool
	buf      []byte
	out      []float32
}

const (
	wavePCM        = 1
	waveFloat      = 3
	waveExtensible = 0xfffe
	waveFrames     = 1024 // decoded at once
)

func newWave(r io.ReadSeeker, size int64) (sound, error) {
	d := &waveDecoder{r: r}
	rate := 0
	for at := int64(12); ; {
		id, length, err := waveChunk(r, at)
		if err != nil {
			return sound{}, err
		}
		at += 8
		switch id {
		case "fmt ":
			if rate, err = d.format(length); err != nil {
				return sound{}, err
			}
		case "data":
			if rate == 0 {
				return sound{}, fmt.Errorf("%w: samples before their format", ErrFormat)
			}
			block := int64(d.channels * d.sample)
			d.start, d.bytes = at, min(length, size-at)
			d.bytes -= d.bytes % block
			total := d.bytes / block
			_, err := d.seek(0)
			return sound{Info{MIMEWave, lasting(total, rate), rate, min(d.channels, 2)}, total, d}, err
		}
		at += length + length&1
	}
}

func waveChunk(r io.ReadSeeker, at int64) (id string, length int64, err error) {
	var head [8]byte
	if _, err = r.Seek(at, io.SeekStart); err == nil {
		_, err = io.ReadFull(r, head[:])
	}
	if err != nil {
		return "", 0, fmt.Errorf("%w: no samples: %w", ErrFormat, err)
	}
	return string(head[:4]), int64(binary.LittleEndian.Uint32(head[4:])), nil
}

// format reads the body of the format chunk, and returns the rate.
func (d *waveDecoder) format(length int64) (rate int, err error) {
	var b [40]byte
	if length < 16 {
		return 0, fmt.Errorf("%w: format of %d bytes", ErrFormat, length)
	}
	if _, err := io.ReadFull(d.r, b[:min(length, 40)]); err != nil {
		return 0, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	kind := binary.LittleEndian.Uint16(b[:])
	if kind == waveExtensible {
		kind = binary.LittleEndian.Uint16(b[24:])
	}
	d.channels = int(binary.LittleEndian.Uint16(b[2:]))
	rate64 := binary.LittleEndian.Uint32(b[4:])
	bits := int(binary.LittleEndian.Uint16(b[14:]))
	d.sample, d.float = bits/8, kind == waveFloat
	known := kind == wavePCM && (bits == 8 || bits == 16 || bits == 24 || bits == 32) || d.float && bits == 32
	if !known || d.channels < 1 || d.channels > maxChannels || rate64 < minRate || rate64 > maxRate {
		return 0, fmt.Errorf("%w: kind %d, %d bits, %d channels, %d per second", ErrFormat, kind, bits, d.channels, rate64)
	}
	return int(rate64), nil
}

func (d *waveDecoder) seek(frame int64) (int64, error) {
	d.at = min(frame*int64(d.channels*d.sample), d.bytes)
	if _, err := d.r.Seek(d.start+d.at, io.SeekStart); err != nil {
		return 0, fmt.Errorf("seek: %w", err)
	}
	return frame, nil
}

func (d *waveDecoder) read() ([]float32, error) {
	block := d.channels * d.sample
	if d.buf == nil {
		d.buf = make([]byte, waveFrames*block)
		d.out = make([]float32, waveFrames*min(d.channels, 2))
	}
	n, err := io.ReadFull(d.r, d.buf[:min(int64(len(d.buf)), d.bytes-d.at)])
	if n < block {
		if err == nil || errors.Is(err, io.ErrUnexpectedEOF) {
			err = io.EOF
		}
		return nil, err
	}
	frames := n / block
	d.at += int64(frames * block)
	var one [maxChannels]float32
	for i := range frames {
		for c := range d.channels {
			one[c] = d.value(d.buf[i*block+c*d.sample:])
		}
		mixDown(one[:d.channels], d.out[i*min(d.channels, 2):])
	}
	return d.out[:frames*min(d.channels, 2)], nil
}

func (d *waveDecoder) value(b []byte) float32 {
	switch {
	case d.float:
		v := math.Float32frombits(binary.LittleEndian.Uint32(b))
		if !(v >= -1) { // catches NaN as well
			return -1
		}
		return min(v, 1)
	case d.sample == 1:
		return (float32(b[0]) - 128) / 128
	case d.sample == 2:
		return float32(int16(binary.LittleEndian.Uint16(b))) / (1 << 15)
	case d.sample == 3:
		return float32(int32(uint32(b[0])<<8|uint32(b[1])<<16|uint32(b[2])<<24)) / (1 << 31)
	default:
		return float32(int32(binary.LittleEndian.Uint32(b))) / (1 << 31)
	}
}

// mixDown writes one sample of each channel: of more than two, the even ones make the left side.
func mixDown(in, out []float32) {
	if len(in) <= 2 {
		copy(out, in)
		return
	}
	var sides [2]float32
	var count [2]float32
	for c, v := range in {
		sides[c%2] += v
		count[c%2]++
	}
	out[0], out[1] = sides[0]/count[0], sides[1]/count[1]
}
