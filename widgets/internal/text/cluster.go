package text

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-text/typesetting/segmenter"
)

// maxCluster bounds the runes of one cluster: a letter under thousands of accents is cut into pieces.
const maxCluster = 24

// Clusters iterates over user-perceived characters: a letter with its accents, an emoji with its modifiers, a flag. It
// yields the byte offset and the text of each. s must be valid UTF-8.
func Clusters(s string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		if isASCII(s) {
			for i := range len(s) {
				if !yield(i, s[i:i+1]) {
					return
				}
			}
			return
		}
		var seg segmenter.Segmenter
		seg.Init([]rune(s))
		pos := 0
		for it := seg.GraphemeIterator(); it.Next(); {
			runes := it.Grapheme().Text
			for len(runes) > 0 {
				n := min(len(runes), maxCluster)
				size := 0
				for _, r := range runes[:n] {
					size += utf8.RuneLen(r)
				}
				if !yield(pos, s[pos:pos+size]) {
					return
				}
				pos += size
				runes = runes[n:]
			}
		}
	}
}

// Boundary returns the start of the character at or before a byte of a text.
func Boundary(s string, at int) int {
	for at > 0 && at < len(s) && !utf8.RuneStart(s[at]) {
		at--
	}
	return min(at, len(s))
}

// lastCluster returns the offset of the last cluster of s.
func lastCluster(s string) int {
	last := 0
	for i := range Clusters(s) {
		last = i
	}
	return last
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// Clean returns text that can be shown: valid UTF-8, line breaks as \n, tabs as spaces, no control characters.
func Clean(s string) string {
	if isPlain(s) {
		return s
	}
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		switch {
		case r == '\n', r == '\r', r == '\u2028', r == '\u2029', r == '\u0085':
			b.WriteByte('\n')
		case r == '\t':
			b.WriteString("    ")
		case unicode.IsControl(r), isDirection(r):
			// Dropped: control characters have no glyph, and direction overrides can disguise a text.
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// CleanLine is Clean for a single line: breaks become spaces.
func CleanLine(s string) string {
	if len(s) > maxFit {
		s = s[:maxFit] // a cut rune is repaired below
	}
	return strings.TrimSpace(strings.ReplaceAll(Clean(s), "\n", " "))
}

func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || c < ' ' && c != '\n' || c == 0x7F {
			return false
		}
	}
	return true
}

// isDirection reports whether r is an embedding, override or isolate mark.
func isDirection(r rune) bool {
	return r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069'
}

// maxEmoji is how many emoji a message may hold to be shown large.
const maxEmoji = 3

// OnlyEmoji reports whether s is one to three emoji and otherwise only spaces.
func OnlyEmoji(s string) bool {
	if len(s) == 0 || len(s) > 120 || s[0] < utf8.RuneSelf {
		return false
	}
	n := 0
	for _, c := range Clusters(s) {
		if c == " " {
			continue
		}
		r, _ := utf8.DecodeRuneInString(c)
		if !isEmoji(r, c) {
			return false
		}
		if n++; n > maxEmoji {
			return false
		}
	}
	return n > 0
}

// emojiByDefault holds the symbols of Unicode's older blocks that are shown as emoji without a variation selector.
const emojiByDefault = "⌚⌛⏩⏪⏫⏬⏰⏳☔☕♈♉♊♋♌♍♎♏♐♑♒♓♿⚓⚡⚪⚫⚽⚾" +
	"⛄⛅⛎⛔⛪⛲⛳⛵⛺⛽✅✊✋✨❌❎❓❔❕❗➕➖➗➰➿⬛⬜⭐⭕"

func isEmoji(r rune, cluster string) bool {
	switch {
	case r >= 0x1F000 && r <= 0x1FAFF:
		return true
	case r >= 0x2600 && r <= 0x27BF, r >= 0x2B00 && r <= 0x2BFF, r >= 0x2300 && r <= 0x23FF:
		// Older symbols are emoji with a variation selector, or if they have emoji presentation by default.
		return strings.ContainsRune(cluster, '\uFE0F') || strings.ContainsRune(emojiByDefault, r)
	default:
		return false
	}
}

// Initials returns one or two letters for an avatar: the first of the first and of the last word.
func Initials(name string) string {
	words := strings.FieldsFunc(CleanLine(name), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsPunct(r) && r != '&' || r == '+'
	})
	if len(words) == 0 {
		return "?"
	}
	first := firstCluster(words[0])
	if len(words) == 1 || OnlyEmoji(first) {
		return strings.ToUpper(first)
	}
	last := firstCluster(words[len(words)-1])
	if OnlyEmoji(last) {
		return strings.ToUpper(first)
	}
	return strings.ToUpper(first + last)
}

func firstCluster(s string) string {
	for _, c := range Clusters(s) {
		return c
	}
	return ""
}
