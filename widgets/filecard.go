package widgets

import "github.com/parley-chat/parley/assets"

// FileState is what the ring of a file shows, and what a press on it means.
type FileState uint8

// The states.
const (
	FileThere   FileState = iota // on this device: no ring
	FileRemote                   // an arrow: it can be downloaded
	FileRunning                  // an arc that grows, and a cross: it is sent or fetched
	FileBroken                   // a circular arrow: it was interrupted or refused, and can be tried again
)

// FileCard is a file in a message: a row with icon or ring, name and a line of words, or with a Photo or a size in pixels
// the picture itself.
type FileCard struct {
	Name  string
	Size  string // as shown, such as "3.2 MB", or "3.2 of 24 MB · 1.1 MB/s · 18 s"
	State string // as shown after the size, such as "Waiting for network"; may be empty
	Alarm bool   // the state is an error
	// Reason is a sentence under the file, such as why it could not be fetched; may be empty.
	Reason string
	Icon   assets.Icon

	Ring FileState
	Part float32 // how much was transferred, from 0 to 1, for FileRunning and FileBroken

	// Width and Height are those of a picture in pixels; 0 for what is no picture, or when its size is not known. With
	// them nothing moves when it is loaded.
	Width, Height int
	Photo         *Photo // the picture, or what stands for it; nil when there is neither

	Voice *Voice // a sound that is played in its place; nil for others
}

// picture reports whether the file is shown as a picture.
func (f *FileCard) picture() bool { return f.Photo != nil || f.Width > 0 && f.Height > 0 }

// words are what is said of the file.
func (f *FileCard) words() string {
	words, state := cleanLine(f.Size), cleanLine(f.State)
	if words != "" && state != "" {
		words += " · "
	}
	return words + state
}

// icon is what stands in the disc.
func (f *FileCard) icon() assets.Icon {
	switch f.Ring {
	case FileRemote:
		return assets.IconArrowDown
	case FileRunning:
		return assets.IconClose
	case FileBroken:
		return assets.IconRetry
	case FileThere:
		if f.Voice != nil {
			return f.Voice.voiceIcon()
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
	fileMin       = float32(320) // so that nothing changes its width while numbers do
	fileMax       = float32(360)
	photoMax      = float32(360)
	photoMaxTall  = float32(420)
	photoMin      = float32(96)
	photoUnknown  = float32(240) // wide, when its size is not known
	photoWords    = float32(22)  // height of what is written on it
	photoWordsPad = float32(8)
	reasonLines   = 3
	reasonGap     = float32(4)
)

// PhotoSize returns how large a picture of so many pixels is shown in a message with enough room: whole, at most
// 360×420, never enlarged, and with a size of 0 some size. Very narrow ones are cropped.
func PhotoSize(width, height int) (w, h float32) { return photoSize(width, height, photoMax) }

func photoSize(width, height int, room float32) (w, h float32) {
	if width <= 0 || height <= 0 {
		w = min(photoUnknown, room)
		return w, whole(w * 3 / 4)
	}
	w, h = float32(width), float32(height)
	scale := min(1, min(room, photoMax)/w, photoMaxTall/h)
	return whole(min(max(w*scale, photoMin), max(room, 1))), whole(min(max(h*scale, photoMin), photoMaxTall))
}

// placeFile places a file, and returns what is below it and how wide its last line is; of a picture nothing stands
// beside it.
func (p *partLayout) placeFile(f *FileCard, set *typesetter, y, room float32) (below, last float32) {
	if f.Voice != nil {
		return p.placeVoice(f, set, y, room)
	}
	if f.picture() {
		below := p.placePhoto(f, set, y, room)
		return p.placeReason(f, set, below, max(p.file.w, min(room, fileMin))), 0
	}
	const indent = ringSide + fileGap
	width := min(room, fileMax)
	most := max(0, width-indent)
	p.file.title = set.fitName(cleanLine(f.Name), cardTitleFont(), most)
	p.file.words = set.fit(f.words(), cardFont(), most)
	last = indent + up(set.lineWidth(p.file.words, cardFont()))
	w := max(indent+up(set.lineWidth(p.file.title, cardTitleFont())), last, min(width, fileMin))
	p.file.box = box{0, y, w, fileHeight}
	if f.Ring != FileThere {
		p.ring = box{0, 1, ringSide, ringSide}
	}
	if f.Reason != "" {
		return p.placeReason(f, set, y+fileHeight, w), 0
	}
	return y + fileHeight, last
}

// placeReason places the sentence under a file, and returns what is below it.
func (p *partLayout) placeReason(f *FileCard, set *typesetter, y, width float32) float32 {
	p.reason = cleanLine(f.Reason)
	if p.reason == "" {
		return y
	}
	p.reasonLines = set.wrap(p.reason, cardFont(), width, reasonLines)
	p.reasonAt = y + reasonGap
	for _, line := range p.reasonLines {
		p.reasonW = max(p.reasonW, up(line.width))
	}
	return p.reasonAt + float32(len(p.reasonLines))*noteLine
}

func (p *partLayout) placePhoto(f *FileCard, set *typesetter, y, room float32) float32 {
	width, height := f.Width, f.Height
	if width <= 0 || height <= 0 {
		width, height = f.Photo.Size()
		if f.Photo.Blurred() { // it has the shape of the file, not its size
			width, height = width*int(photoMax), height*int(photoMax)
		}
	}
	w, h := photoSize(width, height, room)
	p.photo = true
	p.file.box = box{0, y, w, h}
	if f.Ring != FileThere {
		p.ring = box{whole((w - ringSide) / 2), whole((h - ringSide) / 2), ringSide, ringSide}
		p.file.words = set.fit(f.words(), cardFont(), w-12-2*photoWordsPad)
		p.wordsW = set.lineWidth(p.file.words, cardFont())
	}
	return y + h
}
