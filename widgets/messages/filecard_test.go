package messages

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/widgets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/widgettest"
)

// fileCards returns files in all states.
func fileCards() map[string]FileCard {
	photo, small := widgets.NewPhoto(widgettest.Picture(200, 150)), widgets.NewBlurredPhoto(widgettest.Picture(40, 30))
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
		"broken": card(func(f *FileCard) { f.Ring, f.Part, f.State = FileFailed, 0.5, "Interrupted" }),
		"failed": card(func(f *FileCard) {
			f.Ring, f.State, f.Alarm = FileFailed, "Not downloaded", true
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
		"sticker": card(func(f *FileCard) { f.Photo, f.Width, f.Height, f.Sticker = photo, 200, 150, true }),
		"gif":     card(func(f *FileCard) { f.Photo, f.Width, f.Height, f.Label = photo, 200, 150, "GIF" }),
		"photo_failed": card(func(f *FileCard) {
			f.Width, f.Height, f.Ring, f.State, f.Alarm = 200, 150, FileFailed, "Not downloaded", true
			f.Reason = "There is no room for the file on this disk. Free some space, then try again."
		}),
	}
}

func fileStates() map[string]golden {
	all := map[string]golden{}
	for name, f := range fileCards() {
		shown := func(it Item) golden {
			return golden{420, 260, func() fyne.CanvasObject {
				l := NewList()
				it.Key, it.Time, it.File = 1, "14:02", &f
				l.SetItems([]Item{it})
				return l
			}}
		}
		all["file_"+name] = shown(Item{})
		if name == "running" || name == "photo_failed" { // own files differ only in colours and position
			all["file_own_"+name] = shown(Item{Own: true, State: widgets.StateWaiting})
		}
	}
	f := fileCards()["photo"]
	all["file_captioned"] = golden{420, 300, func() fyne.CanvasObject {
		l := NewList()
		l.SetItems([]Item{{
			Key: 1, Time: "14:02", SenderKey: "bob", SenderName: "Bob", Forwarded: "Forwarded",
			Text: "The long table", File: &f,
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

func TestStickerSize(t *testing.T) {
	for name, tc := range map[string]struct {
		width, height int
		room          float32
		wantW, wantH  float32
	}{
		"of 512 pixels": {512, 512, 500, 200, 200},
		"wide":          {512, 256, 500, 200, 100},
		"small":         {90, 80, 500, 90, 80},
		"tiny":          {10, 10, 500, 64, 64},
		"no room":       {512, 256, 100, 100, 64},
		"unknown":       {0, 0, 500, 64, 64},
	} {
		if w, h := stickerSize(tc.width, tc.height, tc.room); w != tc.wantW || h != tc.wantH {
			t.Errorf("%s: got %v×%v, want %v×%v", name, w, h, tc.wantW, tc.wantH)
		}
	}
}

// A picture that moves shows its frames in place, without its label, and nothing else moves.
func TestList_frames(t *testing.T) {
	useTheme(t, widgets.VariantLight)
	l := NewList()
	widgettest.InWindow(t, l, 420, 500)
	still, frame := widgets.NewPhoto(widgettest.Picture(90, 60)), widgets.NewPhoto(widgettest.Picture(90, 60))
	l.SetItems([]Item{{Key: 1, Time: "14:02", File: &FileCard{Width: 90, Height: 60, Label: "GIF", Photo: still}}})
	parts, layout := l.live[1].blocks.file, l.live[1].layout
	for i, tc := range []struct{ set, want *widgets.Photo }{{frame, frame}, {nil, still}} {
		l.SetFrame(1, tc.set)
		labelled := slices.Contains(l.live[1].box.Objects, fyne.CanvasObject(parts.label))
		if parts.shown != tc.want || labelled != (tc.set == nil) || l.live[1].layout != layout {
			t.Errorf("step %d: frame shown %t, label %t", i, parts.shown == frame, labelled)
		}
	}
	l.SetFrame(2, frame) // of a message that is not in the list
}

// A row with a picture has the same height before, during and after the download.
func TestList_photoKeepsPlace(t *testing.T) {
	useTheme(t, widgets.VariantLight)
	l := NewList()
	widgettest.InWindow(t, l, 420, 500)
	var want []float32
	for i, f := range []FileCard{
		{Width: 4000, Height: 3000, Ring: FileRemote, Size: "2 MB"},
		{Width: 4000, Height: 3000, Ring: FileRemote, Photo: widgets.NewBlurredPhoto(widgettest.Picture(40, 30))},
		{Width: 4000, Height: 3000, Ring: FileRunning, Part: 0.5, Size: "1 of 2 MB", State: "Waiting for network"},
		{Width: 4000, Height: 3000, Photo: widgets.NewPhoto(widgettest.Picture(360, 270))},
	} {
		l.SetItems([]Item{{Key: 1, Text: "above", Time: "14:02"}, {Key: 2, Time: "14:02", File: &f}})
		var got []float32
		for _, p := range l.visible {
			got = append(got, p.y, p.layout.height, p.layout.bubble.W)
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

func TestList_rings(t *testing.T) {
	ring := func(r *rowLayout) draw.Box { return r.parts.ring }
	whole := func(r *rowLayout) draw.Box {
		return draw.NewBox(r.parts.file.X+r.parts.file.W-20, r.parts.file.Y, 10, 10)
	}
	tests := map[string]struct {
		state FileState
		heard bool // OnRingTapped is set
		at    func(*rowLayout) draw.Box
		want  string
	}{
		"ring":           {FileRunning, true, ring, "ring"},
		"beside it":      {FileRunning, true, whole, "file"},
		"nobody listens": {FileRunning, false, ring, "file"},
		"no ring": {FileLocal, true, func(r *rowLayout) draw.Box {
			return draw.NewBox(r.parts.file.X, r.parts.file.Y, 44, 44)
		}, "file"},
	}
	for name, tc := range tests {
		for shape, f := range map[string]FileCard{"card": {Name: "a"}, "photo": {Width: 300, Height: 300}} {
			t.Run(name+" of a "+shape, func(t *testing.T) {
				useTheme(t, widgets.VariantLight)
				l := NewList()
				w := widgettest.InWindow(t, l, 500, 500)
				f.Ring = tc.state
				l.SetItems([]Item{{Key: 3, File: &f, Time: "14:02"}})
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
