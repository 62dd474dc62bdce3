//go:build linux || freebsd || netbsd || openbsd

package desktop

import (
	"context"
	"image"
	"strings"
	"unicode"

	"github.com/godbus/dbus/v5"
	"golang.org/x/image/draw"

	"github.com/parley-chat/parley/app/system"
)

// What a notification holds at most: a sender must not fill the screen, nor be more than the server takes.
const (
	titleMost   = 100 // characters
	bodyMost    = 400
	linesMost   = 6
	pictureSide = 96 // pixels
)

// notifyMessage is a notification as the server gets it.
type notifyMessage struct {
	summary, body string
	actions       []string // ID and label in turn
	hints         map[string]dbus.Variant
	expires       int32 // ms; -1 leaves it to the server, 0 is never
}

// message returns a notification as this server takes it, and whether this program has to make the sound itself.
func (s *notifyServer) message(ctx context.Context, note *system.Notification) (m notifyMessage, sound bool) {
	m = notifyMessage{
		summary: clean(note.Title, titleMost, 1), body: clean(note.Body, bodyMost, linesMost), expires: -1,
		actions: []string{},
		hints: map[string]dbus.Variant{
			"desktop-entry": dbus.MakeVariant(programID), "category": dbus.MakeVariant("im.received"),
			"urgency": dbus.MakeVariant(byte(1)),
		},
	}
	if s.able("body-markup") {
		m.body = escape(m.body)
	}
	if s.able("actions") {
		for _, a := range note.Actions {
			m.actions = append(m.actions, a.ID, a.Label)
		}
		if note.Reply != "" && s.able(system.ActionReply) {
			m.actions = append(m.actions, system.ActionReply, note.Reply)
		}
	}
	if note.Call {
		m.hints["category"], m.hints["urgency"] = dbus.MakeVariant("call.incoming"), dbus.MakeVariant(byte(2))
		m.expires = 0
	}
	if note.Picture != nil {
		m.hints["image-data"] = dbus.MakeVariant(pictureOf(note.Picture))
	}
	switch {
	case !note.Sound, s.fullScreen():
		m.hints["suppress-sound"] = dbus.MakeVariant(true)
	case s.able("sound"):
		m.hints["sound-name"] = dbus.MakeVariant("message-new-instant")
	default:
		m.hints["suppress-sound"] = dbus.MakeVariant(true)
		sound = !s.inhibited(ctx)
	}
	return m, sound
}

// escape makes text of what could be markup.
func escape(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
}

// clean returns a text of at most so many characters and lines, without what is not to be seen or turns the direction
// of what follows.
func clean(text string, most, lines int) string {
	var b strings.Builder
	n, breaks, space := 0, 0, false
	for _, r := range strings.TrimSpace(strings.ToValidUTF8(text, "")) {
		switch {
		case r == '\n' && breaks+1 < lines:
			breaks++
		case unicode.IsSpace(r):
			r = ' '
		case unicode.IsControl(r), isBidiControl(r):
			continue
		}
		if r == ' ' && space {
			continue
		}
		space = r == ' '
		if n++; n > most {
			return strings.TrimSpace(b.String()) + "…"
		}
		b.WriteRune(r)
	}
	return b.String()
}

// isBidiControl reports whether a character embeds, overrides or isolates a direction.
func isBidiControl(r rune) bool {
	return r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069'
}

// notifyPicture is a picture as the hint image-data has it.
type notifyPicture struct {
	Width, Height, Stride int32
	Alpha                 bool
	Bits, Channels        int32
	Pixels                []byte
}

// pictureOf returns a picture in a circle, as the windows show it.
func pictureOf(img image.Image) notifyPicture {
	side := min(img.Bounds().Dx(), img.Bounds().Dy())
	from := image.Rect(0, 0, side, side).
		Add(img.Bounds().Min).
		Add(image.Pt((img.Bounds().Dx()-side)/2, (img.Bounds().Dy()-side)/2))
	to := image.NewNRGBA(image.Rect(0, 0, pictureSide, pictureSide))
	draw.CatmullRom.Scale(to, to.Bounds(), img, from, draw.Src, nil)
	disc(to)
	return notifyPicture{pictureSide, pictureSide, int32(to.Stride), true, 8, 4, to.Pix}
}

// disc makes what is outside of the circle that fills a square picture transparent, with a smooth edge.
func disc(img *image.NRGBA) {
	side := img.Bounds().Dx()
	for y := range side {
		for x := range side {
			i := img.PixOffset(x, y) + 3
			img.Pix[i] = uint8(float64(img.Pix[i]) * inDisc(x, y, float64(side)/2, float64(side)/2, float64(side)/2))
		}
	}
}
