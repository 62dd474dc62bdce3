package text

import (
	"slices"
	"unicode/utf8"

	"golang.org/x/text/unicode/bidi"
)

// IsRTL reports whether a text starts at the right: whether its first letter is of a script that is written to the
// left.
func IsRTL(s string) bool {
	if !mayTurn(s) {
		return false
	}
	for _, r := range s {
		switch class(r) { //nolint:exhaustive // the others are not strong
		case bidi.L:
			return false
		case bidi.R, bidi.AL:
			return true
		}
	}
	return false
}

// mayTurn reports whether a text has characters that are written to the left.
func mayTurn(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < 0xD6 { // up to U+057F
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		i += size - 1
		switch {
		case r < 0x590, r > 0x8FF && r < 0xFB1D && r != '\u200F', r > 0xFEFF && r < 0x10800, r > 0x1EFFF:
		default:
			return true
		}
	}
	return false
}

func class(r rune) bidi.Class {
	p, _ := bidi.LookupRune(r)
	return p.Class()
}

// levels returns the embedding level of each character of a line, by the Unicode bidirectional algorithm (UAX 9). Even
// levels are written to the right, odd ones to the left. There are no explicit embeddings: Clean drops their marks.
func levels(line []rune, rtl bool) []uint8 {
	base, even := uint8(0), bidi.L
	if rtl {
		base, even = 1, bidi.R
	}
	original := make([]bidi.Class, len(line))
	for i, r := range line {
		original[i] = class(r)
	}
	kinds := append([]bidi.Class(nil), original...)
	resolveWeak(kinds, even)
	resolveBrackets(line, kinds, original, even)
	resolveNeutral(kinds, even)
	out := make([]uint8, len(line))
	for i, k := range kinds { // I1, I2
		switch {
		case base == 0 && k == bidi.R:
			out[i] = 1
		case base == 0 && (k == bidi.EN || k == bidi.AN), base == 1 && k != bidi.R:
			out[i] = 2
		default:
			out[i] = base
		}
	}
	for i := len(line) - 1; i >= 0 && isSpacing(original[i]); i-- { // L1
		out[i] = base
	}
	return out
}

func isSpacing(k bidi.Class) bool {
	return k == bidi.WS || k == bidi.S || k == bidi.B || k == bidi.BN
}

// resolveWeak applies the rules W1 to W7.
func resolveWeak(kinds []bidi.Class, before bidi.Class) { //nolint:cyclop // seven short rules in their order
	last := before
	for i, k := range kinds { // W1; BN is treated like a mark
		if k == bidi.NSM || k == bidi.BN {
			kinds[i] = last
		}
		last = kinds[i]
	}
	strong := before
	for i, k := range kinds { // W2, W3
		switch k { //nolint:exhaustive // the others stay
		case bidi.L, bidi.R:
			strong = k
		case bidi.AL:
			strong, kinds[i] = k, bidi.R
		case bidi.EN:
			if strong == bidi.AL {
				kinds[i] = bidi.AN
			}
		}
	}
	for i := 1; i+1 < len(kinds); i++ { // W4
		same := kinds[i-1] == kinds[i+1]
		switch {
		case kinds[i] == bidi.ES && same && kinds[i-1] == bidi.EN:
			kinds[i] = bidi.EN
		case kinds[i] == bidi.CS && same && (kinds[i-1] == bidi.EN || kinds[i-1] == bidi.AN):
			kinds[i] = kinds[i-1]
		}
	}
	for i := 0; i < len(kinds); i++ { // W5
		if kinds[i] != bidi.ET {
			continue
		}
		end := i
		for end < len(kinds) && kinds[end] == bidi.ET {
			end++
		}
		if i > 0 && kinds[i-1] == bidi.EN || end < len(kinds) && kinds[end] == bidi.EN {
			for ; i < end; i++ {
				kinds[i] = bidi.EN
			}
		}
		i = end - 1
	}
	strong = before
	for i, k := range kinds { // W6, W7
		switch k { //nolint:exhaustive // the others stay
		case bidi.ES, bidi.ET, bidi.CS:
			kinds[i] = bidi.ON
		case bidi.L, bidi.R:
			strong = k
		case bidi.EN:
			if strong == bidi.L {
				kinds[i] = bidi.L
			}
		}
	}
}

// direction returns the direction in which the rules of neutral characters count a class: L, R, or ON for none.
func direction(k bidi.Class) bidi.Class {
	switch k {
	case bidi.L:
		return bidi.L
	case bidi.R, bidi.EN, bidi.AN:
		return bidi.R
	default:
		return bidi.ON
	}
}

// resolveNeutral applies the rules N1 and N2.
func resolveNeutral(kinds []bidi.Class, base bidi.Class) {
	before := base
	for i := 0; i < len(kinds); {
		if d := direction(kinds[i]); d != bidi.ON {
			before = d
			i++
			continue
		}
		end := i
		for end < len(kinds) && direction(kinds[end]) == bidi.ON {
			end++
		}
		after := base
		if end < len(kinds) {
			after = direction(kinds[end])
		}
		as := base
		if before == after {
			as = before
		}
		for ; i < end; i++ {
			kinds[i] = as
		}
	}
}

// maxBrackets is how deep brackets may be nested, as UAX 9 has it.
const maxBrackets = 63

// resolveBrackets applies the rule N0: a pair of brackets has one direction.
func resolveBrackets(line []rune, kinds, original []bidi.Class, base bidi.Class) {
	for _, p := range bracketPairs(line, kinds) {
		inside, opposite := false, false // a strong character of the line's direction, of the other one
		for _, k := range kinds[p[0]+1 : p[1]] {
			switch direction(k) { //nolint:exhaustive // it returns no others
			case base:
				inside = true
			case bidi.L, bidi.R:
				opposite = true
			}
		}
		switch {
		case inside:
			setPair(kinds, original, p, base)
		case opposite:
			before := base
			for i := p[0] - 1; i >= 0; i-- {
				if d := direction(kinds[i]); d != bidi.ON {
					before = d
					break
				}
			}
			setPair(kinds, original, p, before)
		}
	}
}

func setPair(kinds, original []bidi.Class, p [2]int, to bidi.Class) {
	for _, i := range p {
		kinds[i] = to
		for j := i + 1; j < len(kinds) && original[j] == bidi.NSM; j++ {
			kinds[j] = to
		}
	}
}

// bracketPairs returns the positions of the pairs of brackets, in the order of the opening ones.
func bracketPairs(line []rune, kinds []bidi.Class) [][2]int {
	type open struct {
		closing rune
		pair    int
	}
	var stack []open
	var pairs [][2]int
	for i, r := range line {
		if kinds[i] != bidi.ON {
			continue
		}
		p, _ := bidi.LookupRune(r)
		switch {
		case p.IsOpeningBracket():
			if len(stack) == maxBrackets {
				return closed(pairs)
			}
			stack = append(stack, open{mirrored(sameBracket(r)), len(pairs)})
			pairs = append(pairs, [2]int{i, -1})
		case p.IsBracket():
			for n, one := range slices.Backward(stack) {
				if one.closing == sameBracket(r) {
					pairs[stack[n].pair][1] = i
					stack = stack[:n]
					break
				}
			}
		}
	}
	return closed(pairs)
}

// closed drops the brackets that have no partner.
func closed(pairs [][2]int) [][2]int {
	out := pairs[:0]
	for _, p := range pairs {
		if p[1] >= 0 {
			out = append(out, p)
		}
	}
	return out
}

// sameBracket maps brackets that are canonically equal to one of them.
func sameBracket(r rune) rune {
	switch r {
	case '\u2329':
		return '\u3008'
	case '\u232A':
		return '\u3009'
	default:
		return r
	}
}

// mirroredPairs holds characters other than brackets that are mirrored in text written to the left.
var mirroredPairs = map[rune]rune{
	'<': '>', '>': '<', '«': '»', '»': '«', '‹': '›', '›': '‹', '≤': '≥', '≥': '≤',
}

// mirrored returns the character that is drawn for r in text written to the left.
func mirrored(r rune) rune {
	if m, ok := mirroredPairs[r]; ok {
		return m
	}
	if p, _ := bidi.LookupRune(r); p.IsBracket() {
		m, _ := utf8.DecodeRuneInString(bidi.ReverseString(string(r)))
		return m
	}
	return r
}
