package camera

import (
	"errors"
	"image"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-chat/parley/mesibo/call"
)

// The tests have no camera: a fake one delivers frames. A bubble fails when goroutines are left in it.

var errFake = errors.New("fake")

// fake is a camera whose frames come from a channel; when it is closed, the camera is unplugged.
type fake struct {
	offers  []mode
	refuses error
	frames  chan []byte
	started mode

	mu     sync.Mutex
	closed int
}

func newFake(offers ...mode) *fake { return &fake{offers: offers, frames: make(chan []byte)} }

func (f *fake) modes(image.Point) []mode { return f.offers }

func (f *fake) start(m mode) error {
	f.started = m
	return f.refuses
}

func (f *fake) next(use func([]byte)) error {
	select {
	case data, ok := <-f.frames:
		if !ok {
			return errFake
		}
		use(data)
		return nil
	case <-time.After(time.Second):
		return errSilent
	}
}

func (f *fake) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed++
}

func (f *fake) closes(t *testing.T, want int) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed != want {
		t.Errorf("closed %d times, want %d", f.closed, want)
	}
}

// taken collects what a camera delivers.
type taken struct {
	mu     sync.Mutex
	frames []*image.YCbCr
	losses int
}

func (k *taken) options(width, height, fps int) options {
	return options{image.Pt(width, height), fps, func(f *image.YCbCr) {
		k.mu.Lock()
		defer k.mu.Unlock()
		kept := *f
		kept.Y, kept.Cb, kept.Cr = slices.Clone(f.Y), slices.Clone(f.Cb), slices.Clone(f.Cr)
		k.frames = append(k.frames, &kept)
	}, func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.losses++
	}}
}

// has checks the numbers of frames and losses until now.
func (k *taken) has(t *testing.T, frames, losses int) {
	t.Helper()
	synctest.Wait()
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.frames) != frames || k.losses != losses {
		t.Fatalf("%d frames, %d losses, want %d and %d", len(k.frames), k.losses, frames, losses)
	}
}

// even checks that all of a frame has one colour.
func even(t *testing.T, f *image.YCbCr, size image.Point, want [3]byte) {
	t.Helper()
	if f.Rect != (image.Rectangle{Max: size}) || f.SubsampleRatio != image.YCbCrSubsampleRatio420 {
		t.Fatalf("a frame of %v, %v, want %v", f.Rect, f.SubsampleRatio, size)
	}
	for y := range size.Y {
		for x := range size.X {
			if got := [3]byte{f.Y[f.YOffset(x, y)], f.Cb[f.COffset(x, y)], f.Cr[f.COffset(x, y)]}; got != want {
				t.Fatalf("at %d, %d: got %v, want %v", x, y, got, want)
			}
		}
	}
}

func pairs(size image.Point, y, cb, cr byte) []byte {
	return slices.Repeat([]byte{y, cb, y, cr}, size.X*size.Y/2)
}

// TestFrames: frames arrive in their size and colours; damaged ones are left out, and silence does no harm.
func TestFrames(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		size := image.Pt(64, 48)
		d := newFake(mode{yuyv, size, 30})
		var k taken
		stop, err := start(d, k.options(33, 24, 30))
		if err != nil {
			t.Fatal(err)
		}
		frames := [][]byte{pairs(size, 81, 90, 240), nil, pairs(size, 1, 2, 3)[:100], pairs(size, 235, 128, 129)}
		for i, data := range frames {
			<-time.After(time.Duration(1+i*3) * time.Second)
			d.frames <- data
		}
		k.has(t, 2, 0)
		even(t, k.frames[0], image.Pt(32, 24), [3]byte{81, 90, 240})
		even(t, k.frames[1], image.Pt(32, 24), [3]byte{235, 128, 129})
		stop()
		stop()
		k.has(t, 2, 0)
		d.closes(t, 1)
	})
}

// TestUnplug: the loss is noticed once, and the device is closed.
func TestUnplug(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newFake(mode{yuyv, image.Pt(4, 2), 30})
		var k taken
		stop, err := start(d, k.options(4, 2, 30))
		if err != nil {
			t.Fatal(err)
		}
		d.frames <- pairs(image.Pt(4, 2), 16, 128, 128)
		close(d.frames)
		k.has(t, 1, 1)
		d.closes(t, 1)
		stop()
		k.has(t, 1, 1)
		d.closes(t, 1)
	})
}

// TestStop: stop waits at most a second for a silent camera, and closes it.
func TestStop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newFake(mode{yuyv, image.Pt(4, 2), 30})
		var k taken
		stop, err := start(d, k.options(4, 2, 30))
		if err != nil {
			t.Fatal(err)
		}
		<-time.After(10500 * time.Millisecond)
		begin := time.Now()
		stop()
		if took := time.Since(begin); took > time.Second {
			t.Errorf("it took %v", took)
		}
		d.closes(t, 1)
		k.has(t, 0, 0)
	})
}

// TestRate: a camera that is faster than wanted is slowed down, one that is only inexact is not.
func TestRate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		wanted, least, most int
	}{{30, 290, 300}, {15, 145, 151}, {20, 195, 201}, {1, 10, 11}, {60, 300, 300}} {
		synctest.Test(t, func(t *testing.T) {
			d := newFake(mode{yuyv, image.Pt(4, 2), 30})
			var k taken
			stop, err := start(d, k.options(4, 2, c.wanted))
			if err != nil {
				t.Fatal(err)
			}
			begin := time.Now()
			for i := range 300 { // 10 s, all frames up to 10 ms earlier than the first one lets expect
				at := begin.Add(time.Duration(i)*time.Second/30 + time.Duration((10+i*7)%11)*time.Millisecond)
				<-time.After(time.Until(at))
				d.frames <- pairs(image.Pt(4, 2), 16, 128, 128)
			}
			stop()
			if n := len(k.frames); n < c.least || n > c.most {
				t.Errorf("%d frames a second: %d in 10 s, want %d to %d", c.wanted, n, c.least, c.most)
			}
		})
	}
}

// TestFails: a camera that is in use, or has nothing to read, is closed again.
func TestFails(t *testing.T) {
	t.Parallel()
	inUse := newFake(mode{yuyv, image.Pt(4, 2), 30})
	inUse.refuses = errFake
	for _, d := range []*fake{newFake(), newFake(mode{mjpeg, image.Pt(1<<16, 1<<16), 30}), inUse} {
		var k taken
		if _, err := start(d, k.options(4, 2, 30)); !errors.Is(err, call.ErrNoDevice) {
			t.Errorf("got %v, want no device", err)
		}
		d.closes(t, 1)
	}
	nothing := func(*image.YCbCr) {}
	if _, err := (Camera{Path: t.TempDir()}).Start(640, 480, 30, nothing, func() {}); !errors.Is(err, call.ErrNoDevice) {
		t.Errorf("not a camera: got %v", err)
	}
	for _, c := range [][3]int{{0, 480, 15}, {640, -1, 15}, {640, 480, 0}} {
		_, err := (Camera{}).Start(c[0], c[1], c[2], nothing, func() {})
		if err == nil || errors.Is(err, call.ErrNoDevice) {
			t.Errorf("%v: got %v", c, err)
		}
	}
}
