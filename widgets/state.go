package widgets

import (
	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/assets"
)

// MessageState is the tick beside a message's time.
type MessageState uint8

// The states, in the order a message goes through them.
const (
	StateNone      MessageState = iota // a peer's message
	StateWaiting                       // clock: not yet on the server
	StateSent                          // one tick
	StateDelivered                     // two ticks
	StateRead                          // two ticks in the accent colour
	StateFailed                        // refused: a warning, the reason and actions
)

// Icon returns the tick and its colour outside of a bubble, or no icon.
func (s MessageState) Icon() (assets.Icon, fyne.ThemeColorName) {
	switch s {
	case StateWaiting:
		return assets.IconTickWaiting, ColorSecondary
	case StateSent:
		return assets.IconTickSent, ColorSecondary
	case StateDelivered:
		return assets.IconTickBoth, ColorSecondary
	case StateRead:
		return assets.IconTickBoth, ColorReadTick
	case StateFailed:
		return assets.IconTickFailed, ColorError
	case StateNone:
		return "", ""
	default:
		return "", ""
	}
}
