package audio

import (
	"errors"
	"fmt"
	"io"
	"math"
	"time"
)

// Bars is how many values a waveform has.
const Bars = 48

const (
	waveformWhole = 30 * time.Second       // up to this long every sample is looked at
	waveformPart  = 400 * time.Millisecond // of longer sounds so much of each bar
	waveformMost  = 2 * time.Hour          // longer ones have none
	waveformSlow  = 10 * time.Minute       // of FLAC, in which a place is found by decoding what is before
	quietest      = 0.01                   // the least that is shown high: noise is not made to look like speech
	shown         = 0.7                    // power of an amplitude: soft words are seen beside loud ones

	loudestDB = -10.0 // of speech
	quietDB   = -50.0
)

// Describe tells how long a sound file is, and how loud from its beginning to its end: Bars values from 0, silence, to 255,
// the loudest. The waveform is nil for what can not be decoded here, or lasts too long.
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

// Loudness is the root of the mean square of samples, from 0 to 1.
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

// Level puts a loudness on a scale from 0, silence, to 1 as people hear it.
func Level(loudness float64) float64 {
	if loudness <= 0 {
		return 0
	}
	return min(1, max(0, (20*math.Log10(loudness)-quietDB)/(loudestDB-quietDB)))
}

// Waveform makes Bars values, from 0 to 255, of any number of loudnesses in order. The loudest is 255, unless all is nearly silent.
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
