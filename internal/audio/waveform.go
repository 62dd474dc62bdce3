package audio

import (
	"errors"
	"fmt"
	"io"
	"math"
	"time"
)

// Bars is the number of values in a waveform.
const Bars = 48

const (
	waveformWhole = 30 * time.Second       // up to this length every sample counts
	waveformPart  = 400 * time.Millisecond // of longer sounds, this much of each bar
	waveformMost  = 2 * time.Hour          // longer ones have no waveform
	waveformSlow  = 10 * time.Minute       // for FLAC, which seeks by decoding everything before
	quietest      = 0.01                   // a lower peak is not scaled up: noise must not look like speech
	shown         = 0.7                    // power of an amplitude: makes soft words visible beside loud ones

	loudestDB = -10.0 // of speech
	quietDB   = -50.0
)

// Describe returns the duration of a sound file, and its loudness from beginning to end: Bars values from 0, silence,
// to 255, the loudest. The waveform is nil for a sound that cannot be decoded here, or is too long.
func Describe(path string) (info Info, waveform []byte, err error) {
	s, err := Open(path)
	if errors.Is(err, ErrNoDecoder) {
		info, err = Probe(path)
		return info, nil, err
	}
	if err != nil {
		return Info{}, nil, err
	}
	most := waveformMost
	if s.info.MIME == MIMEFlac {
		most = waveformSlow
	}
	if s.info.Duration <= most {
		waveform, err = s.waveform()
	}
	return s.info, waveform, errors.Join(err, s.Close())
}

func (s *Stream) waveform() ([]byte, error) {
	loud := make([]float64, Bars)
	part := s.info.frames(waveformPart)
	buf := make([]float32, 1024*s.info.Channels)
	for i := range loud {
		from, to := s.total*int64(i)/Bars, s.total*int64(i+1)/Bars
		if s.info.Duration > waveformWhole {
			to = min(to, from+part)
			if err := s.Seek(lasting(from, s.info.Rate)); err != nil {
				return nil, err
			}
		}
		length := float64(max(1, (to-s.at)*int64(s.info.Channels)))
		for s.at < to {
			n, err := s.Read(buf[:int(min(to-s.at, 1024))*s.info.Channels])
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return nil, fmt.Errorf("read waveform: %w", err)
			}
			power := Loudness(buf[:n])
			loud[i] += power * power * float64(n) / length
		}
		loud[i] = math.Sqrt(loud[i])
	}
	return Waveform(loud), nil
}

// Loudness is the root mean square of samples, from 0 to 1.
func Loudness(samples []float32) float64 {
	if len(samples) == 0 {
		return 0
	}
	sum := 0.0
	for _, v := range samples {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum / float64(len(samples)))
}

// Level maps a loudness to a perceptual scale from 0, silence, to 1.
func Level(loudness float64) float64 {
	if loudness <= 0 {
		return 0
	}
	return min(1, max(0, (20*math.Log10(loudness)-quietDB)/(loudestDB-quietDB)))
}

// Waveform reduces any number of loudness values, in order, to Bars values from 0 to 255. The loudest is 255, unless
// all is nearly silent.
func Waveform(loudness []float64) []byte {
	if len(loudness) == 0 {
		return nil
	}
	means, top := make([]float64, Bars), quietest
	for i := range means {
		from := i * len(loudness) / Bars
		part := loudness[from:max(from+1, (i+1)*len(loudness)/Bars)]
		for _, l := range part {
			means[i] += l * l / float64(len(part))
		}
		means[i] = math.Sqrt(means[i])
		top = max(top, means[i])
	}
	out := make([]byte, Bars)
	for i, v := range means {
		out[i] = byte(math.Round(255 * math.Pow(v/top, shown)))
	}
	return out
}

// decibels turns an Opus gain, in 256ths of a decibel, into a factor.
func decibels(gain int16) float32 {
	if gain == 0 {
		return 1
	}
	return float32(math.Pow(10, float64(gain)/256/20))
}
