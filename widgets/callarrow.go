package widgets

import (
	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/assets"
)

// CallArrow is the direction of a call that there was.
type CallArrow uint8

// The directions.
const (
	CallNone   CallArrow = iota // not a call
	CallOut                     // this user has called
	CallIn                      // another user has called
	CallMissed                  // that, and nobody has answered: the arrow is in the error colour
)

// Icon returns the arrow and its colour, or no icon.
func (a CallArrow) Icon() (assets.Icon, fyne.ThemeColorName) {
	switch a {
	case CallOut:
		return assets.IconCallOut, ColorSecondary
	case CallIn:
		return assets.IconCallIn, ColorSecondary
	case CallMissed:
		return assets.IconCallIn, ColorError
	case CallNone:
		return "", ""
	default:
		return "", ""
	}
}
