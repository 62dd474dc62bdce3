package e2e_test

import (
	"context"
	"image/color"
	"testing"

	"github.com/parley-chat/parley/internal/audio/libopus"
	"github.com/parley-chat/parley/internal/library/librarytest"
	"github.com/parley-chat/parley/internal/video/libvpx"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/call"
	"github.com/parley-chat/parley/mesibo/call/calltest"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// This file tests calls with their sound and video, over real sockets.

const (
	aliceTone = 440.0 // Hz, what is heard at alice's microphone
	bobTone   = 1000.0
)

// caller is a device with media.
type caller struct {
	*device

	set   *calltest.Set
	relay bool              // hide the addresses
	rings chan *mesibo.Call // what rings here
}

// calling makes a device one that can call, with a microphone that hears a tone.
func calling(d *device, tone float64, codecs bool) *caller {
	c := &caller{device: d, set: calltest.New(tone), rings: make(chan *mesibo.Call, 10)}
	if codecs {
		m := c.set.Media
		m.AudioEncoder = func(bitrate int) (call.AudioEncoder, error) { return libopus.NewForCall(bitrate) }
		m.AudioDecoder = func() (call.AudioDecoder, error) { return libopus.NewDecoder() }
		m.VideoEncoder = func(o call.VideoEncoderOptions) (call.VideoEncoder, error) { return libvpx.NewEncoder(o) }
		m.VideoDecoder = func() (call.VideoDecoder, error) { return libvpx.NewDecoder() }
	}
	d.SetCallMedia(*c.set.Media)
	d.must(d.AddListener(&mesibo.CallFuncs{
		Incoming: func(_ *mesibo.UserProfile, video, _ bool) *mesibo.CallProperties {
			cp := d.CreateCallProperties(video)
			cp.RelayOnly = c.relay
			return cp
		},
		ShowUserInterface: func(ringing *mesibo.Call, _ *mesibo.CallProperties) bool {
			d.must(ringing.Start(c.diary()))
			c.rings <- ringing
			return true
		},
	}))
	return c
}

// diary returns a listener that notes what happens to a call.
func (c *caller) diary() *mesibo.CallInProgressFuncs {
	return &mesibo.CallInProgressFuncs{
		Status: func(_ *mesibo.CallProperties, status mesibo.CallStatus, _, _ bool) { c.note(nil, "call %v", status) },
		Hangup: func(_ *mesibo.CallProperties, reason mesibo.HangupReason) { c.note(nil, "hangup %v", reason) },
		Mute: func(_ *mesibo.CallProperties, audio, video, remote bool) {
			if remote {
				c.note(nil, "muted %v %v", audio, video)
			}
		},
	}
}

// call calls a peer.
func (c *caller) call(peer string, video bool) *mesibo.Call {
	c.t.Helper()
	cp := c.CreateCallProperties(video)
	cp.User, cp.RelayOnly = c.CreateUserProfile(peer, 0), c.relay
	out, err := c.Call(cp)
	c.must(err)
	c.must(out.Start(c.diary()))
	return out
}

func (c *caller) hear(tone float64) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	if err := c.set.Speaker.Hear(ctx, tone); err != nil {
		c.t.Errorf("%s: %v", c.GetAddress(), err)
	}
}

func (c *caller) see(colour color.Color) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	if err := c.set.Screen.See(ctx, colour); err != nil {
		c.t.Errorf("%s: %v", c.GetAddress(), err)
	}
}

// telephone lets alice call bob, and both hear, and with video see, each other.
func telephone(alice, bob *caller, video bool) (of, at *mesibo.Call) {
	alice.set.Camera.SetColour(red)
	bob.set.Camera.SetColour(blue)
	of = alice.call("bob", video)
	at = <-bob.rings
	of.SetVideoView(alice.set.Screen, true)
	at.SetVideoView(bob.set.Screen, true)
	bob.must(at.Answer(video))
	alice.awaitLine("call CONNECTED")
	bob.awaitLine("call CONNECTED")
	alice.hear(bobTone)
	bob.hear(aliceTone)
	if video {
		alice.see(blue)
		bob.see(red)
	}
	return of, at
}

var (
	red  = color.RGBA{R: 255, A: 255}
	blue = color.RGBA{B: 255, A: 255}
)

// callers returns alice and bob, who are connected and can call each other.
func callers(t *testing.T, srv *mesibotest.Server, codecs bool) (alice, bob *caller) {
	t.Helper()
	alice = calling(carried(t, srv.Token("alice"), t.TempDir(), &cables{}), aliceTone, codecs)
	bob = calling(carried(t, srv.Token("bob"), t.TempDir(), &cables{}), bobTone, codecs)
	alice.awaitLine("ONLINE")
	bob.awaitLine("ONLINE")
	return alice, bob
}

// haveCodecs reports whether this machine has the codecs. In CI it must.
func haveCodecs(t *testing.T) bool {
	t.Helper()
	_, err := libopus.NewDecoder()
	if librarytest.Missing(t, err, call.ErrNoCodec) {
		return false
	}
	_, err = libvpx.NewDecoder()
	return !librarytest.Missing(t, err, call.ErrNoCodec)
}

// TestCall: from the ring to the record, with the codecs of this machine and without any.
func TestCall(t *testing.T) {
	t.Parallel()
	for name, codecs := range map[string]bool{"codecs": true, "no codecs": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if codecs && !haveCodecs(t) {
				return
			}
			alice, bob := callers(t, mesibotest.NewServer(t), codecs)
			of, at := telephone(alice, bob, true)

			of.Mute(true, false, true)
			bob.awaitLine("muted true false")
			bob.hear(0)
			of.Mute(true, false, false)
			bob.hear(aliceTone)
			alice.set.Camera.SetColour(blue)
			bob.see(blue)

			if s := of.Stats(); s.Relayed {
				t.Errorf("relayed on one machine: %+v", s)
			}
			bob.must(at.Hangup())
			alice.awaitLine("hangup REMOTE")
			bob.awaitLine("hangup USER")
			for _, d := range []*caller{alice, bob} {
				d.await("record", func() bool { return len(d.messages()) == 1 })
			}
		})
	}
}

// TestCall_relayed: through the relay of the server alone.
func TestCall_relayed(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	srv.SetRelay(true)
	srv.Restart()
	alice, bob := callers(t, srv, false)
	alice.relay, bob.relay = true, true
	of, at := telephone(alice, bob, false)
	alice.await("statistics", func() bool { return of.Stats().Relayed })
	bob.await("statistics", func() bool { return at.Stats().Relayed })
	alice.must(of.Hangup())
	bob.awaitLine("hangup REMOTE")
}
