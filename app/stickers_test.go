package app_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/mesibo"
)

// stickerFile is a PNG with transparent parts.
func stickerFile(t *testing.T, ink uint8) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, 96, 96))
	for i := range 96 * 48 {
		img.SetNRGBA(i%96, i/96, color.NRGBA{R: ink, A: 255})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// receiveSticker stores a sticker that Alice sent.
func (f *fixture) receiveSticker(name, path string, data []byte) {
	f.t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		f.t.Fatal(err)
	}
	f.queue.Advance(time.Second) // the newest is first
	f.received(mesibo.FileInfo{
		Title: name, Size: int64(len(data)), URL: "https://example.org/" + name, Type: mesibo.FileTypeImage,
		Width: 96, Height: 96, Thumbnail: data, Path: path, Progress: 100,
	})
}

func TestStickers(t *testing.T) {
	f, _, at := startWithFiles(t)
	cat, dog := stickerFile(t, 100), stickerFile(t, 200)
	f.receiveSticker("cat.png", at("cat.png"), cat)
	f.receiveSticker("dog.png", at("dog.png"), dog)
	f.receiveSticker("cat again.png", at("again.png"), cat)
	_, plain := apptest.Picture(64, 48)
	f.receiveSticker("plain.png", at("plain.png"), plain)
	f.receiveSticker("gone.png", at("gone.png"), stickerFile(t, 50))
	if err := os.Remove(at("gone.png")); err != nil {
		t.Fatal(err)
	}
	f.start()
	f.Wants("📷 Sticker")
	f.Press("Echo")
	f.queue.WorkAll(t.Context())
	f.Keys(ctrl, fyne.KeyE)
	f.WantsNot("Recent stickers")
	f.queue.WorkAll(t.Context())
	f.Wants("Recent stickers")
	f.Key(fyne.KeyUp)
	f.Wants("Send this sticker")
	f.Key(fyne.KeyDown)
	f.WantsNot("Send this sticker")
	f.Key(fyne.KeyUp)
	for range 5 { // there are two: the cat that came last, and the dog
		f.Key(fyne.KeyRight)
	}
	f.Key(fyne.KeyReturn)
	f.queue.WorkAll(t.Context())
	f.WantsNot("Recent stickers")
	rows := f.backend.Chats["echo"]
	sent := rows[len(rows)-1]
	if sent.File == nil || sent.File.Title != "dog.png" || sent.File.URL == "" || sent.Forwarded || !sent.Out {
		t.Fatalf("sent %+v, want the dog, which the server has", sent)
	}
	if !bytes.Equal(sent.File.Thumbnail, dog) || sent.File.Width != 96 || sent.File.Path != at("dog.png") {
		t.Errorf("it is not as it was received: %+v", sent.File)
	}
	f.Type("next")
	f.Wants("next") // the keyboard is in the field again

	f.Keys(ctrl, fyne.KeyE)
	f.Wants("Recent stickers") // at once, this time
	f.Key(fyne.KeyEscape)
	f.backend.NoFiles = true
	f.Keys(ctrl, fyne.KeyE)
	f.queue.WorkAll(t.Context())
	f.WantsNot("Recent stickers")
}

// moving is a moving picture of two frames.
type moving struct{ at int }

func (m *moving) Moves() bool { return true }

func (m *moving) Loops() int { return 0 }

func (m *moving) Next() (image.Image, time.Duration, bool, error) {
	m.at++
	return image.NewGray(image.Rect(0, 0, 120, 90+m.at)), 100 * time.Millisecond, m.at%2 == 0, nil
}

// TestGIF: it moves in the open chat of a window in front, three times, and again when it is pressed.
func TestGIF(t *testing.T) {
	f, _, at := startWithFiles(t)
	path := at("sea.png")
	film := &moving{}
	f.backend.Animations = map[string]chat.Animation{path: film}
	f.received(mesibo.FileInfo{
		Title: "sea.gif", Size: 7, URL: "u", Type: mesibo.FileTypeImage, Width: 120, Height: 90, Path: path, Progress: 100,
	})
	f.start()
	f.app.SetForeground(true)
	f.Wants("📷 GIF")
	f.Press("Alice Martin")
	heights := func() (list []int) {
		for _, img := range apptest.Pictures(f.Canvas()) {
			list = append(list, img.Bounds().Dy())
		}
		return list
	}
	pass := func(d time.Duration) {
		for range d / (10 * time.Millisecond) {
			f.queue.WorkAll(t.Context())
			f.queue.Advance(10 * time.Millisecond)
		}
	}
	pass(150 * time.Millisecond)
	if got := heights(); !slices.Equal(got, []int{92}) {
		t.Fatalf("pictures of the heights %v, want the second frame", got)
	}
	f.app.SetForeground(false)
	pass(100 * time.Millisecond)
	decoded := film.at
	if pass(time.Second); film.at != decoded || !slices.Equal(heights(), []int{60}) {
		t.Errorf("it moves behind another window: %v", heights())
	}
	f.app.SetForeground(true)
	pass(2 * time.Second)
	if decoded = film.at; decoded > 8 || !slices.Equal(heights(), []int{60}) {
		t.Errorf("%d frames, %v; want three times two, and what was interrupted", decoded, heights())
	}
	f.Wants("GIF")
	f.pressPhoto(0)
	if pass(50 * time.Millisecond); film.at == decoded || f.Canvas().Overlays().Top() != nil {
		t.Error("a press does not play it again")
	}
	f.pressPhoto(0)
	if f.Wants("sea.gif"); f.Canvas().Overlays().Top() == nil {
		t.Error("a press on one that moves does not open it")
	}
	decoded = film.at
	if pass(500 * time.Millisecond); film.at == decoded {
		t.Error("it does not move in the whole window")
	}
	f.Key(fyne.KeyEscape)
	pass(5 * time.Second)
	decoded = film.at
	if pass(time.Second); film.at != decoded {
		t.Error("it moves for ever")
	}
}
