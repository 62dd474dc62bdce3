package call_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/app/call"
	"github.com/parley-chat/parley/mesibo"
	media "github.com/parley-chat/parley/mesibo/call"
)

const hikers = 7

// join takes part in the call of the group.
func (f *fixture) join(video bool) *apptest.GroupCall {
	f.t.Helper()
	f.Groups().Start(hikers, video)
	f.settle()
	c := f.phone.Meetings[len(f.phone.Meetings)-1]
	c.Status(mesibo.CallStatusInProgress)
	f.settle()
	return c
}

func (f *fixture) wantGroupWords(want string) {
	f.t.Helper()
	f.settle()
	if got := f.Groups().Words(); got != want {
		f.t.Errorf("words: got %q, want %q", got, want)
	}
}

// TestGroup_ring: the call of a group rings until it is ignored, joined, or answered on another device.
func TestGroup_ring(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(f *fixture){
		"ignored":   func(f *fixture) { f.Groups().Ignore() },
		"closed":    func(f *fixture) { f.Groups().Hide() },
		"elsewhere": func(f *fixture) { f.phone.InGroup(hikers, "bob", apptest.Self) },
		"too late":  func(f *fixture) { f.phone.InGroup(hikers, "bob", "carol") },
		"over":      func(f *fixture) { f.phone.InGroup(hikers) },
		"joined":    func(f *fixture) { f.Groups().JoinRinging(true) },
	} {
		f := prepare(t)
		f.phone.RingGroup(hikers, true, "bob", "carol")
		f.wantGroupWords("Bob is calling the group Hikers")
		want := call.Ring{
			Title: "Bob is calling the group Hikers", Text: "Video call · Bob and Carol are in the call", Group: true,
		}
		ring, _ := f.Ringing()
		if !f.Groups().Visible() || !f.Groups().Rings() || !f.sound.IsPlaying() || ring != want {
			t.Errorf("%s: rings %v, aloud %v, got %v", name, f.Groups().Rings(), f.sound.IsPlaying(), ring)
		}
		end(f)
		f.settle()
		if f.Groups().Rings() || f.sound.IsPlaying() || f.Groups().Visible() != (name == "joined") {
			t.Errorf("%s: rings %v, aloud %v, visible %v", name, f.Groups().Rings(), f.sound.IsPlaying(),
				f.Groups().Visible())
		}
		f.phone.RingGroup(hikers, true, "bob", "carol", "dave") // the same ring, with one more
		f.settle()
		if rings := f.Groups().Rings(); rings && (name == "ignored" || name == "closed" || name == "joined") {
			t.Errorf("%s: rings again", name)
		}
	}
}

func TestGroup_words(t *testing.T) {
	t.Parallel()
	f := prepare(t)
	f.phone.InGroup(hikers, "bob", "carol", "bob")
	f.settle()
	if words, elsewhere := f.Groups().OnWords(hikers); words != "Call is on · 2 people" || elsewhere {
		t.Errorf("got %q, elsewhere %v", words, elsewhere)
	}
	f.phone.InGroup(hikers, "bob", "ME")
	f.settle()
	if words, elsewhere := f.Groups().OnWords(hikers); words != "Call is on · 2 people, you on another device" ||
		!elsewhere {
		t.Errorf("got %q, elsewhere %v", words, elsewhere)
	}
	c := f.join(false)
	if words, _ := f.Groups().OnWords(hikers); words != "" || !f.Groups().IsOn(hikers) {
		t.Errorf("while taking part: got %q", words)
	}
	f.phone.InGroup(hikers, "bob", apptest.Self)
	f.Groups().Leave()
	c.Status(mesibo.CallStatusComplete) // before the server's list without this device
	f.settle()
	if words, _ := f.Groups().OnWords(hikers); words != "Call is on · 1 person" || f.Groups().Visible() {
		t.Errorf("after leaving: got %q", words)
	}
	f.phone.InGroup(hikers)
	f.settle()
	if f.Groups().IsOn(hikers) || len(f.groups) == 0 {
		t.Error("the call is over")
	}
}

// TestGroup_meeting: a call from its start to its end.
func TestGroup_meeting(t *testing.T) {
	t.Parallel()
	f := prepare(t)
	g := f.Groups()
	g.Start(hikers, false)
	f.wantGroupWords("Joining…")
	c := f.phone.Meetings[0]
	c.Status(mesibo.CallStatusInProgress)
	f.wantGroupWords("00:00")
	f.phone.InGroup(hikers, apptest.Self)
	f.queue.Advance(192 * time.Second)
	f.wantGroupWords("03:12")
	bob := c.Enter("bob")
	f.settle()
	if !slices.Equal(c.Done, []string{"join false true"}) || !slices.Equal(bob.Done, []string{"call true true"}) {
		t.Errorf("asked: %q, of bob %q", c.Done, bob.Done)
	}
	g.ToggleMute()
	g.ToggleCamera()
	g.ToggleScreen()
	g.ToggleScreen()
	g.ToggleCamera()
	want := []string{
		"call true true", "mute true false true", "source 0", "mute false true false", "source 4", "mute false true false",
		"mute false true true", "source 0", "mute false true false", "mute false true true",
	}
	if !slices.Equal(c.Me.Done, want) {
		t.Errorf("asked of this user: got %q, want %q", c.Me.Done, want)
	}
	g.Hide()
	if got := f.BannerWords(); got != "On call with Hikers 03:12" || g.Visible() {
		t.Errorf("banner: got %q", got)
	}
	g.Start(hikers, true) // comes back
	if !g.Visible() || len(f.phone.Meetings) != 1 {
		t.Error("not back")
	}
	c.Status(mesibo.CallStatusReconnecting)
	f.wantGroupWords("Reconnecting…")
	c.Status(mesibo.CallStatusInProgress)
	f.wantGroupWords("03:12")
	g.Leave()
	c.Status(mesibo.CallStatusComplete)
	f.settle()
	if g.Visible() || f.BannerWords() != "" || f.queue.Timers() != 0 {
		t.Errorf("after leaving: visible %v, %d timers", g.Visible(), f.queue.Timers())
	}
}

// TestGroup_ends: what is said when this device is not let in, or has to leave.
func TestGroup_ends(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		inside bool
		end    mesibo.CallStatus
		want   string
	}{
		{false, mesibo.CallStatusBusy, "4 people are in the call already. Nobody else can join."},
		{false, mesibo.CallStatusNotAllowed, "You can't join this call."},
		{true, mesibo.CallStatusNotAllowed, "You were removed from this call."},
		{true, mesibo.CallStatusNetworkError, "The connection was lost. Join again when there is one."},
		{false, mesibo.CallStatusError, "The call did not work. Try to join again."},
		{false, mesibo.CallStatusHWError, "There are no devices for calls here."},
	} {
		f := prepare(t)
		f.phone.InGroup(hikers, "bob", "carol", "dave", "erin")
		f.settle()
		f.Groups().Start(hikers, false)
		c := f.phone.Meetings[0]
		if tc.inside {
			c.Status(mesibo.CallStatusInProgress)
		}
		c.Status(tc.end)
		f.wantGroupWords(tc.want)
		if c.Me.View != nil {
			t.Errorf("%v: the own video is shown", tc.end)
		}
		f.Groups().Again()
		if len(f.phone.Meetings) != 2 {
			t.Errorf("%v: not joined again", tc.end)
		}
		f.phone.Meetings[1].Status(tc.end)
		f.settle()
		f.Groups().Leave() // closes
		if f.Groups().Visible() {
			t.Errorf("%v: still there", tc.end)
		}
	}
}

// TestGroup_busy: there is one call at a time.
func TestGroup_busy(t *testing.T) {
	t.Parallel()
	f := prepare(t)
	bob := f.dial("bob", false)
	f.status(bob, mesibo.CallStatusAnswer, mesibo.CallStatusConnected)
	f.Groups().Start(hikers, false)
	f.phone.RingGroup(hikers, false, "carol")
	f.settle()
	if f.Groups().Visible() || f.sound.IsPlaying() || len(f.phone.Meetings) != 0 {
		t.Error("it rings during a call, or is joined")
	}
	f.Groups().JoinRinging(false)
	f.wantDone(bob, "start", "hang up")
	if len(f.phone.Meetings) != 0 {
		t.Error("joined before the call has ended")
	}
	f.status(bob, mesibo.CallStatusComplete)
	if len(f.phone.Meetings) != 1 || f.Visible() || !f.Groups().Visible() {
		t.Error("not joined after the call has ended")
	}
	f.phone.Meetings[0].Status(mesibo.CallStatusInProgress)
	f.settle()
	f.Start("bob", false)
	f.Groups().Start(8, false)
	busy := "You are in a call already. Hang up first."
	if !slices.Equal(f.said, []string{busy, busy, busy}) {
		t.Errorf("said %q", f.said)
	}
	f.phone.RingGroup(8, false, "dave")
	f.settle()
	if f.sound.IsPlaying() {
		t.Error("it rings during a call")
	}
	f.Groups().JoinRinging(false)
	f.phone.Meetings[0].Status(mesibo.CallStatusComplete)
	f.settle()
	if f.Groups().Group() != 8 {
		t.Errorf("in the window: group %d, want 8", f.Groups().Group())
	}
	f.End()
	f.settle()
}

func TestGroup_refused(t *testing.T) {
	t.Parallel()
	f := prepare(t)
	f.phone.JoinErr = mesibo.ErrCallMedia
	f.Groups().Start(hikers, false)
	f.phone.JoinErr = nil
	bob := f.ring("bob", false)
	f.Groups().Start(hikers, false)
	want := []string{"Calls are not possible on this computer.", "Bob is calling. Answer or decline first."}
	if f.Groups().Visible() || !slices.Equal(f.said, want) {
		t.Errorf("said %q", f.said)
	}
	f.status(bob, mesibo.CallStatusCancel)
}

// TestGroup_problems: what does not work is said, and others are not shown a camera that does not.
func TestGroup_problems(t *testing.T) {
	t.Parallel()
	f := prepare(t)
	c := f.join(true)
	want := func(words string) {
		t.Helper()
		f.settle()
		if got := f.Groups().Problem(); got != words {
			t.Errorf("problem: got %q, want %q", got, words)
		}
	}
	want("")
	if _, err := f.phone.Media.Camera.Start(640, 480, 30, nil, nil); err == nil {
		t.Fatal("the broken camera works")
	}
	want("The call goes on without a camera")
	if !f.Groups().CameraOff() {
		t.Error("the others wait for a camera that is broken")
	}
	c.Me.MuteOf(true, false, true)
	want("Another participant has muted you")
	if !f.Groups().Muted() {
		t.Error("not muted")
	}
	f.Groups().ToggleMute()
	want("The call goes on without a camera")
	c.Me.Err = media.ErrNoDevice
	f.Groups().ToggleScreen()
	want("The screen cannot be shared")
	c.Listens = true
	f.Groups().ToggleCamera()
	f.Groups().ToggleMute()
	if last := c.Me.Done[len(c.Me.Done)-1]; last != "source 4" {
		t.Errorf("a listener has asked for %q", last)
	}
}

func TestGroup_missed(t *testing.T) {
	t.Parallel()
	f := prepare(t)
	f.phone.Listener.OnGroupMissed(hikers, false)
	f.settle()
	if got := strings.Join(f.missed, "; "); got != " 7 Missed call in Hikers: Voice call" {
		t.Errorf("missed %q", got)
	}
}
