package transfer

import (
	"fmt"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxName      = 120 // bytes of a file's name here
	maxExtension = 16
	noName       = "file"

	zeroWidthNonJoiner = '\u200c'
	zeroWidthJoiner    = '\u200d'
	// atEdges is what a name neither begins nor ends with: a system drops it, or users do not see it.
	atEdges = ". \u200c\u200d"
)

// SafeName makes a file's name for this device out of what another user calls it: the last element, without what a
// file system or a reader could take for something else, and of bounded length.
func SafeName(title string) string {
	title = strings.ToValidUTF8(title, "")
	title = title[strings.LastIndexAny(title, `/\`)+1:]
	title = strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune(`<>:"|?*`, r):
			return '_'
		case r == zeroWidthNonJoiner || r == zeroWidthJoiner: // Persian and emoji need them
			return r
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co):
			return -1
		}
		return r
	}, title)
	title = strings.Trim(title, atEdges)
	ext := filepath.Ext(title)
	if len(ext) > maxExtension {
		ext = ""
	}
	stem := cut(strings.TrimSuffix(title, ext), maxName-len(ext))
	if stem = strings.TrimRight(stem, atEdges); stem == "" {
		stem = noName
	}
	if isDevice(stem) {
		stem = "_" + stem
	}
	return stem + ext
}

// cut shortens a text to at most n bytes without breaking a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// isDevice reports whether Windows takes a name for a device.
func isDevice(stem string) bool {
	stem, _, _ = strings.Cut(strings.ToUpper(stem), ".")
	stem = strings.TrimRight(stem, " ")
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	for _, prefix := range []string{"COM", "LPT"} {
		if digit, ok := strings.CutPrefix(stem, prefix); ok && digit != "" &&
			strings.Contains("0 1 2 3 4 5 6 7 8 9 ¹ ² ³", digit) && digit != " " {
			return true
		}
	}
	return false
}

// numbered returns the n-th name to try for a file, from 1.
func numbered(name string, n int) string {
	if n == 1 {
		return name
	}
	ext := filepath.Ext(name)
	return fmt.Sprintf("%s (%d)%s", strings.TrimSuffix(name, ext), n, ext)
}
