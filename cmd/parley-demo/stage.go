package main

import (
	"context"
	"errors"
	"fmt"
	"image/png"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/parley-chat/parley/app"
	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/internal/workspace"
	"github.com/parley-chat/parley/mesibo/call/calltest"
)

// patience is how long the stage waits until something is visible.
const patience = 20 * time.Second

// stage runs the demo. Everything happens on one goroutine, which also runs the functions that the screens post.
type stage struct {
	fyne     fyne.App
	queue    chan func()
	data     string
	pictures string
	out      io.Writer
	log      *slog.Logger
	began    time.Time
	prefs    map[string]fyne.Preferences // by data folder
}

// folders are the data folders of the users in the demo.
func folders() []string { return []string{"newcomer", "alice", "bob"} }

func newStage(data, pictures string, out io.Writer, log *slog.Logger) *stage {
	prefs := map[string]fyne.Preferences{}
	for _, folder := range folders() {
		prefs[folder] = test.NewApp().Preferences()
	}
	return &stage{
		queue: make(chan func(), 1<<16), data: data, pictures: pictures, out: out, log: log, began: time.Now(),
		prefs: prefs, fyne: test.NewApp(), // the last one created is the current one
	}
}

// person is a user with a window.
type person struct {
	*app.App

	stage  *stage
	ui     *app.Dispatcher
	keeper *workspace.Keeper
	sound  apptest.Sound
	media  *calltest.Set // for calls
	quit   bool
}

// seat is the person's share of the one fyne.App: preferences and quitting.
type seat struct {
	fyne.App

	prefs fyne.Preferences
	quit  func()
}

// Preferences implements fyne.App.
func (s *seat) Preferences() fyne.Preferences { return s.prefs }

// Quit implements fyne.App.
func (s *seat) Quit() { s.quit() }

// enter starts the program for a person with the data folder of this name.
func (s *stage) enter(ctx context.Context, name, folder string) (*person, error) {
	p := &person{
		stage:  s,
		ui:     app.NewDispatcherOn(func(f func()) { s.queue <- f }),
		keeper: workspace.New(filepath.Join(s.data, folder), s.log),
		media:  newMedia(folder),
	}
	if err := p.keeper.Hold(ctx); err != nil {
		return nil, err
	}
	p.App = app.New(app.Config{
		FyneApp:   &seat{App: s.fyne, prefs: s.prefs[folder], quit: func() { p.quit = true }},
		Workspace: p.keeper, UI: p.ui, Name: name, Version: "demo", Logger: s.log, Sound: p.sound.Chat(),
		CallMedia:     *p.media.Media,
		CallDevices:   p.devices(),
		ChoosePicture: func(chosen func(path string)) { chosen(filepath.Join(s.data, portraitFile)) },
	})
	return p, nil
}

// leave quits the program as its menu does.
func (p *person) leave(ctx context.Context) error {
	p.Quit()
	err := p.stage.wait(ctx, "the program ends", func() bool { return p.quit })
	p.ui.Close()
	return errors.Join(err, p.keeper.Close())
}

// view is the person's window.
func (p *person) view() fyne.Canvas { return p.Window().Canvas() }

// atKeyboard directs keyboard and mouse to the person's window: the headless driver uses the last window of its list.
func (p *person) atKeyboard() {
	windows := p.stage.fyne.Driver().AllWindows()
	last := len(windows) - 1
	if i := slices.Index(windows, p.Window()); i >= 0 {
		windows[i], windows[last] = windows[last], windows[i]
	}
}

// wait runs what the screens post until the condition holds. It checks fifty times a second.
func (s *stage) wait(ctx context.Context, what string, condition func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case f := <-s.queue:
			f()
		case <-look.C:
			s.drain()
			if condition() {
				return nil
			}
		case <-ctx.Done():
			return fmt.Errorf("not seen: %s: %w", what, ctx.Err())
		}
	}
}

func (s *stage) drain() {
	for {
		select {
		case f := <-s.queue:
			f()
		default:
			return
		}
	}
}

// say prints one line of the transcript.
func (s *stage) say(format string, args ...any) {
	fmt.Fprintf(s.out, "%6.2f s  %s\n", time.Since(s.began).Seconds(), fmt.Sprintf(format, args...))
}

// reads waits until the window shows words.
func (p *person) reads(ctx context.Context, words string) error {
	return p.stage.wait(ctx, fmt.Sprintf("%q", words), func() bool { return apptest.Says(p.view(), words) })
}

// sees waits until an own message has a mark.
func (p *person) sees(ctx context.Context, text string, mark apptest.Mark) error {
	return p.stage.wait(ctx, fmt.Sprintf("%q as %s", text, mark),
		func() bool { return apptest.MarkOf(p.view(), text) == mark })
}

// press taps on words.
func (p *person) press(ctx context.Context, words string) error {
	if err := p.reads(ctx, words); err != nil {
		return err
	}
	p.atKeyboard()
	apptest.Press(p.view(), words)
	p.stage.drain()
	return nil
}

// types types into the widget that has the keyboard, and presses Enter.
func (p *person) types(text string) error {
	p.atKeyboard()
	focused := p.view().Focused()
	if focused == nil {
		return errors.New("nothing has the keyboard to type into")
	}
	test.Type(focused, text)
	focused.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	p.stage.drain()
	return nil
}

// picture draws the window into a file.
func (p *person) picture(name string) error { return p.stage.draw(name, p.view()) }

// draw draws a window into a file.
func (s *stage) draw(name string, window fyne.Canvas) error {
	s.drain()
	file := filepath.Join(s.pictures, name+".png")
	f, err := os.Create(file)
	if err != nil {
		return fmt.Errorf("make picture: %w", err)
	}
	if err := errors.Join(png.Encode(f, window.Capture()), f.Close()); err != nil {
		return fmt.Errorf("make picture: %w", err)
	}
	s.say("picture %s", file)
	return nil
}
