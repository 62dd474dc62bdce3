package chat

import (
	"context"
	"image"
	"log/slog"

	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
	"github.com/parley-chat/parley/widgets/messages"
)

const (
	albumSize  = 48 // pictures kept in memory: a few screens
	albumAhead = 16 // messages beyond the view whose pictures are loaded
)

// album keeps the pictures of the messages in view and around it. They are loaded on other goroutines: first the
// thumbnails, then the files.
type album struct {
	read    func(path string, maxSide int) (image.Image, error) // called on other goroutines
	ui      Dispatcher
	log     *slog.Logger
	changed func()
	scale   func() float32 // pixels of the screen for one unit

	shots map[uint64]*shot // by the key of the message
	clock int
	ended bool
}

// shot is the picture of one message.
type shot struct {
	photo *widgets.Photo
	path  string // loaded or being loaded; empty for the thumbnail. Of a page its address
	clear bool   // the picture itself has transparent pixels
	begun bool
	used  int
}

func newAlbum(
	read func(path string, maxSide int) (image.Image, error), ui Dispatcher, log *slog.Logger,
	changed func(), scale func() float32,
) *album {
	return &album{read: read, ui: ui, log: log, changed: changed, scale: scale, shots: map[uint64]*shot{}}
}

// get returns the picture of a message as far as it is loaded.
func (a *album) get(key uint64) *widgets.Photo {
	if s := a.shots[key]; s != nil {
		return s.photo
	}
	return nil
}

// clear reports whether a picture is known to have transparent pixels.
func (a *album) clear(key uint64) bool {
	s := a.shots[key]
	return s != nil && s.clear
}

// want loads the pictures of these messages that are not loaded yet.
func (a *album) want(rows []Message) {
	a.clock++
	for _, msg := range rows {
		link := msg.Page()
		if !msg.illustrated() && (link == nil || len(link.Thumbnail) == 0) {
			continue
		}
		key := msg.Key()
		s := a.shots[key]
		if s == nil {
			s = &shot{}
			a.shots[key] = s
		}
		s.used = a.clock
		if link != nil {
			a.loadLink(key, s, link)
			continue
		}
		path, here := msg.HasFile()
		if !msg.Pictured() {
			path, here = "", false // nothing here decodes films
		}
		if !s.begun || here && s.path != path {
			a.load(key, s, msg.File, path)
		}
	}
	a.trim()
}

// load reads a picture from a path, or the thumbnail of its message when that fails or path is empty.
func (a *album) load(key uint64, s *shot, f *mesibo.FileInfo, path string) {
	s.begun, s.path = true, path
	small, side := f.Thumbnail, a.side(f)
	had := s.photo != nil
	var photo *widgets.Photo
	transparent := false
	a.ui.Async(func(context.Context) {
		if path != "" {
			img, err := a.read(path, side)
			if err == nil {
				photo, transparent = widgets.NewPhoto(img), isTransparent(img)
				return
			}
			a.log.Debug("picture not loaded", slog.Any("error", err))
		}
		if len(small) > 0 && !had {
			photo = widgets.NewBlurredPhoto(format.Thumbnail(&mesibo.FileInfo{Thumbnail: small}))
		}
	}, func() {
		if a.ended || photo == nil || a.shots[key] != s || s.path != path {
			return
		}
		s.photo, s.clear = photo, transparent
		a.changed()
	})
}

// getLink returns the picture of the page that a message links to, as far as it is loaded.
func (a *album) getLink(key uint64, link string) *widgets.Photo {
	if s := a.shots[key]; s != nil && s.path == link {
		return s.photo
	}
	return nil
}

// loadLink decodes the picture of a page, which has come with the message.
func (a *album) loadLink(key uint64, s *shot, l *mesibo.LinkPreview) {
	if s.begun && s.path == l.URL {
		return
	}
	s.begun, s.path, s.photo = true, l.URL, nil
	var photo *widgets.Photo
	a.ui.Async(func(context.Context) { photo = widgets.NewPhoto(pictureOf(l)) }, func() {
		if a.ended || photo == nil || a.shots[key] != s || s.path != l.URL {
			return
		}
		s.photo = photo
		a.changed()
	})
}

// side is how many pixels the longer side of a picture needs.
func (a *album) side(f *mesibo.FileInfo) int {
	w, h := messages.PhotoSize(pixels(f))
	if format.IsSticker(f) {
		w, h = messages.StickerSize(pixels(f))
	}
	return int(max(w, h) * max(1, a.scale()))
}

// isTransparent reports whether an image has pixels that are not opaque.
func isTransparent(img image.Image) bool {
	o, ok := img.(interface{ Opaque() bool })
	return ok && !o.Opaque()
}

// trim drops the pictures that were out of view for longest.
func (a *album) trim() {
	for len(a.shots) > albumSize {
		oldest, found := uint64(0), false
		for key, s := range a.shots {
			if s.used < a.clock && (!found || s.used < a.shots[oldest].used) {
				oldest, found = key, true
			}
		}
		if !found {
			return
		}
		delete(a.shots, oldest)
	}
}

// end drops everything.
func (a *album) end() { a.shots, a.ended = nil, true }
