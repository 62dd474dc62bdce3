package format

import (
	"time"

	"github.com/parley-chat/parley/internal/tr"
)

// Lasting is a time in words, such as 1 week.
func Lasting(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= 7*day && d%(7*day) == 0:
		return tr.N("{{.N}} week", "{{.N}} weeks", int(d/(7*day)))
	case d >= day && d%day == 0:
		return tr.N("{{.N}} day", "{{.N}} days", int(d/day))
	case d >= time.Hour && d%time.Hour == 0:
		return tr.N("{{.N}} hour", "{{.N}} hours", int(d/time.Hour))
	case d >= time.Minute && d%time.Minute == 0:
		return tr.N("{{.N}} minute", "{{.N}} minutes", int(d/time.Minute))
	default:
		return tr.N("{{.N}} second", "{{.N}} seconds", int(d/time.Second))
	}
}
