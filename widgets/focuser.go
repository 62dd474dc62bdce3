package widgets

import "fyne.io/fyne/v2"

// Focuser focuses a widget: it is the method Focus of the canvas of the window that the widget is in.
//
// Widgets get it from their screen, and never look for their canvas themselves: Fyne's window knows it only of what was
// painted a few seconds ago, and of anything else the keyboard would silently stay where it is. A nil Focuser does
// nothing.
type Focuser func(fyne.Focusable)

// Focus focuses a widget; with nil, nothing is focused any more.
func (f Focuser) Focus(w fyne.Focusable) {
	if f != nil {
		f(w)
	}
}
