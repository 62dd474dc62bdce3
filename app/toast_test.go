package app_test

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/widgets"
)

// What was done is said in the middle of the chat, or of the window where the list is all there is.
func TestToast_place(t *testing.T) {
	f := startWithAlice(t, 2)
	at := func() float32 {
		t.Helper()
		apptest.PressIcon(f.Canvas(), assets.IconMenu)
		f.Press("Copy my address")
		s, ok := apptest.Find(f.Canvas(), "Your address was copied.")
		if !ok {
			t.Fatal("nothing is said")
		}
		return s.At.X
	}
	width := f.Canvas().Size().Width
	if got, want := at(), (widgets.PanesLeft+width)/2; got < want-20 || got > want+20 {
		t.Errorf("wide: got %v, want about %v", got, want)
	}
	f.queue.Advance(time.Minute)
	f.Keys(ctrl, fyne.KeyL) // without a passcode it opens the settings
	f.Key(fyne.KeyEscape)
	s, ok := apptest.Find(f.Canvas(), "Set a passcode first. Then Ctrl+L locks.")
	if middle := s.At.X; !ok || middle < width/2-20 || middle > width/2+20 {
		t.Errorf("below a sheet: got %v, %v, want about %v", middle, ok, width/2)
	}
	f.app.Window().Resize(fyne.NewSize(500, 600))
	apptest.PressIcon(f.Canvas(), assets.IconBack)
	if got := at(); got < 230 || got > 270 {
		t.Errorf("narrow: got %v, want about 250", got)
	}
}
