package app_test

import (
	"os"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/mesibo"
)

func TestShared(t *testing.T) {
	f, s, at := startWithFiles(t)
	_, png := apptest.Picture(40, 30)
	for _, name := range []string{"hill.png", "lake.png"} {
		if err := os.WriteFile(at(name), png, 0o600); err != nil {
			t.Fatal(err)
		}
		f.received(mesibo.FileInfo{
			Title: name, Size: 7, URL: name, Type: mesibo.FileTypeImage, Width: 80, Height: 60, Path: at(name), Progress: 100,
		})
	}
	f.received(mesibo.FileInfo{Title: "trip.mp4", Size: 9, URL: "v", Type: mesibo.FileTypeVideo, Duration: 83 * time.Second})
	f.received(mesibo.FileInfo{Title: "plan.txt", Size: 7, URL: "p", Type: mesibo.FileTypeOther})
	f.received(mesibo.FileInfo{Title: "Voice message 1", Size: 7, URL: "o", Type: mesibo.FileTypeAudio, Duration: 5 * time.Second})
	f.backend.Receive("alice", "Look at https://www.example.org/trip and www.example.net")
	f.start()
	f.Press("Alice Martin")
	f.Keys(ctrl|fyne.KeyModifierShift, fyne.KeyP)
	f.queue.WorkAll(t.Context())
	f.Wants("Photos 3", "Files 1", "Links 2", "Voice 1", "1:23")
	f.Key(fyne.KeyRight) // the newest is the video
	f.Key(fyne.KeyReturn)
	f.queue.WorkAll(t.Context())
	f.Wants("lake.png")
	f.Key(fyne.KeyLeft)
	f.queue.WorkAll(t.Context())
	f.Wants("hill.png")
	f.Key(fyne.KeyEscape)
	f.Wants("Photos 3")
	f.Press("Links 2")
	f.Wants("example.org", "https://www.example.org/trip", "example.net")
	f.Key(fyne.KeyReturn)
	if len(s.opened) != 1 || s.opened[0] != "https://www.example.org/trip" {
		t.Errorf("opened %q, want the link", s.opened)
	}
	f.Press("Voice 1")
	f.Wants("Voice message 1")
	f.Press("Files 1")
	f.Wants("plan.txt")
	f.Key(fyne.KeyReturn) // it is not here: it is shown where it can be downloaded
	f.WantsNot("Files 1")
	f.Wants("plan.txt")

	f.Press("Echo")
	f.Keys(ctrl|fyne.KeyModifierShift, fyne.KeyP)
	f.queue.WorkAll(t.Context())
	f.Wants("No photos and videos yet")
	f.Key(fyne.KeyEscape)
	f.WantsNot("No photos and videos yet")
}
