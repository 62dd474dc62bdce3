package widgets

import "slices"

// MessageKind is what an item of a [MessageList] is.
type MessageKind uint8

// Kinds of item.
const (
	MessageText   MessageKind = iota
	MessageSystem             // a small line in the middle: joined, name changed, call ended
)

// MessageState is the mark beside a message's time.
type MessageState uint8

// Marks, in the order a message goes through them.
const (
	StateNone      MessageState = iota // a peer's message
	StateWaiting                       // clock: not yet on the server
	StateSent                          // one tick
	StateDelivered                     // two ticks
	StateRead                          // two ticks in the accent colour
	StateFailed                        // refused for good: a warning, the reason and what can be done
)

// Range is a part of a text: the bytes from Start up to End. One that does not lie in its text is ignored.
type Range struct{ Start, End int }

// Quote is the message another one answers, as one line above its text.
type Quote struct {
	SenderKey string // decides the colour, as in Face
	Name      string // who wrote it; "You" for the user
	Text      string // made one line
	Deleted   bool   // the text is a remark in italics, such as "This message was deleted"
}

// Reaction is one emoji under a message.
type Reaction struct {
	Emoji string
	Count int  // shown when more than one
	Own   bool // the user is among them: filled
}

// Place is a location as a drawn card.
type Place struct {
	Title     string // may be empty
	Latitude  float64
	Longitude float64
}

// MessageItem is one message as the list shows it. Items are compared by value, with what their pointers and slices
// hold: an item that changed in any field is drawn anew, one that did not costs nothing. What was given to the list
// must not be changed in place.
type MessageItem struct {
	Key int64 // unique in the list, and the same for the life of the message
	At  int64 // Unix seconds; messages of a group are less than five minutes apart

	Kind    MessageKind
	Own     bool // on the right
	State   MessageState
	Edited  bool
	Deleted bool // Text is a remark in italics, such as "This message was deleted"

	Text         string
	Time         string // as shown beside the text, such as 14:02
	Day          string // as shown in the date pill, such as Monday or 16 November 2026
	FailedReason string // in words, with StateFailed
	Forwarded    string // not empty: a line above the text, such as Forwarded

	// Sender is who wrote it, in groups: the name above the first message and the avatar beside the last. Empty in a
	// chat of two.
	SenderKey     string
	SenderName    string
	SenderPicture *Picture

	Quote     *Quote     // the message this one answers
	Place     *Place     // a location, above the text
	File      *FileCard  // a file, above the text
	Mentions  []Range    // parts of Text that name somebody, in order
	Reactions []Reaction // under the message

	// Divider, if not empty, is drawn as the unread line above this item, such as "3 unread messages".
	Divider string
}

// same reports whether two items look the same.
func (m *MessageItem) same(o *MessageItem) bool {
	return m.Key == o.Key && m.Kind == o.Kind && m.Own == o.Own && m.Text == o.Text && m.At == o.At && m.Time == o.Time &&
		m.Day == o.Day && m.sameState(o) && m.sameSender(o) && m.sameParts(o)
}

func (m *MessageItem) sameState(o *MessageItem) bool {
	return m.State == o.State && m.FailedReason == o.FailedReason && m.Edited == o.Edited && m.Deleted == o.Deleted &&
		m.Forwarded == o.Forwarded && m.Divider == o.Divider
}

func (m *MessageItem) sameParts(o *MessageItem) bool {
	return samePointed(m.Quote, o.Quote) && samePointed(m.Place, o.Place) && sameFile(m.File, o.File) &&
		slices.Equal(m.Mentions, o.Mentions) && slices.Equal(m.Reactions, o.Reactions)
}

func (m *MessageItem) sameSender(o *MessageItem) bool {
	return m.SenderKey == o.SenderKey && m.SenderName == o.SenderName && m.SenderPicture == o.SenderPicture
}

func (m *MessageItem) senderFace() Face {
	return Face{Key: m.SenderKey, Name: m.SenderName, Picture: m.SenderPicture}
}

func samePointed[T comparable](a, b *T) bool { return a == b || a != nil && b != nil && *a == *b }

// Align says where [MessageList.ScrollToKey] puts a message.
type Align int

// Places for a message.
const (
	AlignTop    Align = iota // at the upper edge
	AlignThird               // a third below it, where reading begins
	AlignCenter              // in the middle
)

// groupGap is in seconds how far apart the messages of one group may be.
const groupGap = 5 * 60

// joins reports whether b, which follows a, stands in one group with it.
func joins(a, b *MessageItem) bool {
	return a.Kind == MessageText && b.Kind == MessageText &&
		a.Own == b.Own && a.SenderKey == b.SenderKey && a.Day == b.Day &&
		b.Divider == "" && a.State != StateFailed &&
		b.At-a.At < groupGap && b.At-a.At > -groupGap
}
