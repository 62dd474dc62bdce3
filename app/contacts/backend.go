package contacts

import (
	"context"
	"strings"
	"time"

	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

// Backend is what the screen needs of the SDK.
type Backend interface {
	GetAddress() string
	GetProfile(peer string, groupID uint32) (*mesibo.UserProfile, bool)
	SetProfile(p *mesibo.UserProfile) error
	GetSortedUserProfiles() []mesibo.UserProfile
	DeleteMessages(p mesibo.MessageParams) error
	// IsMember reports whether this user is a member of a group.
	IsMember(groupID uint32) bool
	SendReadReceipt(p mesibo.MessageParams, mid uint64) error
	// ReadSummary reads the newest message of each chat, newest chat first.
	ReadSummary(count int) ([]Summary, error)
	// ReadLast reads the newest message of a chat that is not to be skipped; it returns false when there is none.
	ReadLast(id ID, skip func(mid uint64) bool) (Line, bool, error)
	// Mentioned reports whether one of the newest unread messages of a group mentions this user. It is called on other
	// goroutines.
	Mentioned(groupID uint32, unread int) (bool, error)
	// FindMessages finds messages of all chats that contain a text, newest first. It is called on other goroutines.
	FindMessages(text string, count int) ([]Line, error)
}

// Line is the newest message of a chat.
type Line struct {
	ID

	Mid      uint64
	Out      bool
	Sender   string // in groups: the address of who wrote it, empty for this user
	Text     string
	At       time.Time
	Status   mesibo.MsgStatus
	Deleted  bool
	Mentions []string
	Change   *mesibo.GroupChange // a notice about the group
	Call     widgets.CallArrow   // the direction of a call
	Imported bool                // from another program
	Author   string              // the name of who wrote it there, who has no address
}

// Summary is a chat as the list shows it at the start.
type Summary struct {
	Line

	Profile mesibo.UserProfile // of the other user or the group
}

// NewSummary converts a message of a summary session.
func NewSummary(m *mesibo.Message) Summary {
	s := Summary{Line: NewLine(m)}
	profile := m.Profile
	if m.GroupID != 0 {
		profile = m.GroupProfile
	}
	if profile != nil {
		s.Profile = *profile
	}
	return s
}

// NewLine converts a message of the SDK.
func NewLine(m *mesibo.Message) Line {
	l := Line{
		ID:       IDOf(&m.MessageParams),
		Mid:      m.Mid,
		Out:      m.IsOutgoing(),
		Text:     preview(m),
		At:       time.UnixMilli(int64(m.Ts)),
		Status:   m.Status,
		Deleted:  m.IsDeleted(),
		Mentions: m.Mentions,
		Change:   m.GroupChange,
		Call:     format.CallArrow(&m.MessageParams),
	}
	if m.GroupID != 0 && !l.Out {
		l.Sender = m.Peer
	}
	if m.Imported != nil {
		l.Imported, l.Author = true, m.Imported.Author
	}
	return l
}

// preview is a message in one line.
func preview(m *mesibo.Message) string {
	switch {
	case m.Type == mesibo.TypePin:
		return tr.L("📌 Pinned a message")
	case m.Type == mesibo.TypeUnpin:
		return tr.L("Unpinned a message")
	case m.Type == mesibo.TypePoll:
		question, _, _ := strings.Cut(string(m.Data), "\n")
		return "📊 " + question
	case m.Type == mesibo.TypeAge:
		return stayWords(string(m.Data))
	case m.IsCall():
		return format.CallLine(&m.MessageParams)
	case m.Location != nil:
		return join("📍 "+orElse(m.Location.Title, tr.L("Location")), string(m.Data))
	case m.File != nil:
		return join(fileWords(m.File), string(m.Data))
	default:
		return string(m.Data)
	}
}

// stayWords say how long messages stay.
func stayWords(seconds string) string {
	d, err := time.ParseDuration(seconds + "s")
	if err != nil || d == 0 {
		return tr.L("Messages stay again")
	}
	return tr.L("Messages disappear after {{.Time}}", "Time", format.Lasting(d))
}

func fileWords(f *mesibo.FileInfo) string {
	const voice = "Voice message" // how the titles of those recorded here start
	switch {
	case format.IsGIF(f):
		return "📷 " + tr.L("GIF")
	case format.IsSticker(f):
		return "📷 " + tr.L("Sticker")
	case f.Type == mesibo.FileTypeImage:
		return tr.L("📷 Photo")
	case f.Type == mesibo.FileTypeAudio && strings.HasPrefix(f.Title, voice):
		return tr.L("🎤 Voice message")
	case f.Type == mesibo.FileTypeAudio && f.Title != "":
		return "🎵 " + f.Title
	default:
		return "📎 " + orElse(f.Title, tr.L("File"))
	}
}

func join(a, b string) string {
	if b == "" {
		return a
	}
	return a + " · " + b
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// Waits reports whether the message is still in the outbox: then it is the last, whatever else arrives.
func (l Line) Waits() bool { return l.Mid != 0 && l.Out && l.Status == mesibo.MsgStatusOutbox }

// Dispatcher brings work to the user interface's goroutine and away from it, and returns the time.
type Dispatcher interface {
	Now() time.Time
	Post(f func())
	Async(work func(ctx context.Context), done func())
	After(delay time.Duration, f func()) (cancel func())
}
