package app_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/mesibo"
)

// pause lets the user stop typing for a moment.
func (f *fixture) pause() {
	f.queue.Advance(time.Second)
	f.queue.WorkAll(f.t.Context())
}

func TestLinkPreviews(t *testing.T) {
	f := prepare(t)
	f.backend.Fill("alice", 2, f.queue.Now())
	var asked []string
	_, picture := apptest.Picture(64, 48)
	f.pages = func(_ context.Context, link, server string) (*mesibo.LinkPreview, error) {
		asked = append(asked, link+" from "+server)
		return &mesibo.LinkPreview{
			URL: link, Title: "How to plan a trip", Description: "In twelve parts", Site: "Example", Thumbnail: picture,
		}, nil
	}
	s := &system{App: f.fyne}
	f.fyne = s
	f.start()
	f.write("Alice Martin", "https://example.org/a")
	f.Type("https://example.org/b")
	f.pause()
	f.WantsNot("How to plan a trip")
	if len(asked) != 0 {
		t.Fatalf("opened %q before it was switched on", asked)
	}
	f.settings("Privacy")
	f.Wants("The others see what you send and open nothing.")
	f.Press("Previews of links")
	f.Key(fyne.KeyEscape)
	f.pause()
	f.Wants("How to plan a trip", "Example · In twelve parts")
	f.Key(fyne.KeyEscape) // leaves the preview out
	f.WantsNot("How to plan a trip")
	f.Key(fyne.KeyReturn)
	f.Type("see https://example.org/c")
	f.pause()
	f.Wants("How to plan a trip")
	f.Key(fyne.KeyReturn)
	f.queue.WorkAll(t.Context())
	f.Wants("Example", "How to plan a trip", "In twelve parts") // the card
	f.WantsNot("Example · In twelve parts")
	f.Keys(ctrl, fyne.KeyUp)
	f.Key(fyne.KeyReturn)
	f.Press("Open the page")
	if want := []string{"https://example.org/c"}; !slices.Equal(s.opened, want) {
		t.Errorf("opened %q, want %q", s.opened, want)
	}
	want := "https://example.org/b from chat.example.org, https://example.org/c from chat.example.org"
	if got := strings.Join(asked, ", "); got != want {
		t.Errorf("opened %q, want %q", got, want)
	}
	for i, shown := range []bool{false, false, true} {
		if got := f.backend.Params[len(f.backend.Params)-3+i].LinkPreview; (got != nil) != shown {
			t.Errorf("message %d was sent with %+v", i, got)
		}
	}
}

// Where pages cannot be opened there is no switch.
func TestLinkPreviews_none(t *testing.T) {
	f := startWithAlice(t, 1)
	f.settings("Privacy")
	f.Wants("Send read receipts")
	f.WantsNot("Previews of links")
}
