package widgets

import (
	"image/color"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"github.com/lucasb-eyer/go-colorful"

	"github.com/parley-chat/parley/internal/tr"
)

// Tint is a hue that some colours of the design can be moved to. They keep their luminance, and with it their contrast.
type Tint struct {
	// ID is for preferences; the one of the design's own colours is empty.
	ID string
	// Name is what users choose.
	Name   string
	hue    float64 // degrees, of OKLCH
	chroma float64 // relative to that of the design; of backgrounds absolute, in the light theme
}

// Accents are the hues of buttons, links, own messages and what is selected. The first is the design's own.
func Accents() []Tint {
	return []Tint{
		{"", tr.L("Blue"), 0, 0},
		{"teal", tr.L("Teal"), 195, 0.75},
		{"green", tr.L("Green"), 150, 0.85},
		{"orange", tr.L("Orange"), 55, 0.85},
		{"red", tr.L("Red"), 25, 1},
		{"pink", tr.L("Pink"), 350, 1},
		{"violet", tr.L("Violet"), 300, 1},
		{"grey", tr.L("Grey"), 255, 0.15},
	}
}

// Backgrounds are the hues behind the messages of a chat. The first is the design's own.
func Backgrounds() []Tint {
	return []Tint{
		{"", tr.L("Plain"), 0, 0},
		{"sky", tr.L("Sky"), 240, 0.035},
		{"mint", tr.L("Mint"), 165, 0.035},
		{"sand", tr.L("Sand"), 85, 0.035},
		{"rose", tr.L("Rose"), 10, 0.03},
		{"lavender", tr.L("Lavender"), 300, 0.035},
		{"grey", tr.L("Grey"), 0, 0.0001},
	}
}

// tintOf returns the tint with an ID, the design's own for an unknown one.
func tintOf(list []Tint, id string) Tint {
	i := slices.IndexFunc(list, func(t Tint) bool { return t.ID == id })
	return list[max(i, 0)]
}

// AccentColors returns the colours by which a choice of accents is shown, in the current theme.
func AccentColors() []color.Color {
	var list []color.Color
	dark := IsDark()
	for _, t := range Accents() {
		list = append(list, t.accent(tokens()[ColorAccent]).in(dark))
	}
	return list
}

// BackgroundColors is AccentColors for backgrounds.
func BackgroundColors() []color.Color {
	var list []color.Color
	dark := IsDark()
	for _, t := range Backgrounds() {
		list = append(list, t.background(tokens()[ColorChatBackground]).in(dark))
	}
	return list
}

func (p pair) in(dark bool) color.NRGBA {
	if dark {
		return p.dark
	}
	return p.light
}

// accentColors are the colours of the design that have the hue of the accent.
func accentColors() []fyne.ThemeColorName {
	return []fyne.ThemeColorName{
		ColorRowSelected, ColorAccent, ColorAccentHover, ColorBubbleOwn, ColorBubbleOwnLine, ColorBubbleOwnText,
		ColorBubbleOwnMeta, ColorReadTick, ColorLink, ColorLinkOwn, ColorSelectedText, ColorSelectedTextOwn, ColorBadge,
		ColorBannerNeutral, ColorFlash, ColorQuote, ColorQuoteOwn, ColorBars, ColorBarsOwn,
		theme.ColorNameFocus, theme.ColorNameSelection, theme.ColorNamePrimary, theme.ColorNameHyperlink,
	}
}

// accent moves a colour of the design to the tint.
func (t Tint) accent(p pair) pair {
	if t.ID == "" {
		return p
	}
	move := func(c color.NRGBA) color.NRGBA {
		_, chroma, _ := opaque(c).OkLch()
		return withHue(c, t.hue, chroma*t.chroma)
	}
	return pair{move(p.light), move(p.dark)}
}

// background moves the background of chats to the tint.
func (t Tint) background(p pair) pair {
	if t.ID == "" {
		return p
	}
	const dimmed = 0.6 // dark colours look more colourful
	return pair{withHue(p.light, t.hue, t.chroma), withHue(p.dark, t.hue, t.chroma*dimmed)}
}

func opaque(c color.NRGBA) colorful.Color {
	const most = 255
	return colorful.Color{R: float64(c.R) / most, G: float64(c.G) / most, B: float64(c.B) / most}
}

// luminance is that of WCAG, from 0 to 1.
func luminance(c colorful.Color) float64 {
	_, y, _ := c.Xyz()
	return y
}

// withHue returns the colour of a hue and chroma that is as bright as c. Less chroma is used where screens have no such
// colour.
func withHue(c color.NRGBA, hue, chroma float64) color.NRGBA {
	const steps = 24
	want := luminance(opaque(c))
	low, high := 0.0, 1.0
	var found colorful.Color
	for range steps {
		l := (low + high) / 2
		if found = shown(l, chroma, hue); luminance(found) < want {
			low = l
		} else {
			high = l
		}
	}
	r, g, b := found.RGB255()
	return color.NRGBA{R: r, G: g, B: b, A: c.A}
}

// shown returns a colour of OKLCH with as much of the chroma as screens have.
func shown(l, chroma, hue float64) colorful.Color {
	const less = 0.9
	for {
		c := colorful.OkLch(l, chroma, hue)
		if c.IsValid() || chroma < 0.001 {
			return c.Clamped()
		}
		chroma *= less
	}
}
