package widgets

import (
	"fmt"
	"image"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/widgettest"
)

// meetingStates are the windows of calls of groups.
func meetingStates() map[string]golden {
	return map[string]golden{
		"meeting_alone": {480, 480, func() fyne.CanvasObject { return NewMeetingView(meeting(1)) }},
		"meeting_four": {800, 640, func() fyne.CanvasObject {
			d := meeting(4)
			d.Note = "Another participant has muted you"
			d.Waiting = BannerData{Kind: BannerGreen, Text: "Carol calls the group Choir", Actions: []Action{{Text: "Ignore"}}}
			v := NewMeetingView(d)
			v.ShowFrame("2", image.NewRGBA(image.Rect(0, 0, 8, 6)))
			return v
		}},
		"meeting_pages": {800, 640, func() fyne.CanvasObject {
			d := meeting(9)
			d.Page, d.Pages = 1, 3
			return NewMeetingView(d)
		}},
		"meeting_large": {640, 640, func() fyne.CanvasObject {
			d := meeting(5)
			d.Large, d.Pages, d.Tiles[0].Video = true, 2, true
			v := NewMeetingView(d)
			v.ShowFrame("1", image.NewRGBA(image.Rect(0, 0, 16, 9)))
			v.tiles["2"].MouseIn(nil)
			v.tiles["3"].FocusGained()
			return v
		}},
	}
}

// meeting has n tiles: the second one with video, the third muted, the fourth not connected; the first talks.
func meeting(n int) MeetingData {
	d := MeetingData{
		Face: Face{Name: "Hikers", Group: true}, Title: "Hikers", Status: fmt.Sprintf("%d people · 03:12", n), Pages: 1,
		Actions: []CallAction{
			{Icon: assets.IconMicrophone, Text: "Mute"},
			{Icon: assets.IconVideoOff, Text: "Camera on", Kind: CallButtonOn},
			{Icon: assets.IconHangUp, Text: "Leave", Kind: CallButtonEnd},
		},
	}
	for i := range n {
		name := []string{"Alice Martin", "Bob Keller", "Chiara Rossi", "Dave"}[i%4]
		t := Tile{Key: fmt.Sprint(i + 1), Name: name, Face: Face{Key: name, Name: name}}
		switch i {
		case 0:
			t.Talking = true
		case 1:
			t.Video = true
		case 2:
			t.Muted = true
		case 3:
			t.Note = "Connecting…"
		}
		d.Tiles = append(d.Tiles, t)
	}
	return d
}

// TestMeetingView_layout: for any number of tiles, none overlaps another or leaves the stage, and all are of use.
func TestMeetingView_layout(t *testing.T) {
	widgettest.StartApp(t, NewTheme(VariantLight))
	for n := range gridMost {
		for _, large := range []bool{false, true} {
			d := meeting(n + 1)
			if d.Large = large; large && n+1 > int(meetingStrip)+1 {
				continue
			}
			for _, size := range []fyne.Size{
				fyne.NewSize(440, 420), fyne.NewSize(800, 640), fyne.NewSize(500, 1000), fyne.NewSize(1900, 900),
			} {
				v := NewMeetingView(d)
				widgettest.InWindow(t, v, size.Width, size.Height)
				checkTiles(t, v, fmt.Sprintf("%d tiles, large %v, %v", n+1, large, size))
			}
		}
	}
}

const gridMost = 9

func checkTiles(t *testing.T, v *MeetingView, what string) {
	t.Helper()
	stage := draw.NewBox(0, meetingHeader-1, v.Size().Width, v.Size().Height-CallFooter-meetingHeader+2)
	var boxes []draw.Box
	for _, o := range v.stage.Objects {
		b := draw.NewBox(o.Position().X, o.Position().Y, o.Size().Width, o.Size().Height)
		if b.W < 60 || b.H < 44 || !stage.Contains(b.X, b.Y) || !stage.Contains(b.X+b.W-1, b.Y+b.H-1) {
			t.Errorf("%s: tile at %v, stage %v", what, b, stage)
		}
		for _, other := range boxes {
			if b.X < other.X+other.W && other.X < b.X+b.W && b.Y < other.Y+other.H && other.Y < b.Y+b.H {
				t.Errorf("%s: %v lies over %v", what, b, other)
			}
		}
		boxes = append(boxes, b)
	}
}

func TestMeetingView_input(t *testing.T) {
	widgettest.StartApp(t, NewTheme(VariantLight))
	d := meeting(3)
	d.Pages = 2
	v := NewMeetingView(d)
	var did []string
	v.OnTile = func(key string) { did = append(did, "tile "+key) }
	v.OnTileMenu = func(key string, _ fyne.Position) { did = append(did, "menu "+key) }
	v.OnPage = func(by int) { did = append(did, fmt.Sprint("page ", by)) }
	v.OnKey = func(e *fyne.KeyEvent) { did = append(did, string(e.Name)) }
	widgettest.InWindow(t, v, 800, 640)
	tile := v.tiles["2"]
	tile.Tapped(widgettest.TapAt(20, 20))
	tile.TappedSecondary(widgettest.TapAt(20, 20))
	tile.MouseIn(nil)
	tile.Tapped(widgettest.TapAt(tile.Size().Width-20, 20))
	tile.TypedKey(widgettest.Key(fyne.KeyReturn))
	tile.TypedKey(widgettest.Key(desktop.KeyMenu))
	tile.TypedKey(widgettest.Key(fyne.KeyM))
	v.TypedKey(widgettest.Key(fyne.KeyPageUp)) // there is none
	v.TypedKey(widgettest.Key(fyne.KeyPageDown))
	want := fmt.Sprintf("[tile 2 menu 2 menu 2 tile 2 menu 2 M %s page 1]", fyne.KeyPageUp)
	if got := fmt.Sprint(did); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	d.Tiles = d.Tiles[1:]
	v.Set(d)
	if v.tiles["2"] != tile || v.tiles["1"] != nil {
		t.Error("the tile of who stays is another one")
	}
}

// BenchmarkMeetingView is what the user interface's goroutine does for a frame of each of four tiles, but for painting.
func BenchmarkMeetingView(b *testing.B) {
	widgettest.StartApp(b, NewTheme(VariantLight))
	d := meeting(4)
	for i := range d.Tiles {
		d.Tiles[i].Video = true
	}
	v := NewMeetingView(d)
	widgettest.InWindow(b, v, 800, 640)
	frames := [2]*image.RGBA{image.NewRGBA(image.Rect(0, 0, 640, 480)), image.NewRGBA(image.Rect(0, 0, 640, 480))}
	i := 0
	for b.Loop() {
		i++
		for _, tile := range d.Tiles {
			v.ShowFrame(tile.Key, frames[i%2])
		}
	}
}

// BenchmarkMeetingView_Set is what it does when something has changed, with nine tiles.
func BenchmarkMeetingView_Set(b *testing.B) {
	widgettest.StartApp(b, NewTheme(VariantLight))
	v := NewMeetingView(meeting(9))
	widgettest.InWindow(b, v, 800, 640)
	i := 0
	for b.Loop() {
		i++
		d := meeting(9)
		d.Status = fmt.Sprintf("9 people · 03:%02d", i%60)
		d.Tiles[i%9].Talking = true
		v.Set(d)
	}
}
