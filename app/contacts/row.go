package contacts

import (
	"strings"
	"time"

	"github.com/parley-chat/parley/mesibo"
)

// SavedTitle is what the conversation with oneself is called.
const SavedTitle = "Saved messages"

// Row is one conversation in the list.
type Row struct {
	Peer   string
	Name   string
	Line   Line   // the zero Line when nothing was written yet
	Hint   string // stands in for a line
	Unread int
	Draft  string
	Saved  bool // the conversation with oneself
	Echo   bool
	Begun  time.Time // when something was typed first, in a conversation without messages
}

// active is when something happened last.
func (r Row) active() time.Time {
	if r.Empty() {
		return r.Begun
	}
	return r.Line.At
}

// Empty tells whether the conversation has no message.
func (r Row) Empty() bool { return r.Line.Mid == 0 }

// Preview is the second line of the row: one line, without the draft.
func (r Row) Preview() string {
	if r.Empty() {
		return r.Hint
	}
	return OneLine(r.Line.Text)
}

// OneLine folds white space, so that any text fits one line; what no row is wide enough for is cut off.
func OneLine(text string) string {
	const longest = 300 // bytes; wider than any window
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "")
	}
	return strings.Join(strings.Fields(text), " ")
}

// TimeWords tells when, in as few characters as the distance from now allows.
func TimeWords(t, now time.Time) string {
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	switch {
	case t.IsZero():
		return ""
	case !t.Before(midnight):
		return t.Format("15:04")
	case t.After(midnight.AddDate(0, 0, -6)):
		return t.Format("Mon")
	case t.Year() == now.Year():
		return t.Format("2 Jan")
	default:
		return t.Format("2 Jan 2006")
	}
}

// follows tells whether the message in the line may go from one status to another: never back, and only a message that has not
// arrived can fail.
func follows(from, to mesibo.MsgStatus) bool {
	switch {
	case to.IsFailed():
		return !from.IsFailed() && from < mesibo.MsgStatusDelivered
	case from.IsFailed():
		return to == mesibo.MsgStatusOutbox
	default:
		return to > from
	}
}
