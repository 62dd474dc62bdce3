package export

import (
	"time"

	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/internal/tr"
)

// words has what a page says, in the user's language.
type words struct{}

// Language is the language of a page.
func (words) Language() string { return tr.Tag() }

// Direction is the direction in which it is written.
func (words) Direction() string {
	if tr.RightToLeft() {
		return "rtl"
	}
	return "ltr"
}

// Exported says who made the page and when.
func (words) Exported(d headData) string {
	at := d.Chat.Time
	zone, _ := at.Zone()
	line := tr.L("Exported from Parley by {{.Name}} on {{.Date}}, {{.Time}}",
		"Name", d.Chat.Own.Name, "Date", format.Day(at), "Time", format.Clock(at)+" "+zone)
	if d.Page > 1 {
		return tr.L("{{.Exported}} · page {{.Number}}", "Exported", line, "Number", d.Page)
	}
	return line
}

// Earlier leads to the page before.
func (words) Earlier() string { return tr.L("Earlier messages") }

// Later leads to the next page.
func (words) Later() string { return tr.L("Later messages") }

// Clock is a time of the day.
func (words) Clock(t time.Time) string { return format.Clock(t) }

// Stamp is when a message was sent, and what became of it.
func (words) Stamp(m Message) string {
	switch at := format.Clock(m.Time); {
	case m.Edited && m.Unsent:
		return tr.L("{{.Time}}, edited, not sent", "Time", at)
	case m.Edited:
		return tr.L("{{.Time}}, edited", "Time", at)
	case m.Unsent:
		return tr.L("{{.Time}}, not sent", "Time", at)
	default:
		return at
	}
}

// Forwarded stands above a copy.
func (words) Forwarded(m Message) string {
	if m.Origin != nil {
		return tr.L("Forwarded from {{.Name}}", "Name", m.Origin.Name)
	}
	return tr.L("Forwarded")
}

// Reply stands for the message that one answers, when it is not on the page.
func (words) Reply() string { return tr.L("Reply to an earlier message") }

// Deleted stands for a message that was deleted for everyone.
func (words) Deleted() string { return tr.L("This message was deleted") }

// Missing stands behind the name of a file that was not copied.
func (words) Missing() string { return tr.L("not on this computer") }

// Poll is the question of a poll.
func (words) Poll(p Poll) string { return tr.L("Poll: {{.Question}}", "Question", p.Question) }
