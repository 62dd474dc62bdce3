package app_test

import (
	"testing"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
)

// speaking opens the window of a user who can choose a language.
func speaking(t *testing.T) *fixture {
	t.Helper()
	t.Cleanup(func() {
		if err := tr.Use("en"); err != nil {
			t.Error(err)
		}
	})
	f := prepare(t)
	f.tongue = func(tag string) error {
		if tag == "" {
			tag = "en" // the system's
		}
		return tr.Use(tag)
	}
	f.backend.Fill("alice", 2, f.queue.Now())
	f.start()
	f.Press("Alice Martin")
	return f
}

func TestLanguage(t *testing.T) {
	f := speaking(t)
	f.settings("Language")
	f.Press("As the system")
	f.backend.Listeners = nil
	f.Press("Deutsch")
	f.queue.WorkAll(t.Context())
	f.Wants("Einstellungen", "Konto", "Sprache", "Deutsch")
	f.Key(fyne.KeyEscape)
	f.Wants("Gespeichertes", "Alice Martin")
	f.WantsNot("Saved messages")
	if got := f.fyne.Preferences().String("language"); got != "de" {
		t.Errorf("stored: got %q", got)
	}
	f.write("Alice Martin", "still here")
	if got := f.backend.Sent; len(got) != 1 {
		t.Errorf("sent: got %d, want 1", len(got))
	}
}

// A call goes on in the language in which it was started.
func TestLanguage_during_a_call(t *testing.T) {
	f := speaking(t)
	if !apptest.PressIcon(f.Canvas(), assets.IconPhone) {
		t.Fatal("no button to call")
	}
	f.progress(f.backend.Made[0], mesibo.CallStatusRinging, mesibo.CallStatusAnswer, mesibo.CallStatusConnected)
	f.settings("Language")
	f.Press("As the system")
	f.Press("Deutsch")
	f.Wants("You are on a call. The language changes when Parley is started", "Language")
	if got := f.fyne.Preferences().String("language"); tr.Tag() != "en" || got != "de" {
		t.Errorf("got %q now, %q stored", tr.Tag(), got)
	}
}
