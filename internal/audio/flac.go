package audio

import (
	"bufio"
	"fmt"
	"io"

	"github.com/mewkiz/flac"
)

// flacDecoder reads FLAC. Seeking backward restarts at the beginning.
type flacDecoder struct {
	r      io.ReadSeeker
	stream *flac.Stream
	at     int64 // the next sample
	scale  float32
	out    []float32
}

func newFlac(r io.ReadSeeker, size int64) (sound, error) {
	d := &flacDecoder{r: r}
	if err := d.open(); err != nil {
		return sound{}, err
	}
	info := d.stream.Info
	total := int64(info.NSamples)
	const leastFrame = 8 // bytes
	if info.BitsPerSample < 4 || info.BitsPerSample > 32 || total < 0 ||
		total/max(1, int64(info.BlockSizeMax)) > size/leastFrame {
		return sound{}, fmt.Errorf("%w: %d samples of %d bits", ErrFormat, total, info.BitsPerSample)
	}
	if info.SampleRate < minRate || info.SampleRate > maxRate || info.NChannels < 1 || info.NChannels > maxChannels {
		return sound{}, fmt.Errorf("%w: %d per second, %d channels", ErrFormat, info.SampleRate, info.NChannels)
	}
	d.scale = 1 / float32(uint64(1)<<(info.BitsPerSample-1))
	rate, channels := int(info.SampleRate), min(int(info.NChannels), 2)
	return sound{Info{MIMEFlac, lasting(total, rate), rate, channels}, total, d}, nil
}

func (d *flacDecoder) open() error {
	if _, err := d.r.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("seek: %w", err)
	}
	s, err := flac.New(bufio.NewReader(d.r))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrFormat, err)
	}
	d.stream, d.at = s, 0
	return nil
}

func (d *flacDecoder) read() ([]float32, error) {
	f, err := d.stream.ParseNext()
	if err != nil {
		return nil, fmt.Errorf("decode: %w", err)
	}
	channels := len(f.Subframes)
	if channels != int(d.stream.Info.NChannels) {
		return nil, fmt.Errorf("%w: the number of channels changes", ErrFormat)
	}
	d.out = d.out[:0]
	var one, sides [maxChannels]float32
	for i := range f.Subframes[0].Samples {
		for c := range channels {
			one[c] = float32(f.Subframes[c].Samples[i]) * d.scale
		}
		mixDown(one[:channels], sides[:])
		d.out = append(d.out, sides[:min(channels, 2)]...)
	}
	d.at += int64(len(f.Subframes[0].Samples))
	if len(d.out) == 0 {
		return nil, fmt.Errorf("%w: empty frame", ErrFormat)
	}
	return d.out, nil
}

func (d *flacDecoder) seek(frame int64) (int64, error) {
	if frame < d.at {
		if err := d.open(); err != nil {
			return 0, err
		}
	}
	return d.at, nil
}
