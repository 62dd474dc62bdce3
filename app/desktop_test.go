package app_test

import (
	"bytes"
	"context"
	"errors"
	"image/png"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/mesibo"
)

// desk stands for the desktop of the system: its dialog and its clipboard answer at once.
type desk struct {
	chosen []string
	files  []string
	image  []byte
	copied []byte
	err    error
}

// ChooseFiles implements app.Desktop.
func (d *desk) ChooseFiles(context.Context, uintptr, string) ([]string, error) {
	return d.chosen, d.err
}

// ChoosePicture implements app.Desktop.
func (d *desk) ChoosePicture(context.Context, uintptr, string) (string, error) {
	if len(d.chosen) == 0 {
		return "", d.err
	}
	return d.chosen[0], d.err
}

// ChooseFolder implements app.Desktop.
func (d *desk) ChooseFolder(ctx context.Context, window uintptr, title string) (string, error) {
	return d.ChoosePicture(ctx, window, title)
}

// ChooseSave implements app.Desktop.
func (d *desk) ChooseSave(ctx context.Context, window uintptr, title, _ string) (string, error) {
	return d.ChoosePicture(ctx, window, title)
}

// Paste implements app.Desktop.
func (d *desk) Paste(context.Context) ([]string, []byte, error) { return d.files, d.image, d.err }

// CopyImage implements app.Desktop.
func (d *desk) CopyImage(data []byte) error {
	d.copied = data
	return d.err
}

// WatchDrags implements app.Desktop.
func (d *desk) WatchDrags(context.Context, uintptr, func(bool, float32, float32)) error { return d.err }

// startWithDesktop opens Alice's chat in a window with a desktop around it.
func startWithDesktop(t *testing.T) (f *fixture, d *desk, s *system, at func(name string) string) {
	t.Helper()
	f, s, at = startWithFiles(t)
	d = &desk{}
	f.desktop, f.backend.Files = d, t.TempDir()
	f.backend.Fill("alice", 3, f.queue.Now())
	f.start()
	f.Press("Alice Martin")
	return f, d, s, at
}

// paste presses the keys for it while the clipboard says so as text.
func (f *fixture) paste(text string) {
	f.t.Helper()
	f.fyne.Clipboard().SetContent(text)
	field, ok := f.Canvas().Focused().(fyne.Shortcutable)
	if !ok {
		field, ok = f.Canvas().(fyne.Shortcutable)
	}
	if !ok {
		f.t.Fatal("nothing takes keys")
	}
	field.TypedShortcut(&fyne.ShortcutPaste{Clipboard: f.fyne.Clipboard()})
	f.queue.WorkAll(f.t.Context())
}

// pressPlace presses at a place of the window, from 0 to 1 of width and height.
func (f *fixture) pressPlace(x, y float32) {
	f.t.Helper()
	size := f.Canvas().Size()
	apptest.Click(f.Canvas(), fyne.NewPos(x*size.Width, y*size.Height))
	f.queue.Drain()
}

func TestChooseFiles_dialogOfTheDesktop(t *testing.T) {
	f, d, s, at := startWithDesktop(t)
	d.chosen = []string{at("a.txt"), at("b.txt")}
	f.Keys(ctrl, fyne.KeyO)
	f.Keys(ctrl, fyne.KeyO) // its dialog is open
	f.queue.WorkAll(t.Context())
	f.Wants("2 files · 10 B in total")
	d.chosen = []string{at("sea.png")}
	f.Press("Add…")
	f.queue.WorkAll(t.Context())
	f.Wants("3 files")
	f.Key(fyne.KeyEscape)
	d.chosen = nil // cancelled
	f.Keys(ctrl, fyne.KeyO)
	f.queue.WorkAll(t.Context())
	f.WantsNot("Send to Alice Martin")
	if s.asked != 0 {
		t.Error("the toolkit's dialog was shown too")
	}
	d.err, s.chosen = errors.New("no such dialog"), at("a.txt")
	f.Keys(ctrl, fyne.KeyO)
	f.queue.WorkAll(t.Context())
	f.Wants("1 file · 5 B in total")
}

func TestChoosePicture_dialogOfTheDesktop(t *testing.T) {
	f, d, _, at := startWithDesktop(t)
	d.chosen = []string{at("sea.png")}
	f.Keys(ctrl|fyne.KeyModifierShift, fyne.KeyN)
	f.Press("Next")
	f.Press("Choose a picture…")
	f.queue.WorkAll(t.Context())
	f.Wants("sea.png")
	d.chosen = nil // cancelled
	f.Press("Choose a picture…")
	f.queue.WorkAll(t.Context())
	f.Wants("sea.png", "Create group")
}

func TestPaste_picturesAndFiles(t *testing.T) {
	f, d, _, at := startWithDesktop(t)
	_, d.image = apptest.Picture(80, 60)
	f.paste("")
	f.Wants("Send to Alice Martin", "Pasted picture.png", "1 file")
	f.Key(fyne.KeyEscape)
	f.pressPlace(0.6, 0.2) // the messages have the keyboard
	f.paste("")
	f.Wants("Pasted picture.png")
	f.Key(fyne.KeyEscape)
	f.paste("\x89PNG\r\n\x1a\n") // xclip answers with the picture, whatever is asked for
	f.Wants("Pasted picture.png")
	f.Key(fyne.KeyEscape)
	d.image, d.files = nil, []string{at("a.txt"), at("b.txt")}
	f.paste("file://" + at("a.txt") + "\nfile://" + at("b.txt"))
	f.Wants("2 files")
	f.Key(fyne.KeyEscape)
	f.paste("just words")
	f.Wants("just words")
	f.WantsNot("2 files")
	d.files = nil
	f.paste("/usr/share") // a text that could name a file
	f.Wants("just words/usr/share")
	d.err = errors.New("silent")
	f.paste("")
	f.Wants("What is on the clipboard could not be pasted.")
}

func TestPaste_tooLong(t *testing.T) {
	f, _, _, _ := startWithDesktop(t)
	f.paste(strings.Repeat("word ", 1200))
	f.Wants("Send as a file?")
	f.Press("Send as file…")
	f.queue.WorkAll(t.Context())
	f.Wants("Send to Alice Martin", "Pasted text.txt", "1 file · 6 kB in total")
}

func TestDrag(t *testing.T) {
	f, _, _, at := startWithDesktop(t)
	over := func(x, y float32) {
		f.app.Dragged(true, x, y)
		f.queue.Drain()
	}
	drop := func(x, y float32) {
		size := f.Canvas().Size()
		f.app.DroppedAt(fyne.NewPos(x*size.Width, y*size.Height), []fyne.URI{storage.NewFileURI(at("sea.png"))})
		f.queue.WorkAll(t.Context())
	}
	over(0.6, 0.4)
	f.Wants("Drop to send to Alice Martin", "As photos", "As files")
	f.app.Dragged(false, 0, 0)
	f.Wants("As photos") // the drop may still come
	f.queue.Advance(time.Second)
	f.WantsNot("As photos")

	over(0.6, 0.9)
	f.app.Dragged(false, 0, 0)
	drop(0.6, 0.9)
	f.WantsNot("As photos")
	f.Wants("Sent unchanged as files, with all camera data.")
	over(0.6, 0.4) // nothing is shown over the sheet
	f.WantsNot("As photos")
	f.Key(fyne.KeyEscape)
	over(0.6, 0.4)
	drop(0.6, 0.4)
	f.Wants("At most 2560 pixels wide or high, without camera data.")
	f.Key(fyne.KeyEscape)
	f.backend.NoFiles = true
	over(0.6, 0.4)
	f.WantsNot("As photos")
}

func TestCopyPicture(t *testing.T) {
	f, d, _, at := startWithDesktop(t)
	f.received(mesibo.FileInfo{
		Title: "sea.png", Size: 7, URL: "u", Path: at("sea.png"), Progress: 100,
		Type: mesibo.FileTypeImage, Width: 80, Height: 60,
	})
	f.Press("Saved messages")
	f.Press("Alice Martin")
	f.queue.WorkAll(t.Context())
	f.pressPhoto(0)
	f.icon(assets.IconCopy)
	f.queue.WorkAll(t.Context())
	if img, err := png.Decode(bytes.NewReader(d.copied)); err != nil || img.Bounds().Dx() != 80 {
		t.Errorf("copied %d bytes: %v", len(d.copied), err)
	}
	f.Wants("sea.png", "Picture copied") // over the picture, not under it
	f.queue.Advance(5 * time.Second)
	f.WantsNot("Picture copied")
	f.icon(assets.IconForward)
	f.Wants("Forward to")
	f.Key(fyne.KeyEscape)
	d.err = errors.New("no clipboard")
	places := apptest.Photos(f.Canvas())
	apptest.ClickRight(f.Canvas(), places[0])
	f.Press("Copy picture")
	f.queue.WorkAll(t.Context())
	f.Wants("The picture could not be copied.")
}
