package widgets

import "strings"

// linkSpan is a web address in a text: bytes from start to end.
type linkSpan struct{ start, end int }

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
