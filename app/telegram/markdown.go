package telegram

import (
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"
)

// rawText is a text as the file has it: a string, or a list of strings and parts.
type rawText []textPart

// textPart is a part of a text.
type textPart struct {
	Type     words `json:"type"`
	Text     words `json:"text"`
	Href     words `json:"href"`
	Language words `json:"language"`
}

// UnmarshalJSON implements json.Unmarshaler.
func (t *rawText) UnmarshalJSON(data []byte) error {
	var whole string
	if json.Unmarshal(data, &whole) == nil {
		*t = rawText{{Text: words(whole)}}
		return nil
	}
	var list []json.RawMessage
	if json.Unmarshal(data, &list) != nil {
		return nil //nolint:nilerr // nothing that is known
	}
	for _, raw := range list {
		var part textPart
		if json.Unmarshal(raw, &whole) == nil {
			part.Text = words(whole)
		} else if json.Unmarshal(raw, &part) != nil {
			continue
		}
		*t = append(*t, part)
	}
	return nil
}

// markdown is the text with marks for what Parley shows: bold, italic, struck out, code, quotes and links.
func (t rawText) markdown() string {
	var b strings.Builder
	for i, part := range t {
		next := rune(' ')
		if i+1 < len(t) {
			next, _ = utf8.DecodeRuneInString(string(t[i+1].Text))
		}
		part.write(&b, next)
	}
	return strings.TrimSpace(strings.ReplaceAll(b.String(), "\x00", ""))
}

// write appends a part. next is what follows it.
func (p *textPart) write(b *strings.Builder, next rune) {
	text := string(p.Text)
	switch p.Type {
	case "bold":
		p.lines(b, "**", "**")
	case "strikethrough":
		p.lines(b, "~~", "~~")
	case "italic":
		before, _ := utf8.DecodeLastRuneInString(b.String())
		if isWord(before) || isWord(next) { // in the middle of a word it would be no mark
			b.WriteString(text)
			return
		}
		p.lines(b, "_", "_")
	case "code":
		if strings.ContainsAny(text, "`\n") {
			b.WriteString(text)
			return
		}
		p.lines(b, "`", "`")
	case "pre":
		p.block(b, next)
	case "blockquote":
		ownLine(b)
		b.WriteString("> " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n> "))
		if next != '\n' {
			b.WriteString("\n")
		}
	case "text_link":
		p.link(b)
	default:
		b.WriteString(text)
	}
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' }

// lines puts marks around what each line has, which may not start or end with a space.
func (p *textPart) lines(b *strings.Builder, opens, closes string) {
	for i, line := range strings.Split(string(p.Text), "\n") {
		if i > 0 {
			b.WriteString("\n")
		}
		inner := strings.TrimSpace(line)
		if inner == "" || strings.Contains(inner, opens) {
			b.WriteString(line)
			continue
		}
		start := strings.Index(line, inner)
		b.WriteString(line[:start] + opens + inner + closes + line[start+len(inner):])
	}
}

// block writes lines of code.
func (p *textPart) block(b *strings.Builder, next rune) {
	const fence = "```"
	text := strings.Trim(string(p.Text), "\n")
	if strings.Contains(text, fence) || strings.TrimSpace(text) == "" {
		b.WriteString(text)
		return
	}
	language := string(p.Language)
	if strings.ContainsFunc(language, func(r rune) bool { return !isWord(r) && !strings.ContainsRune("+-#.", r) }) {
		language = ""
	}
	ownLine(b)
	b.WriteString(fence + language + "\n" + text + "\n" + fence)
	if next != '\n' {
		b.WriteString("\n")
	}
}

// link writes words that hide an address.
func (p *textPart) link(b *strings.Builder) {
	text, href := string(p.Text), strings.TrimSpace(string(p.Href))
	inner := strings.TrimSpace(text)
	switch {
	case href == "" || href == inner:
		b.WriteString(text)
	case inner == "" || strings.ContainsAny(inner, "[]\n") || strings.ContainsAny(href, "() \n"),
		!strings.HasPrefix(href, "https://") && !strings.HasPrefix(href, "http://"):
		b.WriteString(text + " (" + href + ")")
	default:
		start := strings.Index(text, inner)
		b.WriteString(text[:start] + "[" + inner + "](" + href + ")" + text[start+len(inner):])
	}
}

func ownLine(b *strings.Builder) {
	if s := b.String(); s != "" && !strings.HasSuffix(s, "\n") {
		b.WriteString("\n")
	}
}
