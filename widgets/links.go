package widgets

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// linkSpan is what can be pressed in a text, bytes from start to end: a web address or a mention.
type linkSpan struct {
	start, end int
	mention    int // its index in the item from 1; 0 for an address
}

// findLinks returns the http and https addresses of a text in their order.
func findLinks(s string) []linkSpan {
	var found []linkSpan
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
			found = append(found, linkSpan{start: start, end: end})
			pos = end
		}
	}
}

// schemeStart returns where the scheme before "://" at mid begins, or -1 if it is not http or https.
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

// linkEnd returns where an address ends: at a space or quote, without the punctuation of the sentence around it.
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

// mergeMentions puts the mentions of an item among the links. Their places are those in the item's own text, which may
// have been cleaned since. A mention inside an address is left out.
func mergeMentions(links []linkSpan, raw, text string, mentions []Range) []linkSpan {
	for i, m := range mentions {
		r, ok := cleanRange(raw, text, m)
		if !ok {
			continue
		}
		at, _ := slices.BinarySearchFunc(links, r.Start, func(k linkSpan, start int) int { return k.start - start })
		if at > 0 && links[at-1].end > r.Start || at < len(links) && links[at].start < r.End {
			continue
		}
		links = slices.Insert(links, at, linkSpan{start: r.Start, end: r.End, mention: i + 1})
	}
	return links
}

// cleanRange turns a part of a raw text into the same part of the cleaned one.
func cleanRange(raw, text string, r Range) (Range, bool) {
	if r.Start < 0 || r.End <= r.Start || r.End > len(raw) {
		return Range{}, false
	}
	if len(raw) != len(text) || raw != text {
		r = Range{Start: len(clean(raw[:r.Start])), End: len(clean(raw[:r.End]))}
	}
	ok := r.Start < r.End && r.End <= len(text) && utf8.RuneStart(text[r.Start]) &&
		(r.End == len(text) || utf8.RuneStart(text[r.End]))
	return r, ok
}
