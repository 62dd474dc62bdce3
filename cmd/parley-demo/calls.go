package main

import (
	"context"
	"errors"
	"fmt"
	"image/color"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/app/call"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/audio/libopus"
	media "github.com/parley-chat/parley/mesibo/call"
	"github.com/parley-chat/parley/mesibo/call/calltest"
)

// Who is heard and seen in a call: a tone and a colour.
const (
	aliceTone = 440
	bobTone   = 1000
	noTone    = 0
)

// shirts are the colours that the cameras see.
func shirts() map[string]color.RGBA {
	return map[string]color.RGBA{
		"alice": {R: 0xC0, G: 0x60, B: 0x20, A: 0xFF}, "bob": {R: 0x20, G: 0x60, B: 0xC0, A: 0xFF},
	}
}

// newMedia returns the devices of a person in calls, which need no hardware, and the system's Opus library where it is.
func newMedia(folder string) *calltest.Set {
	set := calltest.New(map[string]float64{"alice": aliceTone, "bob": bobTone}[folder])
	if shirt, ok := shirts()[folder]; ok {
		set.Camera.SetColour(shirt)
	}
	set.Media.AudioEncoder, set.Media.AudioDecoder = libopus.NewForCall, libopus.NewDecoder
	return set
}

// devices are what can be chosen instead.
func (p *person) devices() call.Devices {
	return call.Devices{
		Microphones: onlyDevice[media.Microphone](p.media.Microphone),
		Speakers:    onlyDevice[media.Speaker](p.media.Speaker),
		Cameras:     onlyDevice[media.VideoSource](p.media.Camera),
	}
}

// onlyDevice lists the one device there is of a kind.
func onlyDevice[D any](d D) func() ([]call.Device[D], error) {
	return func() ([]call.Device[D], error) { return []call.Device[D]{{ID: "1", Name: "Built-in", Use: d}}, nil }
}

// call is a call with video: it rings, both are heard and seen, and it leaves a line in the chat.
func (s *stage) call(ctx context.Context, b both) error {
	const alices, bobs = "Bob Keller – ", "Alice Martin – "
	return steps(
		b.aliceLooks,
		func() error { return b.alice.press(ctx, "Bob Keller") },
		func() error { return b.bob.press(ctx, "Alice Martin") },
		func() error { b.alice.shortcut(fyne.KeyD, ctrl|fyne.KeyModifierShift); return nil },
		func() error { return b.bob.calls(ctx, bobs+"Incoming video call", "Answer") },
		func() error { return b.bob.callPicture("call-rings", bobs) },
		func() error { return s.wait(ctx, "the ring tone", b.bob.sound.IsPlaying) },
		func() error { s.say("Alice calls with video, and it rings at Bob's"); return nil },
		func() error { return b.bob.pressIn(ctx, bobs, "Answer") },
		func() error { return b.alice.calls(ctx, alices+"00:0", "Camera off") },
		func() error { return b.alice.listens(ctx, "bob", bobTone) },
		func() error { return b.bob.listens(ctx, "alice", aliceTone) },
		func() error { return b.alice.watches(ctx, alices, shirts()["bob"]) },
		func() error { return b.bob.watches(ctx, bobs, shirts()["alice"]) },
		func() error {
			return errors.Join(b.alice.callPicture("call-alice", alices), b.bob.callPicture("call-bob", bobs))
		},
		func() error {
			s.say("Bob answers; each hears the other's tone and sees the other's colour")
			return nil
		},
		func() error { return b.alice.pressIn(ctx, alices, "Devices") },
		func() error { return b.alice.calls(ctx, alices, "Play a test tone") },
		func() error { return s.pass(ctx, 150*time.Millisecond) }, // for the level of the microphone
		func() error { return b.alice.callPicture("call-devices", alices) },
		func() error { return b.alice.pressIn(ctx, alices, "Close") },
		func() error { return b.bob.pressIn(ctx, bobs, "Mute") },
		func() error { return b.bob.calls(ctx, bobs, "Unmute") },
		func() error { return b.alice.saysMuted(ctx, alices) },
		func() error { return b.alice.listens(ctx, "bob, muted", noTone) },
		func() error { s.say("Bob is muted; Alice sees it and hears nothing"); return nil },
		func() error { return b.alice.pressIn(ctx, alices, "Hang up") },
		func() error { return b.bob.reads(ctx, "Incoming video call") },
		func() error { return b.alice.reads(ctx, "Outgoing video call") },
		func() error { return b.alice.picture("call-line") },
		func() error { s.say("Alice hangs up; a line stays in both chats"); return nil },
		func() error {
			return s.wait(ctx, "no window of a call", func() bool { return s.callWindow("") == nil })
		},
	)
}

// groupCall is a call of the group, which rings at Bob's.
func (s *stage) groupCall(ctx context.Context, b both) error {
	const group = "Book club – "
	return steps(
		b.aliceLooks,
		func() error { return b.alice.press(ctx, "Book club") },
		func() error {
			if !apptest.PressIcon(b.alice.view(), assets.IconVideo) {
				return errors.New("no button to call a group")
			}
			return nil
		},
		func() error {
			return b.bob.calls(ctx, group+"Alice Martin is calling the group Book club", "Join with video")
		},
		func() error { return b.bob.reads(ctx, "Call is on · 1 person") },
		func() error {
			return errors.Join(b.bob.callPicture("group-call-rings", group+"Alice"), b.bob.picture("group-call-banner"))
		},
		func() error { return b.bob.pressIn(ctx, group+"Alice", "Join with video") },
		func() error { return b.alice.listens(ctx, "bob", bobTone) },
		func() error { return b.bob.listens(ctx, "alice", aliceTone) },
		func() error { return b.alice.watches(ctx, group, shirts()["bob"], shirts()["alice"]) },
		func() error { return b.alice.callPicture("group-call", group) },
		func() error { s.say("Alice calls the group; Bob joins, and both are heard and seen"); return nil },
		func() error { return s.leaveCalls(ctx, group) },
		func() error { return b.alice.reads(ctx, "Group video call") },
	)
}

// leaveCalls presses Leave in all windows of a call.
func (s *stage) leaveCalls(ctx context.Context, title string) error {
	return s.wait(ctx, "no window of a call", func() bool {
		w := s.callWindow(title)
		if w != nil {
			apptest.Press(w.Canvas(), "Leave")
		}
		return w == nil
	})
}

// callWindow is the last window whose title starts like this, with " – " in it; nil when there is none.
func (s *stage) callWindow(title string) fyne.Window {
	var found fyne.Window
	for _, w := range s.fyne.Driver().AllWindows() {
		if t := w.Title(); strings.HasPrefix(t, title) && strings.Contains(t, " – ") && !strings.HasSuffix(t, "– Parley") {
			found = w
		}
	}
	return found
}

// calls waits until a window of a call has this title and shows words.
func (p *person) calls(ctx context.Context, title, words string) error {
	return p.stage.wait(ctx, fmt.Sprintf("a window %q with %q", title, words), func() bool {
		w := p.stage.callWindow(title)
		return w != nil && apptest.Says(w.Canvas(), words)
	})
}

// pressIn taps on words in the window of a call.
func (p *person) pressIn(ctx context.Context, title, words string) error {
	if err := p.calls(ctx, title, words); err != nil {
		return err
	}
	apptest.Press(p.stage.callWindow(title).Canvas(), words)
	p.stage.drain()
	return nil
}

// listens waits until the person's speaker plays a tone, or nothing.
func (p *person) listens(ctx context.Context, who string, hz float64) error {
	const level, off = 0.15, 5
	return p.stage.wait(ctx, fmt.Sprintf("the tone of %s, %.0f Hz", who, hz), func() bool {
		if hz == noTone {
			return p.media.Speaker.Loudness() < level/10
		}
		got := p.media.Speaker.Frequency()
		return p.media.Speaker.Level(hz) > level && got > hz-off && got < hz+off
	})
}

// watches waits until the window of a call shows much of these colours.
func (p *person) watches(ctx context.Context, title string, shirts ...color.RGBA) error {
	const least = 0.05 // of the window
	return p.stage.wait(ctx, fmt.Sprintf("the colours %v in %q", shirts, title), func() bool {
		w := p.stage.callWindow(title)
		if w == nil {
			return false
		}
		img := w.Canvas().Capture()
		found, all := make([]int, len(shirts)), 0
		for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y += 4 {
			for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x += 4 {
				all++
				for i, shirt := range shirts {
					if similar(img.At(x, y), shirt) {
						found[i]++
					}
				}
			}
		}
		for _, n := range found {
			if float64(n) < least*float64(all) {
				return false
			}
		}
		return true
	})
}

// similar reports whether two colours differ as little as compression makes them.
func similar(a, b color.Color) bool {
	const most = 24 << 8
	near := func(x, y uint32) bool { return max(x, y)-min(x, y) < most }
	r, g, bl, _ := a.RGBA()
	r2, g2, b2, _ := b.RGBA()
	return near(r, r2) && near(g, g2) && near(bl, b2)
}

// saysMuted waits until the window of a call says that Bob is muted, or that Opus is missing, which it says in its
// place.
func (p *person) saysMuted(ctx context.Context, title string) error {
	return p.stage.wait(ctx, "that bob is muted", func() bool {
		w := p.stage.callWindow(title)
		return w != nil && (apptest.Says(w.Canvas(), "Bob Keller is muted") || apptest.Says(w.Canvas(), "needs a library"))
	})
}

// callPicture draws the window of a call into a file.
func (p *person) callPicture(name, title string) error {
	w := p.stage.callWindow(title)
	if w == nil {
		return fmt.Errorf("no window %q", title)
	}
	return p.stage.draw(name, w.Canvas())
}
