package contacts

import (
	"context"
	"strings"
	"time"

	"github.com/parley-chat/parley/mesibo"
)

// Backend is what the screen needs of the SDK.
type Backend interface {
	GetAddress() string
	GetProfile(peer string, groupID uint32) (*mesibo.UserProfile, bool)
	SetProfile(p *mesibo.UserProfile) error
	GetSortedUserProfiles() []mesibo.UserProfile
	DeleteMessages(p mesibo.MessageParams) error
	// IsMember tells whether this user belongs to a group.
	IsMember(groupID uint32) bool
	SendReadReceipt(p mesibo.MessageParams, mid uint64) error
	// ReadSummary reads the newest message of each conversation, the newest conversation first.
	ReadSummary(count int) ([]Summary, error)
	// ReadLast reads the newest message of one conversation; it tells false when there is none.
	ReadLast(id ID) (Line, bool, error)
	// Mentioned tells whether one of the newest unread messages of a group names this user. It is called from other goroutines.
	Mentioned(groupID uint32, unread int) (bool, error)
	// FindMessages finds messages of all conversations that hold a text, the newest first. It is called from other goroutines
	// than the user interface's.
	FindMessages(text string, count int) ([]Line, error)
}

// Line is the newest message of a conversation.
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
}

// Summary is a conversation as the list shows it at the start.
type Summary struct {
	Line

	Profile mesibo.UserProfile // of the other party or the group
}

// NewSummary makes a Summary of a message that a summary session gave.
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

// NewLine makes a Line of a message that a listener was given.
func NewLine(m *mesibo.Message) Line {
	l := Line{
		ID:       IDOf(&m.MessageParams),
		Mid:      m.Mid,
		Out:      m.IsOutgoing(),
		Text:     gist(m),
		At:       time.UnixMilli(int64(m.Ts)),
		Status:   m.Status,
		Deleted:  m.IsDeleted(),
		Mentions: m.Mentions,
		Change:   m.GroupChange,
	}
	if m.GroupID != 0 && !l.Out {
		l.Sender = m.Peer
	}
	return l
}

// gist is what a message says in one line.
func gist(m *mesibo.Message) string {
	switch {
	case m.Location != nil:
		return join("📍 "+orElse(m.Location.Title, "Location"), string(m.Data))
	case m.File != nil:
		return join(fileWords(m.File), string(m.Data))
	default:
		return string(m.Data)
	}
}

func fileWords(f *mesibo.FileInfo) string {
	const voice = "Voice message" // begins the titles of those recorded here
	switch {
	case f.Type == mesibo.FileTypeImage:
		return "📷 Photo"
	case f.Type == mesibo.FileTypeAudio && strings.HasPrefix(f.Title, voice):
		return "🎤 " + voice
	case f.Type == mesibo.FileTypeAudio && f.Title != "":
		return "🎵 " + f.Title
	default:
		return "📎 " + orElse(f.Title, "File")
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

// Waits tells whether the message is still in the outbox: then it is the last, whatever else arrives.
func (l Line) Waits() bool { return l.Mid != 0 && l.Out && l.Status == mesibo.MsgStatusOutbox }

// Dispatcher brings work to the user interface's goroutine and away from it, and gives the time.
type Dispatcher interface {
	Now() time.Time
	Post(f func())
	Async(work func(ctx context.Context), done func())
	After(delay time.Duration, f func()) (cancel func())
}
