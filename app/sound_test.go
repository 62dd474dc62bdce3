package app_test

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/mesibo"
)

// startWithSound opens the window with a chat, a microphone and a speaker.
func startWithSound(t *testing.T) (*fixture, *apptest.Sound) {
	t.Helper()
	f, s := prepare(t), &apptest.Sound{}
	f.sound = s.Chat()
	f.backend.Files = t.TempDir()
	f.backend.Fill("alice", 3, f.queue.Now())
	f.backend.Fill("bob", 3, f.queue.Now().Add(-time.Hour))
	f.start()
	f.Press("Alice Martin")
	return f, s
}

func (f *fixture) settle() {
	f.t.Helper()
	f.queue.Advance(time.Second)
	f.queue.WorkAll(f.t.Context())
}

func TestVoiceMessage(t *testing.T) {
	f, s := startWithSound(t)
	f.icon(assets.IconMicrophone)
	f.settle()
	s.Speak(3 * time.Second)
	f.settle()
	f.Wants("0:03", "Cancel")
	f.Press("Bob Keller") // the microphone is off, and what was said waits
	f.settle()
	f.WantsNot("Cancel")
	if s.Open != 0 {
		t.Error("the microphone is open in another chat")
	}
	f.Press("Alice Martin")
	f.settle()
	f.Wants("0:03", "Cancel")
	f.Key(fyne.KeyReturn)
	f.settle()
	f.WantsNot("Cancel")
	f.Wants("🎤 Voice message", "0:03")
	if len(f.backend.Calls) != 1 || !strings.HasPrefix(f.backend.Calls[0], "send Voice message ") {
		t.Fatalf("calls: got %q", f.backend.Calls)
	}

	rows := f.backend.Chats["alice"]
	file := rows[len(rows)-1].File
	file.URL = "/v1/files/1" // it was sent
	f.reportFile(f.backend.Progress(rows[len(rows)-1].Mid, 100, mesibo.FileStatusIdle))
	f.icon(assets.IconPlay)
	f.settle()
	f.Wants("0:00 / 0:03")
	s.Hear(func() bool {
		f.settle()
		return apptest.Says(f.Canvas(), "0:02 / 0:03")
	})
	f.Press("1×")
	f.settle()
	f.Wants("1.5×")
	f.icon(assets.IconPause)
	f.settle()
	if s.Playing != 0 {
		t.Error("it plays while it is paused")
	}
}

func TestVoiceMessage_by_keys(t *testing.T) {
	f, s := startWithSound(t)
	f.Keys(fyne.KeyModifierShortcutDefault, fyne.KeyR)
	f.settle()
	f.Wants("Cancel")
	s.Speak(time.Second)
	f.Key(fyne.KeyEscape)
	f.settle()
	f.WantsNot("Cancel")
	if s.Open != 0 || len(f.backend.Calls) != 0 {
		t.Errorf("%d microphones are open, calls %q", s.Open, f.backend.Calls)
	}
	f.Type("the keyboard is back")
	f.Key(fyne.KeyReturn)
	f.Wants("the keyboard is back")
}

func TestVoiceMessage_without_sound(t *testing.T) {
	f := startWithAlice(t, 3)
	if apptest.PressIcon(f.Canvas(), assets.IconMicrophone) {
		t.Error("a microphone where nothing records")
	}
	f.Keys(fyne.KeyModifierShortcutDefault, fyne.KeyR)
	f.settle()
	f.WantsNot("Cancel")
}
