package audio

import (
	"errors"
	"io"
	"sync"
	"time"
)

// ErrNoDevice means that there is no device to play or to record with.
var ErrNoDevice = errors.New("no sound device")

// Output plays sound.
type Output interface {
	// Play starts to call fill for samples: interleaved, from -1 to 1, as many as the slice has. fill is called from
	// one goroutine or thread at a time and must not block. lost is called at most once, when the device was
	// disconnected. After stop, which must not be called from fill or lost, neither is called. The error wraps
	// ErrNoDevice when there is no device.
	Play(rate, channels int, fill func(samples []float32), lost func()) (stop func(), err error)
}

// The speeds at which sound can be played.
const (
	MinSpeed = 0.5
	MaxSpeed = 3
)

const (
	ahead     = 500 * time.Millisecond // decoded before it is heard
	pieceTime = 20 * time.Millisecond
	afterglow = 200 * time.Millisecond // silence at the end, so that the device has played everything
)

// Playback is a sound that is being played.
type Playback struct {
	stream *Stream
	from   time.Duration
	speed  float64
	stop   func()
	done   chan struct{}
	gone   chan struct{} // closed when the decoder has ended

	mu      sync.Mutex
	room    *sync.Cond // signals room in samples, or Stop
	samples []float32
	heard   int64 // samples of each channel
	silence int64 // of them after the end
	ended   bool  // nothing more will be decoded
	stopped bool
	err     error
	close   sync.Once
}

// Play starts to play a sound file from a position, faster or slower at the same pitch. It reads the file's index and
// opens the device, which takes a moment. Stop must be called, even after the end.
func Play(out Output, path string, from time.Duration, speed float64) (*Playback, error) {
	s, err := Open(path)
	if err != nil {
		return nil, err
	}
	if err := s.Seek(from); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	p := &Playback{
		stream: s, from: s.Position(), speed: min(max(speed, MinSpeed),
			MaxSpeed), done: make(chan struct{}), gone: make(chan struct{}),
	}
	p.room = sync.NewCond(&p.mu)
	go p.decode() // Stop waits for it
	if p.stop, err = out.Play(s.info.Rate, s.info.Channels, p.fill, p.lost); err != nil {
		p.stop = func() {}
		p.Stop()
		return nil, err
	}
	return p, nil
}

// decode keeps samples filled.
func (p *Playback) decode() {
	defer close(p.gone)
	info := p.stream.info
	piece := make([]float32, int(info.frames(pieceTime))*info.Channels)
	limit := int(info.frames(ahead)) * info.Channels
	var stretch *stretcher
	if p.speed != 1 {
		stretch = newStretcher(info.Rate, info.Channels, p.speed)
	}
	var stretched []float32
	for {
		n, err := p.stream.Read(piece)
		samples := piece[:n]
		if stretch != nil {
			if stretched = stretch.add(stretched[:0], samples); err != nil {
				stretched = stretch.end(stretched)
			}
			samples = stretched
		}
		p.mu.Lock()
		p.samples = append(p.samples, samples...)
		if err != nil {
			if !errors.Is(err, io.EOF) {
				p.err = err
			}
			p.ended = true
		}
		for len(p.samples) > limit && !p.stopped {
			p.room.Wait()
		}
		end := p.ended || p.stopped
		p.mu.Unlock()
		if end {
			return
		}
	}
}

// fill hands the next samples to the device.
func (p *Playback) fill(out []float32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := copy(out, p.samples)
	clear(out[n:])
	p.samples = append(p.samples[:0], p.samples[n:]...)
	p.room.Signal()
	channels := p.stream.info.Channels
	p.heard += int64(n / channels)
	if p.ended && len(p.samples) == 0 {
		if p.silence += int64((len(out) - n) / channels); p.silence >= p.stream.info.frames(afterglow) {
			p.finish(p.err)
		}
	}
}

func (p *Playback) lost() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.finish(ErrNoDevice)
}

// finish is called with the lock held.
func (p *Playback) finish(err error) {
	p.err = err
	p.close.Do(func() { close(p.done) })
}

// Position returns the position of the sound that is heard now.
func (p *Playback) Position() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := p.from + time.Duration(float64(lasting(p.heard, p.stream.info.Rate))*p.speed)
	return min(at, p.stream.info.Duration)
}

// Done is closed when everything was heard, or the playback failed.
func (p *Playback) Done() <-chan struct{} { return p.done }

// Err returns, after Done, why the playback failed: nil at the end of the sound.
func (p *Playback) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// Stop ends the playback. It may be called more than once, and waits until the device and the file are closed.
func (p *Playback) Stop() {
	p.mu.Lock()
	again := p.stopped
	p.stopped = true
	p.room.Broadcast()
	p.mu.Unlock()
	if again {
		return
	}
	p.stop()
	<-p.gone
	_ = p.stream.Close() // it was only read
}
