// Package widgettest has what the tests of the widgets share: windows, events, goldens and difficult texts.
package widgettest

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
)

// Picture returns an image in which top, bottom, left and right differ.
func Picture(w, h int) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.NRGBA{R: uint8(60 + 180*x/w), G: uint8(90 + 120*y/h), B: 160, A: 0xFF}
			if (x-w/2)*(x-w/2)+(y-h/3)*(y-h/3) < h*h/25 {
				c = color.NRGBA{R: 0xFF, G: 0xE9, B: 0xA8, A: 0xFF}
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

// PointerAt returns the event of the pointer at a position.
func PointerAt(x, y float32) *desktop.MouseEvent {
	return &desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(x, y)}}
}

// StartApp starts a test app with a theme.
func StartApp(t testing.TB, look fyne.Theme) fyne.App {
	t.Helper()
	a := test.NewTempApp(t)
	a.Settings().SetTheme(look)
	return a
}

// InWindow shows an object in a window of this size, without padding.
func InWindow(t testing.TB, o fyne.CanvasObject, w, h float32) fyne.Window {
	t.Helper()
	win := test.NewTempWindow(t, o)
	win.SetPadded(false)
	win.Resize(fyne.NewSize(w, h))
	return win
}

// Key returns the event of a key.
func Key(name fyne.KeyName) *fyne.KeyEvent { return &fyne.KeyEvent{Name: name} }

// TapAt returns a tap at a position of a widget at 100, 100.
func TapAt(x, y float32) *fyne.PointEvent {
	return &fyne.PointEvent{Position: fyne.NewPos(x, y), AbsolutePosition: fyne.NewPos(x+100, y+100)}
}

// SoundLevels returns the levels of a voice message.
func SoundLevels() (bars [48]byte) {
	for i := range bars {
		bars[i] = byte(60 + 190*math.Abs(math.Sin(float64(i)*0.9)*math.Sin(float64(i)*0.23+0.4)))
	}
	bars[0], bars[len(bars)-1] = 0, 0
	return bars
}

// NastyTexts returns texts that are difficult for text engines.
func NastyTexts() map[string]string {
	return map[string]string{
		"long word":          strings.Repeat("a", 60_000),
		"long text":          strings.Repeat("all work and no play ", 3_000),
		"many lines":         strings.Repeat("\n", 60_000),
		"zero width joiners": strings.Repeat("\u200D", 60_000),
		"zero width spaces":  strings.Repeat("\u200B", 60_000),
		"accents on one":     "a" + strings.Repeat("\u0301", 60_000),
		"zalgo": strings.Repeat(
			"Z\u0351\u036B\u0343\u036A\u0302\u036B\u033D\u034F\u0334\u0319\u0324a\u034A", 100),
		"right to left":    strings.Repeat("שלום עולם مرحبا ", 300),
		"override":         "\u202Egnp.exe\u202C and \u2066more",
		"controls":         "a\x00b\x01c\x1b[31md\x7f\u0085e\rf\tg",
		"broken":           "ok \xff\xfe\xc3( \xed\xa0\x80 end",
		"surrogate halves": "\xed\xa0\xbd\xed\xb8\x80",
		"private use":      "\uE000\uF8FF\U000F0000\U0010FFFF",
		"flags":            strings.Repeat("🇫🇷🇩🇪", 60),
		"families":         strings.Repeat("👨‍👩‍👧‍👦", 40),
		"half a flag":      strings.Repeat("🇫", 333),
		"ideographs":       strings.Repeat("漢字", 1_500),
		"thai":             strings.Repeat("ภาษาไทยไม่มีช่องว่าง", 20),
		"devanagari":       strings.Repeat("क्षत्रिय", 40),
		"variation":        strings.Repeat("☺\uFE0F\uFE0E", 100),
		"tags":             "🏴" + strings.Repeat("\U000E0067", 3_000),
		"spaces":           strings.Repeat(" ", 60_000),
		"tabs":             strings.Repeat("\t", 6_000),
		"feff":             "\uFEFFbyte order",
		"links":            strings.Repeat("https://example.org/a?b=c ", 2_000),
		"colons":           strings.Repeat("http://", 8_000),
	}
}

// Renders fails if the rendering of an object, in the app that was started last, differs from testdata/golden.
func Renders(t *testing.T, name string, w, h float32, build func() fyne.CanvasObject) {
	t.Helper()
	win := InWindow(t, build(), w, h)
	test.AssertRendersToMarkup(t, "golden/"+name+".xml", win.Canvas())
}

// ThemeSwitch compares objects that were shown before a change of theme with those that were created after it. All share
// one app, because a theme loads its fonts anew.
type ThemeSwitch struct {
	t     *testing.T
	app   fyne.App
	shown []switched
}

type switched struct {
	name   string
	w, h   float32
	build  func() fyne.CanvasObject
	window fyne.Window
	before image.Image
}

// NewThemeSwitch starts an app with a theme.
func NewThemeSwitch(t *testing.T, look fyne.Theme) *ThemeSwitch {
	t.Helper()
	return &ThemeSwitch{t: t, app: StartApp(t, look)}
}

// Show shows an object, w by h.
func (s *ThemeSwitch) Show(name string, w, h float32, build func() fyne.CanvasObject) {
	s.t.Helper()
	win := InWindow(s.t, build(), w, h)
	s.shown = append(s.shown, switched{name, w, h, build, win, win.Canvas().Capture()})
}

// To changes to another theme. The test of an object fails unless it has the same pixels as one that is created then.
func (s *ThemeSwitch) To(look fyne.Theme) {
	s.t.Helper()
	s.app.Settings().SetTheme(look)
	for _, o := range s.shown {
		s.t.Run(o.name, func(t *testing.T) {
			got := o.window.Canvas().Capture()
			want := InWindow(t, o.build(), o.w, o.h).Canvas().Capture()
			if SamePixels(got, o.before) {
				t.Error("nothing changed")
			}
			if !SamePixels(got, want) {
				t.Error("not all of it changed")
			}
		})
	}
}

// SamePixels reports whether two captured images are the same.
func SamePixels(a, b image.Image) bool {
	x, okX := a.(*image.NRGBA)
	y, okY := b.(*image.NRGBA)
	return okX && okY && x.Rect == y.Rect && bytes.Equal(x.Pix, y.Pix)
}

// SomeText returns one to forty words after the key, always the same for the same key.
func SomeText(key int64) string {
	words := strings.Fields("the quick brown fox jumps over the lazy dog while nobody is looking " +
		"and then it rests a little")
	r := rand.New(rand.NewPCG(uint64(key), 7)) //nolint:gosec // test data
	var b strings.Builder
	for range 1 + r.IntN(40) {
		b.WriteString(words[r.IntN(len(words))])
		b.WriteByte(' ')
	}
	return fmt.Sprintf("%d %s", key, b.String())
}
