package widgets

import (
	"slices"
	"strings"
)

// snippet makes a text one line that fits, beginning so that the first of the places found is in it, and returns the
// places as they are then.
func snippet(set *typesetter, text string, found []Range, f font, room float32) (line string, places []Range) {
	const before = 24 // bytes shown before the first place, when the line does not begin at the text's beginning
	cut := ""
	found = inText(text, found)
	if len(found) > 0 &&
		set.lineWidth(oneLine(text[:min(len(text), found[0].End, maxFit)]), f) > room*2/3 {
		if at := wordStart(text, max(0, found[0].Start-before)); at > 0 {
			text, cut = text[at:], "…"
			found = shifted(found, -at)
		}
	}
	raw := text
	if len(raw) > maxFit {
		raw = raw[:maxFit]
	}
	line = set.fit(cut+oneLine(raw), f, room)
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

// inText returns those of the places that lie in a text.
func inText(text string, found []Range) []Range {
	return slices.DeleteFunc(slices.Clone(found), func(r Range) bool {
		return r.Start < 0 || r.End <= r.Start || r.End > len(text)
	})
}

// oneLine is clean with breaks as spaces, which keeps the places of everything.
func oneLine(s string) string { return strings.ReplaceAll(clean(s), "\n", " ") }

// wordStart returns the first place from at on where a word begins.
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
