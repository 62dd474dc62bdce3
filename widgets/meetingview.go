package widgets

import (
	"image"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// MeetingData is what a [MeetingView] shows.
type MeetingData struct {
	Face   Face // of the group
	Title  string
	Status string // 3 people · 03:12
	Note   string // what does not work; may be empty
	Tiles  []Tile // of the page
	Large  bool   // the first tile is large, and the others are in a row below
	// Page is the one that is shown, from 0; without a second page there are no buttons for them.
	Page, Pages int
	// Waiting is the banner about another call; without text there is none.
	Waiting BannerData
	Actions []CallAction // at most six
}

// Sizes of a [MeetingView].
const (
	MeetingWidth  = float32(800)
	MeetingHeight = float32(640)

	meetingHeader   = float32(56)
	meetingGap      = float32(12)
	meetingStrip    = float32(5)   // tiles in the row below a large one
	meetingStripMax = float32(150) // width of each
	meetingFace     = float32(36)
	meetingMinWidth = float32(440)
	meetingMinHigh  = float32(420)
)

// MeetingView is the content of the window of the call of a group: a tile for each participant and a row of buttons.
type MeetingView struct {
	widget.BaseWidget

	// OnKey is called for keys that nothing in the view handles.
	OnKey func(e *fyne.KeyEvent)
	// OnFocus is called when the view or something in it gets or loses the keyboard.
	OnFocus func(focused bool)
	// OnTile is called for a tile that is pressed, OnTileMenu to show what can be done with it, at a position in the
	// window.
	OnTile     func(key string)
	OnTileMenu func(key string, at fyne.Position)
	// OnPage is called with how many pages to go on, or back.
	OnPage func(by int)

	data    MeetingData
	banner  *Banner
	buttons callButtons
	tiles   map[string]*tileView
	stage   *fyne.Container // the tiles
	back    *IconButton
	next    *IconButton
	set     *text.Typesetter
}

var (
	_ fyne.Widget    = (*MeetingView)(nil)
	_ fyne.Focusable = (*MeetingView)(nil)
)

// SetTips sets where the words of buttons that have an icon alone are shown.
func (v *MeetingView) SetTips(t *Tips) {
	v.back.SetTips(t)
	v.next.SetTips(t)
}

// NewMeetingView returns a view.
func NewMeetingView(d MeetingData) *MeetingView {
	v := &MeetingView{
		set: text.NewTypesetter(), banner: NewBanner(BannerData{}), tiles: map[string]*tileView{}, stage: draw.NewGroup(),
	}
	v.buttons = newCallButtons(v)
	v.back = NewIconButton(assets.IconChevronLeft, tr.L("Previous page"), func() { v.turn(-1) })
	v.next = NewIconButton(assets.IconChevronRight, tr.L("Next page"), func() { v.turn(1) })
	v.ExtendBaseWidget(v)
	v.Set(d)
	return v
}

func (v *MeetingView) turn(by int) {
	if v.OnPage != nil {
		v.OnPage(by)
	}
}

// Set changes what is shown.
func (v *MeetingView) Set(d MeetingData) {
	v.data = d
	v.banner.Set(d.Waiting)
	draw.SetVisible(v.banner, d.Waiting.Text != "")
	v.buttons.set(d.Actions)
	draw.SetVisible(v.back, d.Pages > 1)
	draw.SetVisible(v.next, d.Pages > 1)
	v.back.SetDisabled(d.Page == 0)
	v.next.SetDisabled(d.Page >= d.Pages-1)
	v.setTiles(d.Tiles)
	v.Refresh()
}

// setTiles keeps the tiles of those who stay, and makes others.
func (v *MeetingView) setTiles(list []Tile) {
	kept := make(map[string]*tileView, len(list))
	objects := make([]fyne.CanvasObject, len(list))
	for i, tile := range list {
		t := v.tiles[tile.Key]
		if t == nil {
			t = newTileView(v)
		}
		t.show(tile, v.data.Large && i == 0)
		kept[tile.Key], objects[i] = t, t
	}
	v.tiles, v.stage.Objects = kept, objects
}

// ShowFrame shows a frame of the video of a tile. The frame must not change until the next one is shown.
func (v *MeetingView) ShowFrame(key string, frame image.Image) {
	if t := v.tiles[key]; t != nil && t.tile.Video {
		t.frame(frame)
	}
}

// FocusGained implements fyne.Focusable.
func (v *MeetingView) FocusGained() { v.focusChanged(true) }

// FocusLost implements fyne.Focusable.
func (v *MeetingView) FocusLost() { v.focusChanged(false) }

func (v *MeetingView) focusChanged(focused bool) {
	if v.OnFocus != nil {
		v.OnFocus(focused)
	}
}

// TypedRune implements fyne.Focusable.
func (v *MeetingView) TypedRune(rune) {}

// TypedKey implements fyne.Focusable.
func (v *MeetingView) TypedKey(e *fyne.KeyEvent) {
	switch {
	case e.Name == fyne.KeyPageDown && v.data.Page < v.data.Pages-1:
		v.turn(1)
	case e.Name == fyne.KeyPageUp && v.data.Page > 0:
		v.turn(-1)
	case v.OnKey != nil:
		v.OnKey(e)
	}
}

// MinSize implements fyne.CanvasObject.
func (v *MeetingView) MinSize() fyne.Size {
	return fyne.NewSize(max(meetingMinWidth, float32(len(v.data.Actions))*callButton+2*callEdge), meetingMinHigh)
}

// CreateRenderer implements fyne.Widget.
func (v *MeetingView) CreateRenderer() fyne.WidgetRenderer {
	r := &meetingParts{
		view: v, face: NewFacePart(v.set), ground: &canvas.Rectangle{}, title: draw.NewText(), status: draw.NewText(),
		note: draw.NewText(), page: draw.NewText(),
	}
	objects := append([]fyne.CanvasObject{r.ground}, r.face.Objects()...)
	objects = append(objects, r.title, r.status, r.note, v.stage, r.page, v.back, v.next, v.banner)
	for _, b := range v.buttons {
		objects = append(objects, b)
	}
	return draw.NewRenderer(objects, v.MinSize, r.place)
}

// meetingParts are what a MeetingView draws.
type meetingParts struct {
	view                      *MeetingView
	ground                    *canvas.Rectangle
	face                      *FacePart
	title, status, note, page *draw.Text
}

func (r *meetingParts) place(size fyne.Size) {
	v := r.view
	draw.SetFill(r.ground, draw.ThemeColor(ColorChatPane))
	draw.Place(r.ground, 0, 0, size.Width, size.Height)
	top := float32(0)
	if v.banner.Visible() {
		top = BannerHeight
		draw.Place(v.banner, 0, 0, size.Width, BannerHeight)
	}
	r.placeHeader(top, size.Width)
	top += meetingHeader
	stage := draw.NewBox(callEdge, top, size.Width-2*callEdge, max(0, size.Height-CallFooter-top))
	draw.Place(v.stage, 0, 0, size.Width, size.Height)
	if v.data.Large {
		placeLarge(v.stage.Objects, stage)
	} else {
		placeGrid(v.stage.Objects, stage)
	}
	v.buttons.place(len(v.data.Actions), size)
}

// placeHeader shows the group, how far the call is, what does not work, and the buttons for other pages.
func (r *meetingParts) placeHeader(top, width float32) {
	v, d := r.view, &r.view.data
	r.face.Place(callEdge, top+draw.SnapPx((meetingHeader-meetingFace)/2), meetingFace, d.Face, ColorChatPane)
	x, right := callEdge+meetingFace+10, width-callEdge
	draw.SetVisible(r.page, d.Pages > 1)
	if d.Pages > 1 {
		f := text.Font{Size: TextSmall}
		words := countOf(d.Page+1, d.Pages)
		w := draw.CeilPx(v.set.LineWidth(words, f))
		y := top + (meetingHeader-draw.HitSide)/2
		draw.Place(v.next, right-draw.HitSide, y, draw.HitSide, draw.HitSide)
		draw.SetText(r.page, words, f, draw.ThemeColor(ColorSecondary))
		draw.PlaceText(r.page, right-draw.HitSide-w, top+(meetingHeader-text.Height(f))/2)
		draw.Place(v.back, right-2*draw.HitSide-w, y, draw.HitSide, draw.HitSide)
		right -= 2*draw.HitSide + w + 12
	}
	line := func(t *draw.Text, words string, f text.Font, ink fyne.ThemeColorName, x, y, room float32) float32 {
		words = v.set.Fit(text.CleanLine(words), f, room)
		draw.SetText(t, words, f, draw.ThemeColor(ink))
		draw.PlaceText(t, x, y)
		return draw.CeilPx(v.set.LineWidth(words, f))
	}
	middle, small := top+meetingHeader/2, text.Font{Size: TextSmall}
	line(r.title, d.Title, text.Font{Size: TextHeader, Bold: true}, ColorText, x, middle-20, right-x)
	w := line(r.status, d.Status, small, ColorSecondary, x, middle+2, right-x)
	note := d.Note
	if note != "" && d.Status != "" {
		note = "· " + note
	}
	line(r.note, note, small, ColorError, x+w+4, middle+2, right-x-w-4)
}

// placeGrid makes the tiles as large as possible, in rows of which the last one is centred.
func placeGrid(tiles []fyne.CanvasObject, stage draw.Box) {
	n := len(tiles)
	if n == 0 {
		return
	}
	columns := gridColumns(n, stage)
	rows := (n + columns - 1) / columns
	w := (stage.W - float32(columns-1)*meetingGap) / float32(columns)
	h := (stage.H - float32(rows-1)*meetingGap) / float32(rows)
	w, h = draw.SnapPx(min(w, h*16/9)-0.5), draw.SnapPx(min(h, w)-0.5)
	y := draw.SnapPx(stage.Y + (stage.H-float32(rows)*h-float32(rows-1)*meetingGap)/2)
	for row := range rows {
		part := tiles[row*columns : min(n, (row+1)*columns)]
		placeTiles(part, draw.NewBox(stage.X, y, stage.W, h), w)
		y += h + meetingGap
	}
}

// gridColumns returns in how many columns the tiles are largest.
func gridColumns(n int, stage draw.Box) int {
	best, side := 1, float32(0)
	for columns := 1; columns <= n; columns++ {
		rows := (n + columns - 1) / columns
		w := (stage.W - float32(columns-1)*meetingGap) / float32(columns)
		h := (stage.H - float32(rows-1)*meetingGap) / float32(rows)
		if s := min(w/4, h/3); s > side {
			best, side = columns, s
		}
	}
	return best
}

// placeTiles puts tiles of a width side by side, into the middle of a box that is as high as they are.
func placeTiles(tiles []fyne.CanvasObject, box draw.Box, w float32) {
	n := float32(len(tiles))
	x := draw.SnapPx(box.X + (box.W-n*w-(n-1)*meetingGap)/2)
	for _, t := range tiles {
		draw.Place(t, x, box.Y, w, box.H)
		x += w + meetingGap
	}
}

// placeLarge puts the first tile above a row of the others.
func placeLarge(tiles []fyne.CanvasObject, stage draw.Box) {
	if len(tiles) == 0 {
		return
	}
	if len(tiles) > 1 {
		w := draw.SnapPx(min(meetingStripMax, (stage.W-(meetingStrip-1)*meetingGap)/meetingStrip) - 0.5)
		h := draw.SnapPx(w * 3 / 4)
		stage.H -= h + meetingGap
		placeTiles(tiles[1:], draw.NewBox(stage.X, stage.Y+stage.H+meetingGap, stage.W, h), w)
	}
	draw.Place(tiles[0], stage.X, stage.Y, stage.W, stage.H)
}
