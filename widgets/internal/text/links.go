package text

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Link is a web address or a mention in a text: the bytes from Start up to End.
type Link struct {
	Start, End int
	Mention    int // index of the mention from 1; 0 for an address
}

// FindLinks returns the http and https addresses of a text in order.
func FindLinks(s string) []Link {
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
