package chat

import (
	"context"
	"time"

	"github.com/parley-chat/parley/mesibo"
)

// Backend is what the screen needs of the SDK.
type Backend interface {
	SendMessageString(p mesibo.MessageParams, id uint32, text string) error
	Random() uint32
	Resend(p mesibo.MessageParams, id uint32) error
	// Cancel withdraws a message that was not sent yet, or removes one that failed.
	Cancel(p mesibo.MessageParams, id uint32) error
	SendReadReceipt(p mesibo.MessageParams, mid uint64) error
	GetProfile(peer string, groupID uint32) (*mesibo.UserProfile, bool)
	SetProfile(p *mesibo.UserProfile) error
	// FirstUnread finds the oldest unread message of a conversation, 0 when there is none.
	FirstUnread(peer string) (mid uint64, err error)
	// Fraction tells where in the conversation a message stands, from 0 for its beginning to 1 for its end.
	Fraction(peer string, mid uint64) (float64, error)
	// ReadPage reads messages of one conversation. It is called from the user interface's goroutine for the first page and
	// from others for the rest.
	ReadPage(q Query) ([]Message, error)
}

// Direction says which way a page is read.
type Direction int

// The directions.
const (
	Older Direction = iota // towards the beginning; pages come newest first
	Newer                  // towards the end; pages come oldest first
)

// Query describes a page.
type Query struct {
	Peer  string
	Dir   Direction
	Mid   uint64    // start just beyond this message; 0 for the end (Older) or the beginning (Newer)
	From  time.Time // if not zero: start at this time instead, with the message at it included
	Part  float64   // if not zero: start about there in the conversation instead, 1 being its end
	Count int
}

// Dispatcher brings work to the user interface's goroutine and away from it.
type Dispatcher interface {
	Now() time.Time
	Post(f func())
	Async(work func(ctx context.Context), done func())
	After(delay time.Duration, f func()) (cancel func())
}
