package call_test

import (
	"errors"
	"fmt"
	"image"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/app/call"
	"github.com/parley-chat/parley/mesibo"
	media "github.com/parley-chat/parley/mesibo/call"
)

type fixture struct {
	*call.Model

	chosen  map[call.Kind]string
	t       *testing.T
	queue   *apptest.Queue
	phone   *apptest.Phone
	sound   *apptest.Sound
	headset *apptest.Sound // another device
	said    []string       // shown for a moment
	missed  []string
	groups  []uint32 // whose call has changed
	cameras []call.Device[media.VideoSource]
}

func prepare(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{
		t:       t,
		chosen:  map[call.Kind]string{},
		queue:   apptest.NewQueue(),
		phone:   &apptest.Phone{},
		sound:   &apptest.Sound{},
		headset: &apptest.Sound{},
		cameras: []call.Device[media.VideoSource]{{ID: "b", Name: "Broken", Use: broken{}}},
	}
	f.Model = call.NewModel(call.Config{
		Backend: f.phone, Dispatcher: f.queue, Output: f.sound,
		Name: func(address string) string {
			return map[string]string{"bob": "Bob", "carol": "Carol", "dave": "Dave", apptest.Self: "You"}[address]
		},
		GroupName:    func(group uint32) string { return map[uint32]string{7: "Hikers", 8: "Choir"}[group] },
		GroupChanged: func(group uint32) { f.groups = append(f.groups, group) },
		Notify:       func(words string) { f.said = append(f.said, words) },
		Missed: func(address string, group uint32, title, text string) {
			f.missed = append(f.missed, fmt.Sprintf("%s %d %s: %s", address, group, title, text))
		},
		Explain: error.Error, Logger: slog.New(slog.DiscardHandler), Changed: func() {},
		Devices: f.others(), Chosen: func(kind call.Kind) string { return f.chosen[kind] },
		Choose: func(kind call.Kind, name string) { f.chosen[kind] = name },
	})
	if err := f.Listen(devices(f.sound)); err != nil {
		t.Fatal(err)
	}
	return f
}

// devices are those of a machine whose camera is broken.
func devices(s *apptest.Sound) media.Media {
	return media.Media{Microphone: s, Speaker: s, Camera: broken{}}
}

type broken struct{}

func (broken) Start(int, int, int, func(*image.YCbCr), func()) (func(), error) {
	return nil, media.ErrNoDevice
}

func (f *fixture) ring(address string, video bool) *apptest.Call {
	f.t.Helper()
	c := f.phone.Ring(address, video)
	f.settle()
	f.status(c, mesibo.CallStatusIncoming)
	return c
}

func (f *fixture) dial(address string, video bool) *apptest.Call {
	f.t.Helper()
	f.Start(address, video)
	f.settle()
	return f.phone.Made[len(f.phone.Made)-1]
}

func (f *fixture) settle() { f.queue.WorkAll(f.t.Context()) }

func (f *fixture) status(c *apptest.Call, statuses ...mesibo.CallStatus) {
	f.t.Helper()
	for _, s := range statuses {
		if s == mesibo.CallStatusAnswer {
			c.Answered = f.queue.Now()
		}
		c.Status(s)
		f.settle()
	}
}

func (f *fixture) wantWords(want string) {
	f.t.Helper()
	if got := f.Words(); got != want {
		f.t.Errorf("words: got %q, want %q", got, want)
	}
}

func (f *fixture) wantDone(c *apptest.Call, want ...string) {
	f.t.Helper()
	if !slices.Equal(c.Done, want) {
		f.t.Errorf("asked of the call: got %q, want %q", c.Done, want)
	}
}

func TestOutgoing(t *testing.T) {
	t.Parallel()
	f := prepare(t)
	c := f.dial("bob", false)
	f.wantWords("Calling…")
	f.status(c, mesibo.CallStatusInProgress)
	f.wantWords("Calling…")
	f.status(c, mesibo.CallStatusRinging)
	f.wantWords("Ringing…")
	if !f.sound.IsPlaying() {
		t.Error("it does not ring")
	}
	f.status(c, mesibo.CallStatusAnswer)
	f.wantWords("Connecting…")
	if f.sound.IsPlaying() {
		t.Error("it rings after the answer")
	}
	f.status(c, mesibo.CallStatusConnected)
	f.queue.Advance(3*time.Minute + 12*time.Second)
	f.wantWords("03:12")
	f.status(c, mesibo.CallStatusReconnecting)
	f.wantWords("Reconnecting…")
	f.status(c, mesibo.CallStatusConnected, mesibo.CallStatusHold)
	f.wantWords("You are on hold")
	f.status(c, mesibo.CallStatusUnhold)
	f.ToggleHold()
	f.wantWords("On hold")
	f.ToggleHold()
	f.ToggleMute()
	f.ToggleMute()
	f.HangUp()
	f.status(c, mesibo.CallStatusComplete)
	f.wantWords("Call ended · 03:12")
	f.queue.Advance(2900 * time.Millisecond)
	if !f.Visible() {
		t.Error("the end is not shown for three seconds")
	}
	f.queue.Advance(200 * time.Millisecond)
	if f.Visible() || f.queue.Timers() != 0 {
		t.Errorf("after three seconds: visible %v, %d timers", f.Visible(), f.queue.Timers())
	}
	f.wantDone(c, "start", "hold true", "hold false", "mute true false true", "mute true false false", "hang up")
	f.settle()
	if f.sound.IsPlaying() {
		t.Error("a device is open")
	}
}

func TestEnds(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		before []mesibo.CallStatus
		end    mesibo.CallStatus
		want   string
	}{
		{nil, mesibo.CallStatusBusy, "Busy"},
		{[]mesibo.CallStatus{mesibo.CallStatusRinging}, mesibo.CallStatusBusy, "Declined"},
		{[]mesibo.CallStatus{mesibo.CallStatusRinging}, mesibo.CallStatusNoAnswer, "No answer"},
		{[]mesibo.CallStatus{mesibo.CallStatusRinging}, mesibo.CallStatusCancel, "Call ended"},
		{nil, mesibo.CallStatusUnreachable, "Not reachable"},
		{nil, mesibo.CallStatusBlocked, "Not reachable"},
		{nil, mesibo.CallStatusNotAllowed, "You have blocked this contact"},
		{nil, mesibo.CallStatusHWError, "There are no devices for calls here"},
		{[]mesibo.CallStatus{mesibo.CallStatusRinging}, mesibo.CallStatusNetworkError, "The connection was lost"},
		{nil, mesibo.CallStatusBadCallID, "The call did not work"},
	} {
		f := prepare(t)
		c := f.dial("bob", true)
		f.status(c, tc.before...)
		f.status(c, tc.end)
		f.wantWords(tc.want)
		f.HangUp() // closes
		if f.Visible() {
			t.Errorf("%v: still there", tc.end)
		}
	}
}

func TestIncoming(t *testing.T) {
	t.Parallel()
	f := prepare(t)
	c := f.ring("bob", true)
	f.wantWords("Incoming video call")
	want := call.Ring{Title: "Bob is calling", Text: "Incoming video call"}
	if got, ok := f.Ringing(); !f.Visible() || !f.sound.IsPlaying() || !ok || got != want {
		t.Errorf("visible %v, rings %v, got %v", f.Visible(), f.sound.IsPlaying(), got)
	}
	f.Answer(false)
	f.settle()
	f.wantWords("Connecting…")
	if f.sound.IsPlaying() {
		t.Error("it rings on")
	}
	f.Answer(false)
	f.status(c, mesibo.CallStatusAnswer, mesibo.CallStatusConnected)
	if !f.CameraOff() {
		t.Error("the camera is on")
	}
	f.ToggleCamera()
	f.wantDone(c, "start", "answer false", "mute false true false")
}

// TestScreen: the end of sharing never shows the camera of a user who was not seen, and the camera's button never the
// screen.
func TestScreen(t *testing.T) {
	t.Parallel()
	f := prepare(t)
	c := f.dial("bob", true)
	f.status(c, mesibo.CallStatusAnswer, mesibo.CallStatusConnected)
	c.Done = nil
	f.ToggleScreen()
	f.settle()
	f.ToggleCamera() // not while the screen is shown
	f.ToggleScreen()
	f.settle()
	f.wantDone(c, "source 4", "mute false true false", "mute false true true", "source 0", "mute false true false")
	c.Done = nil
	f.ToggleCamera()
	f.ToggleScreen()
	f.settle()
	c.Err = errors.New("not today")
	f.ToggleScreen() // ends although there is no camera
	f.settle()
	if f.Problem() != "" {
		t.Errorf("problem of a user who was not seen: got %q", f.Problem())
	}
	f.ToggleCamera()
	f.settle()
	f.wantDone(c, "mute false true true", "source 4", "mute false true false", "mute false true true", "source 0",
		"source 0")
	if got := f.Problem(); got != "There is no camera that works" || !f.CameraOff() {
		t.Errorf("problem: got %q, camera off %v", got, f.CameraOff())
	}
	f.ToggleScreen()
	f.settle()
	if got := f.Problem(); got != "The screen cannot be shared" {
		t.Errorf("problem: got %q", got)
	}
}

// TestUpgrade: a call without video becomes one with video when a party wants it.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	f := prepare(t)
	c := f.dial("bob", false)
	f.ToggleCamera() // not before the answer
	f.status(c, mesibo.CallStatusAnswer, mesibo.CallStatusConnected)
	if !f.CameraOff() {
		t.Error("the camera is on in a voice call")
	}
	f.ToggleCamera()
	f.settle()
	f.wantDone(c, "start", "source 0", "mute false true false")

	f = prepare(t)
	c = f.dial("bob", false)
	f.status(c, mesibo.CallStatusAnswer, mesibo.CallStatusConnected)
	c.BecomeVideo()
	f.settle()
	if !f.CameraOff() {
		t.Error("this user is seen without having wanted it")
	}
	f.ToggleCamera()
	f.wantDone(c, "start", "mute false true false")
}

// TestIncoming_ends: the window is gone at once.
func TestIncoming_ends(t *testing.T) {
	t.Parallel()
	for _, end := range []mesibo.CallStatus{mesibo.CallStatusCancel, mesibo.CallStatusSwitched, mesibo.CallStatusNoAnswer} {
		f := prepare(t)
		c := f.ring("bob", false)
		f.status(c, end)
		if f.Visible() || f.sound.IsPlaying() {
			t.Errorf("%v: visible %v, rings %v", end, f.Visible(), f.sound.IsPlaying())
		}
	}
	f := prepare(t)
	c := f.ring("bob", false)
	f.HangUp()
	f.status(c, mesibo.CallStatusBusy)
	f.wantDone(c, "start", "hang up")
	if f.Visible() || f.queue.Timers() != 0 {
		t.Error("declined, and still there")
	}
}

func TestWaiting(t *testing.T) {
	t.Parallel()
	f := prepare(t)
	bob := f.dial("bob", false)
	f.status(bob, mesibo.CallStatusRinging, mesibo.CallStatusAnswer, mesibo.CallStatusConnected)
	carol := f.ring("carol", true)
	if got := f.Waiting(); got != "Carol" || f.Peer() != "bob" || f.sound.IsPlaying() {
		t.Errorf("waiting: got %q, in the window %q", got, f.Peer())
	}
	f.DeclineWaiting()
	f.wantDone(carol, "start", "hang up")
	if f.Waiting() != "" || f.Peer() != "bob" {
		t.Error("the call that was declined waits")
	}
	carol = f.ring("carol", true)
	f.AnswerWaiting()
	f.wantDone(bob, "start", "hang up")
	f.wantDone(carol, "start", "answer true")
	f.status(bob, mesibo.CallStatusComplete) // of no interest any more
	if f.Peer() != "carol" {
		t.Errorf("in the window: got %q, want carol", f.Peer())
	}
	f.wantWords("Connecting…")
	f.Start("bob", false)
	if len(f.phone.Made) != 3 || !slices.Equal(f.said, []string{"You are in a call already. Hang up first."}) {
		t.Errorf("a second call: %d made, said %q", len(f.phone.Made), f.said)
	}
}

// TestWaiting_first_ends: the call that waits rings as usual when the other one ends.
func TestWaiting_first_ends(t *testing.T) {
	t.Parallel()
	f := prepare(t)
	bob := f.dial("bob", false)
	f.status(bob, mesibo.CallStatusAnswer, mesibo.CallStatusConnected)
	f.ring("carol", false)
	f.status(bob, mesibo.CallStatusComplete)
	f.queue.Advance(4 * time.Second)
	f.settle()
	f.wantWords("Incoming voice call")
	if f.Peer() != "carol" || !f.sound.IsPlaying() {
		t.Errorf("in the window: %q, rings %v", f.Peer(), f.sound.IsPlaying())
	}
	f.End()
	f.settle()
	if f.sound.IsPlaying() || f.phone.Listener != nil || f.queue.Timers() != 0 {
		t.Error("not ended")
	}
}

func TestHidden(t *testing.T) {
	t.Parallel()
	f := prepare(t)
	bob := f.ring("bob", false)
	f.Hide()
	f.settle()
	if f.Visible() || f.sound.IsPlaying() || f.BannerWords() != "Bob is calling" || !f.Rings() {
		t.Errorf("hidden: banner %q, rings aloud %v", f.BannerWords(), f.sound.IsPlaying())
	}
	f.Return()
	f.Answer(false)
	f.status(bob, mesibo.CallStatusAnswer, mesibo.CallStatusConnected)
	f.Hide()
	f.queue.Advance(time.Minute)
	if got := f.BannerWords(); got != "On call with Bob 01:00" {
		t.Errorf("banner: got %q", got)
	}
	carol := f.ring("carol", false)
	if !f.Visible() || f.Waiting() != "Carol" {
		t.Errorf("another call rings: visible %v, waits %q", f.Visible(), f.Waiting())
	}
	f.status(carol, mesibo.CallStatusCancel)
	f.Hide()
	f.status(bob, mesibo.CallStatusComplete)
	if f.BannerWords() != "" || f.Visible() {
		t.Error("the banner stays")
	}
}

// TestCrossing: who calls the one who rings answers.
func TestCrossing(t *testing.T) {
	t.Parallel()
	f := prepare(t)
	c := f.ring("bob", true)
	f.Start("bob", true)
	f.wantDone(c, "start", "answer true")
	f.Hide()
	f.Start("BOB", false)
	if !f.Visible() || len(f.phone.Made) != 1 {
		t.Error("the call there is does not come back")
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	f := prepare(t)
	f.phone.CallErr = mesibo.ErrCallMedia
	f.Start("bob", false)
	if f.Visible() || !slices.Equal(f.said, []string{"Calls are not possible on this computer."}) {
		t.Errorf("said %q", f.said)
	}
}

func TestMissed(t *testing.T) {
	t.Parallel()
	f := prepare(t)
	f.phone.Listener.OnMissed("carol", true)
	f.settle()
	if !slices.Equal(f.missed, []string{"carol 0 Missed call from Carol: Video call"}) {
		t.Errorf("missed %q", f.missed)
	}
}

func TestNoSpeaker(t *testing.T) {
	t.Parallel()
	f := prepare(t)
	f.sound.Err = errors.New("no device")
	c := f.ring("bob", false)
	f.Answer(false)
	f.wantDone(c, "start", "answer false")
	f.settle()
}

func TestDevices(t *testing.T) {
	t.Parallel()
	f := prepare(t)
	c := f.ring("bob", true)
	f.Answer(true)
	f.status(c, mesibo.CallStatusAnswer, mesibo.CallStatusConnected)
	want := func(words string) {
		t.Helper()
		f.settle()
		if got := f.Problem(); got != words {
			t.Errorf("problem: got %q, want %q", got, words)
		}
	}
	m := f.phone.Media
	lost := 0
	stop, err := m.Microphone.Record(48_000, func([]float32) {}, func() { lost++ })
	if err != nil {
		t.Fatal(err)
	}
	want("")
	if _, err := m.Camera.Start(640, 480, 30, nil, nil); !errors.Is(err, media.ErrNoDevice) {
		t.Errorf("start a broken camera: got %v", err)
	}
	want("The call goes on without a camera")
	f.sound.Err = media.ErrNoDevice
	if _, err := m.Speaker.Play(48_000, 1, nil, nil); !errors.Is(err, media.ErrNoDevice) {
		t.Errorf("play: got %v", err)
	}
	want("The call goes on without a camera and a speaker")
	f.queue.Advance(7 * time.Second) // the call is none the worse for it that there is no camera
	want("The call goes on without a speaker")
	f.sound.Lose()
	want("The call goes on without a microphone and a speaker")
	stop()
	f.sound.Err = nil
	stop, err = m.Microphone.Record(48_000, func([]float32) {}, func() {})
	if err != nil || lost != 1 {
		t.Fatalf("record again: %v; lost %d times, want once", err, lost)
	}
	want("The call goes on without a speaker")
	stop()
	f.HangUp()
	f.status(c, mesibo.CallStatusComplete)
	want("")
}

// TestNoCamera: who has no camera is not seen, also before the answer; the window says why for a moment, and again when
// the camera is wanted.
func TestNoCamera(t *testing.T) {
	t.Parallel()
	f := prepare(t)
	f.cameras = nil
	const words = "The call goes on without a camera"
	c := f.dial("bob", true)
	f.wantDone(c, "start", "mute false true true")
	if got := f.Problem(); got != words || !f.CameraOff() {
		t.Errorf("problem: got %q, camera off %v", got, f.CameraOff())
	}
	f.queue.Advance(7 * time.Second)
	if got := f.Problem(); got != "" {
		t.Errorf("after a while: got %q", got)
	}
	f.status(c, mesibo.CallStatusAnswer, mesibo.CallStatusConnected)
	c.Done = nil
	f.ToggleCamera()
	f.settle()
	if _, err := f.phone.Media.Camera.Start(640, 480, 30, nil, nil); err == nil {
		t.Fatal("a broken camera works")
	}
	f.settle()
	f.wantDone(c, "source 0", "mute false true false", "mute false true true")
	if got := f.Problem(); got != words || !f.CameraOff() {
		t.Errorf("again: got %q, camera off %v", got, f.CameraOff())
	}
	f.HangUp()
	f.status(c, mesibo.CallStatusComplete)
	f.HangUp()
	if f.queue.Timers() != 0 {
		t.Errorf("%d timers after the end", f.queue.Timers())
	}
}

// others are the devices to choose from.
func (f *fixture) others() call.Devices {
	return call.Devices{
		Microphones: func() ([]call.Device[media.Microphone], error) {
			return []call.Device[media.Microphone]{
				{ID: "2", Name: "Headset", Use: &apptest.Sound{}},
				{ID: "3", Name: "Headset", Use: f.headset},
				{ID: "1", Name: "Built-in", Use: f.sound},
			}, nil
		},
		Speakers: func() ([]call.Device[media.Speaker], error) {
			return []call.Device[media.Speaker]{{ID: "3", Name: "Headset", Use: f.headset}}, nil
		},
		Cameras: func() ([]call.Device[media.VideoSource], error) { return f.cameras, nil },
	}
}

// TestChoose: a call that goes on changes to the device that is chosen, and the next one begins with it.
func TestChoose(t *testing.T) {
	t.Parallel()
	f := prepare(t)
	c := f.dial("bob", false)
	f.status(c, mesibo.CallStatusAnswer, mesibo.CallStatusConnected)
	record := func() (stop func()) {
		stop, err := f.phone.Media.Microphone.Record(48_000, func([]float32) {}, func() {})
		if err != nil {
			t.Fatal(err)
		}
		return stop
	}
	stop := record()
	var menus []call.Menu
	f.ListDevices(func(list []call.Menu) { menus = list })
	f.settle()
	want := []call.Option{{ID: "1", Name: "Built-in"}, {ID: "2", Name: "Headset"}, {ID: "3", Name: "Headset (2)"}}
	if len(menus) != 3 || !slices.Equal(menus[0].Options, want) || menus[1].Kind != call.Speaker {
		t.Errorf("menus: got %+v", menus)
	}
	f.Choose(call.Microphone, "3")
	f.settle()
	if f.sound.IsOpen() || !f.headset.IsOpen() {
		t.Error("the call has not changed to the headset")
	}
	stop()
	if f.headset.IsOpen() {
		t.Error("the headset is open after the end")
	}
	stop = record()
	if f.sound.IsOpen() || !f.headset.IsOpen() {
		t.Error("the next call does not use the headset")
	}
	f.headset.Err = media.ErrNoDevice
	f.Choose(call.Microphone, "3") // unplugged meanwhile
	f.settle()
	if got := f.Problem(); got != "The call goes on without a microphone" {
		t.Errorf("problem: got %q", got)
	}
	f.Choose(call.Microphone, "")
	f.settle()
	if !f.sound.IsOpen() || f.Problem() != "" {
		t.Errorf("back to the default: open %v, problem %q", f.sound.IsOpen(), f.Problem())
	}
	stop()
	if f.sound.IsOpen() {
		t.Error("open after the end")
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		-time.Second: "00:00", 192 * time.Second: "03:12", time.Hour + 62*time.Second: "1:01:02",
	} {
		if got := call.Clock(d); got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
	}
}
