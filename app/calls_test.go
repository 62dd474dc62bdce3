package app_test

import (
	"image"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/app/call"
	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/mesibo"
	media "github.com/parley-chat/parley/mesibo/call"
	"github.com/parley-chat/parley/widgets"
)

// callWindow is the window of the call; the test ends when there is none.
func (f *fixture) callWindow() *apptest.Window {
	f.t.Helper()
	f.queue.WorkAll(f.t.Context())
	for _, w := range f.fyne.Driver().AllWindows() {
		if strings.Contains(w.Title(), " – ") && !strings.HasSuffix(w.Title(), "– Parley") {
			return apptest.Use(f.t, f.queue, w)
		}
	}
	f.t.Fatal("no window of a call")
	return nil
}

func (f *fixture) wantNoCallWindow() {
	f.t.Helper()
	f.queue.WorkAll(f.t.Context())
	if n := len(f.fyne.Driver().AllWindows()); n != f.windows {
		f.t.Errorf("windows: got %d, want %d", n, f.windows)
	}
}

// startWithCalls opens the window with two chats, the one with Alice open.
func startWithCalls(t *testing.T) *fixture {
	t.Helper()
	f := startWithTwoChats(t)
	f.Press("Alice Martin")
	f.windows = len(f.fyne.Driver().AllWindows())
	return f
}

func (f *fixture) progress(c *apptest.Call, statuses ...mesibo.CallStatus) {
	f.t.Helper()
	f.queue.WorkAll(f.t.Context())
	for _, s := range statuses {
		if s == mesibo.CallStatusAnswer {
			c.Answered = f.queue.Now()
		}
		c.Status(s)
		f.queue.WorkAll(f.t.Context())
	}
}

// rests lets the time pass in which the keys of a window that has begun to ring do nothing.
func (f *fixture) rests() { f.queue.Advance(time.Second) }

func TestCall_incoming(t *testing.T) {
	f := startWithCalls(t)
	test.AssertNotificationSent(t, fyne.NewNotification("Bob Keller is calling", "Incoming voice call"), func() {
		f.backend.Ring("bob", false)
		f.queue.WorkAll(t.Context())
	})
	c := f.backend.Made[0]
	f.progress(c, mesibo.CallStatusIncoming)
	w := f.callWindow()
	w.Wants("Bob Keller", "Incoming voice call", "Answer", "Decline")
	w.WantsNot("Without video")
	for range 3 { // what the user was typing when it rang
		w.Key(fyne.KeyReturn)
		f.queue.Advance(900 * time.Millisecond)
	}
	w.Wants("Answer", "Decline")
	f.rests()
	w.Key(fyne.KeyReturn)
	w.Wants("Connecting…", "Mute", "Hold", "Hang up")
	c.Quality = mesibo.CallStats{Quality: 3, Relayed: true}
	f.progress(c, mesibo.CallStatusAnswer, mesibo.CallStatusConnected)
	f.queue.Advance(63 * time.Second)
	w.Wants("01:03", "relayed")
	w.Key(fyne.KeyM)
	w.Wants("Unmute")
	w.Press("Unmute")
	w.Wants("Mute")
	c.MuteOf(true, true, false, true)
	w.Wants("Bob Keller is muted")
	c.Quality.Relayed = false
	f.progress(c, mesibo.CallStatusQuality)
	w.Wants("direct")
	f.progress(c, mesibo.CallStatusComplete)
	w.Wants("Call ended · 01:03", "Call again", "Close")
	f.queue.Advance(3 * time.Second)
	f.wantNoCallWindow()
}

func TestCall_declined(t *testing.T) {
	f := startWithCalls(t)
	c := f.backend.Ring("bob", true)
	f.callWindow().Wants("Incoming video call", "Without video")
	f.rests()
	f.callWindow().Key(fyne.KeyEscape)
	f.wantNoCallWindow()
	if got := c.Done[len(c.Done)-1]; got != "hang up" {
		t.Errorf("asked last: got %q", got)
	}
}

// TestCall_answered_elsewhere closes the window at once.
func TestCall_answered_elsewhere(t *testing.T) {
	f := startWithCalls(t)
	c := f.backend.Ring("bob", false)
	f.progress(c, mesibo.CallStatusIncoming, mesibo.CallStatusSwitched)
	f.wantNoCallWindow()
}

func TestCall_outgoing(t *testing.T) {
	f := startWithCalls(t)
	if !apptest.PressIcon(f.Canvas(), assets.IconPhone) {
		t.Fatal("no button to call")
	}
	w := f.callWindow()
	w.Wants("Alice Martin", "Calling…", "Cancel")
	c := f.backend.Made[0]
	f.progress(c, mesibo.CallStatusRinging, mesibo.CallStatusAnswer, mesibo.CallStatusConnected)
	f.queue.Advance(5 * time.Second)

	// the window is closed, and the call goes on
	w.Keys(fyne.KeyModifierShortcutDefault, fyne.KeyW)
	f.wantNoCallWindow()
	f.Wants("On call with Alice Martin 00:05", "Return", "Hang up")
	f.queue.Advance(2 * time.Second)
	f.Wants("On call with Alice Martin 00:07")
	f.Keys(fyne.KeyModifierShortcutDefault, fyne.KeyW)
	f.Wants("Quit during a call?")
	f.Press("Cancel")
	f.WantsNot("Quit during a call?")
	f.Press("Return")
	w = f.callWindow()
	w.Wants("00:07")
	f.WantsNot("On call with")
	w.Key(fyne.KeyEscape)
	if got := c.Done[len(c.Done)-1]; got != "hang up" {
		t.Errorf("asked last: got %q", got)
	}
	f.progress(c, mesibo.CallStatusComplete)
	w.Press("Call again")
	f.callWindow().Wants("Calling…")
	if len(f.backend.Made) != 2 {
		t.Errorf("calls: got %d, want 2", len(f.backend.Made))
	}
}

func TestCall_keys(t *testing.T) {
	f := startWithCalls(t)
	f.Keys(fyne.KeyModifierShortcutDefault|fyne.KeyModifierShift, fyne.KeyD)
	c := f.backend.Made[0]
	if !c.CP.Video.Enabled || c.CP.User.Address != "alice" {
		t.Errorf("called %+v", c.CP)
	}
	f.callWindow().Key(fyne.KeyEscape)
	f.progress(c, mesibo.CallStatusCancel)
	f.queue.Advance(3 * time.Second)
	f.wantNoCallWindow()
	f.Keys(fyne.KeyModifierShortcutDefault|fyne.KeyModifierShift, fyne.KeyC)
	if len(f.backend.Made) != 2 || f.backend.Made[1].CP.Video.Enabled {
		t.Error("not a voice call")
	}
}

func TestCall_video(t *testing.T) {
	f := startWithCalls(t)
	c := f.backend.Ring("bob", true)
	w := f.callWindow()
	w.Press("Answer")
	f.progress(c, mesibo.CallStatusAnswer, mesibo.CallStatusConnected)
	w.Wants("Camera off", "Share screen")
	if n := len(apptest.Photos(w.Canvas())); n != 0 {
		t.Errorf("videos without frames: got %d", n)
	}
	picture := image.NewYCbCr(image.Rect(0, 0, 64, 48), image.YCbCrSubsampleRatio420)
	c.Views[true].Show(picture)
	c.Views[false].Show(picture)
	f.queue.Drain()
	if n := len(apptest.Photos(w.Canvas())); n != 2 {
		t.Errorf("videos: got %d, want both", n)
	}
	w.Key(fyne.KeyV)
	w.Wants("Camera on")
	c.MuteOf(true, false, true, true)
	w.Wants("Bob Keller has the camera off")
	if n := len(apptest.Photos(w.Canvas())); n != 0 {
		t.Errorf("videos without cameras: got %d", n)
	}
	w.Press("Share screen")
	f.queue.WorkAll(t.Context())
	w.Wants("Stop sharing")
}

// TestCall_voiceShared: nothing is said about cameras in a voice call, also after a screen was shared in it.
func TestCall_voiceShared(t *testing.T) {
	f := startWithCalls(t)
	c := f.backend.Ring("bob", false)
	w := f.callWindow()
	w.Press("Answer")
	f.progress(c, mesibo.CallStatusAnswer, mesibo.CallStatusConnected)
	c.BecomeVideo()
	c.MuteOf(true, false, true, true)
	f.queue.WorkAll(t.Context())
	w.Wants("Camera on", "00:00")
	w.WantsNot("has the camera off", "Camera off")
	c.MuteOf(true, true, true, true)
	f.queue.WorkAll(t.Context())
	w.Wants("Bob Keller is muted")
	w.WantsNot("camera off", "without camera")
}

// TestCall_narrow: in a narrow window the banner of a call is on both pages.
func TestCall_narrow(t *testing.T) {
	f := startWithCalls(t)
	c := f.backend.Ring("bob", false)
	w := f.callWindow()
	w.Press("Answer")
	f.progress(c, mesibo.CallStatusAnswer, mesibo.CallStatusConnected)
	f.Resize(fyne.NewSize(400, 640))
	w.Keys(fyne.KeyModifierShortcutDefault, fyne.KeyW)
	f.Wants("Message Alice Martin…", "On call with Bob Keller 00:00", "Return", "Hang up")
	f.Keys(fyne.KeyModifierShortcutDefault, fyne.KeyN)
	f.Wants("Saved messages", "On call with Bob Keller 00:00", "Return", "Hang up")
	f.Key(fyne.KeyEscape)
	f.Wants("On call with Bob Keller 00:00")
	f.Resize(fyne.NewSize(900, 640))
	f.Wants("Saved messages", "Select a chat", "Return")
	f.WantsNot("Hang up") // there is no room
	if n := apptest.Count(f.Canvas(), "On call with Bob Keller 00:00"); n != 1 {
		t.Errorf("banners: got %d, want 1", n)
	}
	f.Press("Alice Martin")
	f.Wants("Hang up")
	if n := apptest.Count(f.Canvas(), "On call with Bob Keller 00:00"); n != 1 {
		t.Errorf("banners beside a chat: got %d, want 1", n)
	}
	f.Press("Hang up")
	f.progress(c, mesibo.CallStatusComplete)
	f.WantsNot("On call with")
}

// TestCall_share: the user is asked which screen when there are several, and can stop in a line above the call.
func TestCall_share(t *testing.T) {
	f := prepare(t)
	first, second := &source{}, &source{}
	f.media = media.Media{Screen: first}
	list := []call.Device[media.VideoSource]{{ID: "a", Name: "Screen 1", Use: first}}
	f.choice = call.Devices{Screens: func() ([]call.Device[media.VideoSource], error) { return list, nil }}
	f.backend.Fill("bob", 2, f.queue.Now())
	f.start()
	c := f.backend.Ring("bob", false)
	w := f.callWindow()
	w.Press("Answer")
	f.progress(c, mesibo.CallStatusAnswer, mesibo.CallStatusConnected)
	share := func() {
		t.Helper()
		w.Press("Share screen")
		f.queue.WorkAll(t.Context())
	}
	starts := func(want *source) {
		t.Helper()
		f.queue.WorkAll(t.Context())
		w.Wants("You are sharing your screen")
		if _, err := f.backend.Media.Screen.Start(640, 480, 5, nil, nil); err != nil || want.started != 1 {
			t.Errorf("the screen is started %d times, error %v", want.started, err)
		}
		w.Press("Stop")
		f.queue.WorkAll(t.Context())
		w.WantsNot("You are sharing your screen")
	}
	share()
	starts(first)
	list = append(list, call.Device[media.VideoSource]{ID: "b", Name: "Screen 2", Use: second})
	share()
	w.Wants("Screen 1", "Screen 2")
	w.Press("Screen 2")
	starts(second)
}

// source counts its starts.
type source struct{ started int }

// Start implements call.VideoSource.
func (s *source) Start(int, int, int, func(*image.YCbCr), func()) (stop func(), err error) {
	s.started++
	return func() {}, nil
}

// TestCall_offline: when it does not ring at the other party, the window says why.
func TestCall_offline(t *testing.T) {
	f := startWithCalls(t)
	f.app.SetForeground(false)
	f.Press("Bob Keller")
	f.Keys(fyne.KeyModifierShortcutDefault|fyne.KeyModifierShift, fyne.KeyC)
	c := f.backend.Made[0]
	f.progress(c, mesibo.CallStatusInProgress)
	w := f.callWindow()
	w.Wants("Calling…")
	w.WantsNot("is not connected")
	if !f.backend.Foreground {
		t.Error("who calls is not there for others")
	}
	f.queue.Advance(4 * time.Second)
	w.Wants("Calling…", "Bob Keller is not connected right now")
	f.progress(c, mesibo.CallStatusRinging)
	w.Wants("Ringing…")
	w.WantsNot("is not connected")
	w.Key(fyne.KeyEscape)
	f.progress(c, mesibo.CallStatusCancel)
	f.queue.Advance(4 * time.Second)
	if f.backend.Foreground {
		t.Error("there for others after the call")
	}
}

func TestCall_waiting(t *testing.T) {
	f := startWithCalls(t)
	first := f.backend.Ring("bob", false)
	w := f.callWindow()
	w.Press("Answer")
	f.progress(first, mesibo.CallStatusAnswer, mesibo.CallStatusConnected)
	second := f.backend.Ring("chiara", false)
	w.Wants("Chiara Rossi is calling", "End and answer", "Decline")
	w.Press("End and answer")
	w.Wants("Chiara Rossi", "Connecting…")
	w.WantsNot("is calling", "Bob Keller")
	if first.Done[len(first.Done)-1] != "hang up" || second.Done[len(second.Done)-1] != "answer false" {
		t.Errorf("asked: %q and %q", first.Done, second.Done)
	}
}

// TestCall_buttons are there for people only.
func TestCall_buttons(t *testing.T) {
	f := startWithCalls(t)
	f.Press("Echo")
	if apptest.PressIcon(f.Canvas(), assets.IconPhone) {
		t.Error("Echo can be called")
	}
	f.Press("Bob Keller")
	f.Keys(fyne.KeyModifierShortcutDefault, fyne.KeyI)
	f.Press("Video")
	if len(f.backend.Made) != 1 || f.backend.Made[0].CP.User.Address != "bob" {
		t.Error("not called from the profile")
	}
}

// TestCall_reading: what arrives while the window of a call has the keyboard is not read.
func TestCall_reading(t *testing.T) {
	f := startWithCalls(t)
	f.app.SetForeground(true)
	f.receive("alice", "one")
	f.settle()
	if f.backend.Profiles["alice"].Unread != 0 {
		t.Fatal("a message in front of the user is unread")
	}
	f.backend.Ring("bob", false)
	f.callWindow()
	f.receive("alice", "two")
	f.settle()
	if f.backend.Profiles["alice"].Unread != 1 {
		t.Error("read behind the window of a call")
	}
	f.callWindow().Key(fyne.KeyEscape)
	f.settle()
	if f.backend.Profiles["alice"].Unread != 0 {
		t.Error("not read when the window of the call is gone")
	}
}

func TestCall_quit(t *testing.T) {
	f := startWithCalls(t)
	f.backend.Ring("bob", false)
	f.callWindow()
	f.app.Quit()
	f.queue.WorkAll(t.Context())
	if f.backend.Listener != nil || f.keeper.closed != 1 {
		t.Error("not closed")
	}
}

// record adds the record of a call to a chat, as the SDK does when the call has ended.
func (f *fixture) record(peer string, status mesibo.MsgStatus, how mesibo.CallStatus, lasts time.Duration) {
	f.t.Helper()
	at := f.queue.Now()
	m := &mesibo.Message{MessageParams: mesibo.MessageParams{
		Mid: uint64(len(f.backend.Chats[peer])+9) << 40, Peer: peer, Ts: uint64(at.UnixMilli()), Status: status,
		Call: &mesibo.CallRecord{Status: how, Started: at, Ended: at.Add(lasts)},
	}}
	if lasts > 0 {
		m.Call.Answered = at
	}
	row := chat.NewMessage(m)
	f.backend.Chats[peer] = append(f.backend.Chats[peer], row)
	if row.Unread() {
		p := f.backend.Profiles[peer]
		p.Unread++
		f.backend.Profiles[peer] = p
	}
	f.listener().OnReceived(m)
	f.queue.Drain()
}

func TestCall_lines(t *testing.T) {
	f := startWithCalls(t)
	f.app.SetForeground(true)
	f.record("bob", mesibo.MsgStatusCallMissed, mesibo.CallStatusCancel, 0)
	f.Wants("Missed call")
	f.Press("Bob Keller")
	f.Wants("Missed call", "Call back")
	f.settle()
	if got := f.backend.Profiles["bob"].Unread; got != 0 {
		t.Errorf("unread after a look: got %d, want 0", got)
	}
	f.record("bob", mesibo.MsgStatusCallOutgoing, mesibo.CallStatusComplete, 192*time.Second)
	f.Wants("Outgoing call, 3:12", "3:12 · Call again")
	f.record("bob", mesibo.MsgStatusCallOutgoing, mesibo.CallStatusBusy, 0)
	f.Wants("Outgoing call, busy", "Busy · Call again")
	f.Press("Call back")
	if len(f.backend.Made) != 1 || f.backend.Made[0].CP.User.Address != "bob" {
		t.Error("not called back")
	}
}

func TestCall_log(t *testing.T) {
	f := startWithCalls(t)
	menu := func() {
		f.t.Helper()
		if !apptest.PressIcon(f.Canvas(), assets.IconSettings) {
			apptest.Click(f.Canvas(), fyne.NewPos(26, 28))
		}
		f.Press("Calls")
		f.queue.WorkAll(t.Context())
	}
	menu()
	f.Wants("There were no calls yet.")
	f.Key(fyne.KeyEscape)
	now := f.queue.Now()
	f.backend.Records = []call.Record{
		{Mid: 9, Peer: "bob", At: now, Words: "Missed video call", Video: true, Arrow: widgets.CallMissed},
		{Mid: 8, Peer: "chiara", At: now.AddDate(0, -1, 0), Words: "Outgoing call, 3:12", Arrow: widgets.CallOut},
	}
	menu()
	f.Wants("Missed video call", "14:02", "Chiara Rossi", "Outgoing call, 3:12", "16 Oct")
	f.Press("Outgoing call, 3:12")
	if len(f.backend.Made) != 1 || f.backend.Made[0].CP.User.Address != "chiara" || f.backend.Made[0].CP.Video.Enabled {
		t.Error("not called back")
	}
	f.WantsNot("Missed video call")
	f.progress(f.backend.Made[0], mesibo.CallStatusComplete)
	f.callWindow().Key(fyne.KeyEscape)

	// the list has the keyboard at once
	menu()
	f.Key(fyne.KeyDown)
	f.Key(fyne.KeyUp)
	f.Key(fyne.KeyReturn)
	if len(f.backend.Made) != 2 || f.backend.Made[1].CP.User.Address != "bob" || !f.backend.Made[1].CP.Video.Enabled {
		t.Error("not called back with Enter")
	}
	f.WantsNot("Missed video call")
}

// TestCall_devices: devices are chosen in the window of a call and without one, and the microphone is measured only
// while the sheet is there.
func TestCall_devices(t *testing.T) {
	f := prepare(t)
	sound, headset := &apptest.Sound{}, &apptest.Sound{}
	f.media = media.Media{Microphone: sound, Speaker: sound}
	f.choice = call.Devices{
		Microphones: func() ([]call.Device[media.Microphone], error) {
			return []call.Device[media.Microphone]{{ID: "h", Name: "Headset", Use: headset}}, nil
		},
		Speakers: func() ([]call.Device[media.Speaker], error) {
			return []call.Device[media.Speaker]{{ID: "h", Name: "Headset", Use: headset}}, nil
		},
	}
	f.backend.Fill("alice", 2, f.queue.Now())
	f.start()
	f.Press("Alice Martin")
	f.windows = len(f.fyne.Driver().AllWindows())
	f.settings("Notifications")
	f.Press("Microphone, speaker and camera…")
	f.queue.WorkAll(t.Context())
	f.Wants("Microphone", "Speaker", "Camera", "As the system", "Play a test tone")
	if !sound.IsOpen() {
		t.Error("the microphone is not measured")
	}
	f.Press("Play a test tone")
	f.queue.WorkAll(t.Context())
	if !sound.IsPlaying() {
		t.Error("no test tone")
	}
	f.queue.Advance(2 * time.Second)
	f.queue.WorkAll(t.Context())
	f.Press("Close")
	f.queue.WorkAll(t.Context())
	if sound.IsOpen() || sound.IsPlaying() {
		t.Error("devices are open after the sheet")
	}

	f.backend.Ring("bob", false)
	w := f.callWindow()
	w.Press("Answer")
	w.Press("Devices")
	f.queue.WorkAll(t.Context())
	w.Press("As the system")
	w.Press("Headset")
	f.queue.WorkAll(t.Context())
	if !headset.IsOpen() || sound.IsOpen() {
		t.Errorf("another microphone: open %v, the first %v", headset.IsOpen(), sound.IsOpen())
	}
	w.Press("Mute") // the sheet leaves the buttons free
	w.Wants("Unmute", "Play a test tone")
	w.Key(fyne.KeyEscape) // closes the sheet, not the call
	f.queue.WorkAll(t.Context())
	w.WantsNot("Play a test tone")
	f.callWindow().Wants("Hang up")
	if headset.IsOpen() {
		t.Error("the microphone is open after the sheet")
	}
}

// TestCall_devices_keys: a list of devices returns the keyboard when its menu closes, the sheet when it does: to the
// composer, or to the call.
func TestCall_devices_keys(t *testing.T) {
	f := prepare(t)
	sound, first, second := &apptest.Sound{}, &apptest.Sound{}, &apptest.Sound{}
	f.media = media.Media{Microphone: sound, Speaker: sound}
	f.choice = call.Devices{Microphones: func() ([]call.Device[media.Microphone], error) {
		return []call.Device[media.Microphone]{{ID: "a", Name: "Headset", Use: first}, {ID: "b", Name: "Headset", Use: second}}, nil
	}}
	f.backend.Fill("alice", 2, f.queue.Now())
	f.start()
	f.Press("Alice Martin")
	f.windows = len(f.fyne.Driver().AllWindows())
	f.settings("Notifications")
	f.Press("Microphone, speaker and camera…")
	f.queue.WorkAll(t.Context())
	test.FocusNext(f.Canvas())
	f.Key(fyne.KeySpace)
	f.WantsNot("Play a test tone") // behind the menu
	f.Key(fyne.KeyEnd)
	f.Key(fyne.KeyReturn)
	f.queue.WorkAll(t.Context())
	if !second.IsOpen() || first.IsOpen() || sound.IsOpen() {
		t.Errorf("microphones: open %v %v %v, want the last", sound.IsOpen(), first.IsOpen(), second.IsOpen())
	}
	f.Wants("Play a test tone", "Headset (2)")
	f.Key(fyne.KeyDown)
	f.Key(fyne.KeyEscape)
	f.Wants("Play a test tone", "Headset (2)")
	f.Key(fyne.KeyEscape)
	f.WantsNot("Play a test tone")
	f.Type("Hello")
	f.Key(fyne.KeyReturn)
	if got := f.backend.Sent; !slices.Equal(got, []string{"Hello"}) {
		t.Errorf("sent: got %q, want Hello", got)
	}

	f.backend.Ring("bob", false)
	w := f.callWindow()
	w.Press("Answer")
	w.Press("Devices")
	f.queue.WorkAll(t.Context())
	w.Press("Headset (2)")
	w.Press("As the system")
	w.WantsNot("Headset (2)")
	w.Key(fyne.KeyEnter)
	w.Wants("Headset (2)")
	w.Key(fyne.KeyEscape)
	w.Wants("Play a test tone")
	w.Key(fyne.KeyEscape)
	w.WantsNot("Play a test tone")
	w.Key(fyne.KeyM)
	w.Wants("Unmute")
}
