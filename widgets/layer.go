package widgets

import "fyne.io/fyne/v2"

// AddLayer puts an object over everything in a window, as large as the window. A text field that had the keyboard does
// not show a caret and a frame below it any more: the toolkit has one keyboard for each layer, and does not notify the
// lower one.
func AddLayer(window fyne.Canvas, layer fyne.CanvasObject) {
	if f := textFocus(window); f != nil {
		f.FocusLost()
	}
	window.Overlays().Add(layer)
	layer.Resize(window.Size())
}

// RemoveLayer removes what AddLayer put over a window. The text field below it shows again that it has the keyboard.
func RemoveLayer(window fyne.Canvas, layer fyne.CanvasObject) {
	window.Overlays().Remove(layer)
	if f := textFocus(window); f != nil {
		f.FocusGained()
	}
}

// textFocus returns the text field that has the keyboard of a window's topmost layer, or nil.
func textFocus(window fyne.Canvas) fyne.Focusable {
	switch f := window.Focused().(type) {
	case *composerEntry, *Field:
		return f
	default:
		return nil
	}
}
