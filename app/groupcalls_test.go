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
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/mesibo"
)

// startWithGroup opens the window with a group of four, open, beside two chats.
func startWithGroup(t *testing.T) *fixture {
	t.Helper()
	f := prepare(t)
	f.backend.Fill("alice", 2, f.queue.Now().Add(-time.Hour))
	f.backend.Profiles["dave"] = mesibo.UserProfile{Name: "Dave Novak"}
	f.backend.AddGroup(7, "Hikers", "alice", "bob", "dave")
	f.backend.ReceiveIn(7, "bob", "Who comes along?")
	f.start()
	f.Press("Hikers")
	f.windows = len(f.fyne.Driver().AllWindows())
	return f
}

// meet lets this user and others take part in the call of the group.
func (f *fixture) meet(others ...string) (*apptest.GroupCall, *apptest.Window) {
	f.t.Helper()
	if !apptest.PressIcon(f.Canvas(), assets.IconPhone) {
		f.t.Fatal("no button to call")
	}
	c := f.backend.Meetings[len(f.backend.Meetings)-1]
	c.Status(mesibo.CallStatusInProgress)
	for _, address := range others {
		p := c.Enter(address)
		f.queue.WorkAll(f.t.Context())
		p.Connect(true)
	}
	f.queue.WorkAll(f.t.Context())
	return c, f.callWindow()
}

func TestGroupCall_rings(t *testing.T) {
	f := startWithGroup(t)
	note := fyne.NewNotification("Bob Keller is calling the group Hikers", "Video call · Bob Keller and Dave Novak are in the call")
	test.AssertNotificationSent(t, note, func() {
		f.backend.RingGroup(7, true, "bob", "dave")
		f.queue.WorkAll(t.Context())
	})
	w := f.callWindow()
	w.Wants("Hikers", "Bob Keller is calling the group Hikers", "Bob Keller and Dave Novak are in the call")
	w.Wants("Join", "Join with video", "Ignore")
	f.Wants("Call is on · 2 people", "Join")
	w.Key(fyne.KeyEscape) // meant for another window
	f.rests()
	w.Key(fyne.KeyEscape)
	f.wantNoCallWindow()
	f.Wants("Call is on · 2 people")
	f.backend.RingGroup(7, true) // over
	f.queue.WorkAll(t.Context())
	f.WantsNot("Call is on")

	f.backend.RingGroup(7, true, "bob")
	f.callWindow()
	f.rests()
	f.callWindow().Key(fyne.KeyReturn)
	c := f.backend.Meetings[0]
	c.Status(mesibo.CallStatusInProgress)
	c.Enter("bob")
	f.callWindow().Wants("2 people · 00:00", "Bob Keller · Connecting…", "You", "Camera off")
	if !slices.Equal(c.Done, []string{"join true false"}) {
		t.Errorf("asked: %q", c.Done)
	}
}

// TestGroupCall_mark: the row of a group whose call is on has a telephone, also when the group is new.
func TestGroupCall_mark(t *testing.T) {
	f := startWithGroup(t)
	marks := func() int {
		f.queue.Advance(3 * time.Second) // rows do not move below the pointer at once
		n := 0
		for _, s := range apptest.Look(f.Canvas()) {
			if strings.HasPrefix(s.Icon, string(assets.IconPhone)) && s.At.X < 320 {
				n++
			}
		}
		return n
	}
	f.backend.InGroup(7, "bob")
	f.backend.InGroup(8, "bob")
	if got := marks(); got != 1 {
		t.Errorf("marks: got %d, want 1", got)
	}
	f.backend.AddGroup(8, "Choir", "bob")
	f.listener().OnReceived(apptest.Message("#8", f.backend.ReceiveIn(8, "bob", "Who sings?")))
	if got := marks(); got != 2 {
		t.Errorf("marks with another group: got %d, want 2", got)
	}
	f.backend.InGroup(7)
	if got := marks(); got != 1 {
		t.Errorf("marks after one call: got %d, want 1", got)
	}
}

// BenchmarkGroupCall is what the user interface's goroutine does for a frame of 640 by 480 pixels of each of four
// tiles; converting them and painting are not in it.
func BenchmarkGroupCall(b *testing.B) {
	_, backend, q := benchWindow(b, 10)
	backend.RingGroup(7, true, "personaa")
	q.WorkAll(b.Context())
	for _, w := range fyne.CurrentApp().Driver().AllWindows() {
		apptest.Press(w.Canvas(), "Join with video")
	}
	c := backend.Meetings[0]
	c.Status(mesibo.CallStatusInProgress)
	for _, address := range []string{"personaa", "personba", "personca"} {
		c.Enter(address)
		q.WorkAll(b.Context())
	}
	q.WorkAll(b.Context())
	frame := image.NewYCbCr(image.Rect(0, 0, 640, 480), image.YCbCrSubsampleRatio420)
	for b.Loop() {
		b.StopTimer()
		for _, p := range append(c.People, c.Me) {
			p.View.Show(frame)
		}
		b.StartTimer()
		q.Drain()
	}
}

// TestGroupCall_elsewhere: what another device of this user does ends the ring, and is said.
func TestGroupCall_elsewhere(t *testing.T) {
	f := startWithGroup(t)
	f.backend.RingGroup(7, false, "bob")
	f.callWindow()
	f.backend.InGroup(7, "bob", apptest.Self)
	f.wantNoCallWindow()
	f.Wants("Call is on · 2 people, you on another device", "Join here")
	f.Press("Join here")
	if got := f.backend.Meetings[0].Done; !slices.Equal(got, []string{"join false false"}) {
		t.Errorf("asked: %q", got)
	}
}

func TestGroupCall_tiles(t *testing.T) {
	f := startWithGroup(t)
	c, w := f.meet("alice", "bob", "dave")
	f.WantsNot("Call is on")
	w.Wants("Hikers", "4 people · 00:00", "Alice Martin", "Bob Keller", "Dave Novak", "You", "Mute", "Camera on", "Leave")
	if n := len(apptest.Photos(w.Canvas())); n != 0 {
		t.Errorf("videos without frames: got %d", n)
	}
	picture := image.NewYCbCr(image.Rect(0, 0, 64, 48), image.YCbCrSubsampleRatio420)
	for _, p := range c.People {
		p.View.Show(picture)
	}
	f.queue.Drain()
	for _, p := range c.People { // the first made room
		p.View.Show(picture)
	}
	f.queue.Drain()
	if n := len(apptest.Photos(w.Canvas())); n != 3 {
		t.Errorf("videos: got %d, want 3", n)
	}
	c.People[1].MuteOf(false, true, true)
	f.queue.Drain()
	if n := len(apptest.Photos(w.Canvas())); n != 2 {
		t.Errorf("videos without one camera: got %d, want 2", n)
	}
	c.People[0].Connect(false)
	c.People[1].Fail()
	f.queue.Drain()
	w.Wants("Alice Martin · Reconnecting…", "Bob Keller · No connection")
	w.Press("Dave Novak")
	me, _ := apptest.Find(w.Canvas(), "You")
	if dave, _ := apptest.Find(w.Canvas(), "Dave Novak"); dave.At.Y >= me.At.Y-50 {
		t.Errorf("large: at %v, another at %v", dave.At, me.At)
	}
	w.Key(fyne.KeyEscape)
	c.Exit(c.People[2])
	f.queue.WorkAll(t.Context())
	w.WantsNot("Dave Novak")
	w.Wants("3 people")
	w.Key(fyne.KeyM)
	w.Wants("Unmute")
	w.Key(fyne.KeyEscape)
	c.Status(mesibo.CallStatusComplete)
	f.wantNoCallWindow()
}

// TestGroupCall_hidden: nothing is sent to a window that is closed.
func TestGroupCall_hidden(t *testing.T) {
	f := startWithGroup(t)
	c, w := f.meet("bob")
	f.queue.Advance(65 * time.Second)
	w.Keys(fyne.KeyModifierShortcutDefault, fyne.KeyW)
	f.wantNoCallWindow()
	f.Wants("On call with Hikers 01:05", "Return", "Leave")
	if p := c.People[0]; !p.Hidden || p.View != nil {
		t.Errorf("hidden %v, view %v", p.Hidden, p.View)
	}
	f.Press("Return")
	f.callWindow().Wants("2 people · 01:05")
	if p := c.People[0]; p.Hidden || p.View == nil {
		t.Errorf("back: hidden %v, view %v", p.Hidden, p.View)
	}
	c.Status(mesibo.CallStatusNotAllowed)
	f.callWindow().Wants("You were removed from this call.", "Close")
	f.callWindow().WantsNot("Join again")
	f.callWindow().Press("Close")
	f.wantNoCallWindow()
}

func TestGroupCall_admin(t *testing.T) {
	f := startWithGroup(t)
	c, w := f.meet("bob")
	w.PressRight("Bob Keller")
	w.WantsNot("Turn the microphone off")
	w.Press("Make large")
	c.Admin = true
	w.PressRight("Bob Keller")
	w.Press("Turn the microphone off")
	w.PressRight("Bob Keller")
	w.Press("Remove from the call")
	w.Press("Remove Bob Keller until the call ends")
	want := []string{"call true true", "admin mute true false", "admin hangup"}
	if got := c.People[0].Done; !slices.Equal(got, want) {
		t.Errorf("asked: got %q, want %q", got, want)
	}
}

// TestGroupCall_buttons are there for those who may call.
func TestGroupCall_buttons(t *testing.T) {
	f := startWithGroup(t)
	f.backend.NoCalls = true
	f.Press("Alice Martin")
	f.Press("Hikers")
	if apptest.PressIcon(f.Canvas(), assets.IconPhone) {
		t.Error("a group can be called that this user may not call")
	}
	f.backend.InGroup(7, "bob") // but may be listened to
	f.queue.Drain()
	f.Press("Join")
	if len(f.backend.Meetings) != 1 {
		t.Error("not joined")
	}
}

func TestGroupCall_log(t *testing.T) {
	f := startWithGroup(t)
	f.backend.Records = []call.Record{
		{Mid: 9, Peer: "bob", Group: 7, At: f.queue.Now(), Words: "Group call, 3 people, 3:12"},
	}
	if !apptest.PressIcon(f.Canvas(), assets.IconSettings) {
		apptest.Click(f.Canvas(), fyne.NewPos(26, 28))
	}
	f.Press("Calls")
	f.queue.WorkAll(t.Context())
	f.Wants("Hikers", "Group call, 3 people, 3:12")
	f.Press("Group call, 3 people, 3:12")
	if len(f.backend.Meetings) != 1 || !slices.Equal(f.backend.Meetings[0].Done, []string{"join false true"}) {
		t.Error("the group is not called")
	}
}
