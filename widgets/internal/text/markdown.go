package text

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Marks are how a part of a text looks.
type Marks struct {
	Bold, Italic, Strike, Code bool
	Link                       string // the address, if the text hides it
}

// Marked is a part of a text up to the byte End.
type Marked struct {
	End int
	Marks
}

// BlockKind is what a block of a text is.
type BlockKind uint8

// The kinds.
const (
	BlockText  BlockKind = iota
	BlockCode            // between lines of three backquotes
	BlockQuote           // lines that start with >
	BlockItem            // an entry of a list, after its bullet or number
)

// Block is a part of a text that is wrapped by itself. Blocks cover a text but for the line breaks between them.
type Block struct {
	Kind       BlockKind
	Start, End int
	Bullet     int // length of the bullet or number and its space, for BlockItem
}

// Rich is a text with the marks of Markdown that people use in chats, taken out of it.
type Rich struct {
	Text   string // as shown
	Source string // as written
	Marks  []Marked
	Blocks []Block

	copied []copied
}

// copied says that Text from shown on is Source from source on, for size bytes.
type copied struct{ shown, source, size int }

// ParseMarks returns a text, which must come from Clean, with its marks. What is no complete mark stays as it is.
func ParseMarks(source string) Rich {
	if !mayMark(source) {
		return plainRich(source)
	}
	p := marker{rich: Rich{Source: source}}
	p.blocks()
	return p.rich
}

func plainRich(s string) Rich {
	return Rich{
		Text: s, Source: s, Blocks: []Block{{End: len(s)}}, copied: []copied{{size: len(s)}},
	}
}

// mayMark reports whether a text has characters that marks consist of.
func mayMark(s string) bool {
	if strings.ContainsAny(s, "*_`~>[") {
		return true
	}
	return strings.Contains(s, "- ") || strings.Contains(s, ". ") && strings.ContainsAny(s, "0123456789")
}

// Styled reports whether anything is marked.
func (r *Rich) Styled() bool {
	return len(r.Blocks) > 1 || len(r.Blocks) == 1 && r.Blocks[0].Kind != BlockText || r.Text != r.Source ||
		slices.ContainsFunc(r.Marks, func(m Marked) bool { return m.Marks != Marks{} })
}

// SourceOf returns what was written for a part of the shown text: with its marks if it has whole ones only, otherwise
// as shown.
func (r *Rich) SourceOf(from, to int) string {
	if from <= 0 && to >= len(r.Text) {
		return r.Source
	}
	for _, part := range r.parts() {
		if part.start < from && from < part.end || part.start < to && to < part.end {
			return r.Text[from:to]
		}
	}
	first, last := r.sourceOf(from), r.sourceOf(to-1)+1
	for _, part := range r.parts() {
		if part.start == from {
			first = r.sourceOf(from-1) + 1 // with the marks before it
		}
		if part.end == to {
			last = r.sourceOf(to) // with the marks after it
		}
	}
	return r.Source[min(first, last):last]
}

// sourceOf returns where a byte of the shown text is in the source; -1 before it, and its length after it.
func (r *Rich) sourceOf(at int) int {
	if at < 0 {
		return -1
	}
	for _, c := range r.copied {
		if at < c.shown+c.size {
			return c.source + max(0, at-c.shown)
		}
	}
	return len(r.Source)
}

// markedPart is a part of the shown text that has marks in the source.
type markedPart struct{ start, end int }

// parts returns the marked parts and the blocks that have marks.
func (r *Rich) parts() []markedPart {
	var out []markedPart
	start := 0
	for _, m := range r.Marks {
		if m.Marks != (Marks{}) {
			out = append(out, markedPart{start, m.End})
		}
		start = m.End
	}
	for _, b := range r.Blocks {
		if b.Kind != BlockText {
			out = append(out, markedPart{b.Start, b.End})
		}
	}
	return out
}

// ShownAt returns where a byte of the source is in the shown text.
func (r *Rich) ShownAt(at int) int {
	for _, c := range r.copied {
		if at < c.source {
			return c.shown
		}
		if at < c.source+c.size {
			return c.shown + at - c.source
		}
	}
	return len(r.Text)
}

// PlainText returns a text without its marks, on one line.
func PlainText(s string) string {
	s = Clean(s)
	if !mayMark(s) {
		return s
	}
	r := ParseMarks(s)
	return r.Text
}

// marker takes the marks out of a text.
type marker struct {
	rich Rich
	out  strings.Builder
}

// copy appends a part of the source.
func (p *marker) copy(from, to int) {
	if from >= to {
		return
	}
	if n := len(p.rich.copied); n > 0 {
		last := &p.rich.copied[n-1]
		if last.source+last.size == from && last.shown+last.size == p.out.Len() {
			last.size += to - from
			p.out.WriteString(p.rich.Source[from:to])
			return
		}
	}
	p.rich.copied = append(p.rich.copied, copied{p.out.Len(), from, to - from})
	p.out.WriteString(p.rich.Source[from:to])
}

// mark says how everything appended since the last call looks.
func (p *marker) mark(m Marks) {
	end := p.out.Len()
	if n := len(p.rich.Marks); n > 0 {
		last := &p.rich.Marks[n-1]
		if last.End == end {
			return
		}
		if last.Marks == m {
			last.End = end
			return
		}
	} else if end == 0 {
		return
	}
	p.rich.Marks = append(p.rich.Marks, Marked{end, m})
}

// lineEnd returns the end of the line that starts at a byte.
func lineEnd(s string, at int) int {
	if i := strings.IndexByte(s[at:], '\n'); i >= 0 {
		return at + i
	}
	return len(s)
}

func (p *marker) blocks() {
	s := p.rich.Source
	for at := 0; ; {
		if at > 0 {
			p.copy(at-1, at)
			p.mark(Marks{})
		}
		next, ok := p.code(at)
		if !ok {
			next = p.quote(at)
		}
		if next < 0 {
			next = p.list(at)
		}
		if next < 0 {
			next = lineEnd(s, at)
			p.line(BlockText, at, next, 0)
		}
		if next >= len(s) {
			break
		}
		at = next + 1
	}
	p.rich.Text = p.out.String()
}

// add adds a block that starts at a byte of the shown text; lines of one kind are one block.
func (p *marker) add(kind BlockKind, start, bullet int) {
	if n := len(p.rich.Blocks); n > 0 {
		last := &p.rich.Blocks[n-1]
		if last.Kind == kind && (kind == BlockText || kind == BlockQuote) && last.End+1 == start {
			last.End = p.out.Len()
			return
		}
	}
	p.rich.Blocks = append(p.rich.Blocks, Block{kind, start, p.out.Len(), bullet})
}

// line adds a line of the source, whose first bytes up to skip do not count as text.
func (p *marker) line(kind BlockKind, from, to, bullet int) {
	start := p.out.Len()
	p.inline(from, to, Marks{})
	p.add(kind, start, bullet)
}

const fence = "```"

// code adds a block of code that starts at a line, and returns the end of its last line.
func (p *marker) code(at int) (next int, ok bool) {
	s := p.rich.Source
	if !strings.HasPrefix(s[at:], fence) {
		return -1, false
	}
	from := at + len(fence)
	i := strings.Index(s[from:], fence)
	if i < 0 {
		return -1, false
	}
	to := from + i
	next = to + len(fence)
	if next < len(s) && s[next] != '\n' {
		return -1, false // text follows on the line
	}
	if end := lineEnd(s, from); end < to { // several lines: the first may name the language
		if strings.ContainsAny(s[from:end], " `") {
			return -1, false
		}
		from = end + 1
	}
	if to > from && s[to-1] == '\n' {
		to--
	}
	if strings.TrimSpace(s[from:max(from, to)]) == "" {
		return -1, false
	}
	start := p.out.Len()
	p.copy(from, to)
	p.mark(Marks{Code: true})
	p.add(BlockCode, start, 0)
	return next, true
}

// quote adds a line of a quote and returns its end, -1 if it is none.
func (p *marker) quote(at int) int {
	s := p.rich.Source
	end := lineEnd(s, at)
	line := s[at:end]
	rest, ok := strings.CutPrefix(line, "> ")
	if !ok {
		rest, ok = strings.CutPrefix(line, ">")
		if ok && rest != "" && !startsWord(rest) {
			return -1 // such as >_< and >>
		}
	}
	if !ok || strings.TrimSpace(rest) == "" {
		return -1
	}
	p.line(BlockQuote, end-len(rest), end, 0)
	return end
}

func startsWord(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

// list adds an entry of a list and returns its end, -1 if it is none. A dash alone is a dash: bullets come in twos.
func (p *marker) list(at int) int {
	s := p.rich.Source
	n, numbered := bullet(s[at:])
	if n == 0 {
		return -1
	}
	end := lineEnd(s, at)
	if !p.listGoesOn(end, numbered) {
		return -1
	}
	start := p.out.Len()
	size := n
	if numbered {
		p.copy(at, at+n)
	} else {
		p.out.WriteString("• ")
		size = len("• ")
	}
	p.mark(Marks{})
	p.inline(at+n, end, Marks{})
	p.add(BlockItem, start, size)
	return end
}

// listGoesOn reports whether the line before or after is of the same list.
func (p *marker) listGoesOn(end int, numbered bool) bool {
	s := p.rich.Source
	if n := len(p.rich.Blocks); n > 0 && p.rich.Blocks[n-1].Kind == BlockItem {
		return true
	}
	if end >= len(s) {
		return false
	}
	n, same := bullet(s[end+1:])
	return n > 0 && same == numbered
}

// bullet returns the length of the bullet or number and the space at the start of a line, 0 if there is none.
func bullet(line string) (n int, numbered bool) { //nolint:cyclop // the two forms of a bullet
	if len(line) > 2 && (line[0] == '-' || line[0] == '*') && line[1] == ' ' && line[2] > ' ' {
		return 2, false
	}
	for n < len(line) && n < 3 && line[n] >= '0' && line[n] <= '9' {
		n++
	}
	if n == 0 || len(line) < n+3 || line[n] != '.' && line[n] != ')' || line[n+1] != ' ' || line[n+2] <= ' ' {
		return 0, false
	}
	return n + 2, true
}

// maxMarks is how deep marks may be nested.
const maxMarks = 8

// maxMarked bounds the bytes between two marks.
const maxMarked = 2000

// inline adds a part of a line, taking marks out of it. Addresses are left as they are.
func (p *marker) inline(from, to int, m Marks) {
	p.span(from, to, m, FindLinks(p.rich.Source[from:to]), from, 0)
}

// span is inline for a part with known addresses, whose offsets count from base.
func (p *marker) span(from, to int, m Marks, links []Link, base, depth int) {
	s := p.rich.Source
	plain := from // start of what was not appended yet
	for at := from; at < to; {
		for len(links) > 0 && base+links[0].End <= at {
			links = links[1:]
		}
		if len(links) > 0 && at >= base+links[0].Start {
			at = min(to, base+links[0].End)
			continue
		}
		inner, end, next := p.open(at, from, to, m)
		if next == 0 || depth >= maxMarks {
			at++
			continue
		}
		p.copy(plain, at)
		p.mark(m)
		if inner.Code {
			p.copy(at+markSize(s[at:]), end)
			p.mark(inner)
		} else {
			p.span(at+markSize(s[at:]), end, inner, links, base, depth+1)
		}
		at, plain = next, next
	}
	p.copy(plain, to)
	p.mark(m)
}

// markSize returns the length of the mark at the start of a text.
func markSize(s string) int {
	if len(s) > 1 && s[0] == s[1] && (s[0] == '*' || s[0] == '~') {
		return 2
	}
	return 1
}

// open returns how the text after a mark at a byte looks, where it ends, and where the text after its second mark
// starts; next is 0 if there is no mark.
func (p *marker) open(at, from, to int, m Marks) (inner Marks, end, next int) {
	s := p.rich.Source[:to]
	inner = m
	switch c := s[at]; c {
	case '`':
		inner.Code = true
		if i := strings.IndexByte(s[at+1:], '`'); i > 0 && strings.TrimSpace(s[at+1:at+1+i]) != "" {
			return inner, at + 1 + i, at + 2 + i
		}
	case '*', '~', '_':
		n := markSize(s[at:])
		switch {
		case c == '~' && n < 2, !p.opens(at, from, to, n):
			return inner, 0, 0
		case c == '~':
			inner.Strike = true
		case n == 2:
			inner.Bold = true
		default:
			inner.Italic = true
		}
		if inner == m {
			return inner, 0, 0
		}
		if end := p.close(at, to, n); end > 0 {
			return inner, end, end + n
		}
	case '[':
		return p.link(at, to, m)
	}
	return inner, 0, 0
}

// opens reports whether a mark at a byte can be the first one: text follows, and a single one starts a word.
func (p *marker) opens(at, from, to, n int) bool {
	s := p.rich.Source
	if at+n >= to {
		return false
	}
	after, _ := utf8.DecodeRuneInString(s[at+n:])
	if unicode.IsSpace(after) || after == rune(s[at]) && (n == 1 || !p.opens(at+n, at+n, to, 1)) {
		return false
	}
	if n == 2 || at == from {
		return true
	}
	before, _ := utf8.DecodeLastRuneInString(s[:at])
	return unicode.IsSpace(before) || strings.ContainsRune(`([{"'*_~,.;:!?-–—>`, before)
}

// close returns the start of the mark that ends the one at a byte, 0 if there is none.
func (p *marker) close(at, to, n int) int { //nolint:cyclop // the conditions of a mark that ends
	s := p.rich.Source
	to = min(to, at+maxMarked)
	for i := at + n + 1; i+n <= to; i++ {
		if s[i] == '`' { // code is not looked into
			if end := strings.IndexByte(s[i+1:to], '`'); end > 0 {
				i += end + 1
				continue
			}
		}
		if s[i] != s[at] || n == 2 && s[i+1] != s[at] {
			continue
		}
		if n == 1 && i+1 < to && s[i+1] == s[at] { // two of them are another mark
			i++
			continue
		}
		for n == 2 && i+n < to && s[i+n] == s[at] { // of three the last two
			i++
		}
		before, _ := utf8.DecodeLastRuneInString(s[:i])
		if unicode.IsSpace(before) {
			continue
		}
		if n == 2 || i+n >= to {
			return i
		}
		after, _ := utf8.DecodeRuneInString(s[i+n:])
		if !unicode.IsLetter(after) && !unicode.IsDigit(after) {
			return i
		}
	}
	return 0
}

// link is open for a link like [words](https://example.org).
func (p *marker) link(at, to int, m Marks) (inner Marks, end, next int) {
	s := p.rich.Source[:to]
	if m.Link != "" {
		return m, 0, 0
	}
	mid := strings.Index(s[at:], "](")
	if mid <= 1 || strings.ContainsAny(s[at+1:at+mid], "[]") || strings.TrimSpace(s[at+1:at+mid]) == "" {
		return m, 0, 0
	}
	start := at + mid + 2
	i := strings.IndexByte(s[start:], ')')
	if i < 0 {
		return m, 0, 0
	}
	address := s[start : start+i]
	found := FindLinks(address)
	if len(found) != 1 || found[0].Start != 0 || found[0].End != len(address) {
		return m, 0, 0
	}
	m.Link = address
	return m, at + mid, start + i + 1
}
