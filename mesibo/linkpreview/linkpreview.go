// Package linkpreview makes the preview of a page that a message links to, on the device that sends the message: the
// recipients' devices show what travels with it, and open nothing.
//
// A page is one of anybody's, so little is believed of it: see [Fetcher.Fetch].
package linkpreview

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/internal/picture"
)

// What a page may cost.
const (
	timeout    = 6 * time.Second // all of it
	mostHops   = 3               // redirections
	mostPage   = 512 << 10
	mostHeader = 64 << 10
	mostBytes  = 2 << 20 // of a picture
	mostPixels = 20_000_000
	leastSide  = 24 // of a picture that says something

	thumbnailSide  = 320
	thumbnailBytes = 20_000
)

// What is kept of a page's texts, in characters.
const (
	mostTitle       = 200
	mostDescription = 240
	mostSite        = 60
)

// Errors of this package.
var (
	// ErrRefused: it is not opened, whatever is there.
	ErrRefused = errors.New("not opened")
	// ErrNothing: there is no page, or it says nothing about itself.
	ErrNothing = errors.New("nothing to show")
)

// Fetcher makes previews. The zero value is ready. Its methods may be called on any goroutine.
type Fetcher struct {
	// Proxy chooses the proxy of a request, nil for none; it then looks names up. Default: there is none.
	Proxy func(*http.Request) (*url.URL, error)
	// Allow reports why there may be no connection with an address. Default: Public.
	Allow func(netip.AddrPort) error

	dialing dialing // what tests change
}

// Fetch opens the page that link names and returns what it says about itself: title, description, the name of its site,
// and a small copy of its picture. The link to a picture is shown as that.
//
// Opened are addresses of http and https at their usual ports. What is not a public address is refused, when the
// connection is made and for each of up to three redirections, and so is the host server, that of the messages. It ends
// after 6 s, 512 KiB of a page, or 2 MiB of a picture. Neither cookies nor passwords are sent, nor where the link was
// found. Texts are cleaned and cut. Errors: ErrRefused, ErrNothing, and those of the network.
func (f *Fetcher) Fetch(ctx context.Context, link, server string) (*mesibo.LinkPreview, error) {
	if len(link) > wire.MaxURL {
		return nil, fmt.Errorf("%w: the address has %d bytes", ErrRefused, len(link))
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	v := f.newVisit(server)
	resp, err := v.get(ctx, link, "text/html,application/xhtml+xml,image/*;q=0.5")
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }() // it was only read
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	switch {
	case kind == "text/html", kind == "application/xhtml+xml":
		return v.page(ctx, link, resp)
	case strings.HasPrefix(kind, "image/"):
		return pictureAlone(link, resp)
	}
	return nil, fmt.Errorf("%w: it is %q", ErrNothing, kind)
}

// page makes the preview of a page.
func (v *visit) page(ctx context.Context, link string, resp *http.Response) (*mesibo.LinkPreview, error) {
	at := resp.Request.URL
	p := readPage(io.LimitReader(resp.Body, mostPage), resp.Header.Get("Content-Type"))
	out := &mesibo.LinkPreview{
		URL: link, Title: clean(p.title(), mostTitle), Description: clean(p.description(), mostDescription),
		Site: clean(p.site(), mostSite),
	}
	if out.Title == "" && out.Description == "" {
		return nil, fmt.Errorf("%w: the page has no title", ErrNothing)
	}
	if out.Site == "" {
		out.Site = siteOf(at)
	}
	if out.Title == "" {
		out.Title = out.Site
	}
	if image, err := at.Parse(p.image()); err == nil && p.image() != "" {
		out.Thumbnail = v.picture(ctx, image.String())
	}
	return out, nil
}

// pictureAlone makes the preview of a picture.
func pictureAlone(link string, resp *http.Response) (*mesibo.LinkPreview, error) {
	small, err := thumbnail(resp)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNothing, err)
	}
	at := resp.Request.URL
	name := clean(path.Base(at.Path), mostTitle)
	if name == "" || name == "/" || name == "." {
		name = siteOf(at)
	}
	return &mesibo.LinkPreview{URL: link, Title: name, Site: siteOf(at), Thumbnail: small}, nil
}

// picture is a small copy of a picture, nil when that cannot be had: the preview is one without.
func (v *visit) picture(ctx context.Context, link string) []byte {
	resp, err := v.get(ctx, link, "image/*")
	if err != nil {
		return nil
	}
	defer func() { _ = resp.Body.Close() }() // it was only read
	small, err := thumbnail(resp)
	if err != nil {
		return nil
	}
	return small
}

func thumbnail(resp *http.Response) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(resp.Body, mostBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read picture: %w", err)
	}
	if len(data) > mostBytes {
		return nil, picture.ErrTooLarge
	}
	size, err := picture.Size(data)
	switch {
	case err != nil:
		return nil, err
	case size.X*size.Y > mostPixels, min(size.X, size.Y) < leastSide:
		return nil, picture.ErrTooLarge
	}
	small, _, err := picture.Preview(data, thumbnailSide, thumbnailBytes)
	return small, err
}

// siteOf is what a site is called that does not say it.
func siteOf(u *url.URL) string { return clean(strings.TrimPrefix(u.Hostname(), "www."), mostSite) }
