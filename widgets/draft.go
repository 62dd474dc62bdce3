package widgets

import "fyne.io/fyne/v2"

// CreateRenderer implements fyne.Widget.
func (w *InfoPanel) CreateRenderer() fyne.WidgetRenderer {
	return newDrawn(nil, func() fyne.Size { return fyne.NewSize(1, 1) }, func(fyne.Size) {})
}

// CreateRenderer implements fyne.Widget.
func (w *InfoHead) CreateRenderer() fyne.WidgetRenderer {
	return newDrawn(nil, func() fyne.Size { return fyne.NewSize(1, 1) }, func(fyne.Size) {})
}

// CreateRenderer implements fyne.Widget.
func (w *InfoSection) CreateRenderer() fyne.WidgetRenderer {
	return newDrawn(nil, func() fyne.Size { return fyne.NewSize(1, 1) }, func(fyne.Size) {})
}

// CreateRenderer implements fyne.Widget.
func (w *InfoField) CreateRenderer() fyne.WidgetRenderer {
	return newDrawn(nil, func() fyne.Size { return fyne.NewSize(1, 1) }, func(fyne.Size) {})
}

// CreateRenderer implements fyne.Widget.
func (w *InfoAction) CreateRenderer() fyne.WidgetRenderer {
	return newDrawn(nil, func() fyne.Size { return fyne.NewSize(1, 1) }, func(fyne.Size) {})
}

// CreateRenderer implements fyne.Widget.
func (w *InfoSwitch) CreateRenderer() fyne.WidgetRenderer {
	return newDrawn(nil, func() fyne.Size { return fyne.NewSize(1, 1) }, func(fyne.Size) {})
}

// CreateRenderer implements fyne.Widget.
func (w *InfoEdit) CreateRenderer() fyne.WidgetRenderer {
	return newDrawn(nil, func() fyne.Size { return fyne.NewSize(1, 1) }, func(fyne.Size) {})
}

// CreateRenderer implements fyne.Widget.
func (w *MemberList) CreateRenderer() fyne.WidgetRenderer {
	return newDrawn(nil, func() fyne.Size { return fyne.NewSize(1, 1) }, func(fyne.Size) {})
}

// CreateRenderer implements fyne.Widget.
func (w *PickerList) CreateRenderer() fyne.WidgetRenderer {
	return newDrawn(nil, func() fyne.Size { return fyne.NewSize(1, 1) }, func(fyne.Size) {})
}

// CreateRenderer implements fyne.Widget.
func (w *Receipts) CreateRenderer() fyne.WidgetRenderer {
	return newDrawn(nil, func() fyne.Size { return fyne.NewSize(1, 1) }, func(fyne.Size) {})
}

// CreateRenderer implements fyne.Widget.
func (w *ReactionBar) CreateRenderer() fyne.WidgetRenderer {
	return newDrawn(nil, func() fyne.Size { return fyne.NewSize(1, 1) }, func(fyne.Size) {})
}

// CreateRenderer implements fyne.Widget.
func (w *EmojiGrid) CreateRenderer() fyne.WidgetRenderer {
	return newDrawn(nil, func() fyne.Size { return fyne.NewSize(1, 1) }, func(fyne.Size) {})
}
