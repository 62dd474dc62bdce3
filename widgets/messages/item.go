package messages

import (
	"slices"

	"github.com/parley-chat/parley/widgets"
)

// Kind is what an item of a [List] is.
type Kind uint8

// The kinds.
const (
	KindText   Kind = iota
	KindSystem      // a small centred line: joined, name changed, call ended
)

// Quote is the message that another one answers, shown as one line above the text.
type Quote struct {
	SenderKey string // determines the colour, as in widgets.Face
	Name      string // who wrote it; "You" for the user
	Text      string // shown as one line
	Deleted   bool   // Text is a notice in italics, such as "This message was deleted"
}

// Reaction is one emoji under a message.
type Reaction struct {
	Emoji string
	Count int  // shown if more than one
	Own   bool // the user is one of them: filled
}

// Item is one message as the list shows it. Items are compared by value, including what their pointers and slices hold:
// an item that changed in any field is drawn again, an unchanged one costs nothing. Items that were given to the list
// must not be changed in place.
type Item struct {
	Key int64 // unique in the list, and the same for the life of the message
	At  int64 // Unix seconds; decides which messages form a group

	Kind    Kind
	Own     bool // on the right
	State   widgets.MessageState
	Edited  bool
	Deleted bool // Text is a notice in italics, such as "This message was deleted"
	Kept    bool // on this device alone: it can be neither answered nor reacted to

	Text         string
	Time         string // as shown beside the text, such as 14:02
	Day          string // as shown in the date pill, such as Monday or 16 November 2026
	FailedReason string // in words, with StateFailed
	Forwarded    string // a line above the text, such as Forwarded; may be empty

	// The sender in groups, empty in a chat of two: the name is above the first message of a group of messages, the
	// avatar beside the last.
	SenderKey     string
	SenderName    string
	SenderPicture *widgets.Picture

	Quote     *Quote          // the message this one answers
	File      *FileCard       // a file, above the text
	Link      *LinkCard       // of a page that the text links to, below the text
	Question  string          // of a poll, above its options
	Poll      []PollOption    // instead of a text: the options of a poll
	Album     []AlbumPhoto    // instead of a file: up to ten pictures, above the text
	Mentions  []widgets.Range // parts of Text that mention a user, in order
	Reactions []Reaction      // under the message

	// Divider is the unread line above this item, such as "3 unread messages"; empty for none.
	Divider string
}

// same reports whether two items look the same.
func (m *Item) same(o *Item) bool {
	return m.Key == o.Key && m.Kind == o.Kind && m.Own == o.Own && m.Kept == o.Kept && m.Text == o.Text && m.At == o.At &&
		m.Time == o.Time && m.Day == o.Day && m.sameState(o) && m.sameSender(o) && m.sameParts(o)
}

func (m *Item) sameState(o *Item) bool {
	return m.State == o.State && m.FailedReason == o.FailedReason && m.Edited == o.Edited && m.Deleted == o.Deleted &&
		m.Forwarded == o.Forwarded && m.Divider == o.Divider
}

func (m *Item) sameParts(o *Item) bool {
	return samePointed(m.Quote, o.Quote) && samePointed(m.Link, o.Link) && sameFile(m.File, o.File) &&
		slices.EqualFunc(m.Album, o.Album, sameAlbumPhoto) &&
		m.Question == o.Question && slices.Equal(m.Poll, o.Poll) &&
		slices.Equal(m.Mentions, o.Mentions) && slices.Equal(m.Reactions, o.Reactions)
}

func (m *Item) sameSender(o *Item) bool {
	return m.SenderKey == o.SenderKey && m.SenderName == o.SenderName && m.SenderPicture == o.SenderPicture
}

// bare reports whether the item has no bubble.
func (m *Item) bare() bool {
	return m.Kind == KindText && !m.Deleted && m.Text == "" && m.File != nil && m.File.Sticker && m.File.picture()
}

func (m *Item) senderFace() widgets.Face {
	return widgets.Face{Key: m.SenderKey, Name: m.SenderName, Picture: m.SenderPicture}
}

func samePointed[T comparable](a, b *T) bool { return a == b || a != nil && b != nil && *a == *b }

// Align is where [List.ScrollToKey] puts a message.
type Align int

// The alignments.
const (
	AlignTop    Align = iota // at the top edge
	AlignThird               // a third of the height below it
	AlignCenter              // in the middle
)

// groupGap is how far apart in seconds the messages of a group may be.
const groupGap = 5 * 60

// joins reports whether b, which follows a, is in one group with it.
func joins(a, b *Item) bool {
	return a.Kind == KindText && b.Kind == KindText &&
		a.Own == b.Own && a.SenderKey == b.SenderKey && a.Day == b.Day &&
		b.Divider == "" && a.State != widgets.StateFailed &&
		b.At-a.At < groupGap && b.At-a.At > -groupGap
}
