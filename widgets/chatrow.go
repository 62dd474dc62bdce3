package widgets

// ChatRow is one row of a [ChatList]. Rows are compared by value; one that did not change costs nothing.
type ChatRow struct {
	Key  string // unique in the list
	Face Face
	Name string
	Time string // 14:02, Mon, 3 Mar, 2024

	Sender  string // who wrote the last message, in groups: "You" or a first name; may be empty
	Preview string // the last message; made one line
	Draft   string // not empty: shown instead, after the word Draft in the error colour
	Typing  string // not empty: shown instead, in the accent colour
	State   MessageState

	Deleted bool // the preview is a remark in italics, such as "This message was deleted"

	Unread  int
	Mention bool // an unread message names the user: a badge with @
	Muted   bool
	Pinned  bool
}
