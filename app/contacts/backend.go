package contacts

import (
	"time"

	"github.com/parley-chat/parley/mesibo"
)

// Backend is what the screen needs of the SDK.
type Backend interface {
	GetAddress() string
	GetProfile(peer string, groupID uint32) (*mesibo.UserProfile, bool)
	GetSortedUserProfiles() []mesibo.UserProfile
	DeleteMessages(p mesibo.MessageParams) error
	// ReadSummary reads the newest message of each conversation, the newest conversation first.
	ReadSummary(count int) ([]Summary, error)
	// ReadLast reads the newest message of one conversation; it tells false when there is none.
	ReadLast(peer string) (Line, bool, error)
}

// Line is the newest message of a conversation.
type Line struct {
	Peer   string
	Mid    uint64
	Out    bool
	Text   string
	At     time.Time
	Status mesibo.MsgStatus
}

// Summary is a conversation as the list shows it at the start.
type Summary struct {
	Line

	Name   string // empty when it is not known
	Draft  string
	Unread int
}

// NewSummary makes a Summary of what the listener of a summary session was given.
func NewSummary(p *mesibo.MessageParams, text string) Summary {
	s := Summary{Line: NewLine(p, text)}
	if p.Profile != nil {
		s.Name, s.Draft, s.Unread = p.Profile.Name, p.Profile.Draft, p.Profile.Unread
	}
	return s
}

// NewLine makes a Line of what a listener was given.
func NewLine(p *mesibo.MessageParams, text string) Line {
	return Line{
		Peer:   p.Peer,
		Mid:    p.Mid,
		Out:    !p.IsIncoming(),
		Text:   text,
		At:     time.UnixMilli(int64(p.Ts)),
		Status: p.Status,
	}
}

// Waits tells whether the message is still in the outbox: then it is the last, whatever else arrives.
func (l Line) Waits() bool { return l.Mid != 0 && l.Out && l.Status == mesibo.MsgStatusOutbox }

// Dispatcher brings work to the user interface's goroutine and gives the time.
type Dispatcher interface {
	Now() time.Time
	Post(f func())
	After(delay time.Duration, f func()) (cancel func())
}
