package assets

import (
	"bytes"
	"encoding/xml"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

func named() []Icon {
	return []Icon{
		IconChat, IconNewChat, IconSearch, IconMenu, IconSettings, IconBack, IconSend, IconAttach, IconCheck, IconWarning,
		IconPin, IconBellOff, IconBookmark, IconArrowDown, IconClose, IconCopy, IconRetry, IconDelete, IconUser, IconUsers,
		IconSun, IconMoon, IconLink, IconRobot, IconInfo, IconLock, IconPlus, IconEdit, IconKey, IconComputer,
		IconReply, IconForward, IconSmile, IconMore, IconBell, IconFile, IconPlace, IconLeave, IconBlock, IconUserPlus,
		IconCamera, IconChevronUp, IconChevronDown, IconChevronRight, IconImage, IconArchive, IconGlobe, IconShield,
		IconEye, IconClock, IconDownload, IconPlay, IconPause, IconMicrophone, IconMicOff,
		IconPhone, IconHangUp, IconCallOut, IconCallIn, IconVideo, IconVideoOff, IconChevronLeft, IconKeyboard, IconStorage,
		IconLanguage,
		IconTickWaiting, IconTickSent, IconTickBoth, IconTickFailed,
	}
}

func TestIcons(t *testing.T) {
	files, err := fs.Glob(icons, "icons/*.svg")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(named()) {
		t.Errorf("files: got %d, want one for each of %d names", len(files), len(named()))
	}
	for _, icon := range named() {
		res := icon.In(color.NRGBA{R: 0x12, G: 0x34, B: 0x56, A: 0xFF})
		if res.Name() != string(icon)+"123456.svg" {
			t.Errorf("%s: name got %q", icon, res.Name())
		}
		content := string(res.Content())
		if !strings.Contains(content, "#123456") || strings.Contains(content, ink) {
			t.Errorf("%s: not drawn in the colour asked for: %s", icon, content)
		}
		if err := xml.Unmarshal(res.Content(), new(struct{ XMLName xml.Name })); err != nil {
			t.Errorf("%s: %v", icon, err)
		}
	}
	if got := Icon("nothing").In(color.Black).Content(); len(got) != 0 {
		t.Errorf("an icon that does not exist: got %d bytes", len(got))
	}
}

// fixedTheme has one colour for everything.
type fixedTheme struct {
	fyne.Theme

	c color.Color
}

func (f fixedTheme) Color(fyne.ThemeColorName, fyne.ThemeVariant) color.Color { return f.c }

func TestIcon_Themed(t *testing.T) {
	app := test.NewTempApp(t)
	res := IconSearch.Themed("anything")
	for _, tc := range []struct {
		c    color.Color
		want string
	}{
		{color.NRGBA{R: 0xAA, G: 0xBB, B: 0xCC, A: 0xFF}, "aabbcc"},
		{color.NRGBA{G: 0x10, A: 0xFF}, "001000"},
	} {
		app.Settings().SetTheme(fixedTheme{Theme: theme.DefaultTheme(), c: tc.c})
		if got, want := res.Name(), "search"+tc.want+".svg"; got != want {
			t.Errorf("name: got %q, want %q", got, want)
		}
		if !bytes.Contains(res.Content(), []byte("#"+tc.want)) {
			t.Errorf("content has not the colour %s", tc.want)
		}
	}
}

func TestAppIcon(t *testing.T) {
	img, err := png.Decode(bytes.NewReader(AppIcon().Content()))
	if err != nil {
		t.Fatal(err)
	}
	if b := img.Bounds(); b.Dx() != 512 || b.Dy() != 512 {
		t.Errorf("size: got %v, want 512×512", b)
	}
	if _, _, _, a := img.At(0, 0).RGBA(); a != 0 {
		t.Error("the corner is not transparent")
	}
}

// A mirrored icon has the pixels of the other one at the other side.
func TestIcon_Mirrored(t *testing.T) {
	drawn := func(icon Icon) image.Image {
		img := canvas.NewImageFromResource(icon.In(color.Black))
		img.FillMode = canvas.ImageFillStretch
		c := software.NewTransparentCanvas()
		c.SetPadded(false)
		c.SetContent(img)
		c.Resize(fyne.NewSquareSize(40))
		return c.Capture()
	}
	test.NewTempApp(t)
	turned := 0
	for _, icon := range named() {
		other := icon.Mirrored()
		if other == icon {
			continue
		}
		turned++
		one, two := drawn(icon), drawn(other)
		different := 0
		for y := range 40 {
			for x := range 40 {
				_, _, _, a := one.At(x, y).RGBA()
				_, _, _, b := two.At(39-x, y).RGBA()
				if max(a, b)-min(a, b) > 0x3000 {
					different++
				}
			}
		}
		if different > 0 {
			t.Errorf("%s: %d pixels are not those of the other side", icon, different)
		}
	}
	if turned != 9 {
		t.Errorf("%d icons have a direction, want 9", turned)
	}
}
