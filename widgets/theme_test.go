package widgets

import (
	"image/color"
	"math"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"github.com/parley-chat/parley/widgets/internal/widgettest"
)

// useTheme starts a test app with the program's theme.
func useTheme(t testing.TB, v Variant) fyne.App {
	t.Helper()
	return widgettest.StartApp(t, NewTheme(v))
}

// contrast returns the contrast ratio of WCAG.
func contrast(a, b color.NRGBA) float64 {
	lum := func(c color.NRGBA) float64 {
		part := func(v uint8) float64 {
			f := float64(v) / 255
			if f <= 0.04045 {
				return f / 12.92
			}
			return math.Pow((f+0.055)/1.055, 2.4)
		}
		return 0.2126*part(c.R) + 0.7152*part(c.G) + 0.0722*part(c.B)
	}
	la, lb := lum(a), lum(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func TestTokens_contrast(t *testing.T) {
	const text, glyph = 4.5, 3.0
	tests := []struct {
		ink, ground fyne.ThemeColorName
		want        float64
	}{
		{ColorText, ColorWindow, text},
		{ColorText, ColorPane, text},
		{ColorText, ColorChatPane, text},
		{ColorText, ColorRowHover, text},
		{ColorText, ColorRowSelected, text},
		{ColorText, ColorField, text},
		{ColorText, ColorButton, text},
		{ColorText, ColorButtonHover, text},
		{ColorSecondary, ColorPane, text},
		{ColorSecondary, ColorRowHover, text},
		{ColorSecondary, ColorRowSelected, text},
		{ColorSecondary, ColorChatBackground, text},
		{ColorAccent, ColorPane, text},
		{ColorAccent, ColorChatPane, text},
		{ColorAccent, ColorRowSelected, text},
		{ColorAccent, ColorChatBackground, text},
		{ColorOnAccent, ColorAccent, text},
		{ColorOnAccent, ColorAccentHover, text},
		{ColorBubblePeerText, ColorBubblePeer, text},
		{ColorBubblePeerMeta, ColorBubblePeer, text},
		{ColorBubblePeerText, ColorSelectedText, text},
		{ColorBubbleOwnText, ColorBubbleOwn, text},
		{ColorBubbleOwnMeta, ColorBubbleOwn, text},
		{ColorBubbleOwnText, ColorSelectedTextOwn, text},
		{ColorReadTick, ColorBubbleOwn, text},
		{ColorReadTick, ColorPane, text},
		{ColorText, ColorFound, text},
		{ColorBubbleOwnText, ColorFound, text},
		{ColorLink, ColorFound, text},
		{ColorLinkOwn, ColorFound, text},
		{ColorSecondary, ColorFound, text},
		{ColorBubblePeerText, ColorQuote, text},
		{ColorBubblePeerMeta, ColorQuote, text},
		{ColorLink, ColorQuote, text},
		{ColorBubbleOwnText, ColorQuoteOwn, text},
		{ColorBubbleOwnMeta, ColorQuoteOwn, text},
		{ColorLinkOwn, ColorQuoteOwn, text},
		{ColorText, ColorReaction, text},
		{ColorLink, ColorBubblePeer, text},
		{ColorLinkOwn, ColorBubbleOwn, text},
		{ColorBadgeText, ColorBadge, text},
		{ColorBadgeText, ColorBadgeMuted, text},
		{ColorError, ColorPane, text},
		{ColorError, ColorButton, text},
		{ColorError, ColorButtonHover, text},
		{ColorError, ColorChatPane, text},
		{ColorError, ColorRowSelected, text},
		{ColorError, ColorChatBackground, text},
		{ColorError, ColorBubbleOwn, glyph},
		{ColorOK, ColorPane, glyph},
		{ColorAmber, ColorPane, glyph},
		{ColorBannerAmberText, ColorBannerAmber, text},
		{ColorBannerRedText, ColorBannerRed, text},
		{ColorBannerNeutralText, ColorBannerNeutral, text},
		{ColorBannerGreenText, ColorBannerGreen, text},
		{ColorCallInk, ColorCallAnswer, glyph},
		{ColorCallInk, ColorCallEnd, glyph},
		{ColorCallOnInk, ColorCallOn, text},
		{ColorPillText, ColorPill, text},
		{ColorToastText, ColorToast, text},
		{ColorToastAction, ColorToast, text},
	}
	for _, look := range looks() {
		all := look.colors(t)
		for _, tc := range tests {
			ink, ground := all[tc.ink], all[tc.ground]
			if got := contrast(ink.light, ground.light); got < tc.want {
				t.Errorf("light %+v: %s on %s: got %.2f, want at least %.1f", look, tc.ink, tc.ground, got, tc.want)
			}
			if got := contrast(ink.dark, ground.dark); got < tc.want {
				t.Errorf("dark %+v: %s on %s: got %.2f, want at least %.1f", look, tc.ink, tc.ground, got, tc.want)
			}
		}
	}
}

// looks are all accents and all backgrounds.
func looks() []Look {
	var list []Look
	for _, a := range Accents() {
		list = append(list, Look{Accent: a.ID})
	}
	for _, b := range Backgrounds()[1:] {
		list = append(list, Look{Background: b.ID})
	}
	return list
}

// colors returns the colours of the look's theme.
func (l Look) colors(t testing.TB) map[fyne.ThemeColorName]pair {
	t.Helper()
	p, ok := l.Theme().(*parleyTheme)
	if !ok {
		t.Fatalf("theme: got %T, want *parleyTheme", l.Theme())
	}
	return p.colors
}

// An unknown choice, such as one of a newer version, is the design's own.
func TestLook_unknown(t *testing.T) {
	own := tokens()
	for name, p := range (Look{Accent: "plaid", Background: "tartan"}).colors(t) {
		if p != own[name] {
			t.Errorf("%s: got %v, want %v", name, p, own[name])
		}
	}
	teal := Look{Accent: "teal", Background: "sand"}.colors(t)
	for _, name := range []fyne.ThemeColorName{ColorAccent, ColorBubbleOwn, ColorChatBackground} {
		if teal[name].light == own[name].light || teal[name].dark == own[name].dark {
			t.Errorf("%s of another look: got the design's own, want another", name)
		}
	}
}

func TestFaceColor_contrast(t *testing.T) {
	seen := make(map[color.Color]bool)
	for _, key := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q"} {
		c := Face{Key: key}.Color()
		seen[c] = true
		if got := contrast(rgb(0xFFFFFF), c); got < 4.5 {
			t.Errorf("white on %v: got %.2f, want at least 4.5", c, got)
		}
		if again := (Face{Key: key, Name: "another"}).Color(); again != c {
			t.Errorf("colour of %q depends on the name", key)
		}
	}
	if len(seen) < 5 {
		t.Errorf("colours for 17 keys: got %d, want most of 8", len(seen))
	}
}

func TestNewTheme(t *testing.T) {
	test.NewTempApp(t)
	light, dark, system := NewTheme(VariantLight), NewTheme(VariantDark), NewTheme(VariantSystem)
	for name, p := range tokens() {
		if got := light.Color(name, theme.VariantDark); got != p.light {
			t.Errorf("%s in light: got %v, want %v", name, got, p.light)
		}
		if got := dark.Color(name, theme.VariantLight); got != p.dark {
			t.Errorf("%s in dark: got %v, want %v", name, got, p.dark)
		}
		if got := system.Color(name, theme.VariantLight); got != p.light {
			t.Errorf("%s as the system says: got %v, want %v", name, got, p.light)
		}
	}
	if got := light.Size(theme.SizeNameText); got != TextBody {
		t.Errorf("text size: got %v, want %v", got, TextBody)
	}
	if light.Color("unknown", theme.VariantLight) == nil || light.Icon(theme.IconNameCancel) == nil {
		t.Error("Fyne's own names are not answered")
	}
}

// TestEmojiFont looks at the fonts that the theme has before and after the first emoji in one of Fyne's widgets.
func TestEmojiFont(t *testing.T) {
	a := test.NewTempApp(t)
	SetLook(a, Look{Variant: VariantLight})
	font := func(bold bool) string { return a.Settings().Theme().Font(fyne.TextStyle{Bold: bold}).Name() }
	plain, bold := font(false), font(true)
	f := NewField("")
	f.SetText("words ™ and 日本語")
	if got := font(false); got != plain {
		t.Errorf("font after text: got %s, want %s", got, plain)
	}
	f.SetText("words 👍")
	if got := font(false); got != "emoji.ttf" {
		t.Errorf("font after an emoji: got %s, want emoji.ttf", got)
	}
	if got := font(true); got != bold {
		t.Errorf("bold font after an emoji that is not bold: got %s, want %s", got, bold)
	}
	EnsureEmoji("Team 🎉", true)
	SetLook(a, Look{Variant: VariantDark})
	if got := font(false) + " " + font(true); got != "emoji.ttf emoji-bold.ttf" {
		t.Errorf("fonts after another look: got %s, want emoji.ttf emoji-bold.ttf", got)
	}
}

func TestIsDark(t *testing.T) {
	for v, want := range map[Variant]bool{VariantLight: false, VariantDark: true} {
		useTheme(t, v)
		if got := IsDark(); got != want {
			t.Errorf("variant %d: got %v, want %v", v, got, want)
		}
	}
}
