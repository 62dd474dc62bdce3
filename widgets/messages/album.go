package messages

import (
	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// AlbumPhoto is one of several pictures that are shown in one bubble. Presses on it are reported with its own key.
type AlbumPhoto struct {
	Key  int64
	File *FileCard
}

func sameAlbumPhoto(a, b AlbumPhoto) bool { return a.Key == b.Key && sameFile(a.File, b.File) }

const (
	albumGap  = float32(3)
	albumFlat = float32(0.75) // height of a cell for its width
	albumMost = float32(220)  // height of a cell
)

// albumCell is the place of a picture of an album.
type albumCell struct {
	cardLayout

	ring   draw.Box
	wordsW float32
}

// placeAlbum places pictures in rows of two or three, the first row with what is left over.
func (p *partLayout) placeAlbum(list []AlbumPhoto, set *text.Typesetter, y, room float32) float32 {
	width := draw.SnapPx(min(room, photoMax))
	columns := 3
	if len(list) <= 4 {
		columns = 2
	}
	p.albumBox = draw.NewBox(0, y, width, 0)
	for i := 0; i < len(list); {
		n := columns
		if over := len(list) % columns; i == 0 && over > 0 {
			n = over
		}
		h := draw.SnapPx(min(albumMost, width/float32(n)*albumFlat))
		for c := range n {
			left := draw.SnapPx(float32(c) * (width + albumGap) / float32(n))
			right := draw.SnapPx(float32(c+1)*(width+albumGap)/float32(n)) - albumGap
			p.album = append(p.album, newAlbumCell(list[i+c].File, set, draw.NewBox(left, y, right-left, h)))
		}
		i += n
		y += h + albumGap
	}
	y -= albumGap
	p.albumBox.H = y - p.albumBox.Y
	return y
}

func newAlbumCell(f *FileCard, set *text.Typesetter, b draw.Box) albumCell {
	c := albumCell{cardLayout: cardLayout{Box: b}}
	if f.Ring != FileLocal {
		c.ring = draw.NewBox(draw.SnapPx(b.X+(b.W-ringSide)/2), draw.SnapPx(b.Y+(b.H-ringSide)/2), ringSide, ringSide)
		c.words = set.Fit(f.words(), cardFont(), b.W-12-2*photoWordsPad)
		c.wordsW = set.LineWidth(c.words, cardFont())
	}
	return c
}

// albumAt returns the part of an album at a point of the row, and the index of its picture.
func (p *partLayout) albumAt(x, y float32) (k hitKind, index int) {
	for i, c := range p.album {
		switch {
		case c.ring.Contains(x, y):
			return hitRing, i
		case c.Contains(x, y):
			return hitFile, i
		}
	}
	return hitNothing, 0
}

// keyAt returns the key of what is at a point of the row: of a picture of an album its own.
func (l *rowLayout) keyAt(x, y float32) int64 {
	if l.parts != nil {
		if k, i := l.parts.albumAt(x, y); k != hitNothing {
			return l.item.Album[i].Key
		}
	}
	return l.item.Key
}

func (p *blockParts) drawAlbum(l *rowLayout, objects []fyne.CanvasObject) []fyne.CanvasObject {
	for i, c := range l.parts.album {
		if i == len(p.album) {
			p.album = append(p.album, newFileParts())
		}
		at := photoPlace{card: c.cardLayout, disc: c.ring, wordsW: c.wordsW}
		objects = p.album[i].drawPhotoAt(l.item.Own, l.item.Album[i].File, at, objects)
	}
	return objects
}
