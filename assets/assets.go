// Package assets holds the images of the program: its logo and the line icons, all drawn for this project. The icons
// are SVG with one colour, which is replaced when the content of a resource is read: an icon follows a change of theme
// as soon as the widget that shows it is refreshed.
package assets

import (
	"bytes"
	"embed"
	"fmt"
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

//go:embed icons/*.svg
var icons embed.FS

//go:embed icon.png
var appIcon []byte

// AppIcon is the program's logo, 512 pixels square.
func AppIcon() fyne.Resource {
	return fyne.NewStaticResource("parley.png", appIcon)
}

// Icon is the name of a line icon: the file's name without its extension.
type Icon string

// Line icons, drawn on 20×20.
const (
	IconChat         Icon = "chat"
	IconNewChat      Icon = "new-chat"
	IconSearch       Icon = "search"
	IconMenu         Icon = "menu"
	IconSettings     Icon = "settings"
	IconBack         Icon = "back"
	IconSend         Icon = "send"
	IconAttach       Icon = "attach"
	IconCheck        Icon = "check"
	IconWarning      Icon = "warning"
	IconPin          Icon = "pin"
	IconBellOff      Icon = "bell-off"
	IconBookmark     Icon = "bookmark"
	IconArrowDown    Icon = "arrow-down"
	IconClose        Icon = "close"
	IconCopy         Icon = "copy"
	IconRetry        Icon = "retry"
	IconDelete       Icon = "delete"
	IconUser         Icon = "user"
	IconUsers        Icon = "users"
	IconSun          Icon = "sun"
	IconMoon         Icon = "moon"
	IconLink         Icon = "link"
	IconRobot        Icon = "robot"
	IconInfo         Icon = "info"
	IconLock         Icon = "lock"
	IconPlus         Icon = "plus"
	IconEdit         Icon = "edit"
	IconKey          Icon = "key"
	IconComputer     Icon = "computer"
	IconReply        Icon = "reply"
	IconForward      Icon = "forward"
	IconSmile        Icon = "smile"
	IconMore         Icon = "more"
	IconBell         Icon = "bell"
	IconClock        Icon = "clock"
	IconFile         Icon = "file"
	IconPlace        Icon = "place"
	IconLeave        Icon = "leave"
	IconBlock        Icon = "block"
	IconUserPlus     Icon = "user-plus"
	IconCamera       Icon = "camera"
	IconChevronUp    Icon = "chevron-up"
	IconChevronDown  Icon = "chevron-down"
	IconChevronLeft  Icon = "chevron-left"
	IconChevronRight Icon = "chevron-right"
	IconImage        Icon = "image"
	IconArchive      Icon = "archive"
	IconGlobe        Icon = "globe"
	IconShield       Icon = "shield"
	IconEye          Icon = "eye"
	IconDownload     Icon = "download"
	IconPlay         Icon = "play"
	IconPause        Icon = "pause"
	IconMicrophone   Icon = "microphone"
	IconMicOff       Icon = "microphone-off"
	IconPhone        Icon = "phone"
	IconHangUp       Icon = "hang-up"
	IconCallOut      Icon = "call-out"
	IconCallIn       Icon = "call-in"
	IconVideo        Icon = "video"
	IconVideoOff     Icon = "video-off"
	IconKeyboard     Icon = "keyboard"
	IconStorage      Icon = "storage"
	IconLanguage     Icon = "language"
)

// Marks that stand beside a message's time, drawn on 16×12 to be shown at that size.
const (
	IconTickWaiting Icon = "tick-wait"
	IconTickSent    Icon = "tick-sent"
	IconTickBoth    Icon = "tick-both"
	IconTickFailed  Icon = "tick-fail"
)

// ink is the colour in the files, which a tinted icon replaces.
const ink = "#000000"

// Themed returns the icon in a colour of the current theme. The resource looks the colour up each time it is read; its
// name includes the colour, so that images cached under the name are never those of another theme.
func (i Icon) Themed(name fyne.ThemeColorName) fyne.Resource {
	return &tinted{icon: i, name: name}
}

// In returns the icon in one fixed colour.
func (i Icon) In(c color.Color) fyne.Resource {
	hex := hexOf(c)
	return fyne.NewStaticResource(string(i)+hex[1:]+".svg", i.svg(hex))
}

// Mirrored returns an icon as it is in a window whose left and right have changed places: one that has a direction points
// to the other side.
func (i Icon) Mirrored() Icon {
	switch i {
	case IconBack, IconChevronLeft, IconChevronRight, IconSend, IconReply, IconForward, IconLeave, IconCallIn, IconCallOut:
		return i + mirrorMark
	default:
		return i
	}
}

// mirrorMark is behind the name of a mirrored icon.
const mirrorMark Icon = "-mirrored"

// svg returns the file with its ink replaced, or nil for an icon that does not exist.
func (i Icon) svg(hex string) []byte {
	name, mirrored := strings.CutSuffix(string(i), string(mirrorMark))
	raw, err := icons.ReadFile("icons/" + name + ".svg")
	if err != nil {
		return nil
	}
	if mirrored {
		raw = bytes.Replace(raw, []byte("<g "), []byte(`<g transform="matrix(-1 0 0 1 20 0)" `), 1) // all are 20 wide
	}
	return bytes.ReplaceAll(raw, []byte(ink), []byte(hex))
}

type tinted struct {
	icon Icon
	name fyne.ThemeColorName
}

func (t *tinted) hex() string { return hexOf(theme.Color(t.name)) }

func (t *tinted) Name() string { return string(t.icon) + t.hex()[1:] + ".svg" }

func (t *tinted) Content() []byte { return t.icon.svg(t.hex()) }

func hexOf(c color.Color) string {
	n, ok := color.NRGBAModel.Convert(c).(color.NRGBA)
	if !ok {
		return ink
	}
	return fmt.Sprintf("#%02x%02x%02x", n.R, n.G, n.B)
}
