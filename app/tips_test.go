package app_test

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/assets"
)

// rest moves the pointer onto an icon and leaves it there.
func (f *fixture) rest(icon assets.Icon, d time.Duration) {
	f.t.Helper()
	s, ok := apptest.FindIcon(f.Canvas(), icon)
	if !ok {
		f.t.Fatalf("icon %q: not in the window", icon)
	}
	test.MoveMouse(f.Canvas(), s.At)
	f.queue.Advance(d)
}

// TestTips looks at the words of buttons that have an icon alone.
func TestTips(t *testing.T) {
	f := startWithAlice(t, 3)
	const words = "Send a file"
	f.rest(assets.IconAttach, 300*time.Millisecond)
	f.WantsNot(words)
	f.queue.Advance(300 * time.Millisecond)
	f.Wants(words)
	test.MoveMouse(f.Canvas(), fyne.NewPos(600, 300))
	f.WantsNot(words)

	f.rest(assets.IconVideo, time.Second)
	f.Wants("Video call")
	f.queue.Advance(time.Minute)
	f.WantsNot("Video call")
	f.rest(assets.IconAttach, 300*time.Millisecond)
	f.rest(assets.IconSmile, time.Second)
	f.Wants("Emoji")
	f.WantsNot("Send a file")
	f.icon(assets.IconSmile)
	f.Key(fyne.KeyEscape)
	f.WantsNot("Emoji")
}

// TestTips_overOthers looks at the words of buttons in what lies over the window.
func TestTips_overOthers(t *testing.T) {
	f := startWithAlice(t, 3)
	f.Keys(ctrl, fyne.KeyComma)
	f.rest(assets.IconClose, time.Second)
	f.Wants("Close")
	f.icon(assets.IconClose)
	f.rest(assets.IconVideo, time.Second)
	f.Wants("Video call")
}
