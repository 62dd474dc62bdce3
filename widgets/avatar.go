package widgets

import (
	"hash/fnv"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
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
	Key    string // decides the colour; the name does when it is empty
	Name   string // gives the letters
	Online bool   // a green dot
	Group  bool   // a rounded square instead of a disc
	Saved  bool   // a bookmark instead of letters
	Robot  bool   // a robot instead of letters

	Picture *Picture // instead of all these
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
	part := newFacePart(newTypesetter())
	return newDrawn(part.objects(), a.MinSize, func(size fyne.Size) {
		part.place(whole((size.Width-a.side)/2), whole((size.Height-a.side)/2), a.side, a.face, a.ring)
	})
}

// facePart draws a face; rows of lists use it without a widget around it.
type facePart struct {
	disc    *canvas.Rectangle
	letters *canvas.Text
	icon    *canvas.Image
	picture *canvas.Image
	dot     *canvas.Circle
	set     *typesetter
}

func newFacePart(set *typesetter) *facePart {
	return &facePart{
		disc: &canvas.Rectangle{}, letters: newText(), icon: newIcon(), picture: newIcon(), dot: &canvas.Circle{},
		set: set,
	}
}

func (p *facePart) objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{p.disc, p.letters, p.icon, p.picture, p.dot}
}

// place draws the face in a square at x, y. The presence dot has a ring in the colour of what lies below.
func (p *facePart) place(x, y, side float32, face Face, ring fyne.ThemeColorName) {
	setFill(p.disc, faceColor(face))
	radius := side / 2
	if face.Group {
		radius = whole(side * 0.3)
	}
	if p.disc.CornerRadius != radius {
		p.disc.CornerRadius = radius
		p.disc.Refresh()
	}
	put(p.disc, x, y, side, side)
	show(p.disc, face.Picture == nil)
	show(p.picture, face.Picture != nil)
	if face.Picture == nil {
		p.placeMark(x, y, side, face)
	} else {
		show(p.letters, false)
		show(p.icon, false)
		p.placePicture(x, y, side, radius, face.Picture)
	}

	show(p.dot, face.Online)
	if face.Online {
		dot, line := float32(12), float32(2)
		if side < AvatarHeader {
			dot = 10
		}
		if c := tone(ColorOK); p.dot.FillColor != c || p.dot.StrokeColor != tone(ring) {
			p.dot.FillColor, p.dot.StrokeColor, p.dot.StrokeWidth = c, tone(ring), line
			p.dot.Refresh()
		}
		at := side - dot
		if side > AvatarRow { // on the edge of a large disc, which is further from the corner
			dot += 6
			at = whole(side*0.853 - dot/2)
		}
		put(p.dot, x+at, y+at, dot, dot)
	}
}

// pictureScale is how many pixels of a picture there are for a unit, so that it is sharp on fine displays too.
const pictureScale = 2

func (p *facePart) placePicture(x, y, side, radius float32, picture *Picture) {
	img := picture.at(int(side * pictureScale))
	if p.picture.Image != img || p.picture.CornerRadius != radius {
		p.picture.Image, p.picture.CornerRadius = img, radius
		p.picture.Refresh()
	}
	put(p.picture, x, y, side, side)
}

func (p *facePart) placeMark(x, y, side float32, face Face) {
	icon := assets.Icon("")
	switch {
	case face.Saved:
		icon = assets.IconBookmark
	case face.Robot:
		icon = assets.IconRobot
	}
	show(p.icon, icon != "")
	show(p.letters, icon == "")
	if icon != "" {
		setIcon(p.icon, icon, ColorBadgeText)
		s := whole(side * 0.52)
		put(p.icon, x+whole((side-s)/2), y+whole((side-s)/2), s, s)
		return
	}
	f := font{size: whole(side*0.76) / 2, bold: true}
	text := initials(face.Name)
	setText(p.letters, text, f, color.White)
	w := p.set.width(text, f)
	putText(p.letters, x+(side-w)/2, y+(side-textHeight(f))/2-0.6) // capitals stand a little low in their line
}

// faceColor picks one of the eight colours by a hash that stays the same between starts and machines.
func faceColor(face Face) color.Color {
	palette := [...]color.NRGBA{
		rgb(0xB3402A), rgb(0x9A5B00), rgb(0x5E6E00), rgb(0x1E7A3C), rgb(0x00707A), rgb(0x1F5FD0), rgb(0x6B4BC8), rgb(0xA8357F),
	}
	if face.Saved {
		return palette[5]
	}
	return palette[colorIndex(face.Key, face.Name, len(palette))]
}

func colorIndex(key, name string, n int) int {
	if key == "" {
		key = name
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(key)) // never fails
	return int(h.Sum32() % uint32(n))
}
