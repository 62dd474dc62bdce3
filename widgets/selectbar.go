package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets/internal/draw"
	"github.com/parley-chat/parley/widgets/internal/text"
)

// SelectData is what a [SelectBar] shows: how many messages are selected, and what can be done with all of them.
type SelectData struct {
	Count                       int
	Copy, Save, Forward, Delete bool
}

// SelectBar takes the place of a chat's [Header] while messages are selected.
type SelectBar struct {
	widget.BaseWidget

	// OnClose is called for the cross, the others for their buttons.
	OnClose, OnCopy, OnSave, OnForward, OnDelete func()

	data    SelectData
	close   *IconButton
	words   [4]*ActionButton // copy, save, forward, delete
	symbols [4]*IconButton   // the same, where there is no room for words
	set     *text.Typesetter
}

var _ fyne.Widget = (*SelectBar)(nil)

// selectWordsFrom is the width from which the buttons have words.
const selectWordsFrom = float32(520)

// NewSelectBar returns a bar for no messages.
func NewSelectBar() *SelectBar {
	b := &SelectBar{set: text.NewTypesetter()}
	b.close = NewIconButton(assets.IconClose, tr.L("Cancel"), func() { draw.Invoke(b.OnClose) })
	actions := [4]Action{
		{Text: tr.L("Copy"), Tapped: func() { draw.Invoke(b.OnCopy) }},
		{Text: tr.L("Save…"), Tapped: func() { draw.Invoke(b.OnSave) }},
		{Text: tr.L("Forward…"), Tapped: func() { draw.Invoke(b.OnForward) }},
		{Text: tr.L("Delete…"), Danger: true, Tapped: func() { draw.Invoke(b.OnDelete) }},
	}
	icons := [4]assets.Icon{assets.IconCopy, assets.IconDownload, assets.IconForward, assets.IconDelete}
	for i, a := range actions {
		b.words[i], b.symbols[i] = NewActionButton(a), NewIconButton(icons[i], a.Text, a.Tapped)
	}
	b.close.OnEscape = func() { draw.Invoke(b.OnClose) }
	for i := range b.words {
		b.words[i].OnEscape, b.symbols[i].OnEscape = b.close.OnEscape, b.close.OnEscape
	}
	b.ExtendBaseWidget(b)
	return b
}

// Set changes what is shown.
func (b *SelectBar) Set(d SelectData) {
	if b.data == d {
		return
	}
	b.data = d
	for i, can := range [4]bool{d.Copy, d.Save, d.Forward, d.Delete} {
		b.words[i].SetDisabled(!can)
		b.symbols[i].SetDisabled(!can)
	}
	b.Refresh()
}

// MinSize implements fyne.CanvasObject.
func (b *SelectBar) MinSize() fyne.Size { return fyne.NewSize(260, HeaderHeight) }

// CreateRenderer implements fyne.Widget.
func (b *SelectBar) CreateRenderer() fyne.WidgetRenderer {
	back, line, label := &canvas.Rectangle{}, &canvas.Rectangle{}, draw.NewText()
	objects := []fyne.CanvasObject{back, line, label, b.close}
	for i := range b.words {
		objects = append(objects, b.words[i], b.symbols[i])
	}
	return draw.NewRenderer(objects, b.MinSize, func(size fyne.Size) {
		draw.SetFill(back, draw.ThemeColor(ColorChatPane))
		draw.SetFill(line, draw.ThemeColor(ColorHairline))
		draw.Place(back, 0, 0, size.Width, size.Height)
		draw.Place(line, 0, size.Height-1, size.Width, 1)
		pad := (HeaderHeight - draw.HitSide) / 2
		draw.Place(b.close, 8, pad, draw.HitSide, draw.HitSide)
		right := b.placeButtons(size.Width-12, size.Width >= selectWordsFrom)
		x := 8 + draw.HitSide + 12
		f := text.Font{Size: TextHeader, Bold: true}
		draw.SetText(label, b.set.Fit(tr.N("{{.N}} selected", "{{.N}} selected", b.data.Count), f, right-8-x), f, draw.ThemeColor(ColorText))
		draw.PlaceText(label, x, (size.Height-text.Height(f))/2)
	})
}

// placeButtons places the buttons from the right edge on, with words or without, and returns where they start.
func (b *SelectBar) placeButtons(right float32, words bool) float32 {
	for i := len(b.words) - 1; i >= 0; i-- {
		draw.SetVisible(b.words[i], words)
		draw.SetVisible(b.symbols[i], !words)
		need := b.symbols[i].MinSize()
		if words {
			need = b.words[i].MinSize()
		}
		right -= need.Width
		y := (HeaderHeight - need.Height) / 2
		draw.Place(b.words[i], right, y, need.Width, need.Height)
		draw.Place(b.symbols[i], right, y, need.Width, need.Height)
		if words {
			right -= 8
		}
	}
	return right
}
