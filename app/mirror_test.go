package app_test

import (
	"testing"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/internal/tr"
)

// mirrored opens the window in one language, and changes to one that is written to the left, whose words are English.
func mirrored(t *testing.T) *fixture {
	t.Helper()
	t.Cleanup(func() { tr.SetRightToLeft(false) })
	f := prepare(t)
	f.tongue = func(tag string) error {
		tr.SetRightToLeft(tag == "ar")
		return nil
	}
	f.backend.Fill("alice", 2, f.queue.Now())
	f.start()
	f.settings("Language")
	f.Press("As the system")
	f.backend.Listeners = nil
	f.Press("العربية")
	f.queue.WorkAll(t.Context())
	f.Key(fyne.KeyEscape)
	return f
}

// at returns where words are in the window.
func (f *fixture) at(words string) fyne.Position {
	f.t.Helper()
	s, ok := apptest.Find(f.Canvas(), words)
	if !ok {
		f.t.Errorf("there is no %q", words)
	}
	return s.At
}

// wantOrder fails unless words are from the right to the left in this order.
func (f *fixture) wantOrder(words ...string) {
	f.t.Helper()
	for i := range words[1:] {
		if one, two := f.at(words[i]), f.at(words[i+1]); one.X <= two.X {
			f.t.Errorf("%q at %v is not at the right of %q at %v", words[i], one, words[i+1], two)
		}
	}
}

// What is at the left elsewhere is at the right here, and is pressed there.
func TestMirrored(t *testing.T) {
	f := mirrored(t)
	f.write("Alice Martin", "my own words")
	f.receive("alice", "and hers")
	list, own, peer := f.at("Saved messages"), lowest(f, "my own words"), lowest(f, "and hers")
	if list.X <= peer.X || peer.X <= own.X {
		t.Errorf("list at %v, peer's message at %v, own one at %v", list, peer, own)
	}
	f.wantOrder("All", "Unread", "Groups")
	f.Press("Unread")
	f.WantsNot("Saved messages")
	f.Press("All")

	f.settings("Appearance")
	f.wantOrder("Settings", "Theme", "Light")
	f.Key(fyne.KeyEscape)

	f.PressRight("and hers")
	f.wantOrder("Reply", "R")
	f.Press("Reply")
	f.Type("an answer")
	f.Key(fyne.KeyReturn)
	if sent := f.backend.Sent; len(sent) != 2 {
		t.Errorf("sent: got %d, want 2", len(sent))
	}
	f.Press("Search")
	f.Type("Bob")
	f.Key(fyne.KeyEscape)
	f.receive("alice", "goodbye")
	f.PressRight("goodbye")
	f.Press("Delete…")
	f.wantOrder("Delete this message?", "Cancel", "Delete for me")
}

func lowest(f *fixture, words string) fyne.Position {
	s, ok := apptest.Lowest(f.Canvas(), words)
	if !ok {
		f.t.Errorf("there is no %q", words)
	}
	return s.At
}
