package widgets

import (
	"image/color"
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"github.com/parley-chat/parley/widgets/internal/emoji"
)

// Variant is light or dark.
type Variant int

// The variants.
const (
	VariantSystem Variant = iota // follows the desktop
	VariantLight
	VariantDark
)

// Look is how the program is drawn: the choices that users have.
type Look struct {
	Variant    Variant
	Accent     string // the ID of one of Accents
	Background string // the ID of one of Backgrounds
}

type parleyTheme struct {
	variant  Variant
	base     fyne.Theme
	colors   map[fyne.ThemeColorName]pair
	standard map[fyne.ThemeColorName]pair // colours under Fyne's names, for its widgets

	emoji, boldEmoji bool // one of Fyne's widgets has shown one
}

// Fonts of emoji for Fyne's own widgets. Fyne looks for a letter in them first, and finds only emoji there. It reads all
// 10 MB at once and keeps them, so a theme has them from the first emoji on: see EnsureEmoji.
var (
	emojiFont = sync.OnceValue(func() fyne.Resource {
		return emoji.TypingFont("emoji.ttf", theme.DefaultTextFont())
	})
	boldEmojiFont = sync.OnceValue(func() fyne.Resource {
		return emoji.TypingFont("emoji-bold.ttf", theme.DefaultTextBoldFont())
	})
)

// NewTheme returns the program's theme in the design's own colours, for Settings().SetTheme.
func NewTheme(variant Variant) fyne.Theme { return Look{Variant: variant}.Theme() }

// Theme returns the program's theme, for Settings().SetTheme.
func (l Look) Theme() fyne.Theme { return l.theme() }

func (l Look) theme() *parleyTheme {
	t := tokens()
	standard := standardColors(t)
	accent := tintOf(Accents(), l.Accent)
	for _, name := range accentColors() {
		if p, ok := t[name]; ok {
			t[name] = accent.accent(p)
		} else {
			standard[name] = accent.accent(standard[name])
		}
	}
	t[ColorChatBackground] = tintOf(Backgrounds(), l.Background).background(t[ColorChatBackground])
	return &parleyTheme{variant: l.Variant, base: theme.DefaultTheme(), colors: t, standard: standard}
}

// SetLook draws a program as users chose.
func SetLook(a fyne.App, l Look) {
	next := l.theme()
	if shown, ok := a.Settings().Theme().(*parleyTheme); ok {
		next.emoji, next.boldEmoji = shown.emoji, shown.boldEmoji
	}
	a.Settings().SetTheme(next)
}

// EnsureEmoji adds the font of emoji to the theme if text, which one of Fyne's own widgets is to show, has the first one.
func EnsureEmoji(text string, bold bool) {
	if !emoji.In(text) {
		return
	}
	settings := fyne.CurrentApp().Settings()
	t, ok := settings.Theme().(*parleyTheme)
	if !ok || t.emoji && !bold || t.boldEmoji && bold {
		return
	}
	next := *t
	if bold {
		next.boldEmoji = true
	} else {
		next.emoji = true
	}
	settings.SetTheme(&next)
}

func standardColors(t map[fyne.ThemeColorName]pair) map[fyne.ThemeColorName]pair {
	return map[fyne.ThemeColorName]pair{
		theme.ColorNameBackground:          t[ColorWindow],
		theme.ColorNameForeground:          t[ColorText],
		theme.ColorNamePrimary:             t[ColorAccent],
		theme.ColorNameForegroundOnPrimary: t[ColorOnAccent],
		theme.ColorNameHyperlink:           t[ColorLink],
		theme.ColorNameError:               t[ColorError],
		theme.ColorNameForegroundOnError:   t[ColorOnAccent],
		theme.ColorNameSuccess:             t[ColorOK],
		theme.ColorNameForegroundOnSuccess: t[ColorOnAccent],
		theme.ColorNameWarning:             t[ColorAmber],
		theme.ColorNameForegroundOnWarning: t[ColorOnAccent],
		theme.ColorNameButton:              t[ColorButton],
		theme.ColorNameDisabledButton:      {rgb(0xEEF1F5), rgb(0x1D242E)},
		theme.ColorNameDisabled:            t[ColorFaint],
		theme.ColorNamePlaceHolder:         {rgb(0x667182), rgb(0x8A95A4)},
		theme.ColorNameHover:               t[ColorIconHover],
		theme.ColorNamePressed:             {alpha(0x14181F, 0x20), alpha(0xE8ECF2, 0x24)},
		theme.ColorNameFocus:               {alpha(0x1F5FD0, 0x26), alpha(0x7FB0FF, 0x38)},
		theme.ColorNameSelection:           {alpha(0x1F5FD0, 0x44), alpha(0x7FB0FF, 0x55)},
		theme.ColorNameInputBackground:     t[ColorField],
		theme.ColorNameInputBorder:         t[ColorFieldLine],
		theme.ColorNameMenuBackground:      {rgb(0xFFFFFF), rgb(0x1D242E)},
		theme.ColorNameOverlayBackground:   {rgb(0xFFFFFF), rgb(0x1A2029)},
		theme.ColorNameHeaderBackground:    t[ColorChatPane],
		theme.ColorNameSeparator:           t[ColorHairline],
		theme.ColorNameScrollBar:           t[ColorScrollThumb],
		theme.ColorNameScrollBarBackground: {alpha(0, 0), alpha(0, 0)},
		theme.ColorNameShadow:              t[ColorShadow],
	}
}

// Color implements fyne.Theme.
func (t *parleyTheme) Color(name fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	switch t.variant {
	case VariantLight:
		v = theme.VariantLight
	case VariantDark:
		v = theme.VariantDark
	case VariantSystem:
	}
	p, ok := t.colors[name]
	if !ok {
		p, ok = t.standard[name]
	}
	switch {
	case !ok:
		return t.base.Color(name, v)
	case v == theme.VariantLight:
		return p.light
	default:
		return p.dark
	}
}

// Font implements fyne.Theme. Letters come from Fyne's own fonts, which it tries next.
func (t *parleyTheme) Font(style fyne.TextStyle) fyne.Resource {
	switch {
	case t.emoji && style == fyne.TextStyle{}:
		return emojiFont()
	case t.boldEmoji && style == fyne.TextStyle{Bold: true}:
		return boldEmojiFont()
	}
	return t.base.Font(style)
}

// Icon implements fyne.Theme.
func (t *parleyTheme) Icon(name fyne.ThemeIconName) fyne.Resource { return t.base.Icon(name) }

// Size implements fyne.Theme.
func (t *parleyTheme) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case theme.SizeNameText:
		return TextBody
	case theme.SizeNameCaptionText:
		return TextSmall
	case theme.SizeNameHeadingText:
		return 22
	case theme.SizeNameSubHeadingText:
		return TextTitle
	case theme.SizeNameInputRadius:
		return RadiusField
	case theme.SizeNameSelectionRadius:
		return 4
	case theme.SizeNameScrollBar:
		return 10
	case theme.SizeNameScrollBarSmall:
		return 4
	default:
		return t.base.Size(name)
	}
}

// IsDark reports whether the current theme is dark.
func IsDark() bool {
	r, g, b, _ := theme.Color(ColorWindow).RGBA()
	return r+g+b < 3*0x7FFF
}
