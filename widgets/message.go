package widgets

// MessageKind is what an item of a [MessageList] is.
type MessageKind int

// Kinds of item.
const (
	MessageText   MessageKind = iota
	MessageSystem             // a small line in the middle: joined, name changed, call ended
)

// MessageState is the mark beside a message's time.
type MessageState int

// Marks, in the order a message goes through them.
const (
	StateNone      MessageState = iota // a peer's message
	StateWaiting                       // clock: not yet on the server
	StateSent                          // one tick
	StateDelivered                     // two ticks
	StateRead                          // two ticks in the accent colour
	StateFailed                        // refused for good: a warning, the reason and what can be done
)

// MessageItem is one message as the list shows it. Items are compared by value: an item that changed in any field is
// drawn anew, one that did not costs nothing.
type MessageItem struct {
	Key  int64 // unique in the list, and the same for the life of the message
	Kind MessageKind
	Own  bool // on the right
	Text string
	At   int64  // Unix seconds; messages of a group are less than five minutes apart
	Time string // as shown beside the text, such as 14:02
	Day  string // as shown in the date pill, such as Monday or 16 November 2026

	State        MessageState
	FailedReason string // in words, with StateFailed
	Edited       bool

	// Sender is who wrote it, in groups: the name above the first message and the avatar beside the last. Empty in a
	// chat of two.
	SenderKey  string
	SenderName string

	// Divider, if not empty, is drawn as the unread line above this item, such as "3 unread messages".
	Divider string
}

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
