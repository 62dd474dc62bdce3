package mesibo

import (
	"errors"
	"fmt"
	"image"
	"testing"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/call"
)

func (f *fakeMedia) isMuted(text string) func() bool {
	return func() bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.muted == text
	}
}

// TestCall_mute_hold_and_keys: what a party does reaches its media and the other party.
func TestCall_mute_hold_and_keys(t *testing.T) {
	t.Parallel()
	_, alice, bob := phones(t)
	of, at := talk(alice, bob, true)
	f := alice.media(of)
	alice.forget()
	bob.forget()
	of.Mute(true, false, true)
	of.Mute(true, false, true) // no change
	bob.await("mute true false true")
	alice.await("mute true false false")
	alice.until("the microphone is off", f.isMuted("true false false"))
	if !at.GetMuteStatus(true, false, true) || at.GetMuteStatus(true, true, true) ||
		!of.GetMuteStatus(true, false, false) ||
		at.GetMuteStatus(true, false, false) ||
		at.GetMuteStatus(false, false, true) {
		t.Error("the mute status is wrong")
	}
	of.ToggleVideoMute()
	bob.await("mute true true true")
	of.ToggleAudioMute()
	bob.await("mute false true true")
	of.Mute(false, true, false)
	bob.await("mute false false true")
	at.Hold(true)
	alice.await("status HOLD")
	bob.until("on hold", bob.media(at).isMuted("false false true"))
	if bob.GetActiveCall() != at {
		t.Error("a call on hold is still the only one")
	}
	at.Hold(false)
	alice.await("status UNHOLD")
	for _, digit := range []int{7, 11} {
		alice.must(of.SendDTMF(digit))
	}
	bob.await("dtmf 11")
	if err := of.SendDTMF(16); ResultOf(err) != ResultBadRequest {
		t.Errorf("digit 16: %v", err)
	}
	bob.want([]string{"x"}, "mute true false true", "mute true true true", "mute false true true", "mute false false true",
		"dtmf 7", "dtmf 11")
	alice.want([]string{"mute"}, "status HOLD", "status UNHOLD")
	if of.Status() != CallStatusConnected {
		t.Errorf("the status is %v", of.Status())
	}
	alice.must(of.Hangup())
	bob.await("hangup REMOTE")
	if err := at.SendDTMF(1); !errors.Is(err, ErrCallState) {
		t.Errorf("a key after the end: %v", err)
	}
}

// TestCall_mute_before_the_answer: what is muted then is so from the first moment, and the other party knows.
func TestCall_mute_before_the_answer(t *testing.T) {
	t.Parallel()
	_, alice, bob := phones(t)
	of := alice.dial("bob", true)
	of.Mute(true, false, true)
	bob.await("notify INCOMING alice true")
	at := bob.call()
	at.Mute(true, false, true)
	bob.must(at.Answer(false))
	bob.await("mute true false true")
	alice.await("mute true true true")
	if f := bob.media(at); !f.isMuted("true true false")() {
		t.Errorf("the callee's media have %q", f.muted)
	}
	alice.must(of.Hangup())
	bob.await("hangup REMOTE")
}

// TestCall_video: sources, views and sizes.
func TestCall_video(t *testing.T) {
	t.Parallel()
	_, alice, bob := phones(t)
	alice.SetCallMedia(call.Media{Camera: camera{"camera"}, Screen: camera{"screen"}})
	bob.cp = &CallProperties{
		Video: VideoProperties{Width: 640, Bitrate: 300}, IceServers: []call.ICEServer{{URLs: []string{"stun:example.org"}}},
		RelayOnly: true,
	}
	of, at := talk(alice, bob, true)
	f := alice.media(of)
	if o := bob.media(at).o; o.Video != (VideoProperties{Enabled: true, Width: 640, Bitrate: 300}) || !o.RelayOnly ||
		len(o.Servers) != 1 || alice.media(of).o.RelayOnly {
		t.Errorf("the callee's media were made with %+v", o)
	}
	if f.source != (camera{"camera"}) {
		t.Errorf("the source is %v", f.source)
	}
	alice.must(of.SetVideoSource(VideoSourceScreen, 0))
	alice.await("source 4 0")
	if s, i := of.GetVideoSource(); s != VideoSourceScreen || i != 0 || f.source != (camera{"screen"}) {
		t.Errorf("the source is %v %v, %v", s, i, f.source)
	}
	if err := at.SetVideoSource(VideoSourceScreen, 0); !errors.Is(err, call.ErrNoDevice) {
		t.Errorf("no screen: %v", err)
	}
	if err := of.SetVideoSource(VideoSourceScreen, 1); !errors.Is(err, call.ErrNoDevice) {
		t.Errorf("second screen: %v", err)
	}
	shown := make(chan bool, 1)
	of.SetVideoView(call.VideoSinkFunc(func(*image.YCbCr) { shown <- true }), true)
	alice.until("the view", func() bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.sinks[true] != nil && f.sinks[false] == nil
	})
	f.sinks[true].Show(nil)
	<-shown
	f.h.OnVideo(320, 240)
	alice.await("video 320x240 true")
	f.h.OnQuality(2)
	alice.await("status QUALITY")
	alice.must(of.Hangup())
	bob.await("hangup REMOTE")
	if err := at.SetVideoSource(VideoSourceCameraDefault, 0); !errors.Is(err, ErrCallState) {
		t.Errorf("after the end: %v", err)
	}
}

// TestCall_upgrade: a call without video becomes one with video when a party sends some; the other does so when it
// wants to.
func TestCall_upgrade(t *testing.T) {
	t.Parallel()
	_, alice, bob := phones(t)
	alice.SetCallMedia(call.Media{})
	bob.SetCallMedia(call.Media{Camera: camera{"camera"}})
	of, at := talk(alice, bob, false)
	if err := of.SetVideoSource(VideoSourceCameraDefault, 0); !errors.Is(err, call.ErrNoDevice) {
		t.Errorf("without a camera: %v", err)
	}
	bob.must(at.SetVideoSource(VideoSourceCameraDefault, 0))
	alice.await("status UPDATE")
	from := func(p *phone, c *Call) call.VideoSource {
		f := p.media(c)
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.source
	}
	if !of.IsVideoCall() || !at.IsVideoCall() || from(bob, at) != (camera{"camera"}) {
		t.Error("it is not a call with video")
	}
	if of.GetMuteStatus(false, true, true) || !of.GetMuteStatus(false, true, false) ||
		!at.GetMuteStatus(false, true, true) {
		t.Errorf("alice has video muted %v, and of bob %v", of.GetMuteStatus(false, true, false),
			of.GetMuteStatus(false, true, true))
	}
	of.ToggleVideoMute()
	alice.await("problem no video is sent: no such device") // as before
	bob.await("mute false false true")
	alice.SetCallMedia(call.Media{Camera: camera{"another"}})
	of.ToggleVideoMute()
	bob.await("mute false true true")
	of.ToggleVideoMute()
	alice.until("a source", func() bool { return from(alice, of) == camera{"another"} })
	alice.must(of.Hangup())
	bob.await("hangup REMOTE")
}

// TestCall_restart: only the caller offers anew, also when the callee wants it.
func TestCall_restart(t *testing.T) {
	t.Parallel()
	_, alice, bob := phones(t)
	of, at := talk(alice, bob, false)
	f, g := alice.media(of), bob.media(at)
	for i, wants := range []*fakeMedia{f, g} {
		alice.forget()
		bob.forget()
		f.h.OnReconnecting()
		g.h.OnReconnecting()
		alice.await("status RECONNECTING")
		bob.await("status RECONNECTING")
		if of.IsLinkUp() || !of.IsCallConnected() {
			t.Error("the call is not what it should be")
		}
		wants.h.OnRestartWanted()
		alice.await("status CONNECTED")
		bob.await("status CONNECTED")
		f.mu.Lock()
		if f.rounds != i+2 || g.rounds != i+2 {
			t.Errorf("rounds %d and %d", f.rounds, g.rounds)
		}
		f.mu.Unlock()
	}
	f.mu.Lock()
	again := fmt.Sprintf("offer %d of %s", f.rounds, f.name)
	f.offer = again // as if the answer had been lost
	f.mu.Unlock()
	of.mu.Lock()
	of.restart, of.taken = again, ""
	of.mu.Unlock()
	of.resume()
	alice.until("the same answer", func() bool {
		of.mu.Lock()
		defer of.mu.Unlock()
		return of.restart == ""
	})
	// An answer that comes twice is not taken for that to the next offer.
	at.mu.Lock()
	twice := at.answers[1]
	at.mu.Unlock()
	f.mu.Lock()
	f.rounds++
	next := fmt.Sprintf("offer %d of %s", f.rounds, f.name)
	f.offer = next
	f.mu.Unlock()
	of.mu.Lock()
	of.restart = next
	of.mu.Unlock()
	at.sendDescription(twice)
	at.wakeUp()
	of.sendDescription(next)
	of.wakeUp()
	alice.until("the other answer", func() bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.offer == ""
	})
	alice.must(of.Hangup())
	bob.await("hangup REMOTE")
}

// TestCall_update: a device of another kind may switch its video on and off so.
func TestCall_update(t *testing.T) {
	t.Parallel()
	_, alice, bob := phones(t)
	of, _ := talk(alice, bob, true)
	of.mu.Lock()
	of.send(&wire.CallChange{Status: wire.CallUpdate})
	of.mu.Unlock()
	of.wakeUp()
	bob.await("mute false true true")
	bob.await("status UPDATE")
	alice.must(of.Hangup())
	bob.await("hangup REMOTE")
}

// TestCall_waiting: a second call is refused, or waits, and answering it puts the first on hold.
func TestCall_waiting(t *testing.T) {
	t.Parallel()
	srv, alice, bob := phones(t)
	carol := newPhone(t, srv.Token("carol"), bob.line)
	first, _ := talk(alice, bob, false)
	carol.dial("bob", false)
	carol.await("hangup REMOTE")
	carol.want([]string{"call", "ui"}, "status INPROGRESS", "status BUSY", "sound BUSY true", "hangup REMOTE")
	bob.EnableCallWaiting(true)
	carol.forget()
	second := carol.dial("bob", false)
	bob.await("incoming carol false true")
	bob.await("notify INCOMING carol false")
	at := bob.call()
	if !at.GetCallProperties().Waiting {
		t.Error("the call does not wait")
	}
	bob.must(at.Answer(false))
	carol.await("status CONNECTED")
	alice.await("status HOLD")
	if bob.GetActiveCall() != at {
		t.Error("the second call is not the active one")
	}
	carol.must(second.Hangup())
	carol.await("hangup USER")
	alice.must(first.Hangup())
	alice.await("hangup USER")
	bob.until("no call", func() bool { return bob.GetActiveCall() == nil })
}

// TestCall_several_ring: a call that rings does not make this device busy for others; one that is answered does.
func TestCall_several_ring(t *testing.T) {
	t.Parallel()
	srv, alice, bob := phones(t)
	carol, dave := newPhone(t, srv.Token("carol"), bob.line), newPhone(t, srv.Token("dave"), bob.line)
	alice.dial("bob", false)
	bob.await("notify INCOMING alice false")
	of := carol.dial("bob", false)
	carol.await("status RINGING")
	bob.await("incoming carol false true")
	bob.await("notify INCOMING carol false")
	bob.must(bob.call().Answer(false))
	carol.await("status CONNECTED")
	alice.await("status BUSY")
	alice.await("hangup REMOTE")
	dave.dial("bob", false)
	dave.await("status BUSY")
	carol.must(of.Hangup())
	bob.await("hangup REMOTE")
	bob.awaitRecords("alice", "CALLMISSED BUSY")
}

// TestCall_auto_answer: the properties may say so.
func TestCall_auto_answer(t *testing.T) {
	t.Parallel()
	_, alice, bob := phones(t)
	bob.cp.AutoAnswer = true
	c := alice.dial("bob", false)
	bob.await("status CONNECTED")
	alice.await("status CONNECTED")
	alice.must(c.Hangup())
	bob.await("hangup REMOTE")
}

// TestCall_slow_listener: the caller learns that it rings though OnIncoming has not returned.
func TestCall_slow_listener(t *testing.T) {
	t.Parallel()
	_, alice, bob := phones(t)
	bob.calls.times.incoming = 50e6
	bob.block = make(chan struct{})
	c := alice.dial("bob", false)
	alice.await("status RINGING")
	close(bob.block)
	bob.await("notify INCOMING alice false")
	alice.must(c.Hangup())
	bob.await("hangup REMOTE")
}

// TestCall_listener_later: a listener that is set late is first called with what the call is; one that is set after the
// end with that.
func TestCall_listener_later(t *testing.T) {
	t.Parallel()
	_, alice, bob := phones(t)
	of, at := talk(alice, bob, false)
	alice.forget()
	alice.must(of.Start(alice))
	alice.await("status CONNECTED")
	alice.want(nil, "call", "ui SHOWINPROGRESS", "status CONNECTED")
	bob.must(at.Hangup())
	alice.await("hangup REMOTE")
	<-of.done
	alice.forget()
	alice.must(of.Start(alice))
	alice.await("hangup REMOTE")
	alice.want(nil, "call", "status COMPLETE", "hangup REMOTE")
}

// TestCall_panic_of_the_listener: the device does not ring, but does not decline either.
func TestCall_panic_of_the_listener(t *testing.T) {
	t.Parallel()
	srv, alice, bob := phones(t)
	bad := offPhone(t, srv.Token("bob"), bob.line)
	bad.RemoveListener(bad)
	bad.must(bad.AddListener(&CallFuncs{Incoming: func(*UserProfile, bool, bool) *CallProperties { panic("a mistake") }}))
	bad.start()
	alice.dial("bob", false)
	bob.await("notify INCOMING alice false")
	bad.until("no call", func() bool { return bad.GetActiveCall() == nil })
	bob.must(bob.call().Answer(false))
	alice.await("status CONNECTED")
	bob.must(bob.call().Hangup())
	alice.await("hangup REMOTE")
}
