package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// QuickReactions returns the emoji a [ReactionBar] offers if the screen has no better ones.
func QuickReactions() []string { return []string{"👍", "❤️", "😂", "😮", "😢", "🎉"} }

// ReactionBar is the content of a popup: a few emoji to react with, and a button for more.
type ReactionBar struct {
	widget.BaseWidget

	// OnChosen is called with the emoji that was pressed, also with the one chosen already.
	OnChosen func(emoji string)
	// OnMore is called for the button at the end. Without it there is none.
	OnMore func()

	emoji  []string
	chosen string
}

var _ fyne.Widget = (*ReactionBar)(nil)

// NewReactionBar returns a bar with these emoji, of which one may be the user's own already.
func NewReactionBar(emoji []string, chosen string) *ReactionBar {
	b := &ReactionBar{emoji: emoji, chosen: chosen}
	b.ExtendBaseWidget(b)
	return b
}

// EmojiGrid is the content of a popup: common emoji to choose from.
type EmojiGrid struct {
	widget.BaseWidget

	// OnChosen is called with the emoji that was pressed.
	OnChosen func(emoji string)
}

var _ fyne.Widget = (*EmojiGrid)(nil)

// NewEmojiGrid returns a grid.
func NewEmojiGrid() *EmojiGrid {
	g := &EmojiGrid{}
	g.ExtendBaseWidget(g)
	return g
}
