package widgets

import (
	"hash/fnv"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// Sides of an [Avatar].
const (
	AvatarSmall  = float32(32)
	AvatarHeader = float32(40)
	AvatarRow    = float32(46)
	AvatarMember = float32(36)
	AvatarLarge  = float32(64)
	AvatarInfo   = float32(96)
)

// Face is what an avatar shows.
type Face struct {
	Key    string // determines the colour; if it is empty the name does
	Name   string // for the letters
	Online bool   // a green dot
	Group  bool   // a rounded square instead of a disc
	Saved  bool   // a bookmark instead of letters
	Robot  bool   // a robot instead of letters
	Shield bool   // a shield instead of letters

	Picture *Picture // instead of the letters
}

// Avatar is a round picture, or the letters of a name; a rounded square for a group.
type Avatar struct {
	widget.BaseWidget

	side float32
	face Face
	ring fyne.ThemeColorName
}

var _ fyne.Widget = (*Avatar)(nil)

// NewAvatar returns an avatar of this side length.
func NewAvatar(side float32, face Face) *Avatar {
	a := &Avatar{side: side, face: face, ring: ColorChatPane}
	a.ExtendBaseWidget(a)
	return a
}

// Set changes what is shown.
func (a *Avatar) Set(face Face) {
	if a.face == face {
		return
	}
	a.face = face
	a.Refresh()
}

// MinSize implements fyne.CanvasObject.
func (a *Avatar) MinSize() fyne.Size { return fyne.NewSquareSize(a.side) }

// CreateRenderer implements fyne.Widget.
func (a *Avatar) CreateRenderer() fyne.WidgetRenderer {
	part := NewFacePart(text.NewTypesetter())
	return draw.NewRenderer(part.Objects(), a.MinSize, func(size fyne.Size) {
		part.Place(draw.SnapPx((size.Width-a.side)/2), draw.SnapPx((size.Height-a.side)/2), a.side, a.face, a.ring)
	})
}

// FacePart draws a face inside a row, without a widget around it. It is for the lists of this package and of package
// messages.
type FacePart struct {
	disc    *canvas.Rectangle
	letters *draw.Text
	icon    *canvas.Image
	picture *canvas.Image
	dot     *canvas.Circle
	set     *text.Typesetter
}

// NewFacePart returns a part that shows nothing yet.
func NewFacePart(set *text.Typesetter) *FacePart {
	return &FacePart{
		disc: &canvas.Rectangle{}, letters: draw.NewText(), icon: draw.NewIcon(), picture: draw.NewIcon(),
		dot: &canvas.Circle{}, set: set,
	}
}

// Objects returns what is drawn, from back to front.
func (p *FacePart) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{p.disc, p.letters, p.icon, p.picture, p.dot}
}

// Place draws the face in a square at x, y. The presence dot has a ring in the colour of the background.
func (p *FacePart) Place(x, y, side float32, face Face, ring fyne.ThemeColorName) {
	draw.SetFill(p.disc, face.Color())
	radius := side / 2
	if face.Group {
		radius = draw.SnapPx(side * 0.3)
	}
	if p.disc.CornerRadius != radius {
		p.disc.CornerRadius = radius
		p.disc.Refresh()
	}
	draw.Place(p.disc, x, y, side, side)
	draw.SetVisible(p.disc, face.Picture == nil)
	draw.SetVisible(p.picture, face.Picture != nil)
	if face.Picture == nil {
		p.placeMark(x, y, side, face)
	} else {
		draw.SetVisible(p.letters, false)
		draw.SetVisible(p.icon, false)
		p.placePicture(x, y, side, radius, face.Picture)
	}

	draw.SetVisible(p.dot, face.Online)
	if face.Online {
		dot, line := float32(12), float32(2)
		if side < AvatarHeader {
			dot = 10
		}
		if c := draw.ThemeColor(ColorOK); p.dot.FillColor != c || p.dot.StrokeColor != draw.ThemeColor(ring) {
			p.dot.FillColor, p.dot.StrokeColor, p.dot.StrokeWidth = c, draw.ThemeColor(ring), line
			p.dot.Refresh()
		}
		at := side - dot
		if side > AvatarRow { // on the edge of a large disc, which is farther from the corner
			dot += 6
			at = draw.SnapPx(side*0.853 - dot/2)
		}
		draw.Place(p.dot, x+at, y+at, dot, dot)
	}
}

// pictureScale is the number of pixels per unit, so that pictures are sharp on high-resolution displays too.
const pictureScale = 2

func (p *FacePart) placePicture(x, y, side, radius float32, picture *Picture) {
	img := picture.scaledTo(int(side * pictureScale))
	if p.picture.Image != img || p.picture.CornerRadius != radius {
		p.picture.Image, p.picture.CornerRadius = img, radius
		p.picture.Refresh()
	}
	draw.Place(p.picture, x, y, side, side)
}

func (p *FacePart) placeMark(x, y, side float32, face Face) {
	icon := assets.Icon("")
	switch {
	case face.Saved:
		icon = assets.IconBookmark
	case face.Robot:
		icon = assets.IconRobot
	case face.Shield:
		icon = assets.IconShield
	}
	draw.SetVisible(p.icon, icon != "")
	draw.SetVisible(p.letters, icon == "")
	if icon != "" {
		draw.SetIcon(p.icon, icon, ColorBadgeText)
		s := draw.SnapPx(side * 0.52)
		draw.Place(p.icon, x+draw.SnapPx((side-s)/2), y+draw.SnapPx((side-s)/2), s, s)
		return
	}
	f := text.Font{Size: draw.SnapPx(side*0.76) / 2, Bold: true}
	letters := text.Initials(face.Name)
	draw.SetText(p.letters, letters, f, color.White)
	w := p.set.Width(letters, f)
	draw.PlaceText(p.letters, x+(side-w)/2, y+(side-text.Height(f))/2-0.6) // capitals are a little low in their line
}

// Color returns one of eight colours, chosen by a hash that is the same at every start and on every machine.
func (f Face) Color() color.NRGBA {
	palette := [...]color.NRGBA{
		rgb(0xB3402A), rgb(0x9A5B00), rgb(0x5E6E00), rgb(0x1E7A3C),
		rgb(0x00707A), rgb(0x1F5FD0), rgb(0x6B4BC8), rgb(0xA8357F),
	}
	if f.Saved {
		return palette[5]
	}
	return palette[colorIndex(f.Key, f.Name, len(palette))]
}

func colorIndex(key, name string, n int) int {
	if key == "" {
		key = name
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(key)) // never fails
	return int(h.Sum32() % uint32(n))
}
