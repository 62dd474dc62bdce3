package e2e_test

import (
	"context"
	"errors"
	"image/color"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/call"
	"github.com/parley-chat/parley/mesibo/call/calltest"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// This file tests calls of groups with their sound and video, over real sockets.

// talker is a member of a group with media, who plays and shows whoever sends.
type talker struct {
	*device

	set    *calltest.Set
	tone   float64
	colour color.RGBA
	video  bool
	call   *mesibo.GroupCall
	own    *mesibo.CallParticipant

	mu      sync.Mutex
	screens map[string]*calltest.Screen // by user
}

// oneMeeting is held by the test that has media: several at the same time keep a small machine from delivering sound in
// time.
var oneMeeting = make(chan struct{}, 1)

// talkers returns members of one group, each with a tone and a colour, of whom none has joined its call.
func talkers(t *testing.T, srv *mesibotest.Server, names ...string) []*talker {
	t.Helper()
	oneMeeting <- struct{}{}
	t.Cleanup(func() { <-oneMeeting })
	colours := []color.RGBA{
		red, blue,
		{G: 255, A: 255},
		{R: 255, G: 255, A: 255},
		{A: 255},
		{R: 255, B: 255, A: 255},
		{G: 255, B: 255, A: 255},
		{R: 255, G: 255, B: 255, A: 255},
	}
	list := make([]*talker, len(names))
	for i, name := range names {
		k := &talker{
			device: carried(t, srv.Token(name), t.TempDir(), &cables{}), tone: 500 + 400*float64(i), colour: colours[i],
			screens: make(map[string]*calltest.Screen), video: true,
		}
		k.set = calltest.New(k.tone)
		k.set.Camera.SetColour(k.colour)
		k.SetCallMedia(*k.set.Media)
		k.awaitLine("ONLINE")
		list[i] = k
	}
	list[0].must(list[0].CreateGroup(mesibo.GroupSettings{Name: "Team"}, names[1:], 1))
	for _, k := range list {
		k.await("the group", func() bool { return k.lastGroup() != 0 })
		g, err := k.GroupCall(k.lastGroup())
		k.must(err)
		k.call = g
		cp := k.CreateGroupCallProperties(true) // small, so that a busy machine keeps up
		cp.Video.Width, cp.Video.Height, cp.Video.FPS = 160, 120, 10
		g.SetCallProperties(cp)
		k.must(k.AddListener(&mesibo.GroupCallFuncs{State: func(s mesibo.GroupCallState) {
			k.note(nil, "state %d %v", len(s.Addresses), s.Ringing)
		}}))
	}
	return list
}

// join takes part and sends.
func (k *talker) join() {
	k.t.Helper()
	k.must(k.call.Join(k.listener(), false))
	k.own = k.call.CreatePublisher(7)
	k.must(k.own.Call(true, k.video, false, false, k.diary("self")))
	k.awaitLine("group INPROGRESS")
}

func (k *talker) listener() *mesibo.GroupCallFuncs {
	return &mesibo.GroupCallFuncs{
		Publisher: func(p *mesibo.CallParticipant, joined bool) {
			k.note(nil, "publisher %s %v", p.GetAddress(), joined)
			if !joined {
				return
			}
			p.SetVideoView(k.screen(p.GetAddress()))
			if err := p.Call(true, true, false, false, k.diary(p.GetAddress())); err != nil {
				k.note(nil, "publisher %s: %v", p.GetAddress(), err)
			}
		},
		Subscriber: func(p *mesibo.CallParticipant, joined bool) {
			k.note(nil, "subscriber %s %v", p.GetAddress(), joined)
		},
		Status:  func(s mesibo.CallStatus) { k.note(nil, "group %v", s) },
		Problem: func(err error) { k.note(nil, "problem, no codec %v", errors.Is(err, call.ErrNoCodec)) },
	}
}

func (k *talker) diary(who string) *mesibo.GroupCallInProgressFuncs {
	return &mesibo.GroupCallInProgressFuncs{
		Connected: func(_ *mesibo.CallParticipant, on bool) { k.note(nil, "%s connected %v", who, on) },
		Mute: func(_ *mesibo.CallParticipant, audio, video, remote bool) {
			k.note(nil, "%s muted %v %v %v", who, audio, video, remote)
		},
		Talking: func(_ *mesibo.CallParticipant, on bool) { k.note(nil, "%s talking %v", who, on) },
		Hangup:  func(_ *mesibo.CallParticipant, r mesibo.HangupReason) { k.note(nil, "%s hangup %v", who, r) },
		Video: func(_ *mesibo.CallParticipant, v mesibo.VideoProperties) {
			k.note(nil, "%s video %dx%d", who, v.Width, v.Height)
		},
		VideoSourceChanged: func(_ *mesibo.CallParticipant, s mesibo.VideoSource, _ int) {
			k.note(nil, "%s source %d", who, s)
		},
	}
}

func (k *talker) screen(user string) *calltest.Screen {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.screens[user] == nil {
		k.screens[user] = calltest.NewScreen()
	}
	return k.screens[user]
}

// hears waits until this is what is heard: the tones of some, and of no one else.
func (k *talker) hears(all []*talker, some ...*talker) {
	k.t.Helper()
	ctx, cancel := context.WithTimeout(k.t.Context(), patience)
	defer cancel()
	for {
		wrong := ""
		for _, other := range all {
			level := k.set.Speaker.Level(other.tone)
			if want := slices.Contains(some, other); want && level < 0.1 || !want && level > 0.05 {
				wrong = other.GetAddress()
			}
		}
		if wrong == "" {
			return
		}
		select {
		case <-ctx.Done():
			k.t.Fatalf("%s hears the wrong thing of %s: %v", k.GetAddress(), wrong, k.entries(""))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (k *talker) sees(other *talker, colour color.Color) {
	k.t.Helper()
	ctx, cancel := context.WithTimeout(k.t.Context(), patience)
	defer cancel()
	if err := k.screen(other.GetAddress()).See(ctx, colour); err != nil {
		k.t.Fatalf("%s of %s: %v, %v", k.GetAddress(), other.GetAddress(), err, k.entries(""))
	}
}

// other returns a participant.
func (k *talker) other(of *talker) *mesibo.CallParticipant {
	k.t.Helper()
	for _, p := range k.call.GetParticipants() {
		if p.GetAddress() == of.GetAddress() {
			return p
		}
	}
	k.t.Fatalf("%s does not know %s", k.GetAddress(), of.GetAddress())
	return nil
}

// meet lets some join, one after the other, and checks that all hear and see each other.
func meet(list []*talker) {
	for _, k := range list {
		k.join()
	}
	for _, k := range list {
		others := slices.DeleteFunc(slices.Clone(list), func(o *talker) bool { return o == k })
		k.hears(list, others...)
		for _, o := range others {
			if o.video {
				k.sees(o, o.colour)
			}
		}
	}
}

// TestGroupCall: three hear and see each other, mute, and go on when one has left.
func TestGroupCall(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	list := talkers(t, srv, "alice", "bob", "carol", "dave")
	alice, bob, carol, dave := list[0], list[1], list[2], list[3]
	inside := list[:3]
	meet(inside)
	dave.awaitLine("state 3 false")
	if s := dave.GetGroupCallState(dave.lastGroup()); !slices.Equal(s.Addresses, []string{"alice", "bob", "carol"}) ||
		s.Started.IsZero() || !s.Video || dave.GetActiveGroupCall() != nil || alice.GetActiveGroupCall() != alice.call {
		t.Errorf("state %+v", s)
	}
	for _, k := range inside {
		k.await("talking", func() bool { return k.own.IsTalking() })
	}
	p := alice.other(bob)
	if !p.IsConnected() || p.GetSid() != 7 || p.IsMe() || !p.HasVideo() || p.GetName() == "" || !p.IsTalking() ||
		p.Stats().Relayed || alice.own.GetName() == "" || !alice.own.IsMe() {
		t.Errorf("participant %v", p)
	}
	alice.awaitLine("subscriber bob true")
	alice.awaitLine("bob video 160x120")
	alice.wantLines("group", "group INPROGRESS")

	bob.own.Mute(true, false, true)
	alice.awaitLine("bob muted true false true")
	bob.awaitLine("self muted true false false")
	alice.hears(inside, carol)
	bob.await("silent", func() bool { return !bob.own.IsTalking() })
	bob.own.Mute(true, false, false)
	alice.hears(inside, bob, carol)
	alice.other(bob).Mute(true, false, true) // not to hear one
	alice.hears(inside, carol)
	carol.hears(inside, alice, bob)
	alice.other(bob).Mute(true, false, false)
	alice.hears(inside, bob, carol)

	bob.own.Mute(false, true, true)
	carol.own.Mute(false, true, true)
	bob.await("the camera is off", func() bool { return !bob.set.Camera.InUse() })
	bob.own.Mute(false, true, false)
	bob.set.Camera.SetColour(color.RGBA{A: 255})
	alice.sees(bob, color.RGBA{A: 255})
	for _, k := range []*talker{alice, carol} {
		k.other(bob).SetVisibility(false)
	}
	bob.await("no one looks", func() bool { return !bob.set.Camera.InUse() })
	alice.other(bob).SetVisibility(true)
	bob.await("alice looks", func() bool { return bob.set.Camera.InUse() })

	carol.call.Leave()
	carol.awaitLine("group COMPLETE")
	carol.awaitLine("self hangup USER")
	alice.awaitLine("publisher carol false")
	alice.awaitLine("carol hangup REMOTE")
	alice.awaitLine("subscriber carol false")
	alice.hears(inside, bob)
	bob.hears(inside, alice)
	carol.await("the devices are off", func() bool { return !carol.set.Microphone.InUse() && !carol.set.Speaker.InUse() })
	carol.join() // again
	alice.hears(inside, bob, carol)
	carol.hears(inside, alice, bob)

	for _, k := range inside {
		k.call.Leave()
	}
	dave.awaitLine("state 0 false")
	for _, k := range list {
		k.await("the record", func() bool {
			m := k.messages()
			return len(m) > 0 && m[len(m)-1].Call != nil && m[len(m)-1].Call.People == 3
		})
	}
}

// TestGroupCall_removed: who is removed from the group hears and is heard no more, within two seconds.
func TestGroupCall_removed(t *testing.T) {
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
			srv := mesibotest.NewServer(t)
			list := talkers(t, srv, "alice", "bob", "carol")
			alice, bob, carol := list[0], list[1], list[2]
			for _, k := range list {
				k.video = false
			}
			meet(list)
			began := time.Now()
			remove(alice, bob)
			alice.hears(list, carol)
			carol.hears(list, alice)
			bob.await("silence", func() bool { return !bob.set.Speaker.InUse() && !bob.set.Microphone.InUse() })
			if took := time.Since(began); took > 2*time.Second {
				t.Logf("it took %v", took) // of a busy machine
			}
			bob.awaitLine("self hangup ERROR")
			alice.awaitLine("publisher bob false")
			bob.must(bob.call.Join(bob.listener(), false))
			bob.await("refused again", func() bool { return len(bob.entries("group NOTALLOWED")) == 2 })
		})
	}
}

// TestGroupCall_full: a fifth is refused, and an administrator mutes.
func TestGroupCall_full(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	list := talkers(t, srv, "alice", "bob", "carol", "dave", "eve")
	for _, k := range list {
		k.video = false
		k.call.SetCallProperties(k.CreateGroupCallProperties(false))
	}
	inside, eve := list[:4], list[4]
	meet(inside)
	eve.must(eve.call.Join(eve.listener(), false))
	eve.awaitLine("group BUSY")
	inside[0].must(inside[0].other(inside[1]).AdminMute(true, true))
	inside[1].awaitLine("self muted true true true")
	inside[0].hears(list, inside[2], inside[3])
	if mute, hangup := inside[0].call.HasAdminPermissions(); !mute || !hangup {
		t.Error("the owner has no rights")
	}
	if err := inside[1].other(inside[0]).AdminMute(true, false); mesibo.ResultOf(err) != mesibo.ResultDenied {
		t.Errorf("without the right: %v", err)
	}
	if err := inside[1].other(inside[0]).AdminHangup(); mesibo.ResultOf(err) != mesibo.ResultDenied {
		t.Errorf("without the right: %v", err)
	}
	inside[3].call.Leave()
	eve.await("a place", func() bool { return len(eve.GetGroupCallState(eve.lastGroup()).Addresses) == 3 })
	eve.join()
	eve.hears(list, inside[0], inside[2])
}

// TestGroupCall_server_restarts: all join again by themselves, and hear each other again.
func TestGroupCall_server_restarts(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*mesibotest.Server){
		"stopped": (*mesibotest.Server).Stop, "killed": (*mesibotest.Server).Kill,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := mesibotest.NewServer(t)
			list := talkers(t, srv, "alice", "bob")
			for _, k := range list {
				k.video = false
			}
			alice, bob := list[0], list[1]
			meet(list)
			end(srv)
			alice.awaitLine("state 0 false")
			alice.hears(list, bob) // goes on without the server
			srv.Start()
			for _, k := range list {
				k.awaitLine("group RECONNECTING")
				k.await("joined again", func() bool { return len(k.entries("group INPROGRESS")) == 2 })
			}
			alice.await("publisher again", func() bool { return len(alice.entries("publisher bob true")) == 2 })
			alice.hears(list, bob)
			bob.hears(list, alice)
		})
	}
}

// TestGroupCall_rings at members who do not take part, until they do, and as long as there is a call.
func TestGroupCall_rings(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	list := talkers(t, srv, "alice", "bob", "carol")
	alice, bob, carol := list[0], list[1], list[2]
	alice.must(alice.call.Join(alice.listener(), true))
	bob.awaitLine("state 1 true")
	carol.awaitLine("state 1 true")
	if s := bob.GetGroupCallState(bob.lastGroup()); s.From != "alice" || !s.Ringing {
		t.Errorf("state %+v", s)
	}
	bob.join()
	bob.awaitLine("state 2 false")
	carol.awaitLine("state 2 true")
	alice.call.Leave()
	bob.call.Leave()
	carol.awaitLine("state 0 false")
}

// TestGroupCall_listens: a member who may not send hears the others, and sends nothing.
func TestGroupCall_listens(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	list := talkers(t, srv, "alice", "bob")
	alice, bob := list[0], list[1]
	alice.video = false
	group := alice.GetGroupProfile(alice.lastGroup())
	alice.must(group.SetProperties(mesibo.GroupProperties{Flags: new(mesibo.GroupFlagPubBySelected)}))
	alice.must(group.AddMembers([]string{"bob"}, mesibo.MemberPermissions{Flags: mesibo.MemberFlagRecv}))
	bob.await("the rights", func() bool { return len(bob.entries("settings")) == 2 })
	alice.join()
	bob.must(bob.call.Join(bob.listener(), false))
	bob.awaitLine("group INPROGRESS")
	bob.hears(list, alice)
	err := bob.call.CreatePublisher(1).Call(true, true, false, false, nil)
	if !errors.Is(err, mesibo.ErrGroupCallListen) || !bob.call.IsListener() || alice.call.IsListener() {
		t.Errorf("sends: %v", err)
	}
	if bob.set.Microphone.InUse() || len(alice.entries("publisher")) != 0 {
		t.Error("it sends")
	}
}

// TestGroupCall_publisher: what a publisher does, and who refuses it.
func TestGroupCall_publisher(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	list := talkers(t, srv, "alice", "bob")
	alice, bob := list[0], list[1]
	if _, err := alice.GroupCall(0); mesibo.ResultOf(err) != mesibo.ResultBadRequest {
		t.Errorf("no group: %v", err)
	}
	if alice.call.CreatePublisher(1) != nil || alice.call.Status() != mesibo.CallStatusNone {
		t.Error("it has a publisher before it was joined")
	}
	media := *bob.set.Media
	media.Screen = calltest.NewCamera(color.Black)
	bob.SetCallMedia(media)
	meet(list)
	_, busy := alice.Call(&mesibo.CallProperties{User: alice.CreateUserProfile("bob", 0)})
	for what, err := range map[string]error{
		"joins twice":    alice.call.Join(nil, false),
		"calls someone":  busy,
		"joins no group": func() error { g, _ := alice.GroupCall(1); return g.Join(nil, false) }(),
	} {
		if !errors.Is(err, mesibo.ErrCallBusy) {
			t.Errorf("%s: %v", what, err)
		}
	}
	bob.own.SetVideoView(bob.screen("bob"))
	bob.sees(bob, blue)
	bob.must(bob.own.SetVideoSource(mesibo.VideoSourceScreen, 0))
	bob.awaitLine("self source 4")
	alice.sees(bob, color.Black)
	bob.sees(bob, color.Black)
	for _, err := range []error{
		alice.own.SetVideoSource(mesibo.VideoSourceScreen, 0), bob.own.SetVideoSource(mesibo.VideoSourceCameraDefault, 1),
		alice.other(bob).SetVideoSource(mesibo.VideoSourceCameraDefault, 0),
	} {
		if mesibo.ResultOf(err) != mesibo.ResultBadRequest {
			t.Errorf("source: %v", err)
		}
	}
	gone := alice.other(bob)
	bob.own.Hangup()
	bob.awaitLine("self hangup USER")
	alice.awaitLine("bob hangup REMOTE")
	alice.awaitLine("publisher bob false")
	alice.hears(list)
	bob.await("the devices are off", func() bool { return !bob.set.Microphone.InUse() })
	bob.hears(list, alice) // it still listens
	if err := gone.Call(true, true, false, false, nil); !errors.Is(err, mesibo.ErrCallState) {
		t.Errorf("sends nothing: %v", err)
	}
	bob.call.Leave()
	alice.await("bob is gone", func() bool { return len(alice.call.GetParticipants()) == 0 })
	if err := gone.AdminMute(true, false); !errors.Is(err, mesibo.ErrCallState) {
		t.Errorf("has left: %v", err)
	}
	alice.Stop() // leaves too
	if alice.call.Status() != mesibo.CallStatusComplete || alice.set.Microphone.InUse() {
		t.Errorf("status %v", alice.call.Status())
	}
	if err := alice.call.Join(nil, false); mesibo.ResultOf(err) != mesibo.ResultDisconnected {
		t.Errorf("stopped: %v", err)
	}
}
