package chat

import (
	"context"
	"image"
	"time"

	"github.com/parley-chat/parley/mesibo"
)

// Backend is what the screen needs of the SDK.
type Backend interface {
	sender
	reader
	filer
	GetAddress() string
	GetProfile(peer string, groupID uint32) (*mesibo.UserProfile, bool)
	SetProfile(p *mesibo.UserProfile) error
	// Group returns what is known here of a group.
	Group(groupID uint32) Group
}

// sender is the part of Backend that sends, edits and recalls.
type sender interface {
	Random() uint32
	SendMessageString(p mesibo.MessageParams, id uint32, text string) error
	SendLocation(p mesibo.MessageParams, id uint32, l mesibo.Location) error
	ForwardMessage(p mesibo.MessageParams, id uint32, mid uint64) error
	// SendUpdate replaces the text of an own message.
	SendUpdate(p mesibo.MessageParams, mid uint64, message []byte) error
	// SendReaction sets this user's reaction to a message; empty removes it.
	SendReaction(p mesibo.MessageParams, mid uint64, emoji string) error
	// PinMessage pins a message for everyone in the chat, or unpins it.
	PinMessage(p mesibo.MessageParams, id uint32, mid uint64, pin bool) error
	SendActivity(p mesibo.MessageParams, id uint32, activity mesibo.Activity, interval int) error
	SendReadReceipt(p mesibo.MessageParams, mid uint64) error
	Resend(p mesibo.MessageParams, id uint32) error
	// Cancel removes a message from the outbox, or one that failed.
	Cancel(p mesibo.MessageParams, id uint32) error
	DeleteMessage(mid uint64, t mesibo.DeleteType) error
	// DeletePolicy, called with -1, returns for how many seconds a message can be edited and recalled; 0 is no limit.
	DeletePolicy(maxSeconds int, t mesibo.DeleteType) (int, mesibo.DeleteType)
}

// filer is the part of Backend that transfers files.
type filer interface {
	// IsFileTransferEnabled reports whether files can be sent at all.
	IsFileTransferEnabled() bool
	StartFileTransfer(f *mesibo.FileInfo) error
	StopFileTransfer(f *mesibo.FileInfo) error
	// GetFilePath is the folder for files of a type.
	GetFilePath(t mesibo.FileType) string
	GetTempFilesPath() string
	// The following are called on other goroutines.
	SendFile(p mesibo.MessageParams, id uint32, f *mesibo.FileInfo) error
	SetPlayed(mid uint64) error
	LoadImage(path string, maxSide int) (image.Image, error)
	// LoadAnimation reads a picture that may move.
	LoadAnimation(path string, maxSide int) (Animation, error)
}

// reader is the part of Backend that reads.
type reader interface {
	FindMessage(mid uint64) (*mesibo.Message, error)
	GetReceipts(mid uint64) ([]mesibo.Receipt, error)
	// PinnedMessages are the messages that are pinned in a chat, the one pinned last first.
	PinnedMessages(peer string, groupID uint32) ([]*mesibo.Message, error)
	// FirstUnread finds the oldest unread message of a chat, 0 when there is none.
	FirstUnread(peer string, groupID uint32) (mid uint64, err error)
	// UnreadMentions finds the unread messages of a group that mention this user, oldest first. It is called on other
	// goroutines.
	UnreadMentions(groupID uint32) (mids []uint64, err error)
	// Fraction is the position of a message in its chat, from 0 for the beginning to 1 for the end.
	Fraction(peer string, groupID uint32, mid uint64) (float64, error)
	// ReadPage reads messages of one chat. It is called on the user interface's goroutine for the first page and on
	// others for the rest.
	ReadPage(q Query) ([]Message, error)
	// ReadShared reads the newest messages of a chat that carry files, ReadLinks those that contain addresses of the web,
	// newest first. They are called on other goroutines.
	ReadShared(peer string, groupID uint32, count int) ([]Message, error)
	ReadLinks(peer string, groupID uint32, count int) ([]Message, error)
	// FindInChat finds the messages of one chat that contain a text, newest first. It is called on other goroutines.
	FindInChat(peer string, groupID uint32, text string, count int) (mids []uint64, err error)
}

// Group is what is known here of a group.
type Group struct {
	Members []mesibo.Member
	Count   int  // how many members there are, known or not
	Member  bool // this user is one
	CanSend bool
	Paused  bool // no member may send
	Admin   bool // this user may change the group, recall messages of others, and pin
}

// Direction is the direction in which a page is read.
type Direction int

// The directions.
const (
	Older Direction = iota // towards the beginning; pages come newest first
	Newer                  // towards the end; pages come oldest first
)

// Query describes a page.
type Query struct {
	Peer    string
	GroupID uint32
	Dir     Direction
	Mid     uint64    // start just beyond this message; 0 for the end (Older) or the beginning (Newer)
	From    time.Time // if not zero: start at this time instead, including a message at it
	Part    float64   // if not zero: start at about this fraction of the chat instead
	Count   int
}

// Dispatcher brings work to the user interface's goroutine and away from it.
type Dispatcher interface {
	Now() time.Time
	Post(f func())
	Async(work func(ctx context.Context), done func())
	After(delay time.Duration, f func()) (cancel func())
}
