// Package calltest has devices and a video codec for the tests of what makes calls: a microphone that hears a tone, a
// speaker that measures what it plays, a camera with a pattern, and a screen that recognises it. They work in real
// time, and in a bubble of testing/synctest. A call between two of them shows that sound and picture arrive:
//
//	alice, bob := calltest.New(440), calltest.New(1000)
//	// … a call between two programs with alice.Media and bob.Media …
//	err := bob.Speaker.Hear(ctx, 440)
//	err = bob.Screen.See(ctx, color.White)
//
// The media have no audio codec, so that calls fall back to PCMU, and the video codec of this package. Both need no
// library of the system; set other codecs in Media to test them.
package calltest

import (
	"image/color"

	"github.com/parley-chat/parley/mesibo/call"
)

// Set is what one side of a call has.
type Set struct {
	Microphone *Microphone
	Speaker    *Speaker
	Camera     *Camera
	Screen     *Screen // shows what it is set as a sink for

	// Media has the devices, and the video codec of this package.
	Media *call.Media
}

// New returns devices whose microphone hears a tone of a frequency in Hz, and whose camera sees white.
func New(frequency float64) *Set {
	s := &Set{
		Microphone: NewMicrophone(frequency), Speaker: NewSpeaker(), Camera: NewCamera(color.White), Screen: NewScreen(),
	}
	s.Media = &call.Media{
		Microphone: s.Microphone, Speaker: s.Speaker, Camera: s.Camera,
		VideoEncoder: NewVideoEncoder, VideoDecoder: NewVideoDecoder,
	}
	return s
}
