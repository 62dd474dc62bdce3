// Package widgets holds the program's own Fyne widgets and its theme: [NewTheme], [ChatList], [Composer], [Header],
// [Banner], [ConnectionFooter], [EmptyState], [Panes], [Avatar], [Card], [Field], [IconButton], [ActionButton] and
// [Toast], and [NewColumn] to stack them without gaps. [SearchResults] and [FindBar] are for searching, [PickerList]
// for picking people, [Receipts] show who has read a message, and [InfoPanel] shows a person or a group. The list of
// messages is in package messages.
//
// # Rules
//
// Widgets take plain values and call callbacks. They do not know accounts, the messaging library or the database, start
// no goroutine and no timer, and do no I/O. Constructors, setters and callbacks are called on Fyne's own goroutine.
// Callback fields may be nil, and may be changed at any time.
//
// Colours are looked up in the current theme whenever a widget is refreshed, so a change of theme shows at once. Only
// themes of [NewTheme] have the colours in tokens.go; with another theme these widgets have no colours.
//
// Sizes are in Fyne's units at a scale of 1. Rows and lines of text are on whole units, because text between two pixels
// is blurred.
//
// # Pictures
//
// An avatar shows the Picture of its [Face] or, if it has none, letters. A [Picture] keeps its scaled copies, so a
// screen should use one for each image, in all faces that show it.
package widgets
