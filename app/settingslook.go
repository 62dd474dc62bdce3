package app

import (
	"slices"

	"github.com/parley-chat/parley/app/sheet"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/widgets"
)

const usualTextSize = 100

// textSizes are the sizes of texts to choose from, in percent. The toolkit draws in steps of a tenth.
func textSizes() []int { return []int{90, 100, 110, 120, 130, 140, 150} }

// appearancePage has how the program looks.
func (a *App) appearancePage(set setParts) {
	p := a.prefs
	variants := []sheet.Choice{
		{Label: tr.L("As the system"), Value: int64(widgets.VariantSystem)},
		{Label: tr.X("Light", "theme"), Value: int64(widgets.VariantLight)},
		{Label: tr.X("Dark", "theme"), Value: int64(widgets.VariantDark)},
	}
	theme := a.newChoice("", tr.L("Theme"), variants, int64(p.look().Variant), func(v int64) { a.setLook(widgets.Variant(v)) })
	var sizes []sheet.Choice
	for _, percent := range textSizes() {
		sizes = append(sizes, sheet.Choice{Label: tr.L("{{.Percent}} %", "Percent", percent), Value: int64(percent)})
	}
	size := a.newChoice("", tr.L("Text size"), sizes, int64(p.textSize()), func(v int64) { a.setTextSize(int(v)) })
	compact := newSwitch(tr.L("Compact list of chats"), p.compact(), a.setCompact)
	accents, backgrounds := widgets.Accents(), widgets.Backgrounds()
	accent := widgets.NewInfoSwatches(tr.X("Accent", "colour"), names(accents), widgets.AccentColors,
		indexOf(accents, p.look().Accent))
	accent.OnChosen = func(i int) {
		p.setAccent(accents[i].ID)
		a.applyLook()
	}
	background := widgets.NewInfoSwatches(tr.L("Background of chats"), names(backgrounds), widgets.BackgroundColors,
		indexOf(backgrounds, p.look().Background))
	background.OnChosen = func(i int) {
		p.setBackground(backgrounds[i].ID)
		a.applyLook()
	}
	if a.cfg.SetScale == nil {
		set(theme, compact, accent, background)
		return
	}
	set(theme, size, widgets.NewInfoText(tr.L(
		"Everything grows with the text. {{.Larger}} and {{.Smaller}} change it anywhere, {{.Usual}} is 100 %.",
		"Larger", keyName(plusKey()), "Smaller", keyName(minusKey()), "Usual", keyName("0"))), compact, accent, background)
}

func names(list []widgets.Tint) []string {
	words := make([]string, len(list))
	for i, t := range list {
		words[i] = t.Name
	}
	return words
}

func indexOf(list []widgets.Tint, id string) int {
	return max(0, slices.IndexFunc(list, func(t widgets.Tint) bool { return t.ID == id }))
}

// SetLook changes to "light", "dark" or, with any other name, the system's look.
func (a *App) SetLook(name string) { a.setLook(variantOf(name)) }

// setLook changes the theme at once and stores it.
func (a *App) setLook(v widgets.Variant) {
	a.prefs.setVariant(v)
	a.applyLook()
}

// applyLook draws everything as the preferences say.
func (a *App) applyLook() { widgets.SetLook(a.cfg.FyneApp, a.prefs.look()) }

// setCompact sets how high the rows of the list of chats are.
func (a *App) setCompact(on bool) {
	a.prefs.setCompact(on)
	for _, h := range a.homes() {
		h.contacts.SetCompact(on)
	}
}

// setTextSize changes the size of everything, in percent. The window keeps its size on the screen.
func (a *App) setTextSize(percent int) {
	if a.cfg.SetScale == nil || percent == a.prefs.textSize() {
		return
	}
	before := a.window.Canvas().Size()
	grown := float32(percent) / float32(a.prefs.textSize())
	a.prefs.setTextSize(percent)
	a.cfg.SetScale(percent)
	a.applyLook() // the toolkit looks at the scale again
	before.Width, before.Height = before.Width/grown, before.Height/grown
	a.window.Resize(before)
}

// stepTextSize changes to the next larger or smaller size.
func (a *App) stepTextSize(by int) {
	sizes := textSizes()
	i := slices.Index(sizes, a.prefs.textSize()) + by
	if i < 0 || i >= len(sizes) {
		return
	}
	a.setTextSize(sizes[i])
	if a.cfg.SetScale != nil {
		a.notify(tr.L("Text size {{.Percent}} %", "Percent", sizes[i]))
		a.refreshSettings(pageAppearance)
	}
}
