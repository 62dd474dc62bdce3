package app_test

import (
	"os"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/mesibo"
)

// Pictures that were sent at once are one item: chosen, forwarded and deleted together, opened one by one.
func TestAlbum(t *testing.T) {
	f, _, at := startWithFiles(t)
	_, png := apptest.Picture(40, 30)
	for _, name := range []string{"one.png", "two.png", "three.png", "alone.png"} {
		if err := os.WriteFile(at(name), png, 0o600); err != nil {
			t.Fatal(err)
		}
		m := f.received(mesibo.FileInfo{
			Title: name, Size: 7, URL: name, Type: mesibo.FileTypeImage, Width: 80, Height: 60, Path: at(name), Progress: 100,
		})
		rows := f.backend.Chats["alice"]
		if rows[len(rows)-1].Mid == m.Mid && name != "alone.png" {
			rows[len(rows)-1].Album = 7
		}
	}
	f.start()
	f.Press("Alice Martin")
	f.queue.WorkAll(t.Context())
	if got := len(apptest.Photos(f.Canvas())); got != 4 {
		t.Errorf("pictures: got %d, want 4", got)
	}
	f.pressPhoto(3)
	f.Wants("one.png")
	f.Key(fyne.KeyEscape)
	f.Keys(ctrl, fyne.KeyUp)
	f.Key(fyne.KeyUp) // the album
	f.Key(fyne.KeySpace)
	f.Wants("3 selected")
	f.Key(fyne.KeySpace)
	f.WantsNot("selected")
	f.Keys(ctrl, fyne.KeyUp)
	f.Key(fyne.KeyUp)
	f.Type("f")
	f.Wants("Forward 3 messages to")
	f.Key(fyne.KeyEscape)
	f.Key(fyne.KeyDelete)
	f.Wants("Delete 3 messages?")
	f.Press("Delete for me")
	f.Press("Echo")
	if got := strings.Join(f.backend.Calls, " "); strings.Count(got, "delete") != 3 {
		t.Errorf("asked of the SDK: got %q, want three deletions", got)
	}
}
