package format

import (
	"strings"

	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
)

// Suspension says in one sentence why, and until when, the server keeps this user out.
func Suspension(s *mesibo.Suspension) string {
	reason := strings.TrimRight(strings.Join(strings.Fields(s.Reason), " "), ".")
	switch {
	case s.Until.IsZero() && reason == "":
		return tr.L("This server has banned you.")
	case s.Until.IsZero():
		return tr.L("This server has banned you: {{.Reason}}.", "Reason", reason)
	case reason == "":
		return tr.L("This server has suspended you until {{.Date}}.", "Date", Moment(s.Until))
	default:
		return tr.L("This server has suspended you until {{.Date}}: {{.Reason}}.", "Date", Moment(s.Until), "Reason", reason)
	}
}
