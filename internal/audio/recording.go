package audio

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"time"
)

// Input records sound.
type Input interface {
	// Record starts to call take with samples of one channel, from -1 to 1, which it must not keep. take is called
	// from one goroutine or thread at a time and must not block. lost is called at most once, when the device was
	// disconnected. After stop, which must not be called from take or lost, neither is called. The error wraps
	// ErrNoDevice when there is no device.
	Record(rate int, take func(samples []float32), lost func()) (stop func(), err error)
}

// ErrNoEncoder means that there is no encoder for sound.
var ErrNoEncoder = errors.New("no Opus encoder")

// Encoder encodes Opus packets of 20 ms of sound with one channel, 48,000 samples a second.
type Encoder interface {
	// Encode returns the packet for 960 samples. It is valid until the next call.
	Encode(samples []float32) ([]byte, error)
	// Lookahead is the delay of the decoded sound in samples.
	Lookahead() int
	Close()
}

const (
	opusFrame  = opusRate / 50
	pageFrames = 50 // a page holds a second: a crash loses at most that much
	// MaxRecording is the longest recording; recording ends there.
	MaxRecording = time.Hour
)

// Recorded is the result of Finish.
type Recorded struct {
	Duration time.Duration
	Waveform []byte
}

// Recording is a sound that is being recorded into a file of Ogg Opus.
type Recording struct {
	file *os.File
	enc  Encoder
	ogg  oggWriter
	stop func()
	done chan struct{}
	gone chan struct{} // closed when the encoder has ended
	once sync.Once
	halt sync.Once

	mu      sync.Mutex
	more    *sync.Cond // signals new samples, or the end
	samples []float32
	loud    []float64 // loudness of each packet
	level   float64
	taken   int64
	ended   bool
	broken  error // why the file cannot be written
	lost    bool  // the device was disconnected; what it recorded is kept
}

// Record starts to record into a new file. It opens the device, which takes a moment. Finish or Cancel must be
// called. The encoder is closed with the recording, also on error.
func Record(in Input, enc Encoder, path string) (*Recording, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		enc.Close()
		return nil, fmt.Errorf("record: %w", err)
	}
	serial := rand.Uint32() //nolint:gosec // no secret: it distinguishes the streams of a file
	r := &Recording{
		file: f, enc: enc, ogg: oggWriter{w: f, serial: serial}, done: make(chan struct{}),
		gone: make(chan struct{}),
	}
	r.more = sync.NewCond(&r.mu)
	r.stop = func() {}
	r.broken = r.ogg.opusHeads(enc.Lookahead())
	go r.encode() // end waits for it
	stop, err := in.Record(opusRate, r.take, r.away)
	if err != nil {
		return nil, errors.Join(err, r.Cancel())
	}
	r.stop = stop
	return r, nil
}

// take stores samples of the device.
func (r *Recording) take(samples []float32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	const most = int64(MaxRecording/time.Second) * opusRate
	samples = samples[:min(int64(len(samples)), most-r.taken)]
	r.samples = append(r.samples, samples...)
	r.taken += int64(len(samples))
	r.level = Level(Loudness(samples))
	if r.taken == most {
		r.close()
	}
	r.more.Signal()
}

func (r *Recording) close() { r.once.Do(func() { close(r.done) }) }

// away notes that the device was disconnected.
func (r *Recording) away() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lost, r.level = true, 0
	r.close()
}

// encode writes the samples, packet by packet. After the end it goes on until all of them can be decoded.
func (r *Recording) encode() {
	defer close(r.gone)
	for frames := int64(1); ; frames++ {
		piece := r.next(frames)
		if piece == nil {
			return
		}
		packet, err := r.enc.Encode(piece)
		if err == nil {
			err = r.ogg.add(packet, opusFrame)
		}
		if err == nil && frames%pageFrames == 0 {
			err = r.ogg.flush(0)
		}
		if err != nil {
			r.mu.Lock()
			r.broken = err
			r.close()
			r.mu.Unlock()
			return
		}
	}
}

// next returns the samples of a packet, padded with silence at the end; nil when nothing is left to be written.
func (r *Recording) next(frame int64) []float32 {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.samples) < opusFrame && !r.ended && r.broken == nil {
		r.more.Wait()
	}
	if r.broken != nil || r.ended && (frame-1)*opusFrame >= r.taken+int64(r.enc.Lookahead()) {
		return nil
	}
	piece := make([]float32, opusFrame)
	n := copy(piece, r.samples)
	if n > 0 {
		r.loud = append(r.loud, Loudness(piece[:n]))
	}
	r.samples = append(r.samples[:0], r.samples[n:]...)
	return piece
}

// Elapsed returns the recorded duration.
func (r *Recording) Elapsed() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return lasting(r.taken, opusRate)
}

// Level returns the current loudness, from 0 to 1.
func (r *Recording) Level() float64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.level
}

// Done is closed when the recording has ended by itself: it has the greatest length, the device was disconnected, or
// the disk is full. Finish returns the reason.
func (r *Recording) Done() <-chan struct{} { return r.done }

// Halt closes the device. Finish or Cancel must follow.
func (r *Recording) Halt() {
	r.halt.Do(func() { r.stop() })
	r.away()
}

// end waits for device and encoder.
func (r *Recording) end() {
	r.Halt()
	r.mu.Lock()
	r.ended = true
	r.more.Broadcast()
	r.mu.Unlock()
	<-r.gone
	r.enc.Close()
}

// Finish ends the recording. When it returns without an error the file is complete and on the disk. On error there is
// no file.
func (r *Recording) Finish() (Recorded, error) {
	r.end()
	err := r.broken
	if err == nil {
		r.ogg.granule = r.taken + int64(r.enc.Lookahead())
		err = errors.Join(r.ogg.flush(oggLast), r.file.Sync())
	}
	err = errors.Join(err, r.file.Close())
	if err != nil {
		return Recorded{}, errors.Join(fmt.Errorf("record: %w", err), os.Remove(r.file.Name()))
	}
	return Recorded{lasting(r.taken, opusRate), Waveform(r.loud)}, nil
}

// Cancel ends the recording and removes its file.
func (r *Recording) Cancel() error {
	r.end()
	if err := errors.Join(r.file.Close(), os.Remove(r.file.Name())); err != nil {
		return fmt.Errorf("cancel recording: %w", err)
	}
	return nil
}
