package app

import (
	"context"
	"log/slog"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/app/login"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/widgets"
)

const (
	productName = "Parley"
	patience    = time.Second            // how long the window waits for something to show
	closeWithin = 5 * time.Second        // how long the session may take to stop
	sizeAfter   = time.Second            // how long the window's size must last to be kept
	writeWithin = 150 * time.Millisecond // how long Fyne may take to write its preferences
)

// UI brings work to the user interface's goroutine and away from it: Dispatcher, or a queue in tests.
type UI interface {
	Now() time.Time
	Post(f func())
	Async(work func(ctx context.Context), done func())
	After(delay time.Duration, f func()) (cancel func())
	// IsUI tells whether it is called on the user interface's goroutine.
	IsUI() bool
	// Close lets nothing more through and waits for what Async started. It may be called again.
	Close()
}

// Config is what an App is made of.
type Config struct {
	FyneApp   fyne.App
	Workspace Workspace
	UI        UI
	Name      string // of the account on this computer; the newcomer's name at first
	Version   string
	Logger    *slog.Logger
	// Sound plays and records; nil when nothing does.
	Sound *chat.Sound
	// ChoosePicture lets the user choose a picture file; nil for the dialog of the toolkit.
	ChoosePicture func(chosen func(path string))
	// ChooseFile lets the user choose a file to send where the desktop has no dialog for several, ChooseSave where to save one
	// that has a name; nil for the dialogs of the toolkit.
	ChooseFile func(chosen func(path string))
	// ChooseFolder lets the user choose a folder, and gives an empty path when that was cancelled; nil for the dialog of the toolkit.
	ChooseFolder func(chosen func(path string))
	// Desktop does what the toolkit cannot; nil when there is nothing that can.
	Desktop    Desktop
	ChooseSave func(name string, chosen func(path string))
}

// App is the program's window and what is in it. Unless said otherwise its methods are called on the user interface's goroutine.
type App struct {
	cfg    Config
	window fyne.Window
	prefs  preferences

	shown   bool
	closing bool
	size    func() // cancels the time after which the window's size is kept
	front   bool   // the window has the keyboard
	login   *login.Screen
	home    *home // nil until somebody is signed in
	sheet   *sheet
	viewer  *viewer  // a picture that fills the window, nil when there is none
	sending *sending // the sheet with files to send, nil when it is not shown

	choosing bool // a dialog of the desktop is open
	toast    *toast
}

// New makes the window and begins to open the account that is kept, or the first-run card. Nothing is seen before Run.
func New(cfg Config) *App {
	a := &App{cfg: cfg, prefs: preferences{cfg.FyneApp.Preferences()}}
	cfg.FyneApp.Settings().SetTheme(widgets.NewTheme(a.prefs.variant()))
	a.window = cfg.FyneApp.NewWindow(productName)
	a.window.SetIcon(assets.AppIcon())
	a.window.SetPadded(false)
	a.window.Resize(a.prefs.windowSize())
	a.window.SetMaster()
	a.window.SetCloseIntercept(a.quit)
	a.window.SetOnDropped(a.DroppedAt)
	a.toast = newToast(cfg.UI, a.resized)
	a.bindKeys()
	life := cfg.FyneApp.Lifecycle()
	life.SetOnEnteredForeground(func() { a.SetForeground(true) })
	life.SetOnExitedForeground(func() { a.SetForeground(false) })
	a.open()
	return a
}

// Window is the program's window.
func (a *App) Window() fyne.Window { return a.window }

// Run shows the window and returns when it was closed and the session has stopped. It runs Fyne's loop, so it must be called on
// the main goroutine.
func (a *App) Run() {
	life := a.cfg.FyneApp.Lifecycle()
	life.SetOnStarted(func() {
		// a theme of our own set before the start keeps Fyne from following the system's look
		a.cfg.FyneApp.Settings().SetTheme(widgets.NewTheme(a.prefs.variant()))
	})
	a.cfg.FyneApp.Run()
	// From now on nothing may be posted: there is no goroutine any more that it belongs to.
	a.cfg.UI.Close()
	if a.home != nil { // the system ended the loop
		a.home.close()
		a.closeSession(context.Background(), a.home)
	}
}

// Quit closes the window and stops the session, then ends Run. May be called from any goroutine.
func (a *App) Quit() { a.cfg.UI.Post(a.quit) }

// SetForeground tells the App whether its window has the keyboard: nothing counts as read without.
// Fyne's lifecycle calls it; a program with several windows must.
func (a *App) SetForeground(front bool) {
	a.front = front
	a.atHome((*home).foreground)
}

// DroppedAt takes files that were dropped on the window: they are shown before they are sent to the open conversation. Fyne calls
// it, on systems that have windows.
func (a *App) DroppedAt(pos fyne.Position, files []fyne.URI) {
	a.atHome(func(h *home) { h.dropped(pos, files) })
}

// Dropped is DroppedAt for nowhere in particular.
func (a *App) Dropped(files []fyne.URI) { a.DroppedAt(fyne.NewPos(-1, -1), files) }

// Dragged tells that something is dragged over the window, at a place from 0 to 1 of its width and height, or not any more. The
// desktop calls it, on systems that tell.
func (a *App) Dragged(over bool, x, y float32) {
	a.atHome(func(h *home) { h.dragging.moved(over, x, y) })
}

// open looks for the account that is kept. The window waits for it, but not for long.
func (a *App) open() {
	var session *Session
	var err error
	late := a.cfg.UI.After(patience, func() {
		a.show(widgets.NewEmptyState(widgets.ColorWindow, widgets.EmptyData{
			Icon: assets.IconLock, Text: "Opening…", Detail: "If your system asks for the password of its keyring, answer it.",
		}))
	})
	a.cfg.UI.Async(func(ctx context.Context) {
		session, err = a.cfg.Workspace.Resume(ctx)
	}, func() {
		late()
		switch {
		case err != nil:
			a.cfg.Logger.Error("account not opened", slog.Any("error", err))
			a.showFailure(err)
		case session == nil:
			a.showLogin(false)
		default:
			a.showHome(session)
		}
	})
}

// show puts content into the window, and the window on the screen.
func (a *App) show(content fyne.CanvasObject) {
	a.window.SetContent(container.NewStack(content, a.toast.layer))
	if !a.shown {
		a.shown = true
		a.window.Show()
	}
}

func (a *App) showFailure(err error) {
	a.show(widgets.NewEmptyState(widgets.ColorWindow, widgets.EmptyData{
		Icon:   assets.IconWarning,
		Text:   "Your chats could not be opened",
		Detail: Explain(err),
		Actions: []widgets.Action{
			{Text: "Try again", Primary: true, Tapped: a.open},
			{Text: "Quit", Tapped: a.quit},
		},
	}))
}

// showLogin shows the first-run card, or the one for an invite.
func (a *App) showLogin(join bool) {
	entrance := &entrance{workspace: a.cfg.Workspace}
	a.login = login.NewScreen(login.Config{
		Backend:    entrance,
		Dispatcher: a.cfg.UI,
		Name:       a.cfg.Name,
		Explain:    Explain,
		Logger:     a.cfg.Logger,
		Done: func() {
			a.login = nil
			a.showHome(entrance.session)
		},
	})
	a.window.SetTitle(productName)
	a.show(a.login.Object())
	a.login.Turn(join)
}

// entrance makes a session of what the first-run card asks for.
type entrance struct {
	workspace Workspace
	session   *Session
}

// StartLocal implements login.Backend.
func (e *entrance) StartLocal(ctx context.Context, name string) (err error) {
	e.session, err = e.workspace.StartLocal(ctx, name)
	return err
}

// Join implements login.Backend.
func (e *entrance) Join(ctx context.Context, invite string) (err error) {
	e.session, err = e.workspace.Join(ctx, invite)
	return err
}

// showHome shows the chats of a session and then connects it.
func (a *App) showHome(session *Session) {
	h, err := newHome(a, session)
	if err != nil {
		a.cfg.Logger.Error("chats not read", slog.Any("error", err))
		a.showFailure(err)
		return
	}
	a.home = h
	a.show(h.object)
	h.begin()
	a.cfg.UI.Async(func(ctx context.Context) {
		defer close(h.connected)
		err = session.Connect(ctx)
	}, func() {
		if err != nil {
			a.cfg.Logger.Error("session not connected", slog.Any("error", err))
			h.link.Fail()
		}
	})
}

// signIn drops the account that was signed out and asks for an invite.
func (a *App) signIn() {
	h := a.home
	if h == nil {
		return
	}
	h.close()
	a.home = nil
	var err error
	a.cfg.UI.Async(func(ctx context.Context) {
		a.closeSession(ctx, h)
		err = a.cfg.Workspace.Forget(ctx)
	}, func() {
		if err != nil {
			a.cfg.Logger.Warn("account not forgotten", slog.Any("error", err))
		}
		a.showLogin(true)
	})
}

// notify shows a line at the bottom of the window for a few seconds, or in the viewer that lies over it.
func (a *App) notify(words string) {
	if a.viewer != nil {
		a.viewer.say(words)
		return
	}
	a.toast.show(words)
}

// resized keeps the size of the window when it has lasted.
func (a *App) resized(size fyne.Size) {
	if a.size != nil {
		a.size()
	}
	a.size = a.cfg.UI.After(sizeAfter, func() { a.prefs.keepWindowSize(size) })
}

// quit hides the window at once, so that closing feels immediate, and ends the program when the session has stopped.
func (a *App) quit() {
	if a.closing {
		return
	}
	a.closing = true
	a.prefs.keepWindowSize(a.window.Canvas().Size())
	h := a.home
	a.home = nil
	if h != nil {
		h.close()
	}
	a.window.Hide()
	a.cfg.UI.Async(func(ctx context.Context) {
		written := time.After(writeWithin)
		if h != nil {
			a.closeSession(ctx, h)
		}
		select {
		case <-written:
		case <-ctx.Done():
		}
	}, a.cfg.FyneApp.Quit)
}

// closeSession stops the session, when the beginning of it has ended, and files that are to be sent are in the outbox.
func (a *App) closeSession(ctx context.Context, h *home) {
	ctx, cancel := context.WithTimeout(ctx, closeWithin)
	defer cancel()
	for _, done := range h.awaited {
		select {
		case <-done:
		case <-ctx.Done():
		}
	}
	if err := h.session.Close(ctx); err != nil {
		a.cfg.Logger.Warn("session not closed", slog.Any("error", err))
	}
}
