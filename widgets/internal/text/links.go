package text

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Link is a part of a text that can be pressed: the bytes from Start up to End.
type Link struct {
	Start, End int
	Mention    int    // index of the mention from 1; 0 for an address
	Address    string // what to open, if it is not the text itself
	Hidden     bool   // the text is not the address
}

// In returns the address of a link of a text.
func (k Link) In(s string) string {
	if k.Address != "" {
		return k.Address
	}
	return s[k.Start:k.End]
}

// FindLinks returns the addresses of a text in order: of the web with http, https or www., of mail, and telephone
// numbers.
func FindLinks(s string) []Link {
	found := findWeb(s)
	found = append(found, findBare(s)...)
	found = append(found, findMail(s)...)
	found = append(found, findPhones(s)...)
	if len(found) < 2 {
		return found
	}
	slices.SortStableFunc(found, func(a, b Link) int { return a.Start - b.Start })
	out := found[:1]
	for _, k := range found[1:] {
		if k.Start >= out[len(out)-1].End {
			out = append(out, k)
		}
	}
	return out
}

// findWeb returns the addresses with a scheme.
func findWeb(s string) []Link {
	var found []Link
	for pos := 0; ; {
		i := strings.Index(s[pos:], "://")
		if i < 0 {
			return found
		}
		mid := pos + i
		pos = mid + 3
		start := schemeStart(s, mid)
		if start < 0 {
			continue
		}
		if end := linkEnd(s, pos); end > pos {
			found = append(found, Link{Start: start, End: end})
			pos = end
		}
	}
}

// findBare returns the addresses that start with www.
func findBare(s string) []Link {
	var found []Link
	for pos := 0; ; {
		i := indexFold(s[pos:], "www.")
		if i < 0 {
			return found
		}
		start := pos + i
		pos = start + len("www.")
		if start > 0 && (isWordByte(s[start-1]) || strings.IndexByte(".-/@:", s[start-1]) >= 0) {
			continue
		}
		end := linkEnd(s, pos)
		host, _, _ := strings.Cut(s[pos:end], "/")
		if dot := strings.IndexByte(host, '.'); dot < 1 || dot == len(host)-1 {
			continue
		}
		found = append(found, Link{Start: start, End: end, Address: "https://" + s[start:end]})
		pos = end
	}
}

func indexFold(s, lower string) int {
	for i := 0; i+len(lower) <= len(s); i++ {
		if s[i]|0x20 == lower[0] && strings.EqualFold(s[i:i+len(lower)], lower) {
			return i
		}
	}
	return -1
}

// findMail returns the addresses of mail.
func findMail(s string) []Link { //nolint:cyclop // one scan, with the characters of an address
	var found []Link
	for pos := 0; ; {
		i := strings.IndexByte(s[pos:], '@')
		if i < 0 {
			return found
		}
		at := pos + i
		pos = at + 1
		start := at
		for start > 0 && at-start < 64 && isMailByte(s[start-1], "._%+-") {
			start--
		}
		for start < at && strings.IndexByte("._%+-", s[start]) >= 0 {
			start++
		}
		end := pos
		for end < len(s) && isMailByte(s[end], ".-") {
			end++
		}
		for end > pos && (s[end-1] == '.' || s[end-1] == '-') {
			end--
		}
		host := s[pos:end]
		dot := strings.LastIndexByte(host, '.')
		if start == at || dot < 1 || !isLetters(host[dot+1:]) || start > 0 && isWordByte(s[start-1]) {
			continue
		}
		found = append(found, Link{Start: start, End: end, Address: "mailto:" + s[start:end]})
		pos = end
	}
}

func isMailByte(b byte, others string) bool {
	return b < utf8.RuneSelf && (isWordByte(b) || strings.IndexByte(others, b) >= 0)
}

// isLetters reports whether a text is two letters or more.
func isLetters(s string) bool {
	for i := range len(s) {
		if c := s[i] | 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return len(s) >= 2
}

// findPhones returns telephone numbers: with + and the country, or of ten digits as they are written in America.
func findPhones(s string) []Link {
	var found []Link
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c != '+' && c != '(' && (c < '0' || c > '9') {
			continue
		}
		if i > 0 && (isWordByte(s[i-1]) || strings.IndexByte("+-./=#:,&%", s[i-1]) >= 0) {
			continue
		}
		end, digits := phoneEnd(s, i)
		if end == 0 {
			for i+1 < len(s) && s[i+1] >= '0' && s[i+1] <= '9' {
				i++
			}
			continue
		}
		found = append(found, Link{Start: i, End: end, Address: "tel:" + digits})
		i = end - 1
	}
	return found
}

// phoneEnd returns the end of the telephone number that starts at a byte, and its digits; 0 if there is none.
func phoneEnd(s string, at int) (end int, digits string) { //nolint:cyclop // one scan, as above
	var b strings.Builder
	i := at
	country := s[i] == '+'
	if country {
		b.WriteByte('+')
		i++
	}
	shape := make([]byte, 0, 16) // 0 for a digit
	for ; i < len(s) && len(shape) < 28; i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			b.WriteByte(c)
			shape = append(shape, '0')
			end = i + 1
			continue
		case strings.IndexByte(" -.()/", c) >= 0 && (i == at || s[i-1] != c):
			shape = append(shape, c)
			continue
		}
		break
	}
	if end < len(s) && isWordByte(s[end]) {
		return 0, ""
	}
	n := strings.Count(string(shape), "0")
	if country {
		if n < 8 || n > 15 || s[at+1] < '0' || s[at+1] > '9' {
			return 0, ""
		}
		return end, b.String()
	}
	switch strings.TrimRight(string(shape), " -.()/") {
	case "(000) 000-0000", "000-000-0000", "(000)000-0000":
		return end, b.String()
	default:
		return 0, ""
	}
}

// schemeStart returns the start of the scheme before "://" at mid, or -1 if it is not http or https.
func schemeStart(s string, mid int) int {
	for _, scheme := range [...]string{"https", "http"} {
		start := mid - len(scheme)
		if start < 0 || !strings.EqualFold(s[start:mid], scheme) {
			continue
		}
		if start > 0 && isWordByte(s[start-1]) {
			return -1
		}
		return start
	}
	return -1
}

func isWordByte(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b >= 0x80
}

// linkEnd returns the end of an address: before a space or quote, without punctuation of the sentence around it.
func linkEnd(s string, from int) int {
	end := from
	for end < len(s) && s[end] > ' ' && !strings.ContainsRune("\"<>`|\\^{}", rune(s[end])) {
		end++
	}
	for end > from {
		switch last := s[end-1]; {
		case strings.IndexByte(".,;:!?'*_", last) >= 0:
		case last == ')' && strings.Count(s[from:end], "(") < strings.Count(s[from:end], ")"):
		case last == ']' && strings.Count(s[from:end], "[") < strings.Count(s[from:end], "]"):
		default:
			return end
		}
		end--
	}
	return end
}

// MergeMentions inserts mentions between the links, in order. The mentions are ranges of the raw text, the links those
// of the cleaned one. A mention inside an address is left out.
func MergeMentions(links []Link, raw, text string, mentions []Range) []Link {
	for i, m := range mentions {
		r, ok := cleanRange(raw, text, m)
		if !ok {
			continue
		}
		at, _ := slices.BinarySearchFunc(links, r.Start, func(k Link, start int) int { return k.Start - start })
		if at > 0 && links[at-1].End > r.Start || at < len(links) && links[at].Start < r.End {
			continue
		}
		links = slices.Insert(links, at, Link{Start: r.Start, End: r.End, Mention: i + 1})
	}
	return links
}

// cleanRange converts a range of a raw text to one of the cleaned text, and reports whether it is valid.
func cleanRange(raw, text string, r Range) (Range, bool) {
	if r.Start < 0 || r.End <= r.Start || r.End > len(raw) {
		return Range{}, false
	}
	if len(raw) != len(text) || raw != text {
		r = Range{Start: len(Clean(raw[:r.Start])), End: len(Clean(raw[:r.End]))}
	}
	ok := r.Start < r.End && r.End <= len(text) && utf8.RuneStart(text[r.Start]) &&
		(r.End == len(text) || utf8.RuneStart(text[r.End]))
	return r, ok
}
