package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // pictures of profiles
	_ "image/png"
	"log/slog"

	"github.com/parley-chat/parley/app/contacts"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

// gallery keeps the pictures of users and groups. They are decoded on other goroutines, so at first there is none.
type gallery struct {
	find    func(peer string, groupID uint32) (*mesibo.UserProfile, bool)
	ui      UI
	log     *slog.Logger
	changed func() // a picture was decoded

	known map[contacts.ID]*portrait
}

type portrait struct {
	source  []byte
	picture *widgets.Picture
	current bool // source is the profile's picture
}

func newGallery(c Client, ui UI, log *slog.Logger, changed func()) *gallery {
	return &gallery{find: c.GetProfile, ui: ui, log: log, changed: changed, known: map[contacts.ID]*portrait{}}
}

// get returns the picture of a user or group, nil without one, or while it is decoded.
func (g *gallery) get(id contacts.ID) *widgets.Picture {
	id = id.Folded()
	p := g.known[id]
	if p == nil {
		p = &portrait{}
		g.known[id] = p
	}
	if p.current {
		return p.picture
	}
	p.current = true
	var source []byte
	if profile, ok := g.find(id.Peer, id.Group); ok {
		source = profile.Picture
	}
	if !bytes.Equal(source, p.source) {
		if p.source = source; len(source) == 0 {
			p.picture = nil
		} else {
			g.decode(p)
		}
	}
	return p.picture
}

// portraitMost is the longest side of a profile's picture that is decoded: it comes from others and could claim any
// size.
const portraitMost = 1024

var errPortraitLarge = errors.New("the picture has too many pixels")

func decodePortrait(source []byte) (image.Image, error) {
	c, _, err := image.DecodeConfig(bytes.NewReader(source))
	if err != nil {
		return nil, fmt.Errorf("decode picture: %w", err)
	}
	if c.Width > portraitMost || c.Height > portraitMost {
		return nil, fmt.Errorf("%w: %d by %d", errPortraitLarge, c.Width, c.Height)
	}
	img, _, err := image.Decode(bytes.NewReader(source))
	if err != nil {
		return nil, fmt.Errorf("decode picture: %w", err)
	}
	return img, nil
}

func (g *gallery) decode(p *portrait) {
	source := p.source
	var img image.Image
	var err error
	g.ui.Async(func(context.Context) {
		img, err = decodePortrait(source)
	}, func() {
		switch {
		case err != nil:
			g.log.Warn("picture not decoded", slog.Any("error", err))
		case bytes.Equal(source, p.source):
			p.picture = widgets.NewPicture(img)
			g.changed()
		}
	})
}

// invalidate looks the picture of a user or group up again when it is needed; the zero ID for all. Until then the old
// one is shown.
func (g *gallery) invalidate(id contacts.ID) {
	for known, p := range g.known {
		if id.IsZero() || known == id.Folded() {
			p.current = false
		}
	}
}
