package chat

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"log/slog"
	"testing"
	"time"

	"github.com/parley-chat/parley/mesibo"
)

// errands is a Dispatcher whose background work the test does itself.
type errands struct{ work, done []func() }

func (e *errands) Now() time.Time { return time.Time{} }

func (e *errands) Post(f func()) { f() }

func (e *errands) After(time.Duration, func()) (cancel func()) { return func() {} }

func (e *errands) Async(work func(ctx context.Context), done func()) {
	e.work = append(e.work, func() { work(context.Background()) })
	e.done = append(e.done, done)
}

func (e *errands) run() {
	for len(e.work) > 0 {
		work, done := e.work[0], e.done[0]
		e.work, e.done = e.work[1:], e.done[1:]
		work()
		done()
	}
}

func smallPNG(t *testing.T, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, w, h))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// photographed is a message with a picture.
func photographed(t *testing.T, mid uint64) Message {
	t.Helper()
	return Message{Mid: mid, File: &mesibo.FileInfo{
		Type: mesibo.FileTypeImage, Width: 1000, Height: 500, Thumbnail: smallPNG(t, 32, 16), URL: "u",
	}}
}

func TestAlbum(t *testing.T) {
	e, changes, reads, broken := &errands{}, 0, 0, true
	a := newAlbum(func(_ string, side int) (image.Image, error) {
		reads++
		if broken {
			return nil, errors.New("damaged")
		}
		return image.NewGray(image.Rect(0, 0, side, side/2)), nil
	}, e, slog.New(slog.DiscardHandler), func() { changes++ }, func() float32 { return 2 })
	msg := photographed(t, 1)
	text := Message{Mid: 2, Text: "no picture"}
	a.want([]Message{msg, text})
	if a.get(1) != nil {
		t.Error("a picture before it was loaded")
	}
	e.run()
	if p := a.get(1); !p.Blurred() || changes != 1 || reads != 0 {
		t.Fatalf("blurred %t, %d changes, %d reads; want what stands for it", p.Blurred(), changes, reads)
	}
	here := msg
	file := *msg.File
	file.Path, file.Progress = "/a.png", 100
	here.File = &file
	a.want([]Message{here})
	e.run()
	if p := a.get(1); !p.Blurred() || reads != 1 {
		t.Error("what stands for a picture that cannot be read went away")
	}
	broken, file.Path = false, "/b.png"
	a.want([]Message{here})
	a.want([]Message{here})
	e.run()
	if w, h := a.get(1).Size(); w != 720 || h != 360 || a.get(1).Blurred() || reads != 2 {
		t.Errorf("got %d×%d after %d reads, want 720×360, as large as it is shown, after 2", w, h, reads)
	}
	a.want([]Message{photographed(t, 3)})
	a.end()
	before := changes
	e.run()
	if changes != before {
		t.Error("a picture came after the end")
	}
}

func TestAlbum_forgets(t *testing.T) {
	e := &errands{}
	a := newAlbum(nil, e, slog.New(slog.DiscardHandler), func() {}, func() float32 { return 1 })
	for i := range uint64(3 * albumSize) {
		a.want([]Message{photographed(t, i+1)})
		e.run()
	}
	if n := len(a.shots); n != albumSize || a.get(1) != nil || a.get(3*albumSize) == nil {
		t.Errorf("%d pictures kept, want the last %d", n, albumSize)
	}
}

// The picture of a page is shown sharp, and another one after an edit.
func TestAlbum_pages(t *testing.T) {
	e := &errands{}
	a := newAlbum(nil, e, slog.New(slog.DiscardHandler), func() {}, func() float32 { return 1 })
	linked := func(page string, w int) Message {
		return Message{Mid: 7, Text: page, Link: &mesibo.LinkPreview{URL: page, Title: "x", Thumbnail: smallPNG(t, w, 30)}}
	}
	for page, width := range map[string]int{"https://example.org/a": 40, "https://example.org/b": 50} {
		msg := linked(page, width)
		a.want([]Message{msg})
		if got := a.getLink(msg.Key(), page); got != nil {
			t.Errorf("%s: the picture of another page is shown", page)
		}
		e.run()
		a.want([]Message{msg})
		if len(e.work) != 0 {
			t.Errorf("%s: loaded again", page)
		}
		got := a.getLink(msg.Key(), page)
		if w, _ := got.Size(); w != width || got.Blurred() {
			t.Errorf("%s: got a picture %d wide, blurred: %v", page, w, got.Blurred())
		}
	}
}
