package calltest_test

import (
	"context"
	"errors"
	"image"
	"image/color"
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-chat/parley/mesibo/call"
	"github.com/parley-chat/parley/mesibo/call/calltest"
)

func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// wire plays what a microphone hears.
func wire(t *testing.T, s *calltest.Set) (stop func()) {
	t.Helper()
	var mu sync.Mutex
	queue := make([]float32, 2*call.FrameSize) // both begin at the same time, in any order
	stopMicrophone, err := s.Microphone.Record(call.SampleRate, func(samples []float32) {
		mu.Lock()
		defer mu.Unlock()
		queue = append(queue, samples...)
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	stopSpeaker, err := s.Speaker.Play(call.SampleRate, 2, func(samples []float32) {
		mu.Lock()
		defer mu.Unlock()
		clear(samples)
		n := min(len(samples)/2, len(queue))
		for i, v := range queue[:n] {
			samples[2*i] = v
		}
		queue = queue[n:]
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return func() { stopMicrophone(); stopSpeaker() }
}

func TestSound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := calltest.New(440)
		stop := wire(t, s)
		defer stop()
		if err := s.Speaker.Hear(within(t, time.Second), 440); err != nil {
			t.Error(err)
		}
		<-within(t, 300*time.Millisecond).Done() // nothing but the tone is measured
		if got := s.Speaker.Frequency(); got != 440 {
			t.Errorf("%v Hz", got)
		}
		if a, b := s.Speaker.Level(440), s.Speaker.Level(600); math.Abs(a-0.5) > 0.05 || b > 0.05 {
			t.Errorf("levels %v and %v", a, b)
		}
		if err := s.Speaker.Hear(within(t, time.Second), 600); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("600 Hz: %v", err)
		}
		s.Microphone.SetFrequency(0)
		if err := s.Speaker.Hear(within(t, time.Second), 0); err != nil || s.Speaker.Loudness() > 0.001 {
			t.Error(err, s.Speaker.Loudness())
		}
		if samples, rate := s.Speaker.Recorded(); rate != call.SampleRate || len(samples) < rate || len(samples) > 2*rate {
			t.Errorf("%d samples at %d", len(samples), rate)
		}
	})
}

func TestPicture(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := calltest.New(0)
		o := call.VideoEncoderOptions{Width: 320, Height: 240, FPS: 25, Bitrate: 400_000}
		encoder, err := s.Media.VideoEncoder(o)
		if err != nil {
			t.Fatal(err)
		}
		decoder, err := s.Media.VideoDecoder()
		if err != nil {
			t.Fatal(err)
		}
		stop, err := s.Camera.Start(o.Width, o.Height, o.FPS, func(frame *image.YCbCr) {
			n := s.Camera.Frames()
			data, err := encoder.Encode(frame, n%10 == 0)
			if err != nil {
				t.Error(err)
			}
			if n == 15 {
				return // lost
			}
			got, err := decoder.Decode(data)
			if (err != nil) != (n > 15 && n < 20) {
				t.Errorf("frame %d: %v", n, err)
			}
			if err == nil {
				s.Screen.Show(got)
			}
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer stop()
		if err := s.Screen.Await(within(t, 2*time.Second), 40); err != nil {
			t.Fatal(err)
		}
		want := calltest.Seen{Frames: 40, Size: image.Pt(320, 240), Colour: color.YCbCr{Y: 255, Cb: 128, Cr: 128}, Number: 45}
		if got := s.Screen.Seen(); got != want {
			t.Errorf("seen %+v", got)
		}
		s.Camera.SetColour(color.RGBA{R: 255, A: 255})
		if err := s.Screen.See(within(t, time.Second), color.RGBA{R: 255, A: 255}); err != nil {
			t.Error(err)
		}
		if err := s.Screen.See(within(t, time.Second), color.Black); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("black: %v", err)
		}
	})
}

func TestUnplug(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, lost := calltest.NewCamera(color.White), make(chan struct{})
		stop, err := c.Start(64, 64, 10, func(*image.YCbCr) {}, func() { close(lost) })
		if err != nil || !c.InUse() {
			t.Fatal(err)
		}
		c.Unplug()
		<-lost
		stop()
		if c.InUse() {
			t.Error("in use after stop")
		}
		if _, err := c.Start(64, 64, 10, nil, nil); !errors.Is(err, call.ErrNoDevice) {
			t.Errorf("started again: %v", err)
		}
	})
}
