package app_test

import (
	"context"
	"image"
	"image/color"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app"
	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/call"
	"github.com/parley-chat/parley/mesibo/call/calltest"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// This file tests the window over the real SDK and a real server: a call of a group with sound and video.

// guest is another member of the group, without a window.
type guest struct {
	*mesibo.Mesibo

	set    *calltest.Set
	screen *calltest.Screen // shows the user of the window
	groups chan uint32
	call   *mesibo.GroupCall
	own    *mesibo.CallParticipant
}

func newGuest(t *testing.T, srv *mesibotest.Server, address string, tone float64, c color.Color) *guest {
	t.Helper()
	g := &guest{set: calltest.New(tone), screen: calltest.NewScreen(), groups: make(chan uint32, 4)}
	g.set.Camera.SetColour(c)
	g.Mesibo = signIn(t, srv.Token(address), &mesibo.GroupFuncs{
		Joined: func(p *mesibo.UserProfile) { g.groups <- p.GroupID },
	})
	g.SetCallMedia(*g.set.Media)
	return g
}

func signIn(t *testing.T, token string, l any) *mesibo.Mesibo {
	t.Helper()
	m, err := mesibo.New(mesibo.Options{
		Path: t.TempDir(), AccessToken: token, Database: "test.db", Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	online := make(chan struct{}, 8)
	must(t, m.AddListener(l))
	must(t, m.AddListener(&mesibo.ListenerFuncs{ConnectionStatus: func(s mesibo.ConnectionStatus) {
		if s == mesibo.StatusOnline {
			online <- struct{}{}
		}
	}}))
	must(t, m.Start())
	t.Cleanup(m.Stop)
	<-online
	return m
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// join takes part in the call of the group, and plays and shows whoever does.
func (g *guest) join(t *testing.T, group uint32, ring bool) {
	t.Helper()
	made, err := g.GroupCall(group)
	must(t, err)
	g.call = made
	cp := g.CreateGroupCallProperties(true) // small, so that a busy machine keeps up
	cp.Video.Width, cp.Video.Height, cp.Video.FPS = 160, 120, 10
	made.SetCallProperties(cp)
	must(t, made.Join(&mesibo.GroupCallFuncs{Publisher: func(p *mesibo.CallParticipant, joined bool) {
		if joined {
			if p.GetAddress() == "alice" {
				p.SetVideoView(g.screen)
			}
			_ = p.Call(true, true, false, false, nil) // an error: it has left again
		}
	}}, ring))
	g.own = made.CreatePublisher(0)
	must(t, g.own.Call(true, true, false, false, nil))
}

// stand is the window of Alice, over the real SDK.
type stand struct {
	*app.App

	t     *testing.T
	fyne  fyne.App
	set   *calltest.Set
	shown *calltest.Camera // in place of the screen
	films *counted
	queue chan func()
}

// counted counts how often a camera is started.
type counted struct {
	call.VideoSource

	starts atomic.Int32
}

func (c *counted) Start(w, h, fps int, take func(*image.YCbCr), lost func()) (stop func(), err error) {
	c.starts.Add(1)
	return c.VideoSource.Start(w, h, fps, take, lost)
}

// until runs the program until a condition holds.
func (s *stand) until(what string, condition func() bool) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 30*time.Second)
	defer cancel()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case f := <-s.queue:
			f()
		case <-look.C:
			for len(s.queue) > 0 {
				(<-s.queue)()
			}
			if condition() {
				return
			}
		case <-ctx.Done():
			s.t.Fatalf("not seen: %s", what)
		}
	}
}

// meeting is the window of the call, nil without one.
func (s *stand) meeting() fyne.Window {
	for _, w := range s.fyne.Driver().AllWindows() {
		if strings.HasPrefix(w.Title(), "Hikers – ") && !strings.HasSuffix(w.Title(), "– Parley") {
			return w
		}
	}
	return nil
}

// shows waits until the window of the call shows words.
func (s *stand) shows(words string) fyne.Canvas {
	s.t.Helper()
	s.until(words, func() bool { return s.meeting() != nil && apptest.Says(s.meeting().Canvas(), words) })
	return s.meeting().Canvas()
}

// presses taps on words in the window of the call.
func (s *stand) presses(words string) {
	s.t.Helper()
	apptest.Press(s.shows(words), words)
}

// sees waits until a tile in the window of the call has a colour in its middle.
func (s *stand) sees(c color.RGBA) {
	s.t.Helper()
	s.until("a colour", func() bool {
		return s.meeting() != nil && slices.ContainsFunc(apptest.Pictures(s.meeting().Canvas()), func(p image.Image) bool {
			r, g, b, _ := p.At(p.Bounds().Dx()/2, p.Bounds().Dy()/2).RGBA()
			return near(r, c.R) && near(g, c.G) && near(b, c.B)
		})
	})
}

func near(got uint32, want uint8) bool { return abs(int(got>>8)-int(want)) < 30 }

func abs(v int) int { return max(v, -v) }

// hears waits until Alice hears these tones.
func (s *stand) hears(tones ...float64) {
	s.t.Helper()
	s.until("tones", func() bool {
		for _, tone := range tones {
			if s.set.Speaker.Level(tone) < 0.15 {
				return false
			}
		}
		return true
	})
}

func newStand(t *testing.T, token string) *stand {
	t.Helper()
	s := &stand{t: t, set: calltest.New(500), queue: make(chan func(), 1<<16)}
	s.set.Camera.SetColour(color.RGBA{R: 200, G: 60, B: 60, A: 255})
	s.shown = calltest.NewCamera(color.RGBA{R: 220, G: 220, B: 60, A: 255})
	s.films = &counted{VideoSource: s.set.Camera}
	s.set.Media.Screen, s.set.Media.Camera = s.shown, s.films
	m, err := mesibo.New(mesibo.Options{
		Path: t.TempDir(), AccessToken: token, Database: "test.db", Logger: slog.New(slog.DiscardHandler),
	})
	must(t, err)
	s.fyne = apptest.NewApp(t)
	ui := app.NewDispatcherOn(func(f func()) { s.queue <- f })
	nothing := func(context.Context) error { return nil }
	s.App = app.New(app.Config{
		FyneApp: s.fyne, UI: ui, Name: "Alice", Version: "test", Logger: slog.New(slog.DiscardHandler),
		CallMedia: *s.set.Media,
		Workspace: &keeper{session: &app.Session{
			Client: app.NewClient(m), Server: "test", Connect: func(context.Context) error { return m.Start() },
			RemoveEcho: nothing, Close: func(context.Context) error { m.Stop(); return nil },
		}},
	})
	t.Cleanup(func() {
		s.Quit()
		ui.Close()
		m.Stop()
	})
	s.until("online", m.IsOnline)
	return s
}

// TestMeeting: the call of a group rings, is joined, shown with the video of all, and left.
func TestMeeting(t *testing.T) {
	srv := mesibotest.NewServer(t)
	srv.AddUser("alice", "Alice Martin")
	srv.AddUser("bob", "Bob Keller")
	srv.AddUser("carol", "Carol Weiss")
	blue, green := color.RGBA{R: 60, G: 60, B: 200, A: 255}, color.RGBA{R: 60, G: 180, B: 60, A: 255}
	s := newStand(t, srv.Token("alice"))
	bob, carol := newGuest(t, srv, "bob", 900, blue), newGuest(t, srv, "carol", 1300, green)
	must(t, bob.CreateGroup(mesibo.GroupSettings{Name: "Hikers"}, []string{"alice", "carol"}, 1))
	group := <-carol.groups
	s.until("the group", func() bool { return apptest.Says(s.Window().Canvas(), "Hikers") })
	apptest.Press(s.Window().Canvas(), "Hikers")

	bob.join(t, group, true)
	c := s.shows("Bob Keller is calling the group Hikers")
	s.until("the banner", func() bool { return apptest.Says(s.Window().Canvas(), "Call is on · 1 person") })
	apptest.Press(c, "Join with video")
	s.hears(900)
	s.sees(blue)
	s.sees(color.RGBA{R: 200, G: 60, B: 60, A: 255}) // herself
	must(t, bob.screen.See(t.Context(), color.RGBA{R: 200, G: 60, B: 60, A: 255}))
	must(t, bob.set.Speaker.Hear(t.Context(), 500))
	carol.join(t, group, false)
	s.hears(900, 1300)
	s.sees(green)
	s.shows("3 people")

	s.presses("Camera off")
	s.until("the camera is off", func() bool { return !s.set.Camera.InUse() })
	starts := s.films.starts.Load()
	s.presses("Share screen")
	must(t, bob.screen.See(t.Context(), color.RGBA{R: 220, G: 220, B: 60, A: 255}))
	s.presses("Stop sharing")
	s.until("the screen is not seen", func() bool { return !s.shown.InUse() })
	if got := s.films.starts.Load(); got != starts {
		t.Errorf("a camera that is off was started %d times", got-starts)
	}

	bob.own.Mute(true, true, true)
	s.until("bob's tone has gone", func() bool { return s.set.Speaker.Level(900) < 0.05 })
	s.until("bob's face", func() bool { return apptest.Says(s.meeting().Canvas(), "BK") })
	s.presses("Mute")
	carol.awaits(t, "alice is muted", func(p *mesibo.CallParticipant) bool { return p.GetMuteStatus(true, false, true) })
	s.presses("Leave")
	s.until("the end", func() bool { return s.meeting() == nil })
	s.until("the banner", func() bool { return apptest.Says(s.Window().Canvas(), "Call is on · 2 people") })
	if s.set.Microphone.InUse() || s.set.Camera.InUse() {
		t.Error("devices are in use after the end")
	}
	if apptest.PressIcon(s.Window().Canvas(), assets.IconVideo); s.meeting() == nil {
		t.Error("not joined from the header")
	}
	bob.call.Leave()
	carol.call.Leave()
	s.until("alice is alone", func() bool { return apptest.Says(s.meeting().Canvas(), "1 person") })
	s.presses("Leave")
	s.until("the record", func() bool { return apptest.Says(s.Window().Canvas(), "Group video call") })
}

// awaits waits until a condition holds for Alice as a participant.
func (g *guest) awaits(t *testing.T, what string, condition func(*mesibo.CallParticipant) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		for _, p := range g.call.GetParticipants() {
			if p.GetAddress() == "alice" && condition(p) {
				return
			}
		}
		select {
		case <-ctx.Done():
			t.Fatalf("not seen: %s", what)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
