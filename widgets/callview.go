package widgets

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// CallData is what a [CallView] shows.
type CallData struct {
	Face    Face
	Name    string
	Status  string // Ringing…, 03:12
	Problem bool   // Status is an error
	Note    string // a second line, such as "Bob is muted"; may be empty
	Warning string // a third one: what does not work here; may be empty
	Signal  bool   // Bars and Route are known
	Bars    int    // how good the connection is, from 0 to 4
	Route   string // direct or relayed
	// Waiting is the banner about another call; without text there is none.
	Waiting BannerData
	Actions []CallAction // at most six
	Remote  bool         // the video of the other party is shown
	Own     bool         // the own video is shown
}

// Sizes of a [CallView].
const (
	CallWidth       = float32(560)
	CallHeight      = float32(540)
	CallVideoWidth  = float32(640) // without borders for the usual size of video
	CallVideoHeight = 480 + CallFooter
	CallFooter      = float32(116) // of the row of buttons, also of a [MeetingView]

	callFace     = float32(120)
	callEdge     = float32(16)
	callOwnWidth = float32(144)
	callOwnHigh  = float32(108)
	callPill     = float32(28)
	callActions  = 6
	callApart    = 3 // up to this many buttons stand apart
	callMinWidth = float32(360)
	callMinHigh  = float32(420)
)

// CallView is the content of the window of a call: face, name and status, or the video of both, and a row of buttons.
type CallView struct {
	widget.BaseWidget

	// OnKey is called for keys that no button handles.
	OnKey func(e *fyne.KeyEvent)
	// OnFocus is called when the view or one of its buttons gets or loses the keyboard.
	OnFocus func(focused bool)

	data    CallData
	banner  *Banner
	buttons callButtons
	remote  *canvas.Image
	own     *canvas.Image
	set     *text.Typesetter
}

var (
	_ fyne.Widget    = (*CallView)(nil)
	_ fyne.Focusable = (*CallView)(nil)
)

// NewCallView returns a view.
func NewCallView(d CallData) *CallView {
	v := &CallView{set: text.NewTypesetter(), banner: NewBanner(BannerData{})}
	v.remote, v.own = newVideo(0), newVideo(RadiusField)
	v.buttons = newCallButtons(v)
	v.ExtendBaseWidget(v)
	v.Set(d)
	return v
}

func newVideo(radius float32) *canvas.Image {
	return &canvas.Image{FillMode: canvas.ImageFillContain, ScaleMode: canvas.ImageScaleFastest, CornerRadius: radius}
}

// Set changes what is shown.
func (v *CallView) Set(d CallData) {
	v.data = d
	v.banner.Set(d.Waiting)
	draw.SetVisible(v.banner, d.Waiting.Text != "")
	v.buttons.set(d.Actions)
	v.Refresh()
}

// ShowRemote shows a frame of the other party's video, ShowOwn one of the own. The frame must not change until the
// next one is shown.
func (v *CallView) ShowRemote(frame image.Image) { showFrame(v.remote, frame) }

// ShowOwn is ShowRemote for the own video.
func (v *CallView) ShowOwn(frame image.Image) { showFrame(v.own, frame) }

func showFrame(at *canvas.Image, frame image.Image) {
	at.Image = frame
	at.Refresh()
}

// FocusGained implements fyne.Focusable.
func (v *CallView) FocusGained() { v.focusChanged(true) }

// FocusLost implements fyne.Focusable.
func (v *CallView) FocusLost() { v.focusChanged(false) }

func (v *CallView) focusChanged(focused bool) {
	if v.OnFocus != nil {
		v.OnFocus(focused)
	}
}

// TypedRune implements fyne.Focusable.
func (v *CallView) TypedRune(rune) {}

// TypedKey implements fyne.Focusable.
func (v *CallView) TypedKey(e *fyne.KeyEvent) {
	if v.OnKey != nil {
		v.OnKey(e)
	}
}

// MinSize implements fyne.CanvasObject.
func (v *CallView) MinSize() fyne.Size {
	width := max(callMinWidth, float32(len(v.data.Actions))*callButton+2*callEdge)
	return fyne.NewSize(width, callMinHigh)
}

// CreateRenderer implements fyne.Widget.
func (v *CallView) CreateRenderer() fyne.WidgetRenderer {
	r := &callParts{view: v, face: NewFacePart(text.NewTypesetter()), back: &canvas.Rectangle{}, dark: &canvas.Rectangle{}}
	r.pill = &canvas.Rectangle{CornerRadius: callPill / 2}
	r.name, r.status, r.note, r.route = draw.NewText(), draw.NewText(), draw.NewText(), draw.NewText()
	r.warning = draw.NewText()
	objects := []fyne.CanvasObject{r.back, r.dark, v.remote, r.pill}
	objects = append(objects, r.face.Objects()...)
	objects = append(objects, r.name, r.status, r.note, r.warning, r.route)
	for i := range r.bars {
		r.bars[i] = &canvas.Rectangle{CornerRadius: 1}
		objects = append(objects, r.bars[i])
	}
	objects = append(objects, v.own, v.banner)
	for _, b := range v.buttons {
		objects = append(objects, b)
	}
	return draw.NewRenderer(objects, v.MinSize, r.place)
}

// callParts are what a CallView draws.
type callParts struct {
	view                      *CallView
	back, dark, pill          *canvas.Rectangle
	face                      *FacePart
	name, status, note, route *draw.Text
	warning                   *draw.Text
	bars                      [4]*canvas.Rectangle
}

func (r *callParts) place(size fyne.Size) {
	d := &r.view.data
	draw.SetFill(r.back, draw.ThemeColor(ColorChatPane))
	draw.Place(r.back, 0, 0, size.Width, size.Height)
	top := float32(0)
	if r.view.banner.Visible() {
		top = BannerHeight
		draw.Place(r.view.banner, 0, 0, size.Width, BannerHeight)
	}
	stage := draw.NewBox(0, top, size.Width, size.Height-CallFooter-top)
	for _, o := range []fyne.CanvasObject{r.dark, r.view.remote, r.pill} {
		draw.SetVisible(o, d.Remote)
	}
	if d.Remote {
		draw.SetFill(r.dark, draw.ThemeColor(ColorCallVideo))
		draw.Place(r.dark, stage.X, stage.Y, stage.W, stage.H)
		draw.Place(r.view.remote, stage.X, stage.Y, stage.W, stage.H)
	}
	for _, o := range r.face.Objects() {
		draw.SetVisible(o, !d.Remote)
	}
	draw.SetVisible(r.warning, !d.Remote && d.Warning != "")
	if d.Remote {
		r.placePill(stage)
	} else {
		r.placePerson(stage)
	}
	draw.SetVisible(r.view.own, d.Own)
	draw.Place(r.view.own, size.Width-callOwnWidth-callEdge, stage.Y+stage.H-callOwnHigh-callEdge, callOwnWidth,
		callOwnHigh)
	r.view.buttons.place(len(d.Actions), size)
}

// placePerson shows face, name and status in the middle.
func (r *callParts) placePerson(stage draw.Box) {
	d, set := &r.view.data, r.view.set
	above := float32(0.45) // of the room that is left
	if d.Own {
		above = 0.25
	}
	y := stage.Y + draw.SnapPx(max(callEdge, (stage.H-callFace-100)*above))
	r.face.Place(draw.SnapPx(stage.X+(stage.W-callFace)/2), y, callFace, d.Face, ColorChatPane)
	y += callFace + 20
	room := stage.W - 4*callEdge
	line := func(t *draw.Text, words string, f text.Font, ink fyne.ThemeColorName, height float32) {
		words = set.Fit(text.CleanLine(words), f, room)
		draw.SetText(t, words, f, draw.ThemeColor(ink))
		draw.PlaceText(t, stage.X+(stage.W-set.LineWidth(words, f))/2, y)
		y += height
	}
	line(r.name, d.Name, text.Font{Size: callNameSize, Bold: true}, ColorText, 34)
	ink := ColorSecondary
	if d.Problem {
		ink = ColorError
	}
	line(r.status, d.Status, text.Font{Size: TextHeader}, ink, 26)
	line(r.note, d.Note, text.Font{Size: TextPreview}, ColorSecondary, 22)
	if d.Note == "" {
		y -= 22
	}
	line(r.warning, d.Warning, text.Font{Size: TextPreview}, ColorSecondary, 0)
	r.placeSignal(stage.X+stage.W-callEdge, stage.Y+callEdge, ColorSecondary, ColorText, ColorFaint)
}

const callNameSize = float32(24)

// placePill shows name and status on the video.
func (r *callParts) placePill(stage draw.Box) {
	d, set := &r.view.data, r.view.set
	f := text.Font{Size: TextPreview, Bold: true}
	words := d.Name + " · " + d.Status
	for _, more := range []string{d.Warning, d.Note} {
		if more != "" {
			words += " · " + more
		}
	}
	words = set.Fit(text.CleanLine(words), f, stage.W-2*callEdge-24-signalRoom)
	draw.SetText(r.name, words, f, draw.ThemeColor(ColorShadeText))
	draw.SetText(r.status, "", f, color.Transparent)
	draw.SetText(r.note, "", f, color.Transparent)
	w := draw.CeilPx(set.LineWidth(words, f)) + 24
	if d.Signal {
		w += r.signalWidth() + 12
	}
	draw.SetFill(r.pill, draw.ThemeColor(ColorShade))
	draw.Place(r.pill, stage.X+callEdge, stage.Y+callEdge, w, callPill)
	draw.PlaceText(r.name, stage.X+callEdge+12, stage.Y+callEdge+(callPill-text.Height(f))/2)
	r.placeSignal(stage.X+callEdge+w-12, stage.Y+callEdge+(callPill-signalHigh)/2, ColorShadeText, ColorShadeText,
		ColorCallDim)
}

// Geometry of the bars of a connection.
const (
	signalBar  = float32(4)
	signalGap  = float32(2)
	signalHigh = float32(14)
	signalRoom = float32(100)
)

func signalFont() text.Font { return text.Font{Size: TextSmall} }

func (r *callParts) signalWidth() float32 {
	w := float32(len(r.bars))*(signalBar+signalGap) - signalGap
	if r.view.data.Route != "" {
		w += 8 + draw.CeilPx(r.view.set.LineWidth(r.view.data.Route, signalFont()))
	}
	return w
}

// placeSignal puts the bars and the route to the left of right.
func (r *callParts) placeSignal(right, y float32, words, full, empty fyne.ThemeColorName) {
	d := &r.view.data
	x := right - r.signalWidth()
	f := signalFont()
	draw.SetVisible(r.route, d.Signal)
	draw.SetText(r.route, d.Route, f, draw.ThemeColor(words))
	draw.PlaceText(r.route, x, y+(signalHigh-text.Height(f))/2)
	x = right - float32(len(r.bars))*(signalBar+signalGap) + signalGap
	for i, bar := range r.bars {
		draw.SetVisible(bar, d.Signal)
		ink := empty
		if i < d.Bars {
			ink = full
		}
		draw.SetFill(bar, draw.ThemeColor(ink))
		h := signalHigh * float32(i+2) / float32(len(r.bars)+1)
		draw.Place(bar, x+float32(i)*(signalBar+signalGap), draw.SnapPx(y+signalHigh-h), signalBar, draw.SnapPx(h))
	}
}
