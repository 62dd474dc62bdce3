package contacts

import (
	"slices"
	"strings"
	"time"

	"github.com/parley-chat/parley/mesibo"
)

// SavedTitle is what the conversation with oneself is called.
const SavedTitle = "Saved messages"

// Row is one conversation in the list.
type Row struct {
	ID

	Name     string
	Line     Line   // the zero Line when nothing was written yet
	Hint     string // stands in for a line
	Unread   int
	Mention  bool // an unread message names this user
	Draft    string
	Typing   string // who is typing, in words
	Saved    bool   // the conversation with oneself
	Echo     bool
	Online   bool
	Pictured bool // there is a picture
	Muted    bool
	Pinned   bool
	Archived bool
	Begun    time.Time // when something was typed first, in a conversation without messages

	mutedUntil uint64 // ms since the Unix epoch, 0 for good
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

// lastMentions tells whether the row's last message names somebody.
func (r Row) lastMentions(address string) bool {
	return slices.ContainsFunc(r.Line.Mentions, func(who string) bool { return strings.EqualFold(who, address) })
}

// DeletedWords stand in the place of a message that was taken back.
const DeletedWords = "This message was deleted"

// Preview is the second line of the row: one line, without the draft. notice puts what happened to a group into words.
func (r Row) Preview(notice func(Line) string) string {
	switch {
	case r.Empty():
		return r.Hint
	case r.Line.Deleted:
		return DeletedWords
	case r.Line.Change != nil:
		return OneLine(notice(r.Line))
	default:
		return OneLine(r.Line.Text)
	}
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

// FirstName is the first word of a name.
func FirstName(name string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(name), " ")
	return first
}
