package text

import (
	"slices"
	"strings"
)

// Snippet returns one line that fits, cut so that it shows the first of the ranges found, and the ranges within it.
func Snippet(set *Typesetter, text string, found []Range, f Font, room float32) (line string, places []Range) {
	const before = 24 // bytes shown before the first range if the start of the text is cut off
	cut := ""
	found = inText(text, found)
	if len(found) > 0 &&
		set.LineWidth(oneLine(text[:min(len(text), found[0].End, maxFit)]), f) > room*2/3 {
		if at := wordStart(text, max(0, found[0].Start-before)); at > 0 {
			text, cut = text[at:], "…"
			found = shifted(found, -at)
		}
	}
	raw := text
	if len(raw) > maxFit {
		raw = raw[:maxFit]
	}
	line = set.Fit(cut+oneLine(raw), f, room)
	shown := strings.TrimSuffix(line, "…")
	for _, r := range found {
		clean, ok := cleanRange(raw, oneLine(raw), r)
		clean.Start, clean.End = clean.Start+len(cut), clean.End+len(cut)
		if !ok || clean.End > len(shown) {
			break
		}
		places = append(places, clean)
	}
	return line, places
}

// inText returns the ranges that lie in a text.
func inText(text string, found []Range) []Range {
	return slices.DeleteFunc(slices.Clone(found), func(r Range) bool {
		return r.Start < 0 || r.End <= r.Start || r.End > len(text)
	})
}

// oneLine is Clean with breaks as spaces, so that offsets stay the same.
func oneLine(s string) string { return strings.ReplaceAll(Clean(s), "\n", " ") }

// wordStart returns the start of the first word at or after an offset.
func wordStart(text string, at int) int {
	if at == 0 {
		return 0
	}
	if i := strings.IndexAny(text[at:], " \n"); i >= 0 && i < 24 {
		return at + i + 1
	}
	for at < len(text) && text[at]&0xC0 == 0x80 {
		at++
	}
	return at
}

func shifted(found []Range, by int) []Range {
	out := make([]Range, len(found))
	for i, r := range found {
		out[i] = Range{r.Start + by, r.End + by}
	}
	return out
}
