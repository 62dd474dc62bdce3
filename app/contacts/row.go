package contacts

import (
	"strings"
	"time"

	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

// SavedTitle is the title of the chat with oneself.
func SavedTitle() string { return tr.L("Saved messages") }

// Row is one chat of the list.
type Row struct {
	ID

	Name     string
	Line     Line   // the zero Line when nothing was written yet
	Hint     string // shown without a line
	Unread   int
	Marked   bool // this user has marked the chat as unread
	Mention  bool // an unread message mentions this user
	Draft    string
	Typing   string // who is typing, in words
	Saved    bool   // the chat with oneself
	Echo     bool
	Server   bool // notices of the server
	Online   bool
	Pictured bool // there is a picture
	Muted    bool
	Pinned   bool
	Archived bool
	Calling  bool      // a call of the group is on
	Begun    time.Time // when the draft was started, in a chat without messages

	mutedUntil time.Time // the zero time for good
}

// active is the time of the last activity.
func (r Row) active() time.Time {
	if r.Empty() {
		return r.Begun
	}
	return r.Line.At
}

// isUser reports whether the chat is with another user, who has chosen the name.
func (r Row) isUser() bool { return r.Group == 0 && !r.Saved && !r.Echo && !r.Server }

// isUnread reports whether the chat has unread messages, or is marked as unread.
func (r Row) isUnread() bool { return r.Unread > 0 || r.Marked }

// Empty reports whether the chat has no message.
func (r Row) Empty() bool { return r.Line.Mid == 0 }

// lastMentions reports whether the row's last message mentions a user.
func (r Row) lastMentions(address string) bool {
	return r.Line.MentionsUser(address)
}

// DeletedWords stand for a recalled message.
func DeletedWords() string { return tr.L("This message was deleted") }

// Preview is the second line of the row, without the draft. notice describes changes of a group.
func (r Row) Preview(notice func(Line) string) string {
	switch {
	case r.Empty():
		return r.Hint
	case r.Line.Deleted:
		return DeletedWords()
	case r.Line.Change != nil:
		return OneLine(notice(r.Line))
	default:
		return OneLine(widgets.PlainText(r.Line.Text))
	}
}

// OneLine folds white space, so that any text fits on one line, and cuts what no row is wide enough for.
func OneLine(text string) string {
	const longest = 300 // bytes; wider than any window
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "")
	}
	return strings.Join(strings.Fields(text), " ")
}

// TimeWords is a time in as few characters as possible: today the time, this week the day, before that the date.
func TimeWords(t, now time.Time) string {
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	switch {
	case t.IsZero():
		return ""
	case !t.Before(midnight):
		return format.Clock(t)
	case t.After(midnight.AddDate(0, 0, -6)):
		return format.ShortWeekday(t)
	case t.Year() == now.Year():
		return format.DayOfYear(t)
	default:
		return format.ShortDay(t)
	}
}

// follows reports whether the line's message may change from one status to another: never back, and only a message
// that was not delivered can fail.
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

// FirstName is the first word of a name.
func FirstName(name string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(name), " ")
	return first
}
