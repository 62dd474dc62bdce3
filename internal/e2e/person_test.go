package e2e_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

func pair(t *testing.T) (s *mesibotest.Server, alice, bob *device) {
	t.Helper()
	s = mesibotest.NewServer(t)
	return s, online(t, s.Token("alice")), online(t, s.Token("bob"))
}

// talk exchanges messages, so that the two know each other.
func talk(alice, bob *device) {
	alice.t.Helper()
	alice.send("bob", 1001, "hi bob")
	bob.awaitLine("message hi bob RECEIVEDNEW")
	bob.send("alice", 1002, "hi alice")
	alice.awaitLine("message hi alice RECEIVEDNEW")
	bob.awaitLine("status 1002 DELIVERED")
}

func TestActivity(t *testing.T) {
	t.Parallel()
	s, alice, bob := pair(t)
	talk(alice, bob)
	p := mesibo.MessageParams{Peer: "bob"}
	for range 5 {
		alice.must(alice.SendActivity(p, 0, mesibo.ActivityTyping, 8000))
	}
	bob.awaitLine("activity alice 0 3")
	alice.must(alice.SendActivity(p, 0, mesibo.ActivityTypingCleared, 0))
	alice.must(alice.SendActivity(p, 0, mesibo.ActivityTyping, 8000)) // starts anew
	alice.must(alice.SendActivity(p, 0, 1001, 0))
	bob.awaitLine("activity alice 0 1001")
	bob.wantLines("activity", "activity alice 0 3", "activity alice 0 4", "activity alice 0 3", "activity alice 0 1001")
	bob.wantHistory("alice", "hi bob RECEIVEDNEW", "hi alice DELIVERED")

	bob.Stop()
	alice.must(alice.SendActivity(p, 0, mesibo.ActivityTyping, 0)) // is not delivered later
	alice.awaitServer("bob")
	bob.start()
	alice.send("bob", 5, "there?")
	bob.awaitLine("message there? RECEIVEDNEW")
	if n := len(bob.entries("activity")); n != 4 {
		t.Errorf("bob heard %d activities", n)
	}
	alice.Stop()
	if err := alice.SendActivity(p, 0, mesibo.ActivityTyping, 0); mesibo.ResultOf(err) != mesibo.ResultDisconnected {
		t.Errorf("while stopped: %v", err)
	}
	_ = s
}

func TestPresence(t *testing.T) {
	t.Parallel()
	s, alice, bob := pair(t)
	talk(alice, bob)
	bob.Stop()
	bob.start() // watches alice from now on
	alice.SetAppInForeground(1, true)
	bob.awaitLine("presence alice true")
	if p, _ := bob.GetProfile("alice", 0); p == nil || !p.Online {
		t.Errorf("bob sees %+v", p)
	}
	alice.SetAppInForeground(1, false)
	bob.awaitLine("presence alice false")
	if p, _ := bob.GetProfile("alice", 0); p == nil || p.Online || p.LastActiveTime == 0 {
		t.Errorf("bob sees %+v", p)
	}
	if v := alice.GetOnlineStatusPrivacy(); v != mesibo.VisibilityPublic {
		t.Errorf("at first %d", v)
	}
	alice.must(alice.SetOnlineStatusPrivacy(mesibo.VisibilityNone))
	alice.await("the server's answer", func() bool { return alice.GetOnlineStatusPrivacy() == mesibo.VisibilityNone })
	carol := online(t, s.Token("carol"))
	carol.send("alice", 1, "hello")
	alice.awaitLine("message hello RECEIVEDNEW")
	before := len(bob.entries("presence alice true"))
	alice.SetAppInForeground(1, true)
	alice.send("bob", 7, "look")
	bob.awaitLine("message look RECEIVEDNEW")
	if n := len(bob.entries("presence alice true")); n != before {
		t.Errorf("bob sees alice though she hides")
	}
}

// TestPresence_without_connection: a user is not online while that is not known, and is again when it is.
func TestPresence_without_connection(t *testing.T) {
	t.Parallel()
	s, alice, bob := pair(t)
	talk(alice, bob)
	bob.Stop()
	bob.start()
	alice.SetAppInForeground(1, true)
	bob.awaitLine("presence alice true")
	before := time.Now()
	s.Kill()
	bob.awaitLine("presence alice false")
	p, _ := bob.GetProfile("alice", 0)
	if p == nil || p.Online || p.LastActiveTime < uint64(before.UnixMilli()) {
		t.Errorf("bob sees %+v", p)
	}
	s.Start()
	bob.await("alice again", func() bool { p, _ := bob.GetProfile("alice", 0); return p != nil && p.Online })
	bob.Stop()
	if p, _ := bob.GetProfile("alice", 0); p == nil || p.Online {
		t.Errorf("stopped, bob sees %+v", p)
	}
}

func TestBlock(t *testing.T) {
	t.Parallel()
	s, alice, bob := pair(t)
	talk(alice, bob)
	second := newDevice(t, s.Token("bob"), t.TempDir())
	second.start()
	second.awaitLine("message hi bob RECEIVEDNEW")
	p, _ := bob.GetProfile("alice", 0)
	p.BlockMessages(true)
	bob.must(bob.SetProfile(p))
	second.await("the block", func() bool { p, ok := second.GetProfile("alice", 0); return ok && p.IsBlocked() })
	alice.send("bob", 11, "can you read this?")
	alice.awaitLine("status 11 BLOCKED")
	alice.must(alice.SendActivity(mesibo.MessageParams{Peer: "bob"}, 0, mesibo.ActivityTyping, 0))
	alice.awaitServer("bob") // it has had the activity
	p, _ = bob.GetProfile("alice", 0)
	p.BlockMessages(false)
	bob.must(bob.SetProfile(p))
	second.await("the end of it", func() bool { p, ok := second.GetProfile("alice", 0); return ok && !p.IsBlocked() })
	alice.must(alice.Resend(mesibo.MessageParams{Peer: "bob"}, 11))
	bob.awaitLine("message can you read this? RECEIVEDNEW")
	bob.wantLines("activity")
}

func TestBlock_only_here(t *testing.T) {
	t.Parallel()
	_, alice, bob := pair(t)
	talk(alice, bob)
	p, _ := bob.GetProfile("alice", 0)
	p.Flag |= mesibo.UserFlagBlockMessages
	bob.must(bob.SetProfile(p))
	alice.send("bob", 3, "dropped")
	alice.awaitLine("status 3 DELIVERED")
	p, _ = bob.GetProfile("alice", 0)
	p.Flag &^= mesibo.UserFlagBlockMessages
	bob.must(bob.SetProfile(p))
	alice.send("bob", 4, "kept")
	bob.awaitLine("message kept RECEIVEDNEW")
	bob.wantHistory("alice", "hi bob RECEIVEDNEW", "hi alice DELIVERED", "kept RECEIVEDNEW")
}

// picture writes a PNG and returns its path.
func picture(t *testing.T) string {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 300, 200))
	for i := range 300 {
		img.Set(i, i%200, color.RGBA{R: 200, G: uint8(i), A: 255})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "me.png")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestProfile_own_is_published(t *testing.T) {
	t.Parallel()
	s, alice, bob := pair(t)
	talk(alice, bob) // strangers learn of changes when they connect
	me := alice.GetSelfProfile()
	me.Name, me.Status, me.PicturePath = "Alice M.", "On the road", picture(t)
	alice.must(alice.SetSelfProfile(me))
	seen := func(d *device, name, status string, hasPicture bool) func() bool {
		return func() bool {
			p, ok := d.GetProfile("alice", 0)
			return ok && p.Name == name && p.Status == status && len(p.Picture) > 0 == hasPicture
		}
	}
	bob.await("alice's profile", seen(bob, "Alice M.", "On the road", true))
	me = alice.GetSelfProfile()
	me.Status = "Back"
	alice.must(alice.SetSelfProfile(me))
	bob.await("a status alone", seen(bob, "Alice M.", "Back", true))
	late := online(t, s.Token("carol"))
	late.await("alice's profile", seen(late, "Alice M.", "Back", true))
	alice.must(alice.SetSelfProfile(&mesibo.UserProfile{Name: "Alice"}))
	bob.await("a name alone", seen(bob, "Alice", "Back", true))

	p, _ := bob.GetProfile("alice", 0)
	p.Name = "Ally"
	bob.must(bob.SetProfile(p))
	alice.send("bob", 1, "hi")
	bob.awaitLine("message hi RECEIVEDNEW")
	messages := bob.messages()
	if got := messages[len(messages)-1].Profile; got == nil || got.Name != "Ally" {
		t.Errorf("the message carries %+v", got)
	}
	alice.must(alice.SetSelfProfile(&mesibo.UserProfile{Name: "Alice Martin"}))
	bob.await("the name of bob's own", seen(bob, "Ally", "Back", true))
	p, _ = bob.GetProfile("alice", 0)
	p.Name = ""
	bob.must(bob.SetProfile(p))
	bob.await("the published name", seen(bob, "Alice Martin", "Back", true))
}

// TestProfile_mute_for_good: a chat that is muted without an end is so on all devices.
func TestProfile_mute_for_good(t *testing.T) {
	t.Parallel()
	s, alice, bob := pair(t)
	talk(alice, bob)
	second := newDevice(t, s.Token("bob"), t.TempDir())
	second.start()
	p, _ := bob.GetProfile("alice", 0)
	p.ToggleMute()
	bob.must(bob.SetProfile(p))
	second.await("mute", func() bool {
		p, ok := second.GetProfile("alice", 0)
		return ok && p.IsMuted() && p.MutedUntil.IsZero()
	})
}

func TestProfile_treatment_holds_on_all_devices(t *testing.T) {
	t.Parallel()
	s, alice, bob := pair(t)
	talk(alice, bob)
	second := newDevice(t, s.Token("bob"), t.TempDir())
	second.start()
	until := time.Now().Add(time.Hour).Truncate(time.Millisecond)
	p, _ := bob.GetProfile("alice", 0)
	p.TogglePin()
	bob.must(bob.SetProfile(p))
	p, _ = bob.GetProfile("alice", 0)
	p.Flag |= mesibo.UserFlagMute
	p.MutedUntil, p.Draft = until, "not yet"
	p.ToggleArchive()
	p.MarkUnread(true)
	bob.must(bob.SetProfile(p))
	second.await("pin, mute and archive", func() bool {
		p, ok := second.GetProfile("alice", 0)
		return ok && p.IsPinned() && p.IsMuted() && p.MutedUntil.Equal(until) && p.IsArchived() && p.IsMarkedUnread() &&
			p.Draft == ""
	})
	alice.send("bob", 21, "muted")
	bob.awaitLine("message muted RECEIVEDNEW")
	if p, _ := bob.GetProfile("alice", 0); !p.IsArchived() || p.Draft != "not yet" {
		t.Errorf("a message to a muted conversation brought it back: %+v", p)
	}
	p, _ = bob.GetProfile("alice", 0)
	p.ToggleMute()
	p.MarkUnread(false)
	bob.must(bob.SetProfile(p))
	second.await("no mute", func() bool { // or the settings might follow the message in bob's log, and archive again
		p, ok := second.GetProfile("alice", 0)
		return ok && !p.IsMuted() && !p.IsMarkedUnread()
	})
	alice.send("bob", 22, "loud")
	bob.awaitLine("message loud RECEIVEDNEW")
	if p, _ := bob.GetProfile("alice", 0); p.IsArchived() || p.IsMuted() || !p.IsPinned() {
		t.Errorf("got %+v", p)
	}
	recent := bob.GetRecentProfiles()
	if len(recent) != 1 || recent[0].Address != "alice" || !recent[0].IsPinned() {
		t.Errorf("recent: %+v", recent)
	}
}
