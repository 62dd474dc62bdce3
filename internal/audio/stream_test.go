package audio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// wave returns a WAV file of 16 bits with one frequency for each channel.
func wave(t testing.TB, rate int, length time.Duration, frequencies ...float64) []byte {
	t.Helper()
	frames := int(length.Seconds() * float64(rate))
	block := 2 * len(frequencies)
	b := []byte("RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00")
	le := binary.LittleEndian
	b = le.AppendUint16(b, wavePCM)
	b = le.AppendUint16(b, uint16(len(frequencies)))
	b = le.AppendUint32(b, uint32(rate))
	b = le.AppendUint32(b, uint32(rate*block))
	b = le.AppendUint16(b, uint16(block))
	b = le.AppendUint16(b, 16)
	b = append(b, "data"...)
	b = le.AppendUint32(b, uint32(frames*block))
	for i := range frames {
		for _, f := range frequencies {
			b = le.AppendUint16(b, uint16(int16(16000*math.Sin(2*math.Pi*f*float64(i)/float64(rate)))))
		}
	}
	return b
}

// readAll reads a stream to its end and returns the samples of each channel.
func readAll(t testing.TB, s *Stream) [][]float32 {
	t.Helper()
	channels := make([][]float32, s.info.Channels)
	buf := make([]float32, 960*s.info.Channels)
	for {
		n, err := s.Read(buf)
		for i := range n {
			channels[i%s.info.Channels] = append(channels[i%s.info.Channels], buf[i])
		}
		if errors.Is(err, io.EOF) {
			return channels
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// pitch is the frequency of a tone, by its upward zero crossings.
func pitch(samples []float32, rate int) float64 {
	first, last, n := -1, -1, 0
	for i := 1; i < len(samples); i++ {
		if samples[i-1] < 0 && samples[i] >= 0 {
			if first < 0 {
				first = i
			} else {
				n++
			}
			last = i
		}
	}
	if n == 0 {
		return 0
	}
	return float64(n) * float64(rate) / float64(last-first)
}

func near(a, b, within float64) bool { return math.Abs(a-b) <= within }

func file(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOpen(t *testing.T) {
	for _, c := range []struct {
		path, mime     string
		rate, channels int
		pitches        []float64
	}{
		{file(t, "mono", wave(t, 16000, 2*time.Second, 440)), MIMEWave, 16000, 1, []float64{440}},
		{file(t, "six", wave(t, 8000, 2*time.Second, 440, 880, 440, 880, 440, 880)), MIMEWave, 8000, 2, []float64{440, 880}},
		{"testdata/tone.opus", MIMEOgg, 48000, 1, []float64{440}},
		{"testdata/stereo.opus", MIMEOgg, 48000, 2, []float64{440, 880}},
		{"testdata/stereo.mp3", MIMEMP3, 44100, 2, []float64{440, 880}},
		{"testdata/stereo.flac", MIMEFlac, 44100, 2, []float64{440, 880}},
	} {
		t.Run(filepath.Base(c.path), func(t *testing.T) {
			s, err := Open(c.path)
			if err != nil {
				t.Fatal(err)
			}
			info := s.Info()
			if info.MIME != c.mime || info.Rate != c.rate || info.Channels != c.channels ||
				!near(info.Duration.Seconds(), 2, 0.08) {
				t.Errorf("info %+v", info)
			}
			all := readAll(t, s)
			for i, want := range c.pitches {
				middle := all[i][len(all[i])/4 : len(all[i])*3/4]
				if got := pitch(middle, c.rate); !near(got, want, 2) {
					t.Errorf("channel %d sounds at %.1f Hz, want %.0f", i, got, want)
				}
			}
			if got := lasting(int64(len(all[0])), c.rate); !near(got.Seconds(), info.Duration.Seconds(), 0.06) {
				t.Errorf("%s could be read of %s", got, info.Duration)
			}
			if err := s.Seek(1500 * time.Millisecond); err != nil || s.Position() != 1500*time.Millisecond {
				t.Fatalf("Seek: %v, at %s", err, s.Position())
			}
			rest := readAll(t, s)
			if got := lasting(int64(len(rest[0])), c.rate); !near(got.Seconds(), info.Duration.Seconds()-1.5, 0.06) {
				t.Errorf("%s after 1.5 s", got)
			}
			if got := pitch(rest[0][:len(rest[0])/2], c.rate); !near(got, c.pitches[0], 4) {
				t.Errorf("after Seek it sounds at %.1f Hz", got)
			}
			if err := errors.Join(s.Seek(0), s.Close()); err != nil {
				t.Error(err)
			}
		})
	}
}

// A sound that is read from the middle is the same as one that is read from the beginning.
func TestStream_Seek(t *testing.T) {
	at := 1234 * time.Millisecond
	for _, path := range []string{
		"testdata/tone.opus", "testdata/stereo.opus", "testdata/stereo.flac",
		"testdata/stereo.mp3",
	} {
		s, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		whole := readAll(t, s)[0]
		if err := s.Seek(at); err != nil {
			t.Fatal(err)
		}
		rest := readAll(t, s)[0]
		from := int(s.info.frames(at))
		worst := 0.0
		for i := range 4000 {
			worst = max(worst, math.Abs(float64(rest[i]-whole[from+i])))
		}
		if worst > 0.02 {
			t.Errorf("%s: after Seek samples differ by %.3f", path, worst)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// Probe reports the duration even of sounds that cannot be decoded here.
func TestProbe(t *testing.T) {
	for _, path := range []string{"testdata/vorbis.ogg", "testdata/low.mp3"} {
		info, err := Probe(path)
		if err != nil || !near(info.Duration.Seconds(), 2, 0.08) {
			t.Errorf("Probe: %+v, %v", info, err)
		}
		if _, err := Open(path); !errors.Is(err, ErrNoDecoder) {
			t.Errorf("Open: %v", err)
		}
		again, waveform, err := Describe(path)
		if err != nil || waveform != nil || again != info {
			t.Errorf("Describe: %+v, %v, %v", again, waveform, err)
		}
	}
	info, err := Probe("testdata/tone.opus")
	if err != nil || info.Duration != 2*time.Second {
		t.Errorf("Probe: %+v, %v", info, err)
	}
}

func TestOpen_refuses(t *testing.T) {
	opus, err := os.ReadFile("testdata/tone.opus")
	if err != nil {
		t.Fatal(err)
	}
	long := bytes.Clone(wave(t, 8000, time.Second, 440))
	binary.LittleEndian.PutUint32(long[24:], 4)
	for name, c := range map[string]struct {
		data []byte
		want error
	}{
		"nothing":              {nil, ErrFormat},
		"text":                 {[]byte("no sound at all, but long enough to be looked at, twice over, I think"), ErrFormat},
		"no samples":           {wave(t, 8000, 0, 440), ErrFormat},
		"slow":                 {long, ErrFormat},
		"hours in two seconds": {lastGranule(t, opus, 48000*3600*30), ErrFormat},
		"before its beginning": {lastGranule(t, opus, 100), ErrFormat},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Open(file(t, "x", c.data)); !errors.Is(err, c.want) {
				t.Errorf("got %v", err)
			}
		})
	}
	if _, err := Open(t.TempDir()); !errors.Is(err, ErrFormat) {
		t.Errorf("a folder: %v", err)
	}
	large := filepath.Join(t.TempDir(), "large")
	if err := errors.Join(os.WriteFile(large, nil, 0o600), os.Truncate(large, MaxBytes+1)); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(large); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a large file: %v", err)
	}
	if err := (Info{Duration: MaxDuration + 1, Rate: 8000, Channels: 1}).check(); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a long one: %v", err)
	}
}

// lastGranule changes the granule position of the last page and corrects its checksum.
func lastGranule(t *testing.T, data []byte, granule int64) []byte {
	t.Helper()
	data = bytes.Clone(data)
	at := bytes.LastIndex(data, []byte("OggS"))
	binary.LittleEndian.PutUint64(data[at+6:], uint64(granule))
	return mend(data)
}

// A truncated file plays up to its end; a changed one is detected.
func TestOpen_damaged(t *testing.T) {
	opus, err := os.ReadFile("testdata/tone.opus")
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(file(t, "short", opus[:len(opus)*2/3]))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(readAll(t, s)[0]); n == 0 {
		t.Error("nothing of it can be heard")
	}
	changed := bytes.Clone(opus)
	changed[len(changed)/2] ^= 0xff
	damaged, err := Open(file(t, "changed", changed))
	if err == nil {
		_, err = io.Copy(io.Discard, reader{damaged})
	}
	if !errors.Is(err, ErrFormat) {
		t.Errorf("a changed byte: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// reader reads a stream's samples as one byte each.
type reader struct{ s *Stream }

func (r reader) Read(p []byte) (int, error) {
	buf := make([]float32, len(p)-len(p)%r.s.info.Channels)
	return r.s.Read(buf)
}

func TestDescribe(t *testing.T) {
	data := wave(t, 8000, 4*time.Second, 440)
	for i := 44 + len(data)/2; i < len(data); i++ {
		data[i] = 0 // the second half is silent
	}
	info, bars, err := Describe(file(t, "half", data))
	if err != nil || info.Duration != 4*time.Second || len(bars) != Bars {
		t.Fatalf("%+v, %v, %v", info, bars, err)
	}
	for i, v := range bars {
		if loud := i < Bars/2; loud != (v > 200) || !loud && i > Bars/2 && v != 0 {
			t.Errorf("bar %d is %d", i, v)
		}
	}
	_, bars, err = Describe(file(t, "long", wave(t, 4000, 3*time.Minute, 440)))
	if err != nil || len(bars) != Bars || bars[0] < 200 || bars[Bars-1] < 200 {
		t.Errorf("of a long sound: %v, %v", bars, err)
	}
	if _, _, err := Describe(file(t, "none", []byte("none"))); !errors.Is(err, ErrFormat) {
		t.Errorf("of none: %v", err)
	}
}

func TestSniff(t *testing.T) {
	for name, want := range map[string]string{
		"tone.opus": MIMEOgg, "vorbis.ogg": MIMEOgg, "stereo.mp3": MIMEMP3, "stereo.flac": MIMEFlac,
	} {
		data, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		for n := range len(data[:64]) {
			if got := Sniff(data[:n]); got != "" && got != want {
				t.Errorf("%d bytes of %s are %s", n, name, got)
			}
		}
		if got := Sniff(data); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	for head, want := range map[string]string{
		"\x00\x00\x00\x20ftypM4A \x00": MIMEMP4, "\x00\x00\x00\x20ftypisom\x00": "", "RIFF\x00\x00\x00\x00AVI ": "", "": "", "\xff\xd8\xff\xe0": "",
	} {
		if got := Sniff([]byte(head)); got != want {
			t.Errorf("%q is %q", head, got)
		}
	}
}

// mend corrects the checksums of all pages.
func mend(data []byte) []byte {
	data = bytes.Clone(data)
	x, err := newOggIndex(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return data
	}
	for _, p := range x.pages {
		page := data[p.at : p.at+oggHead+int64(len(p.lacing)+p.body())]
		clear(page[22:26])
		binary.LittleEndian.PutUint32(page[22:], oggSum(page))
	}
	return data
}

// Whatever a file holds, reading it ends, and never returns more than it claims.
func FuzzStream(f *testing.F) {
	for _, name := range []string{"tiny.opus", "tiny.mp3", "tiny.flac"} {
		data, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, uint32(1000))
	}
	f.Add(wave(f, 8000, 10*time.Millisecond, 440), uint32(5))
	f.Fuzz(func(t *testing.T, data []byte, to uint32) {
		data = mend(data)
		r := bytes.NewReader(data)
		if info, err := probe(r, int64(len(data))); err == nil && info.Duration > MaxDuration {
			t.Fatalf("%+v", info)
		}
		_, _ = r.Seek(0, io.SeekStart)
		s, err := newStream(r, int64(len(data)))
		if err != nil {
			return
		}
		buf := make([]float32, 960*s.info.Channels)
		heard := int64(0)
		for range 200 {
			n, err := s.Read(buf)
			if n < 0 || n > len(buf) || n%s.info.Channels != 0 || err == nil && n == 0 {
				t.Fatalf("%d samples, %v", n, err)
			}
			if heard += int64(n / s.info.Channels); err != nil {
				break
			}
		}
		if heard > s.total {
			t.Fatalf("%d of %d samples", heard, s.total)
		}
		if s.Seek(time.Duration(to)*time.Millisecond) == nil {
			_, _ = s.Read(buf)
		}
	})
}
