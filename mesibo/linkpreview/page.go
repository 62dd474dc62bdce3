package linkpreview

import (
	"io"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/charset"
)

// page is what a page says about itself.
type page struct {
	heading string            // its <title>
	meta    map[string]string // the first of each
}

// readPage reads as much of a page as is needed. contentType is the header of that name. A page that ends early, or is
// none, says less.
func readPage(r io.Reader, contentType string) page {
	p := page{meta: map[string]string{}}
	decoded, err := charset.NewReader(r, contentType)
	if err != nil {
		return p
	}
	for z := html.NewTokenizer(decoded); ; {
		switch z.Next() {
		case html.ErrorToken:
			return p
		case html.StartTagToken, html.SelfClosingTagToken:
			if p.tag(z) {
				return p
			}
		default:
		}
	}
}

// tag reads one tag; it reports whether nothing of interest follows.
func (p *page) tag(z *html.Tokenizer) bool {
	name, more := z.TagName()
	switch string(name) {
	case "meta":
		p.addMeta(z, more)
	case "title":
		if p.heading == "" && z.Next() == html.TextToken {
			p.heading = string(z.Text())
		}
	case "body":
		return p.title() != ""
	}
	return false
}

func (p *page) addMeta(z *html.Tokenizer, more bool) {
	var name, content string
	for more {
		var key, value []byte
		key, value, more = z.TagAttr()
		switch string(key) {
		case "property", "name":
			if n := strings.ToLower(strings.TrimSpace(string(value))); name == "" || strings.HasPrefix(n, "og:") {
				name = n
			}
		case "content":
			content = strings.TrimSpace(string(value))
		}
	}
	switch name {
	case "og:title", "og:description", "og:site_name", "og:image", "og:image:url", "og:image:secure_url", "description":
		if p.meta[name] == "" {
			p.meta[name] = content
		}
	}
}

func (p *page) title() string { return p.first("og:title", p.heading) }

func (p *page) description() string { return p.first("og:description", p.meta["description"]) }

func (p *page) site() string { return p.meta["og:site_name"] }

func (p *page) image() string {
	return p.first("og:image", p.first("og:image:url", p.meta["og:image:secure_url"]))
}

func (p *page) first(name, otherwise string) string {
	if s := p.meta[name]; s != "" {
		return s
	}
	return otherwise
}

// clean returns a text in one line, without what cannot be seen or turns others around, of at most so many characters.
func clean(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		const zwnj, zwj = '\u200c', '\u200d' // Persian and emoji need them
		switch {
		case unicode.IsSpace(r), unicode.In(r, unicode.Zl, unicode.Zp):
			return ' '
		case r != zwnj && r != zwj && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Cs):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.Join(strings.Fields(s), " ")
	count := 0
	for i := range s {
		if count++; count > most {
			return cut(s[:i])
		}
	}
	return s
}

// cut puts an ellipsis in the place of the last character.
func cut(s string) string {
	runes := []rune(s)
	return strings.TrimRightFunc(string(runes[:len(runes)-1]), unicode.IsSpace) + "…"
}
