package audio

import (
	"errors"
	"math"
	"runtime"
	"sync"
	"testing"
	"time"
)

// speaker is an Output without a device: the test decides how much it plays.
type speaker struct {
	mu       sync.Mutex
	rate     int
	channels int
	fill     func([]float32)
	lost     func()
	stopped  int
	err      error
}

func (s *speaker) Play(rate, channels int, fill func([]float32), lost func()) (func(), error) {
	if s.err != nil {
		return nil, s.err
	}
	s.rate, s.channels, s.fill, s.lost = rate, channels, fill, lost
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.stopped++
	}, nil
}

// hear plays for a time, and returns what was heard on the first channel.
func (s *speaker) hear(p *Playback, d time.Duration) []float32 {
	var all []float32
	piece := make([]float32, s.rate/100*s.channels)
	for range int(d / (10 * time.Millisecond)) {
		p.awaitPiece(len(piece))
		s.fill(piece)
		for i := 0; i < len(piece); i += s.channels {
			all = append(all, piece[i])
		}
	}
	return all
}

// awaitPiece waits until n samples are decoded, or for the end.
func (p *Playback) awaitPiece(n int) {
	for {
		p.mu.Lock()
		ready := len(p.samples) >= n || p.ended
		p.mu.Unlock()
		if ready {
			return
		}
		runtime.Gosched()
	}
}

func isDone(p *Playback) bool {
	select {
	case <-p.Done():
		return true
	default:
		return false
	}
}

func TestPlay(t *testing.T) {
	for _, c := range []struct {
		path  string
		speed float64
		pitch float64
	}{
		{"testdata/tone.opus", 1, 440},
		{"testdata/stereo.mp3", 1, 440},
		{"testdata/tone.opus", 2, 440},
		{"testdata/stereo.flac", 1.5, 440},
		{"testdata/stereo.opus", 0.75, 440},
	} {
		var out speaker
		p, err := Play(&out, c.path, 500*time.Millisecond, c.speed)
		if err != nil {
			t.Fatal(err)
		}
		left := time.Duration(float64(p.stream.info.Duration-500*time.Millisecond) / c.speed)
		all := out.hear(p, left/2)
		want := 500*time.Millisecond + time.Duration(float64(left/2)*c.speed)
		if got := p.Position(); !near(got.Seconds(), want.Seconds(), 0.05) {
			t.Errorf("%s at %v: half way at %s, want %s", c.path, c.speed, got, want)
		}
		if got := pitch(all[len(all)/4:], out.rate); !near(got, c.pitch, 5) {
			t.Errorf("%s at %v sounds at %.1f Hz", c.path, c.speed, got)
		}
		if isDone(p) {
			t.Errorf("%s: done half way", c.path)
		}
		out.hear(p, left/2+400*time.Millisecond)
		if !isDone(p) || p.Err() != nil || !near(p.Position().Seconds(), p.stream.info.Duration.Seconds(), 0.12) {
			t.Errorf("%s at %v: done %v, %v, at %s", c.path, c.speed, isDone(p), p.Err(), p.Position())
		}
		p.Stop()
		p.Stop()
		if out.stopped != 1 {
			t.Errorf("the device was stopped %d times", out.stopped)
		}
	}
}

func TestPlay_fails(t *testing.T) {
	none := errors.New("none")
	if _, err := Play(&speaker{err: none}, "testdata/tone.opus", 0, 1); !errors.Is(err, none) {
		t.Errorf("without a device: %v", err)
	}
	if _, err := Play(&speaker{}, "testdata/vorbis.ogg", 0, 1); !errors.Is(err, ErrNoDecoder) {
		t.Errorf("Vorbis: %v", err)
	}
	var out speaker
	p, err := Play(&out, "testdata/tone.opus", 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	out.lost()
	<-p.Done()
	if !errors.Is(p.Err(), ErrNoDevice) {
		t.Errorf("after the device went: %v", p.Err())
	}
	p.Stop()
}

// Stretched sound does not click: no step is larger than the largest one of the tone itself.
func TestStretcher_is_smooth(t *testing.T) {
	const rate = 48000
	for _, speed := range []float64{0.5, 1.5, 2, 3} {
		s := newStretcher(rate, 1, speed)
		var out []float32
		for i := 0; i < 2*rate; i += 960 {
			piece := make([]float32, 960)
			for j := range piece {
				piece[j] = float32(0.5 * math.Sin(2*math.Pi*440*float64(i+j)/rate))
			}
			out = s.add(out, piece)
		}
		out = s.end(out)
		if got := float64(len(out)) / rate; !near(got, 2/speed, 0.09) {
			t.Errorf("at %v two seconds last %.2f s", speed, got)
		}
		worst := float32(0)
		for i := 1; i < len(out); i++ {
			worst = max(worst, max(out[i]-out[i-1], out[i-1]-out[i]))
		}
		if most := float32(0.5 * 2 * math.Pi * 440 / rate * 1.5); worst > most {
			t.Errorf("at %v it jumps by %.3f, want at most %.3f", speed, worst, most)
		}
	}
}
