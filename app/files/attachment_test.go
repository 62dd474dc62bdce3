package files

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"log/slog"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/mesibo"
)

const peer = "alice"

// fixture is an open chat that files are sent to.
type fixture struct {
	*chat.Model

	backend *apptest.Backend
	queue   *apptest.Queue
}

func newFixture() *fixture {
	q := apptest.NewQueue()
	f := &fixture{backend: apptest.NewBackend(q.Now), queue: q}
	f.Model = chat.NewModel(chat.Config{
		Backend: f.backend, Dispatcher: q, Peer: peer, Title: "Alice", Logger: slog.New(slog.DiscardHandler),
		Explain: error.Error, Name: strings.ToUpper, Changed: func() {}, Updated: func() {}, Drafted: func() {},
	})
	return f
}

func (f *fixture) attach(largest int64, paths ...string) []attachment {
	list := make([]attachment, len(paths))
	for i, path := range paths {
		list[i] = attach(f.backend, path, largest)
	}
	return list
}

// send sends files as the sheet does, until one is refused.
func (f *fixture) send(list []attachment, caption string, asPictures bool) error {
	for _, o := range prepare(f.Model, list, caption, asPictures) {
		if err := o.send(f.backend, slog.New(slog.DiscardHandler)); err != nil {
			return err
		}
		f.FileSent(o.params, o.id, &o.file)
	}
	return nil
}

func (f *fixture) last() chat.Message {
	list := f.Messages()
	return list[len(list)-1]
}

func TestAttach(t *testing.T) {
	_, png := apptest.Picture(64, 48)
	at := apptest.Files(t, map[string][]byte{
		"a.png": png, "b.txt": []byte("hello"), "c.png": []byte("no picture"), "large": make([]byte, 11_000),
	})
	f := newFixture()
	got := f.attach(10_000, at("a.png"), at("b.txt"), at("c.png"), at("large"), at("missing"), at(""))
	problems := []string{
		"", "", "", "Too large: 11 kB", "It does not exist any more", "This is a folder; pack it into one file",
	}
	for i, a := range got {
		apptest.Want(t, "problem of "+a.name, a.problem, problems[i])
		apptest.Want(t, "picture of "+a.name, a.photo != nil, a.name == "a.png")
	}
	apptest.Want(t, "size", got[1].size, 5)

	apptest.Want(t, "error", f.send(got, "Look", true), nil)
	calls := []string{`send a.png with "Look"`, `send b.txt with ""`, `send c.png with ""`}
	if !slices.Equal(f.backend.Calls, calls) {
		t.Errorf("asked of the SDK: got %q, want %q", f.backend.Calls, calls)
	}
	apptest.Want(t, "messages", len(f.Messages()), 3)
	first := f.Messages()[0]
	apptest.Want(t, "caption", first.Text, "Look")
	apptest.Want(t, "width", first.File.Width, 64)
	apptest.Want(t, "type of a broken picture", f.last().File.Type, mesibo.FileTypeOther)
	apptest.Want(t, "waits", first.Waits(), true)
	f.FileProgress(f.backend.Progress(f.last().Mid, 40, mesibo.FileStatusInProgress))
	apptest.Want(t, "percent", f.last().File.Progress, 40)
}

func TestSend_refused(t *testing.T) {
	at := apptest.Files(t, map[string][]byte{"a": []byte("a"), "b": []byte("b")})
	f := newFixture()
	list := f.attach(0, at("a"), at("b"))
	f.backend.Err = errors.New("no")
	apptest.Want(t, "refused", f.send(list, "", true) != nil, true)
	apptest.Want(t, "messages", len(f.Messages()), 0)
	f.backend.Err = nil
	apptest.Want(t, "error", f.send(list, "", true), nil)
	apptest.Want(t, "messages", len(f.Messages()), 2)
}

// noisePicture is a PNG that is large for its size.
func noisePicture(t *testing.T, w, h int) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	_, _ = rand.NewChaCha8([32]byte{}).Read(img.Pix) // it never fails
	for i := 3; i < len(img.Pix); i += 4 {
		img.Pix[i] = 0xFF
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestShrink_moves: what moves is sent as it is, however large, and alone.
func TestShrink_moves(t *testing.T) {
	for name, tc := range map[string]struct {
		head string
		want bool
	}{
		"gif":            {"GIF89a", true},
		"short":          {"GI", false},
		"webp":           {"RIFF....WEBPVP8X....\x12\x00\x00\x00", true},
		"webp that not":  {"RIFF....WEBPVP8X....\x10\x00\x00\x00", false},
		"webp too short": {"RIFF....WEBPVP8X....", false},
		"png":            {"\x89PNG\r\n\x1a\n....IHDR....acTL", true},
		"png that not":   {"\x89PNG\r\n\x1a\n....IHDR....IDAT", false},
		"jpeg":           {"\xff\xd8\xff\xe0acTL", false},
	} {
		at := apptest.Files(t, map[string][]byte{"a": []byte(tc.head)})
		if got, err := mayBeAnimated(at("a")); got != tc.want || err != nil {
			t.Errorf("%s: got %t, %v", name, got, err)
		}
	}
	at := apptest.Files(t, map[string][]byte{"big.gif": []byte("GIF89a and more")})
	o := &mesibo.FileInfo{Type: mesibo.FileTypeImage, Path: at("big.gif"), Title: "big.gif", Width: 4000, Height: 3000, Size: 15}
	if err := shrink(apptest.NewBackend(nil), o); err != nil || o.Path != at("big.gif") || o.Width != 4000 {
		t.Errorf("a large GIF became %+v, %v", o, err)
	}
	picture := func(title string) *outgoing {
		return &outgoing{id: 7, file: mesibo.FileInfo{Type: mesibo.FileTypeImage, Title: title}}
	}
	list := []*outgoing{picture("a.jpg"), picture("b.png"), picture("c.gif"), picture("d.jpg")}
	joinAlbums(list)
	for i, want := range []uint32{7, 7, 0, 0} {
		if list[i].params.Album != want {
			t.Errorf("%s: album %d, want %d", list[i].file.Title, list[i].params.Album, want)
		}
	}
}

func TestSend_picturesOrFiles(t *testing.T) {
	_, small := apptest.Picture(64, 48)
	large := noisePicture(t, 3000, 100)
	at := apptest.Files(t, map[string][]byte{"small.png": small, "large.png": large})
	f := newFixture()
	f.backend.Files = t.TempDir()
	list := f.attach(0, at("small.png"), at("large.png"))

	apptest.Want(t, "error", f.send(list, "", true), nil)
	rows := f.Messages()
	apptest.Want(t, "small picture", rows[0].File.Path, at("small.png"))
	copied := rows[1].File
	apptest.Want(t, "type", copied.Type, mesibo.FileTypeImage)
	apptest.Want(t, "title", copied.Title, "large.jpg")
	apptest.Want(t, "width", copied.Width, 3000) // the backend's LoadImage ignores the limit
	if info, err := os.Stat(copied.Path); err != nil || info.Size() != copied.Size || copied.Size >= int64(len(large)) {
		t.Errorf("copy %s: %v, %d bytes of %d", copied.Path, err, copied.Size, len(large))
	}
	apptest.Want(t, "error", f.send(list[1:], "", true), nil) // the same content is the same file
	apptest.Want(t, "second copy", f.last().File.Path, copied.Path)

	apptest.Want(t, "error", f.send(list[1:], "", false), nil)
	plain := f.last().File
	apptest.Want(t, "type as a file", plain.Type, mesibo.FileTypeOther)
	apptest.Want(t, "path as a file", plain.Path, at("large.png"))
	apptest.Want(t, "thumbnail as a file", len(plain.Thumbnail), 0)
}
