package emoji

import (
	"strings"
	"unicode/utf8"
)

const (
	selectText    = '\uFE0E' // after a symbol that should be drawn as a letter
	selectPicture = '\uFE0F'
	joiner        = '\u200D'
	keycap        = '\u20E3'
)

// Is reports whether a cluster, which is what a user perceives as one character, is shown as a picture.
func Is(cluster string) bool { return Count(cluster) > 0 }

// Count returns how many pictures stand side by side for a cluster: one, zero for what is no emoji, or more for a
// sequence that is newer than the font.
func Count(cluster string) int {
	if cluster == "" || cluster[0] < utf8.RuneSelf && len(cluster) < 4 || len(cluster) == 2 && cluster[0] != 0xC2 {
		return 0
	}
	return len(theSet().glyphsOf(cluster))
}

// textFirst holds the symbols that have pictures but are letters or signs of text unless the variation selector
// follows: those that the program's text font has.
const textFirst = "©®‼⁉™ℹ↔↕↖↗↘↙↩↪Ⓜ〰〽㊗㊙"

// isCandidate reports whether a cluster should be shown as a picture, if the font has it.
func isCandidate(cluster string) bool {
	first, size := utf8.DecodeRuneInString(cluster)
	rest := cluster[size:]
	switch {
	case strings.ContainsRune(rest, selectText):
		return false
	case first < utf8.RuneSelf:
		return strings.ContainsRune(rest, keycap)
	case first < 0x203C && first != '©' && first != '®':
		return false
	case first > 0x3299 && first < 0x1F000:
		return false
	case strings.ContainsRune(textFirst, first):
		return strings.ContainsRune(rest, selectPicture)
	default:
		return true
	}
}

// IsTone reports whether r is a skin tone.
func IsTone(r rune) bool { return r >= 0x1F3FB && r <= 0x1F3FF }
