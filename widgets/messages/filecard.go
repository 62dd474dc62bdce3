package messages

import (
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/widgets"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// FileState is what the ring of a file shows.
type FileState uint8

// The states.
const (
	FileLocal   FileState = iota // on this device: no ring
	FileRemote                   // an arrow: it can be downloaded
	FileRunning                  // an arc that grows, and a cross: it is being uploaded or downloaded
	FileFailed                   // a circular arrow: it was interrupted or refused, and can be retried
)

// FileCard is a file in a message: a row with icon or ring, name and details, or, with a Photo or a size in pixels, the
// picture itself.
type FileCard struct {
	Name  string
	Size  string // as shown, such as "3.2 MB", or "3.2 of 24 MB · 1.1 MB/s · 18 s"
	State string // as shown after the size, such as "Waiting for network"; may be empty
	Alarm bool   // State is an error
	// Reason is a sentence below the file, such as why it could not be downloaded; may be empty.
	Reason string
	Icon   assets.Icon
	Narrow bool // no wider than its words, which do not change

	Ring FileState
	Part float32 // the share that was transferred, from 0 to 1, for FileRunning and FileFailed

	// Width and Height are the size of a picture in pixels; 0 for other files or if it is not known. With them nothing
	// moves when the picture is loaded.
	Width, Height int
	Photo         *widgets.Photo // the picture or its thumbnail; nil if there is neither

	// Sticker is a picture with transparent parts. Without a text it has no bubble.
	Sticker bool
	Label   string // in the corner of a picture while it stands still, such as "GIF"; may be empty
	Play    bool   // the picture is that of a film: a triangle on it
	Voice   *Voice // a sound to be played in the message; nil for other files
}

// picture reports whether the file is shown as a picture.
func (f *FileCard) picture() bool { return f.Photo != nil || f.Width > 0 && f.Height > 0 }

// words returns the second line.
func (f *FileCard) words() string {
	words, state := text.CleanLine(f.Size), text.CleanLine(f.State)
	if words != "" && state != "" {
		words += " · "
	}
	return words + state
}

// icon returns the icon in the disc.
func (f *FileCard) icon() assets.Icon {
	switch f.Ring {
	case FileRemote:
		return assets.IconArrowDown
	case FileRunning:
		return assets.IconClose
	case FileFailed:
		return assets.IconRetry
	case FileLocal:
		switch {
		case f.Voice != nil:
			return f.Voice.voiceIcon()
		case f.Play:
			return assets.IconPlay
		}
	}
	if f.Icon == "" {
		return assets.IconFile
	}
	return f.Icon
}

// Geometry of files.
const (
	ringSide      = float32(44)
	ringInset     = float32(3) // of the arc in the disc
	ringLine      = float32(3)
	fileGap       = float32(10)
	fileHeight    = float32(46)
	fileMin       = float32(320) // so that the width stays the same while numbers change
	fileMax       = float32(360)
	photoMax      = float32(360)
	photoMaxTall  = float32(420)
	photoMin      = float32(96)
	photoUnknown  = float32(240) // width if the size is not known
	stickerMax    = float32(200)
	stickerMin    = float32(64)
	photoWords    = float32(22) // height of the words on it
	photoWordsPad = float32(8)
	reasonLines   = 3
	reasonGap     = float32(4)
)

// PhotoSize returns the size in units of a picture of this size in pixels, in a message with enough room: at most
// 360×420, never enlarged, and a default if the size is 0. Very narrow pictures are cropped.
func PhotoSize(width, height int) (w, h float32) { return photoSize(width, height, photoMax) }

// StickerSize is PhotoSize for a sticker.
func StickerSize(width, height int) (w, h float32) { return stickerSize(width, height, stickerMax) }

func stickerSize(width, height int, room float32) (w, h float32) {
	w, h = float32(max(1, width)), float32(max(1, height))
	scale := min(1, stickerMax/w, stickerMax/h, max(room, 1)/w)
	return draw.SnapPx(max(w*scale, min(stickerMin, room))), draw.SnapPx(max(h*scale, stickerMin))
}

func photoSize(width, height int, room float32) (w, h float32) {
	if width <= 0 || height <= 0 {
		w = min(photoUnknown, room)
		return w, draw.SnapPx(w * 3 / 4)
	}
	w, h = float32(width), float32(height)
	scale := min(1, min(room, photoMax)/w, photoMaxTall/h)
	w, h = min(max(w*scale, photoMin), max(room, 1)), min(max(h*scale, photoMin), photoMaxTall)
	return draw.SnapPx(w), draw.SnapPx(h)
}

// placeFile places a file, and returns its bottom and the width of its last line; 0 for a picture, which has nothing
// beside it.
func (p *partLayout) placeFile(f *FileCard, set *text.Typesetter, y, room float32) (below, last float32) {
	if f.Voice != nil {
		return p.placeVoice(f, set, y, room)
	}
	if f.picture() {
		below := p.placePhoto(f, set, y, room)
		return p.placeReason(f, set, below, max(p.file.W, min(room, fileMin))), 0
	}
	const indent = ringSide + fileGap
	width := min(room, fileMax)
	most := max(0, width-indent)
	p.file.title = set.FitName(text.CleanLine(f.Name), cardTitleFont(), most)
	p.file.words = set.Fit(f.words(), cardFont(), most)
	last = indent + draw.CeilPx(set.LineWidth(p.file.words, cardFont()))
	w := max(indent+draw.CeilPx(set.LineWidth(p.file.title, cardTitleFont())), last)
	if !f.Narrow {
		w = max(w, min(width, fileMin))
	}
	p.file.Box = draw.NewBox(0, y, w, fileHeight)
	if f.Ring != FileLocal {
		p.ring = draw.NewBox(0, 1, ringSide, ringSide)
	}
	if f.Reason != "" {
		return p.placeReason(f, set, y+fileHeight, w), 0
	}
	return y + fileHeight, last
}

// placeReason places the sentence below a file, and returns its bottom.
func (p *partLayout) placeReason(f *FileCard, set *text.Typesetter, y, width float32) float32 {
	p.reason = text.CleanLine(f.Reason)
	if p.reason == "" {
		return y
	}
	p.reasonLines = set.Wrap(p.reason, cardFont(), width, reasonLines)
	p.reasonAt = y + reasonGap
	for _, line := range p.reasonLines {
		p.reasonW = max(p.reasonW, draw.CeilPx(line.Width))
	}
	return p.reasonAt + float32(len(p.reasonLines))*noteLine
}

func (p *partLayout) placePhoto(f *FileCard, set *text.Typesetter, y, room float32) float32 {
	width, height := f.Width, f.Height
	if width <= 0 || height <= 0 {
		width, height = f.Photo.Size()
		if f.Photo.Blurred() { // a thumbnail has the shape of the picture, not its size
			width, height = width*int(photoMax), height*int(photoMax)
		}
	}
	w, h := photoSize(width, height, room)
	if f.Sticker {
		w, h = stickerSize(width, height, room)
	}
	p.photo = true
	p.file.Box = draw.NewBox(0, y, w, h)
	disc := draw.NewBox(draw.SnapPx((w-ringSide)/2), draw.SnapPx((h-ringSide)/2), ringSide, ringSide)
	if f.Ring != FileLocal {
		p.ring = disc
	} else if f.Play {
		p.play = disc
	}
	if f.Label != "" {
		p.label = text.CleanLine(f.Label)
		p.labelW = set.LineWidth(p.label, cardTitleFont())
	}
	if f.Ring != FileLocal || f.Play {
		p.file.words = set.Fit(f.words(), cardFont(), w-12-2*photoWordsPad)
		p.wordsW = set.LineWidth(p.file.words, cardFont())
	}
	return y + h
}
