// Package widgets holds the program's own Fyne widgets and its theme: [NewTheme], [ChatList], [MessageList],
// [Composer], [Header], [Banner], [ConnectionFooter], [EmptyState], [Panes], [Avatar], [Card], [Field], [IconButton],
// [ActionButton] and [Toast], and [NewColumn] to stack them without gaps. To search there are [SearchResults] and
// [FindBar], to pick people [PickerList], to say who has read a message [Receipts], to react [ReactionBar] and
// [EmojiGrid]; an [InfoPanel] holds what its parts say of a person or a group.
//
// # Rules
//
// Widgets take plain values and give callbacks. They know nothing of accounts, of the messaging library or of the
// database; they start no goroutine and no timer, and they do no I/O. Everything is called on Fyne's own goroutine:
// constructors, setters and callbacks. Callback fields may be nil, and may be changed at any time.
//
// Colours are looked up in the current theme whenever a widget is refreshed, so a change of theme shows at once,
// with a chat open too. The names in tokens.go answer for themes made by [NewTheme]; with a foreign theme these
// widgets are colourless.
//
// Sizes are those of the design at a scale of 1, in Fyne's units. Rows and lines of text lie on whole units, because
// text between two pixels is blurred.
//
// # Messages
//
// [MessageList] is given the messages of a window into the history, oldest first, by [MessageList.SetItems], again
// whenever anything in them changed. It tells them apart by key and keeps what is read where it is. From the items
// it decides by itself where a day begins (Day differs from the item before), which messages stand together (same
// side, same sender, same day, less than five minutes apart), where the unread line is (Divider is not empty) and
// what a long message shows before it is unfolded. The screen decides what is loaded: see [MessageList.OnNearTop],
// [MessageList.OnNearEnd] and [MessageList.SetHasNewer].
//
// What is marked for a while is no part of an item: the words of a search ([MessageList.SetFind]) and the message a
// quote led to ([MessageList.SetFlash]). Callbacks of the list are given the key of the message that was pressed, also
// for what is in it; the buttons beside the message under the pointer come with [MessageList.OnReact],
// [MessageList.OnReply] and [MessageList.OnMenu].
//
// # Pictures
//
// An avatar shows the Picture of its [Face], if it has one, and letters otherwise. A [Picture] keeps what it has scaled,
// so the screen makes one for each image and gives it to all faces that show it.
package widgets
