package text

import "strconv"

// ShortCount returns a number for a badge, at most 99+.
func ShortCount(n int) string {
	if n > 99 {
		return "99+"
	}
	return strconv.Itoa(n)
}
