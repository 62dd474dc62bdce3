package e2e_test

import (
	"image/color"
	"os"
	"testing"
	"time"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/call"
	"github.com/parley-chat/parley/mesibo/call/calltest"
	"github.com/parley-chat/parley/mesibo/call/livekit"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// This file tests calls of groups that go through parley-sfu.

// sfuVariable names the program, which tools/sfu.sh builds.
const sfuVariable = "PARLEY_SFU"

// Bars of how long something takes. A machine that is busy may take longer, but not so many times.
const (
	removedMost = 2 * time.Second  // until no one hears a participant who was removed
	rebuiltMost = 10 * time.Second // until all hear each other again after the SFU was killed
	busyTimes   = 4
)

// within fails the test when something took too long.
func within(t *testing.T, what string, since time.Time, most time.Duration) {
	t.Helper()
	took := time.Since(since)
	t.Logf("%s after %v", what, took.Round(time.Millisecond))
	if took > busyTimes*most {
		t.Errorf("%s only after %v, not %v", what, took, most)
	}
}

// sfuServer starts a server with an SFU, when there is the program.
func sfuServer(t *testing.T) (srv *mesibotest.Server, ok bool) {
	t.Helper()
	program := os.Getenv(sfuVariable)
	if program == "" {
		t.Log(sfuVariable + " is not set: tools/sfu-check.sh sets it")
		return nil, false
	}
	srv = mesibotest.NewServer(t)
	srv.Stop()
	srv.SetSFU(program)
	srv.Start()
	return srv, true
}

// speakers returns members of one group who can use the SFU. The codecs are those of calltest.
func speakers(t *testing.T, srv *mesibotest.Server, names ...string) []*talker {
	t.Helper()
	list := talkers(t, srv, names...)
	for i, k := range list {
		k.tone = 400 + 300*float64(i)
		k.set.Microphone.SetFrequency(k.tone)
		media := *k.set.Media
		media.AudioEncoder, media.AudioDecoder = calltest.NewAudioEncoder, calltest.NewAudioDecoder
		k.SetCallMedia(media)
		k.SetGroupCallEngine(newEngine())
	}
	return list
}

func newEngine() call.GroupEngine { return livekit.New() }

// TestSFU: three hear and see each other through it, mute, leave and come back.
func TestSFU(t *testing.T) {
	t.Parallel()
	srv, ok := sfuServer(t)
	if !ok {
		return
	}
	list := speakers(t, srv, "alice", "bob", "carol")
	alice, bob, carol := list[0], list[1], list[2]
	meet(list)
	for _, k := range list {
		k.await("talking", func() bool { return k.own.IsTalking() })
	}
	alice.await("bob talks", func() bool { return alice.other(bob).IsTalking() })
	alice.awaitLine("bob connected true")
	alice.awaitLine("subscriber bob true")
	alice.awaitLine("bob video 160x120")
	p := alice.other(bob)
	if !p.IsConnected() || p.GetSid() != 7 || !p.HasVideo() {
		t.Errorf("participant %v", p)
	}
	alice.await("what is received of bob", func() bool { return p.Stats().BitrateReceived > 0 })

	bob.own.Mute(true, false, true)
	alice.awaitLine("bob muted true false true")
	alice.hears(list, carol)
	alice.await("bob is silent", func() bool { return !p.IsTalking() })
	bob.own.Mute(true, false, false)
	alice.hears(list, bob, carol)
	p.Mute(true, false, true) // not to hear one
	alice.hears(list, carol)
	carol.hears(list, alice, bob)
	p.Mute(true, false, false)
	alice.hears(list, bob, carol)

	for _, k := range []*talker{alice, carol} {
		k.other(bob).SetVisibility(false)
	}
	bob.await("no one looks", func() bool { return !bob.set.Camera.InUse() })
	bob.set.Camera.SetColour(color.RGBA{A: 255})
	p.SetVisibility(true)
	alice.sees(bob, color.RGBA{A: 255})

	carol.call.Leave()
	carol.awaitLine("group COMPLETE")
	alice.awaitLine("carol hangup REMOTE")
	alice.hears(list, bob)
	carol.await("the devices are off", func() bool { return !carol.set.Microphone.InUse() && !carol.set.Speaker.InUse() })
	carol.join() // again
	alice.hears(list, bob, carol)
	carol.hears(list, alice, bob)
}

// TestSFU_eight: eight hear and see each other.
func TestSFU_eight(t *testing.T) {
	t.Parallel()
	srv, ok := sfuServer(t)
	if !ok {
		return
	}
	list := speakers(t, srv, "alice", "bob", "carol", "dave", "eve", "frank", "grace", "heidi")
	meet(list)
	for _, k := range list {
		k.call.Leave()
	}
	list[0].await("the record", func() bool {
		m := list[0].messages()
		return len(m) > 0 && m[len(m)-1].Call != nil && m[len(m)-1].Call.People == len(list)
	})
}

// TestSFU_no_engine: who cannot use the SFU does not get into a call that does.
func TestSFU_no_engine(t *testing.T) {
	t.Parallel()
	srv, ok := sfuServer(t)
	if !ok {
		return
	}
	list := speakers(t, srv, "alice", "bob")
	list[1].SetGroupCallEngine(nil)
	list[0].join()
	list[1].must(list[1].call.Join(list[1].listener(), false))
	list[1].awaitLine("group INCOMPATIBLE")
}

// TestSFU_sizes: video comes large when it is shown large, and otherwise small.
func TestSFU_sizes(t *testing.T) {
	t.Parallel()
	srv, ok := sfuServer(t)
	if !ok {
		return
	}
	list := speakers(t, srv, "alice", "bob", "carol", "dave", "eve", "frank")
	alice, bob := list[0], list[1]
	for _, k := range list {
		cp := k.CreateGroupCallProperties(true)
		cp.Video.Width, cp.Video.Height, cp.Video.FPS = 640, 480, 10
		k.call.SetCallProperties(cp)
	}
	meet(list[:2])
	alice.awaitLine("bob video 640x480")
	meet(list[2:])
	for _, k := range list[2:] { // five are tiles
		alice.sees(k, k.colour)
	}
	alice.awaitLine("bob video 160x120")
	seen := len(alice.entries("bob video 640x480"))
	alice.other(bob).SetFullscreen(true)
	alice.await("bob in full size", func() bool { return len(alice.entries("bob video 640x480")) > seen })
	alice.sees(bob, bob.colour)
}

// TestSFU_removed: who is removed hears and is heard no more, within two seconds.
func TestSFU_removed(t *testing.T) {
	t.Parallel()
	for name, remove := range map[string]func(alice, bob *talker){
		"from the group": func(alice, bob *talker) {
			alice.must(alice.GetGroupProfile(alice.lastGroup()).RemoveMembers([]string{"bob"}))
			bob.awaitLine("group NOTALLOWED")
		},
		"from the call": func(alice, bob *talker) {
			alice.must(alice.other(bob).AdminHangup())
			bob.awaitLine("group NOTALLOWED")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv, ok := sfuServer(t)
			if !ok {
				return
			}
			list := speakers(t, srv, "alice", "bob", "carol")
			for _, k := range list {
				k.video = false
			}
			alice, bob, carol := list[0], list[1], list[2]
			meet(list)
			began := time.Now()
			remove(alice, bob)
			alice.hears(list, carol)
			within(t, "no one hears bob", began, removedMost)
			bob.await("silence", func() bool { return !bob.set.Speaker.InUse() && !bob.set.Microphone.InUse() })
			within(t, "silence", began, removedMost)
			carol.hears(list, alice) // with another key
			bob.must(bob.call.Join(bob.listener(), false))
			bob.await("refused again", func() bool { return len(bob.entries("group NOTALLOWED")) == 2 })
		})
	}
}

// TestSFU_server_restarts: all join again by themselves.
func TestSFU_server_restarts(t *testing.T) {
	t.Parallel()
	srv, ok := sfuServer(t)
	if !ok {
		return
	}
	list := speakers(t, srv, "alice", "bob")
	for _, k := range list {
		k.video = false
	}
	meet(list)
	srv.Kill()
	srv.Start()
	for _, k := range list {
		k.await("joined again", func() bool { return len(k.entries("group INPROGRESS")) == 2 })
	}
	list[0].hears(list, list[1])
	list[1].hears(list, list[0])
}

// TestSFU_rights: who may send no more is not heard, and is again with the right.
func TestSFU_rights(t *testing.T) {
	t.Parallel()
	srv, ok := sfuServer(t)
	if !ok {
		return
	}
	list := speakers(t, srv, "alice", "bob", "carol")
	alice, bob, carol := list[0], list[1], list[2]
	carol.video = false
	meet(list)
	group := alice.GetGroupProfile(alice.lastGroup())
	alice.must(group.SetProperties(mesibo.GroupProperties{Flags: new(mesibo.GroupFlagPubBySelected)}))
	permit := func(address string, more mesibo.MemberFlag) {
		alice.must(group.AddMembers([]string{address}, mesibo.MemberPermissions{Flags: mesibo.MemberFlagRecv | more}))
	}
	permit("carol", mesibo.MemberFlagPublish)
	for range 2 {
		permit("bob", 0)
		bob.await("it may not send", bob.call.IsListener)
		carol.must(carol.own.Call(true, false, false, false, nil)) // with the right that it had lost at first
		alice.hears(list, carol)
		bob.hears(list, alice, carol)
		permit("bob", mesibo.MemberFlagPublish)
		bob.await("it may send", func() bool { return !bob.call.IsListener() })
		bob.must(bob.own.Call(true, true, false, false, bob.diary("self")))
		alice.hears(list, bob, carol)
		bob.set.Camera.SetColour(color.RGBA{A: 255})
		alice.sees(bob, color.RGBA{A: 255})
		bob.set.Camera.SetColour(bob.colour)
		alice.sees(bob, bob.colour)
	}
}

// TestSFU_no_codec: who has no Opus learns that it is not heard, and hears the others.
func TestSFU_no_codec(t *testing.T) {
	t.Parallel()
	srv, ok := sfuServer(t)
	if !ok {
		return
	}
	list := speakers(t, srv, "alice", "bob")
	alice, bob := list[0], list[1]
	media := *alice.set.Media
	media.AudioEncoder, media.AudioDecoder = nil, calltest.NewAudioDecoder
	alice.SetCallMedia(media)
	alice.join()
	bob.join()
	alice.awaitLine("problem, no codec true")
	alice.hears(list, bob)
}
