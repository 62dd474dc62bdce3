package mesibo

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/models"
)

// LinkPreview is what the sender's device has found on a page that a text links to: the receiving devices show it and
// open nothing. Package linkpreview makes it. What is received has been checked for its size only: who sent it may have
// written anything into it.
type LinkPreview struct {
	URL         string // of the page; the text has it, perhaps without its scheme
	Title       string
	Description string
	Site        string // the name of the site
	Thumbnail   []byte // JPEG or PNG; nil without
}

var errLinkOfOther = errors.New("only a text can carry the preview of a link")

// putLink checks a preview and puts it into a row.
func putLink(p *LinkPreview, row *models.Message) error {
	switch {
	case p == nil || p.URL == "":
		return nil
	case row.Kind != models.KindPlain:
		return errLinkOfOther
	case len(p.URL) > wire.MaxURL || len(p.Title) > wire.MaxLinkText || len(p.Description) > wire.MaxLinkText ||
		len(p.Site) > wire.MaxLinkText || len(p.Thumbnail) > wire.MaxThumbnail:
		return fmt.Errorf("%w: the preview of the link", ErrTooLarge)
	}
	if row.Content == nil {
		row.Content = &models.Content{}
	}
	link := models.LinkPreview(*p)
	row.Content.Link = &link
	return nil
}

// hasLink reports whether an address is in a text, where it may be without its scheme.
func hasLink(text []byte, address string) bool {
	if _, rest, ok := strings.Cut(address, "://"); ok {
		address = rest
	}
	return bytes.Contains(text, []byte(address))
}

func linkFrame(l *models.LinkPreview) *wire.LinkPreview {
	if l == nil {
		return nil
	}
	return &wire.LinkPreview{
		Url: l.URL, Title: l.Title, Description: l.Description, Site: l.Site, Thumbnail: l.Thumbnail,
	}
}

func linkRow(l *wire.LinkPreview) *models.LinkPreview {
	if l == nil {
		return nil
	}
	return &models.LinkPreview{
		URL: l.GetUrl(), Title: l.GetTitle(), Description: l.GetDescription(), Site: l.GetSite(),
		Thumbnail: l.GetThumbnail(),
	}
}

func linkOf(l *models.LinkPreview) *LinkPreview {
	if l == nil {
		return nil
	}
	link := LinkPreview(*l)
	return &link
}
