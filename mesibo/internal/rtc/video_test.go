package rtc

import (
	"errors"
	"image"
	"image/color"
	"testing"

	"github.com/parley-chat/parley/mesibo/call"
	"github.com/parley-chat/parley/mesibo/call/calltest"
)

var (
	red  = color.RGBA{R: 230, A: 255}
	blue = color.RGBA{B: 230, A: 255}
)

func TestVideo(t *testing.T) {
	t.Parallel()
	for name, setups := range map[string][]setup{"test codec": {withVideo}, "VP8": {withVideo, withVPX, withOpus}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "VP8" && (!hasVPX(t) || !hasOpus(t)) {
				return
			}
			caller, callee := pair(t, setups...)
			caller.set.Camera.SetColour(red)
			callee.set.Camera.SetColour(blue)
			own := calltest.NewScreen()
			caller.SetVideoSink(own, false)
			for _, s := range []*side{caller, callee} {
				s.SetVideoSink(s.set.Screen, true)
			}
			connect(t, caller, callee)
			check(t, callee.set.Screen.See(within(t, patience), red))
			check(t, caller.set.Screen.See(within(t, patience), blue))
			check(t, own.See(within(t, patience), red))
			caller.await("640x480", 1, patience)
			if got := callee.set.Screen.Seen().Size; got != image.Pt(640, 480) {
				t.Errorf("%v was seen", got)
			}
			check(t, callee.set.Speaker.Hear(within(t, patience), 440))
			if name == "VP8" {
				changeSource(t, caller, callee)
			}
		})
	}
}

// changeSource goes from the camera to a screen, and to nothing; neither may stall the other side.
func changeSource(t *testing.T, caller, callee *side) {
	t.Helper()
	screen := calltest.NewCamera(color.White)
	check(t, caller.SetVideoSource(screen, Format{Width: 800, Height: 601, FPS: 15}))
	if caller.set.Camera.InUse() {
		t.Error("the camera is still in use")
	}
	check(t, callee.set.Screen.See(within(t, patience), color.White))
	callee.await("800x600", 1, patience)
	check(t, caller.SetVideoSource(nil, Format{}))
	if screen.InUse() {
		t.Error("the screen is still in use")
	}
	caller.set.Camera.SetColour(blue)
	check(t, caller.SetVideoSource(caller.set.Camera, Format{}))
	check(t, callee.set.Screen.See(within(t, patience), blue))
}

func TestMuteAndHold(t *testing.T) {
	t.Parallel()
	if !hasOpus(t) {
		return
	}
	caller, callee := pair(t, withVideo, withOpus)
	callee.SetVideoSink(callee.set.Screen, true)
	connect(t, caller, callee)
	on := func() {
		t.Helper()
		check(t, callee.set.Speaker.Hear(within(t, patience), 440))
		check(t, callee.set.Screen.Await(within(t, patience), 5))
		if !caller.set.Camera.InUse() {
			t.Error("the camera is not in use")
		}
	}
	off := func() {
		t.Helper()
		check(t, callee.set.Speaker.Hear(within(t, patience), 0))
		if caller.set.Camera.InUse() {
			t.Error("the camera is in use")
		}
	}
	on()
	caller.SetMuted(true, true)
	off()
	caller.SetMuted(false, false)
	on()
	caller.SetHold(true)
	off()
	if caller.set.Speaker.Hear(within(t, patience), 0) != nil {
		t.Error("the other side is heard while the call is held")
	}
	caller.SetHold(false)
	on()
	check(t, caller.set.Speaker.Hear(within(t, patience), 1000))
}

// A call works as far as it can without devices and codecs, and says what is missing.
func TestProblems(t *testing.T) {
	t.Parallel()
	caller, callee := pair(t, withVideo, func(caller bool, c *Config, _ *options) {
		m := c.Media
		if caller {
			c.Media = &call.Media{Speaker: m.Speaker}
			return
		}
		m.VideoEncoder = func(call.VideoEncoderOptions) (call.VideoEncoder, error) { return nil, call.ErrNoCodec }
		m.Processor = func() (call.AudioProcessor, error) { return nil, call.ErrNoCodec }
	})
	connect(t, caller, callee)
	check(t, caller.set.Speaker.Hear(within(t, patience), 1000))
	callee.await("problem", 3, patience)
	caller.await("problem", 3, patience)
	for s, devices := range map[*side]int{caller: 2, callee: 0} {
		n := 0
		for _, err := range s.trouble() {
			switch {
			case errors.Is(err, call.ErrNoDevice):
				n++
			case !errors.Is(err, call.ErrNoCodec):
				t.Error(err)
			}
		}
		if n != devices {
			t.Errorf("%d problems with devices, not %d: %v", n, devices, s.trouble())
		}
	}
	if err := caller.SetVideoSource(caller.set.Camera, Format{}); !errors.Is(err, call.ErrNoCodec) {
		t.Errorf("a source without an encoder: %v", err)
	}
	callee.set.Camera.Unplug()
	callee.set.Microphone.Unplug()
	callee.await("problem", 5, patience)
	if err := callee.SetVideoSource(callee.set.Camera, Format{}); !errors.Is(err, call.ErrNoDevice) {
		t.Errorf("a camera that is gone: %v", err)
	}
}

// Without a decoder there are key frames.
func TestStills(t *testing.T) {
	t.Parallel()
	if !hasVPX(t) {
		return
	}
	caller, callee := pair(t, withVideo, withVPX, func(caller bool, c *Config, _ *options) {
		if !caller {
			c.Media.VideoDecoder = nil
		}
	})
	callee.SetVideoSink(callee.set.Screen, true)
	caller.set.Camera.SetColour(red)
	connect(t, caller, callee)
	check(t, callee.set.Screen.See(within(t, patience), red))
	caller.set.Camera.SetColour(blue)
	check(t, callee.set.Screen.See(within(t, patience), blue))
	if s := newStills(); !t.Failed() {
		big := []byte{0, 0, 0, 0x9d, 0x01, 0x2a, 0xff, 0x3f, 0xff, 0x3f, 0}
		if _, err := s.Decode(big); err == nil {
			t.Error("a frame of 16383x16383 was decoded")
		}
	}
}
