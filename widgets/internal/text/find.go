package text

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Range is a part of a text: the bytes from Start up to End. Ranges that do not lie in their text are ignored.
type Range struct{ Start, End int }

// maxFound bounds the matches in one text.
const maxFound = 500

// FindWords returns where the words of a query are in a text, ignoring case, in order and without overlap.
func FindWords(text, query string) []Range {
	var found []Range
	for word := range strings.FieldsSeq(query) {
		found = appendFound(found, text, []rune(word))
	}
	slices.SortFunc(found, func(a, b Range) int { return a.Start - b.Start })
	return joinRanges(found)
}

func appendFound(found []Range, text string, word []rune) []Range {
	first := foldRune(word[0])
	for i, r := range text {
		if foldRune(r) != first {
			continue
		}
		if n := matchLen(text[i:], word); n > 0 {
			found = append(found, Range{i, i + n})
		}
		if len(found) >= maxFound {
			break
		}
	}
	return found
}

// matchLen returns the length in bytes of the word at the start of text, ignoring case, or 0.
func matchLen(text string, word []rune) int {
	n := 0
	for _, want := range word {
		r, size := utf8.DecodeRuneInString(text[n:])
		if size == 0 || foldRune(r) != foldRune(want) {
			return 0
		}
		n += size
	}
	return n
}

// foldRune returns the same rune for all cases of a letter.
func foldRune(r rune) rune {
	if r < utf8.RuneSelf {
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	least := r
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		least = min(least, f)
	}
	return unicode.ToLower(least)
}

// joinRanges joins ranges that touch or overlap.
func joinRanges(sorted []Range) []Range {
	out := sorted[:0]
	for _, r := range sorted {
		if n := len(out); n > 0 && r.Start <= out[n-1].End {
			out[n-1].End = max(out[n-1].End, r.End)
			continue
		}
		out = append(out, r)
	}
	return out
}
