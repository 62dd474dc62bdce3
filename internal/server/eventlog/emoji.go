package eventlog

import (
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/parley-chat/parley/internal/server/refusal"
)

var errNoEmoji = refusal.Bad("a reaction is one emoji")

// maxOptions is how many options a poll has, at most.
const maxOptions = 10

// isVote reports whether a reaction to a poll is a vote: the number of an option.
func isVote(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n >= 1 && n <= maxOptions && strconv.Itoa(n) == s
}

// Characters that emoji are made of, beside those of isPictograph.
const (
	joiner      = 0x200D
	variation   = 0xFE0F // show it as a picture
	keycap      = 0x20E3
	flag        = 0x1F3F4 // followed by the letters of a region as tags
	firstTag    = 0xE0020
	lastTag     = 0xE007F
	firstRegion = 0x1F1E6 // two of them are the flag of a country
	lastRegion  = 0x1F1FF
	firstSkin   = 0x1F3FB
	lastSkin    = 0x1F3FF
)

// isEmoji reports whether a text is one emoji, or empty. It does not need to know them all, so that those of later
// versions of Unicode are among them; what it keeps out is text.
func isEmoji(s string) bool {
	rest := []rune(s)
	if len(rest) == 0 {
		return true
	}
	if !utf8.ValidString(s) {
		return false
	}
	for {
		if rest = afterPictograph(rest); rest == nil {
			return false
		}
		if len(rest) == 0 {
			return true
		}
		if rest[0] != joiner {
			return false
		}
		rest = rest[1:]
	}
}

// afterPictograph returns what follows on a pictograph and what changes its look, nil if a text does not begin with
// one.
func afterPictograph(text []rune) []rune {
	switch {
	case len(text) == 0:
		return nil
	case isRegion(text[0]):
		if len(text) == 1 || !isRegion(text[1]) {
			return nil
		}
		return text[2:]
	}
	n := 1
	for n < len(text) && isLook(text[n], text[0]) {
		n++
	}
	if isPictograph(text[0]) || (isKey(text[0]) && slices.Contains(text[1:n], keycap)) {
		return text[n:]
	}
	return nil
}

// isLook reports whether a character changes the look of the pictograph before it.
func isLook(r, pictograph rune) bool {
	tag := r >= firstTag && r <= lastTag
	return r == keycap || r == variation || (r >= firstSkin && r <= lastSkin) || (tag && pictograph == flag)
}

func isKey(r rune) bool { return r == '#' || r == '*' || (r >= '0' && r <= '9') }

func isRegion(r rune) bool { return r >= firstRegion && r <= lastRegion }

// isPictograph reports whether a character is in a block of symbols, or one of the few emoji elsewhere.
func isPictograph(r rune) bool {
	switch r {
	case 0xA9, 0xAE, 0x203C, 0x2049, 0x2122, 0x2139, 0x24C2, 0x3030, 0x303D, 0x3297, 0x3299:
		return true
	}
	const (
		firstArrow, lastArrow     = 0x2190, 0x21FF
		firstSymbol, lastSymbol   = 0x2300, 0x23FF
		firstShape, lastShape     = 0x25A0, 0x27BF
		firstArrowB, lastArrowB   = 0x2900, 0x297F
		firstArrowC, lastArrowC   = 0x2B00, 0x2BFF
		firstPicture, lastPicture = 0x1F000, 0x1FAFF
	)
	return r >= firstArrow && r <= lastArrow || r >= firstSymbol && r <= lastSymbol ||
		r >= firstShape && r <= lastShape || r >= firstArrowB && r <= lastArrowB ||
		r >= firstArrowC && r <= lastArrowC || r >= firstPicture && r <= lastPicture
}
