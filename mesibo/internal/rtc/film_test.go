package rtc

import (
	"image"
	"image/color"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"

	"github.com/parley-chat/parley/mesibo/call"
	"github.com/parley-chat/parley/mesibo/call/calltest"
)

// noted is an encoder that notes how it is used.
type noted struct {
	made     []call.VideoEncoderOptions
	bitrates []int
	keys     []bool
	sizes    []image.Point
	open     int
}

func (n *noted) Encode(frame *image.YCbCr, key bool) ([]byte, error) {
	n.keys, n.sizes = append(n.keys, key), append(n.sizes, frame.Rect.Size())
	return nil, nil
}

func (n *noted) SetBitrate(bitrate int) error {
	n.bitrates = append(n.bitrates, bitrate)
	return nil
}
func (n *noted) Close() { n.open-- }

// TestFilm sends frames for a few seconds of virtual time while the bandwidth falls and rises.
func TestFilm(t *testing.T) {
	t.Parallel()
	n, target := &noted{}, 2_000_000
	m := &call.Media{VideoEncoder: func(o call.VideoEncoderOptions) (call.VideoEncoder, error) {
		n.made = append(n.made, o)
		n.open++
		return n, nil
	}}
	f := newFilm(&track{kind: webrtc.RTPCodecTypeVideo}, m, func(int) int { return target },
		func(err error) { t.Error(err) }, slog.New(slog.DiscardHandler))
	f.fps.Store(30)
	now, frame := time.Unix(1000, 0), image.NewYCbCr(image.Rect(0, 0, 640, 480), image.YCbCrSubsampleRatio420)
	run := func(d time.Duration) (encoded int) {
		t.Helper()
		before := len(n.sizes)
		for end := now.Add(d); now.Before(end); now = now.Add(time.Second / 30) {
			check(t, f.put(frame, now))
		}
		return len(n.sizes) - before
	}
	if got := run(time.Second); got < 29 ||
		!slices.Equal(n.made, []call.VideoEncoderOptions{{Width: 640, Height: 480, FPS: 30, Bitrate: standard.bitrate()}}) {
		t.Errorf("%d frames with %+v", got, n.made)
	}
	f.wantKey.Store(true)
	before := len(n.keys)
	if run(time.Second); slices.Index(n.keys[before:], true) != 0 || slices.Contains(n.keys[before+1:], true) {
		t.Errorf("key frames: %v", n.keys[before:])
	}
	f.wantKey.Store(true)
	check(t, f.put(frame, now))
	f.wantKey.Store(true)
	check(t, f.put(frame, now))
	if n.keys[len(n.keys)-1] || !n.keys[len(n.keys)-2] {
		t.Error("two key frames at once")
	}
	target = 350_000
	run(time.Second)
	if len(n.bitrates) != 1 || n.bitrates[0] != 350_000-opusBitrate {
		t.Errorf("bitrates %v", n.bitrates)
	}
	target = 10_000
	if run(20 * time.Second); n.sizes[len(n.sizes)-1] != image.Pt(320, 240) || n.made[len(n.made)-1].FPS != 15 {
		t.Errorf("at the lowest: %v, %+v", n.sizes[len(n.sizes)-1], n.made)
	}
	target = 2_000_000
	if run(20 * time.Second); n.sizes[len(n.sizes)-1] != image.Pt(640, 480) || n.made[len(n.made)-1].FPS != 30 {
		t.Errorf("at the highest: %v, %+v", n.sizes[len(n.sizes)-1], n.made)
	}
	f.connected = true
	f.wantKey.Store(false)
	check(t, f.setSource(calltest.NewCamera(color.White), standard))
	if f.halt(); !f.wantKey.Load() {
		t.Error("another source starts without a key frame")
	}
	f.closeEncoder()
	if n.open != 0 {
		t.Errorf("%d encoders are open", n.open)
	}
}

func TestMailbox(t *testing.T) {
	t.Parallel()
	m := newMailbox()
	if frame, _ := m.take(); frame != nil {
		t.Error("it has a frame")
	}
	big := image.NewYCbCr(image.Rect(0, 0, 10, 8), image.YCbCrSubsampleRatio420)
	for i := range big.Y {
		big.Y[i] = byte(i)
	}
	part, _ := big.SubImage(image.Rect(2, 2, 9, 7)).(*image.YCbCr)
	if !m.put(big) || !m.put(part) || m.put(image.NewYCbCr(big.Rect, image.YCbCrSubsampleRatio444)) {
		t.Error("frames in 4:2:0 alone can be sent")
	}
	frame, at := m.take()
	if frame == nil || frame.Rect != image.Rect(0, 0, 6, 4) || frame.Y[0] != big.Y[big.YOffset(2, 2)] || at.IsZero() {
		t.Fatalf("%+v", frame)
	}
	if half := copyFrame(&image.YCbCr{}, big, 2); half.Rect != image.Rect(0, 0, 4, 4) ||
		half.Y[5] != big.Y[big.YOffset(2, 2)] {
		t.Errorf("half: %v %v", half.Rect, half.Y)
	}
	if again, _ := m.take(); again != nil {
		t.Error("a frame was taken twice")
	}
}
