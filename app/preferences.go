package app

import (
	"slices"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/widgets"
)

// Size of the window at first, and the least it may have.
const (
	windowWidth, windowHeight       = 1180, 760
	windowMinWidth, windowMinHeight = 400, 480
)

// preferences is what the window remembers between starts. Nothing in it is secret and nothing would be missed.
//
// Fyne writes them to the disk in place, a tenth of a second after a change that follows another closely. So nothing is kept
// when the program is about to end: see App.quit and App.Run.
type preferences struct{ kept fyne.Preferences }

func (p preferences) windowSize() fyne.Size {
	size := p.kept.FloatList("window.size")
	if len(size) != 2 {
		return fyne.NewSize(windowWidth, windowHeight)
	}
	return fyne.NewSize(max(windowMinWidth, float32(size[0])), max(windowMinHeight, float32(size[1])))
}

func (p preferences) keepWindowSize(size fyne.Size) {
	if size != p.windowSize() {
		p.kept.SetFloatList("window.size", []float64{float64(size.Width), float64(size.Height)})
	}
}

func (p preferences) listWidth() float32 {
	return float32(p.kept.FloatWithFallback("window.list", float64(widgets.PanesLeft)))
}

func (p preferences) keepListWidth(width float32) { p.kept.SetFloat("window.list", float64(width)) }

func (p preferences) lastChat() string { return p.kept.String("chat.last") }

func (p preferences) keepLastChat(key string) {
	if key != p.lastChat() {
		p.kept.SetString("chat.last", key)
	}
}

// begun are the conversations of nothing but a draft: the database lists only those with messages.
func (p preferences) begun() []string { return p.kept.StringList("chat.begun") }

func (p preferences) keepBegun(keys []string) { p.keepList("chat.begun", keys) }

// pins are the pinned conversations in their order.
func (p preferences) pins() []string { return p.kept.StringList("chat.pins") }

func (p preferences) keepPins(keys []string) { p.keepList("chat.pins", keys) }

func (p preferences) keepList(name string, keys []string) {
	if !slices.Equal(keys, p.kept.StringList(name)) {
		p.kept.SetStringList(name, keys)
	}
}

func (p preferences) variant() widgets.Variant { return variantOf(p.kept.String("theme")) }

func variantOf(name string) widgets.Variant {
	switch name {
	case "light":
		return widgets.VariantLight
	case "dark":
		return widgets.VariantDark
	default:
		return widgets.VariantSystem
	}
}

func (p preferences) keepVariant(v widgets.Variant) {
	name := "system"
	switch v {
	case widgets.VariantLight:
		name = "light"
	case widgets.VariantDark:
		name = "dark"
	case widgets.VariantSystem:
	}
	p.kept.SetString("theme", name)
}
