package widgets

// ChatRow is one row of a [ChatList]. Rows are compared by value; an unchanged one costs nothing.
type ChatRow struct {
	Key  string // unique in the list
	Face Face
	Name string
	Time string // 14:02, Mon, 3 Mar, 2024

	Sender  string // of the last message, in groups: "You" or a first name; may be empty
	Preview string // the last message; shown as one line
	Draft   string // not empty: shown instead, after "Draft:" in the error colour
	Typing  string // not empty: shown instead, in the accent colour
	State   MessageState

	Call    CallArrow // Preview is about a call, in the error colour when that was missed
	Deleted bool      // Preview is a notice in italics, such as "This message was deleted"

	Unread  int
	Marked  bool // the user has marked the chat as unread: a badge without a number
	Mention bool // an unread message mentions the user: a badge with @
	Muted   bool
	Pinned  bool
	Calling bool // a call of the group is on: a mark after the name
	Server  bool // the chat has notices of the server: a shield after the name
}

// unread reports whether the row has unread messages, or is marked as unread.
func (r *ChatRow) unread() bool { return r.Unread > 0 || r.Marked }
