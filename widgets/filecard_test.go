package widgets

import (
	"image"
	"image/color"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/parley-chat/parley/assets"
)

// somePicture is an image in which up, down, left and right differ.
func somePicture(w, h int) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.NRGBA{R: uint8(60 + 180*x/w), G: uint8(90 + 120*y/h), B: 160, A: 0xFF}
			if (x-w/2)*(x-w/2)+(y-h/3)*(y-h/3) < h*h/25 {
				c = color.NRGBA{R: 0xFF, G: 0xE9, B: 0xA8, A: 0xFF}
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

// fileCards are files in all their states.
func fileCards() map[string]FileCard {
	photo, small := NewPhoto(somePicture(200, 150)), NewBlurredPhoto(somePicture(40, 30))
	card := func(change func(*FileCard)) FileCard {
		f := FileCard{Name: "report.pdf", Size: "24 MB"}
		change(&f)
		return f
	}
	return map[string]FileCard{
		"there":  card(func(*FileCard) {}),
		"image":  card(func(f *FileCard) { f.Name, f.Icon = "holiday.png", assets.IconImage }),
		"remote": card(func(f *FileCard) { f.Ring = FileRemote }),
		"begun":  card(func(f *FileCard) { f.Ring, f.Size = FileRunning, "0 of 24 MB" }),
		"running": card(func(f *FileCard) {
			f.Ring, f.Part, f.Size = FileRunning, 0.13, "3.2 of 24 MB · 1.1 MB/s · 18 s"
		}),
		"waiting": card(func(f *FileCard) {
			f.Ring, f.Part, f.Size, f.State = FileRunning, 0.5, "12 of 24 MB", "Waiting for network"
		}),
		"broken": card(func(f *FileCard) { f.Ring, f.Part, f.State = FileBroken, 0.5, "Interrupted" }),
		"failed": card(func(f *FileCard) {
			f.Ring, f.State, f.Alarm = FileBroken, "Not downloaded", true
			f.Reason = "The file is not on the server any more. Ask for it again."
		}),
		"long": card(func(f *FileCard) {
			f.Name = "Minutes of the meeting about the longest table in the library, final version 2.odt"
		}),
		"photo": card(func(f *FileCard) { f.Photo, f.Width, f.Height = photo, 200, 150 }),
		"photo_remote": card(func(f *FileCard) {
			f.Photo, f.Width, f.Height, f.Ring = small, 200, 150, FileRemote
		}),
		"photo_running": card(func(f *FileCard) {
			f.Photo, f.Width, f.Height, f.Ring, f.Part, f.Size = small, 200, 150, FileRunning, 0.6, "1.2 of 2 MB"
		}),
		"photo_failed": card(func(f *FileCard) {
			f.Width, f.Height, f.Ring, f.State, f.Alarm = 200, 150, FileBroken, "Not downloaded", true
			f.Reason = "There is no room for the file on this disk. Free some space, then try again."
		}),
	}
}

func fileStates() map[string]golden {
	all := map[string]golden{}
	for name, f := range fileCards() {
		shown := func(it MessageItem) golden {
			return golden{420, 260, func() fyne.CanvasObject {
				l := NewMessageList()
				it.Key, it.Time, it.File = 1, "14:02", &f
				l.SetItems([]MessageItem{it})
				return l
			}}
		}
		all["file_"+name] = shown(MessageItem{})
		if name == "running" || name == "photo_failed" { // own ones differ in colours and place alone
			all["file_own_"+name] = shown(MessageItem{Own: true, State: StateWaiting})
		}
	}
	f := fileCards()["photo"]
	all["file_captioned"] = golden{420, 300, func() fyne.CanvasObject {
		l := NewMessageList()
		l.SetItems([]MessageItem{{
			Key: 1, Time: "14:02", SenderKey: "bob", SenderName: "Bob", Forwarded: "Forwarded", Text: "The long table", File: &f,
		}})
		return l
	}}
	return all
}

func TestPhotoSize(t *testing.T) {
	tests := map[string]struct {
		width, height int
		wantW, wantH  float32
	}{
		"unknown":     {0, 0, 240, 180},
		"half known":  {100, 0, 240, 180},
		"wide":        {3600, 1800, 360, 180},
		"tall":        {1000, 2000, 210, 420},
		"not larger":  {200, 150, 200, 150},
		"tiny":        {16, 16, 96, 96},
		"a line":      {10000, 10, 360, 96},
		"upright":     {10, 10000, 96, 420},
		"of one side": {1 << 30, 1 << 30, 360, 360},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if w, h := PhotoSize(tc.width, tc.height); w != tc.wantW || h != tc.wantH {
				t.Errorf("got %v×%v, want %v×%v", w, h, tc.wantW, tc.wantH)
			}
		})
	}
}

// A row has the same height whatever is known of its picture's pixels, and whatever its transfer does.
func TestMessageList_photoKeepsPlace(t *testing.T) {
	useTheme(t, VariantLight)
	l := NewMessageList()
	inWindow(t, l, 420, 500)
	var want []float32
	for i, f := range []FileCard{
		{Width: 4000, Height: 3000, Ring: FileRemote, Size: "2 MB"},
		{Width: 4000, Height: 3000, Ring: FileRemote, Photo: NewBlurredPhoto(somePicture(40, 30))},
		{Width: 4000, Height: 3000, Ring: FileRunning, Part: 0.5, Size: "1 of 2 MB", State: "Waiting for network"},
		{Width: 4000, Height: 3000, Photo: NewPhoto(somePicture(360, 270))},
	} {
		l.SetItems([]MessageItem{{Key: 1, Text: "above", Time: "14:02"}, {Key: 2, Time: "14:02", File: &f}})
		var got []float32
		for _, p := range l.visible {
			got = append(got, p.y, p.layout.height, p.layout.bubble.w)
		}
		if i == 0 {
			want = got
		}
		for at := range want {
			if got[at] != want[at] {
				t.Errorf("state %d: got %v, want %v", i, got, want)
				break
			}
		}
	}
}

func TestMessageList_rings(t *testing.T) {
	ring := func(r *rowLayout) box { return r.parts.ring }
	whole := func(r *rowLayout) box { return box{r.parts.file.x + r.parts.file.w - 20, r.parts.file.y, 10, 10} }
	tests := map[string]struct {
		state FileState
		heard bool // OnRingTapped is set
		at    func(*rowLayout) box
		want  string
	}{
		"ring":           {FileRunning, true, ring, "ring"},
		"beside it":      {FileRunning, true, whole, "file"},
		"nobody listens": {FileRunning, false, ring, "file"},
		"no ring":        {FileThere, true, func(r *rowLayout) box { return box{r.parts.file.x, r.parts.file.y, 44, 44} }, "file"},
	}
	for name, tc := range tests {
		for shape, f := range map[string]FileCard{"card": {Name: "a"}, "photo": {Width: 300, Height: 300}} {
			t.Run(name+" of a "+shape, func(t *testing.T) {
				useTheme(t, VariantLight)
				l := NewMessageList()
				w := inWindow(t, l, 500, 500)
				f.Ring = tc.state
				l.SetItems([]MessageItem{{Key: 3, File: &f, Time: "14:02"}})
				got := ""
				l.OnFileTapped = func(int64) { got += "file" }
				if tc.heard {
					l.OnRingTapped = func(int64) { got += "ring" }
				}
				test.TapCanvas(w.Canvas(), middle(l, tc.at))
				if got != tc.want {
					t.Errorf("got %q, want %q", got, tc.want)
				}
			})
		}
	}
}

func TestNewBlurredPhoto(t *testing.T) {
	if NewPhoto(nil) != nil || NewBlurredPhoto(image.NewGray(image.Rectangle{})) != nil {
		t.Error("a photo of nothing")
	}
	var none *Photo
	if w, h := none.Size(); w != 0 || h != 0 || none.Blurred() {
		t.Error("nothing has a size")
	}
	p := NewBlurredPhoto(somePicture(80, 40))
	w, h := p.Size()
	if w != 2*h || !p.Blurred() {
		t.Errorf("got %d×%d, want twice as wide as high", w, h)
	}
	left, right := p.img.RGBAAt(0, h-1), p.img.RGBAAt(w-1, h-1)
	if left.R >= right.R || left.A != 0xFF {
		t.Errorf("left %v, right %v; want the colours of the picture", left, right)
	}
	if line := NewBlurredPhoto(somePicture(500, 1)); line == nil || line.img.Bounds().Dy() == 0 {
		t.Error("a line has no photo")
	}
}
