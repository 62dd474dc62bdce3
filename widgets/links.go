package widgets

import (
	"strings"

	"github.com/parley-chat/parley/widgets/internal/text"
)

// WebLinks returns the addresses of the web in a text, in order.
func WebLinks(s string) []string {
	var list []string
	clean := text.Clean(s)
	for _, k := range text.FindLinks(clean) {
		if a := k.In(clean); strings.HasPrefix(a, "http://") || strings.HasPrefix(a, "https://") {
			list = append(list, a)
		}
	}
	return list
}
