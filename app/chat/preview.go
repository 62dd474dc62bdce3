package chat

import (
	"context"
	"image"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
	"github.com/parley-chat/parley/widgets/messages"
)

// previewAfter is the time after the last key until the page is opened that the text links to.
const previewAfter = 800 * time.Millisecond

// OpenPage opens the page that a link leads to, and returns what it says about itself. It is called on other goroutines.
type OpenPage func(ctx context.Context, link string) (*mesibo.LinkPreview, error)

// previewing is the page that the composer's text links to.
type previewing struct {
	link    string // the first one of the text, empty without one
	dropped string // a link that the user wants no preview of
	waiting func() // cancels the timer; nil when it does not run
	opening *opening
	found   *mesibo.LinkPreview
	photo   *widgets.Photo
	failed  bool // the page could not be opened
}

// opening is a page that is being opened.
type opening struct{ cancel context.CancelFunc }

// openPage is what opens pages; nil while the user does not want that.
func (m *Model) openPage() OpenPage {
	if m.cfg.Pages == nil {
		return nil
	}
	return m.cfg.Pages()
}

// pageIn returns the first address of a page in a text. It must be there in full: a name such as readme.md is not one.
func pageIn(text string) string {
	for _, link := range widgets.WebLinks(text) {
		if strings.Contains(text, link) {
			return link
		}
	}
	return ""
}

// followLink opens the page that the composer's text links to, after a pause in typing.
func (m *Model) followLink(text string) {
	p := &m.preview
	link := ""
	if m.openPage() != nil && m.writing.edit == 0 {
		link = pageIn(text)
	}
	if link != p.link {
		shown := p.shown()
		p.stop()
		p.link = link
		if shown {
			m.changed()
		}
	} else if p.waiting == nil {
		return // it was opened, or is being opened
	}
	if p.waiting != nil {
		p.waiting()
		p.waiting = nil
	}
	if link != "" && link != p.dropped {
		p.waiting = m.cfg.Dispatcher.After(previewAfter, m.openLink)
	}
}

// shown reports whether something is said about the page.
func (p *previewing) shown() bool { return p.found != nil || p.failed }

// stop forgets the page.
func (p *previewing) stop() {
	if p.waiting != nil {
		p.waiting()
	}
	if p.opening != nil {
		p.opening.cancel()
	}
	*p = previewing{dropped: p.dropped}
}

func (m *Model) openLink() {
	p := &m.preview
	p.waiting = nil
	open := m.openPage()
	if open == nil || m.closed {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	now, link := &opening{cancel}, p.link
	p.opening = now
	var found *mesibo.LinkPreview
	var photo *widgets.Photo
	var err error
	m.cfg.Dispatcher.Async(func(program context.Context) {
		defer context.AfterFunc(program, cancel)()
		if found, err = open(ctx, link); err == nil {
			photo = widgets.NewPhoto(pictureOf(found))
		}
	}, func() {
		cancel()
		if p.opening != now || m.closed {
			return
		}
		p.opening = nil
		if err != nil { // what the user writes is sent without
			m.cfg.Logger.Debug("no preview of a page", slog.Any("error", err))
			p.failed = true
		} else {
			p.found, p.photo = found, photo
		}
		m.changed()
	})
}

func pictureOf(l *mesibo.LinkPreview) image.Image {
	if img := format.Thumbnail(&mesibo.FileInfo{Thumbnail: l.Thumbnail}); img != nil {
		return img
	}
	return nil
}

// dropPreview sends the text without the preview.
func (m *Model) dropPreview() {
	link := m.preview.link
	m.preview.stop()
	m.preview.link, m.preview.dropped = link, link
	m.changed()
}

// forgetPreview is for a text that is gone.
func (m *Model) forgetPreview() {
	m.preview.stop()
	m.preview.dropped = ""
}

// previewOf is the preview to send with a text, nil for none.
func (m *Model) previewOf(text string) *mesibo.LinkPreview {
	if found := m.preview.found; found != nil && m.openPage() != nil && pageIn(text) == found.URL {
		return found
	}
	return nil
}

// previewStrip is the page in the composer, nil for none.
func (m *Model) previewStrip() *widgets.Strip {
	l := m.preview.found
	switch {
	case m.preview.failed:
		return &widgets.Strip{Icon: assets.IconLink, Title: m.preview.link, Text: tr.L("No preview: this page did not open.")}
	case l == nil:
		return nil
	}
	words := l.Site
	if l.Description != "" {
		words += " · " + l.Description
	}
	return &widgets.Strip{Icon: assets.IconLink, Title: l.Title, Text: words, Photo: m.preview.photo}
}

// Page is the page whose preview is shown with a message, nil for none. It is one that the text links to, whatever the
// sender says.
func (m Message) Page() *mesibo.LinkPreview {
	l := m.Link
	if l == nil || m.Deleted || m.File != nil || m.Place != nil || m.Poll != nil || m.isNotice() || l.Title == "" ||
		!slices.Contains(widgets.WebLinks(m.Text), l.URL) {
		return nil
	}
	return l
}

// linkCard is what is shown of the page that a message links to.
func (s *Screen) linkCard(m Message) *messages.LinkCard {
	l := m.Page()
	if l == nil {
		return nil
	}
	return &messages.LinkCard{
		URL: l.URL, Site: l.Site, Title: l.Title, Text: l.Description, Pictured: len(l.Thumbnail) > 0,
		Photo: s.album.getLink(m.Key(), l.URL),
	}
}

// openPage opens the page that a message links to; one whose address the text hides is shown first.
func (s *Screen) openPage(m Message) {
	if l := m.Page(); strings.Contains(widgets.PlainText(m.Text), l.URL) {
		s.on.OpenLink(l.URL)
	} else {
		s.on.OpenHidden(l.Title, l.URL)
	}
}

// FollowLinks looks for links in the composer again: the user has switched previews on or off.
func (s *Screen) FollowLinks() {
	if s.model != nil {
		s.model.followLink(s.composer.Text())
		s.changed()
	}
}
