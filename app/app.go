package app

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	appcall "github.com/parley-chat/parley/app/call"
	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/app/login"
	"github.com/parley-chat/parley/app/settings"
	"github.com/parley-chat/parley/app/sheet"
	"github.com/parley-chat/parley/app/system"
	"github.com/parley-chat/parley/assets"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/call"
	"github.com/parley-chat/parley/widgets"
)

const (
	productName      = "Parley"
	openingDelay     = time.Second            // how long the window waits for something to show
	closeTimeout     = 5 * time.Second        // how long the session may take to stop
	sizeDelay        = time.Second            // how long a window size must last to be stored
	preferencesDelay = 150 * time.Millisecond // how long Fyne may take to write its preferences
)

// UI brings work to the user interface's goroutine and away from it: Dispatcher, or a queue in tests.
type UI interface {
	Now() time.Time
	Post(f func())
	Async(work func(ctx context.Context), done func())
	After(delay time.Duration, f func()) (cancel func())
	// IsUI reports whether it is called on the user interface's goroutine.
	IsUI() bool
	// Close drops what is posted from now on and waits for what Async started. It may be called again.
	Close()
}

// Config is what an App is made of.
type Config struct {
	FyneApp   fyne.App
	Workspace Workspace
	UI        UI
	Name      string // of the account on this computer; the default for a new account
	Version   string
	Logger    *slog.Logger
	// Sound plays and records. Default: neither is possible.
	Sound *chat.Sound
	// CallMedia are the devices and codecs of calls.
	CallMedia call.Media
	// CallEngine carries calls of groups of more than four. Default: none.
	CallEngine call.GroupEngine
	// CallDevices are the devices to choose from. Default: there is no choice.
	CallDevices appcall.Devices
	// ChoosePicture lets the user choose a picture file. Default: the toolkit's dialog.
	ChoosePicture func(chosen func(path string))
	// Where the desktop has no such dialogs, ChooseFile lets the user choose a file to send and ChooseSave a path to
	// save one with this name. Default: the toolkit's dialogs.
	ChooseFile func(chosen func(path string))
	// ChooseFolder is ChooseFile for a folder; the path is empty when that was cancelled.
	ChooseFolder func(chosen func(path string))
	// Desktop does what the toolkit cannot. Default: nothing does.
	Desktop    Desktop
	ChooseSave func(name string, chosen func(path string))
	// System is the desktop around the windows. Default: the toolkit shows notifications, and there is no tray.
	System system.System
	// SetScale sets how large everything is drawn, in percent, from the next change of the theme on. Default: that
	// cannot be changed.
	SetScale func(percent int)
	// SetLanguage selects the language of texts by its tag, empty for the system's. Default: it cannot be changed.
	SetLanguage func(tag string) error
	// Proxy is how servers are reached. Default: there is no choice.
	Proxy Proxy
	// OpenPage opens the page that a link leads to, unless it is on the server of the messages, and returns what it says about
	// itself; it is called on other goroutines, for users who want that. Default: there is no choice.
	OpenPage func(ctx context.Context, link, server string) (*mesibo.LinkPreview, error)
	// Hidden starts without a window, where the desktop has a tray.
	Hidden bool
	// Exit ends the process at once, when the toolkit's loop does not return. Default: that is waited for.
	Exit func()
}

// App is the program's window and its content. Unless noted, its methods are called on the user interface's goroutine.
type App struct {
	cfg    Config
	window fyne.Window
	prefs  preferences

	shown      bool
	closing    bool
	windowless bool // Fyne has ended, and with it all windows
	ending     ending
	size       func() // cancels the timer after which the window's size is stored
	front      bool   // a window of the program has the keyboard
	calling    bool   // it is the window of a call
	login      *login.Screen
	home       *home // of the account that is shown; nil until one is open
	accounts   []*account
	account    *account // that is shown, or is about to be
	rail       *widgets.Rail
	adding     func() // goes back from the card for another account; nil without one
	sheet      *sheet.Host
	settings   *settings.Sheet // nil when they are not shown
	viewer     *viewer         // a picture that fills the window, nil without one

	content fyne.CanvasObject // of the window, when it is not locked
	putting bool              // it is being put into the window
	lock    locking

	outside  outside
	revealed bool // the window has been on the screen
	choosing bool // a dialog of the desktop is open

	givingProxy bool // the settings show a field for a proxy that is not given yet
	toast       *sheet.Toast
	tips        *widgets.Tips
}

// New makes the window and starts to open the stored account, or the first-run card. Nothing is visible before Run.
func New(cfg Config) *App {
	a := &App{cfg: cfg, prefs: preferences{store: cfg.FyneApp.Preferences()}}
	keepPreferences(cfg.FyneApp, cfg.UI, func(err error) { cfg.Logger.Warn("preferences", errorAttr(err)) })
	a.outside.hidden = cfg.Hidden
	a.ending.after = func(d time.Duration, f func()) { time.AfterFunc(d, f) }
	if cfg.SetScale != nil {
		cfg.SetScale(a.prefs.textSize())
	}
	if err := a.useLanguage(); err != nil {
		cfg.Logger.Warn("language not used", errorAttr(err))
	}
	if err := a.useProxy(); err != nil {
		cfg.Logger.Warn("stored proxy not used", errorAttr(err))
	}
	a.applyLook()
	a.window = cfg.FyneApp.NewWindow(productName)
	a.window.SetIcon(assets.AppIcon())
	a.window.SetPadded(false)
	a.window.Resize(a.prefs.windowSize())
	a.window.SetMaster()
	a.window.SetCloseIntercept(a.closeWindow)
	a.window.SetOnDropped(a.DroppedAt)
	a.sheet = sheet.NewHost(a.window, a.shortcut)
	a.sheet.SetTimer(cfg.UI)
	a.sheet.SetOnChanged(func() {
		if a.home != nil {
			a.home.updateFocus()
		}
	})
	a.tips = widgets.NewTips(cfg.UI.After)
	a.tips.Attach()
	widgets.NewCaret(cfg.UI.After).Attach()
	a.toast = sheet.NewToast(a.window.Canvas(), cfg.UI, a.resized, a.chatArea, func() { a.atHome((*home).focus) })
	a.bindKeys()
	life := cfg.FyneApp.Lifecycle()
	life.SetOnEnteredForeground(func() { a.SetForeground(true) })
	life.SetOnExitedForeground(func() { a.SetForeground(false) })
	a.lockAtStart()
	a.open()
	return a
}

// Window is the program's window.
func (a *App) Window() fyne.Window { return a.window }

// Run shows the window and returns when it was closed and the session has stopped. It runs Fyne's loop, so it must be
// called on the main goroutine.
func (a *App) Run() {
	life := a.cfg.FyneApp.Lifecycle()
	life.SetOnStarted(func() {
		// a theme set before the start keeps Fyne from following the system's look
		a.applyLook()
	})
	a.cfg.FyneApp.Run()
	a.ending.left.Store(true)
	a.end()
}

// Quit closes the window and stops the session, then ends Run. May be called from any goroutine.
func (a *App) Quit() { a.cfg.UI.Post(a.quit) }

// SetForeground sets whether the window has the keyboard: nothing counts as read without.
// Fyne's lifecycle calls it; a program with several windows must.
func (a *App) SetForeground(front bool) {
	a.front = front
	a.lock.front = a.cfg.UI.Now()
	if front {
		a.setAttention(false)
	}
	a.updateFront()
}

// DroppedAt shows files that were dropped on the window before they are sent to the open chat. Fyne calls it, on
// systems with windows.
func (a *App) DroppedAt(pos fyne.Position, files []fyne.URI) {
	a.atHome(func(h *home) { h.dropped(pos, files) })
}

// Dropped is DroppedAt without a position.
func (a *App) Dropped(files []fyne.URI) { a.DroppedAt(fyne.NewPos(-1, -1), files) }

// Dragged is called while something is dragged over the window, at a position from 0 to 1 of its width and height, and
// when it has left. The desktop calls it, on systems that report drags.
func (a *App) Dragged(over bool, x, y float32) {
	a.atHome(func(h *home) { h.dragging.moved(over, x, y) })
}

// open opens the stored accounts. The window waits for them, but not for long.
func (a *App) open() {
	var list []openedAccount
	var err error
	late := a.cfg.UI.After(openingDelay, func() {
		a.show(widgets.NewEmptyState(widgets.ColorWindow, widgets.EmptyData{
			Icon: assets.IconLock, Text: tr.L("Opening…"),
			Detail: tr.L("If your system asks for the password of its keyring, answer it."),
		}))
	})
	a.cfg.UI.Async(func(ctx context.Context) { list, err = a.openAll(ctx) }, func() {
		late()
		if err != nil {
			a.cfg.Logger.Error("accounts not found", slog.Any("error", err))
			a.showFailure(err)
			return
		}
		a.showAll(list)
	})
}

// show sets the window's content, and shows the window. While it is locked, the content waits.
func (a *App) show(content fyne.CanvasObject) {
	a.content = content
	a.put()
	if a.shown {
		return
	}
	a.shown = true
	if !a.outside.hidden {
		a.window.Show()
		a.revealed = true
	}
	a.startSystem()
}

func (a *App) showFailure(err error) {
	a.show(widgets.NewEmptyState(widgets.ColorWindow, widgets.EmptyData{
		Icon:   assets.IconWarning,
		Text:   tr.L("Your chats could not be opened"),
		Detail: Explain(err),
		Actions: []widgets.Action{
			{Text: tr.L("Try again"), Primary: true, Tapped: a.open},
			{Text: tr.L("Quit"), Tapped: a.quit},
		},
	}))
}

// showLogin shows the first-run card for the account, or the one for an invite.
func (a *App) showLogin(join bool) {
	entrance := &loginBackend{workspace: a.account.workspace, homes: a.homes()}
	cfg := login.Config{
		Backend:    entrance,
		Dispatcher: a.cfg.UI,
		Name:       a.cfg.Name,
		Explain:    explainLink,
		Logger:     a.cfg.Logger,
		Done: func() {
			a.login, a.adding = nil, nil
			a.showHome(entrance.session)
		},
	}
	c := a.account
	cfg.Restore = func() { a.askRestore(c) }
	if a.adding != nil {
		cfg.Cancel = a.adding
	}
	cfg.Own = func() { a.askJoin(entrance.own, entrance.invite) }
	a.login = login.NewScreen(cfg, a.window.Canvas(), a.shortcut)
	a.window.SetTitle(productName)
	gear := widgets.NewIconButton(assets.IconSettings, tr.L("Settings"), func() { a.showSettings(pageNetwork) })
	corner := container.New(widgets.Mirrored(layout.NewCustomPaddedLayout(8, 0, 0, 8)),
		container.NewVBox(widgets.NewHBox(layout.NewSpacer(), gear)))
	a.show(container.NewStack(a.login.Object(), corner))
	a.login.Turn(join)
	a.refreshTray()
	a.openWaiting()
}

// showHome shows the chats of a session of the account and then connects it.
func (a *App) showHome(session *Session) {
	c := a.account
	if err := a.begin(c, session); err != nil {
		a.cfg.Logger.Error("chats not read", slog.Any("error", err))
		a.showFailure(err)
		return
	}
	if !slices.Contains(a.accounts, c) {
		a.accounts = append(a.accounts, c)
	}
	a.enter(c)
	a.connect(c.home)
	a.openWaiting()
}

// signIn drops the account that was signed out and asks for an invite.
func (a *App) signIn() {
	h := a.home
	if h == nil {
		return
	}
	c := h.account
	h.close()
	a.home, c.home = nil, nil
	var err error
	a.cfg.UI.Async(func(ctx context.Context) {
		a.closeSession(ctx, h)
		err = c.workspace.Forget(ctx)
	}, func() {
		if err != nil {
			a.cfg.Logger.Warn("account not forgotten", slog.Any("error", err))
		}
		if homes := a.homes(); len(homes) > 0 {
			a.adding = func() { a.switchTo(homes[0].account) }
		}
		a.account = c
		a.showLogin(true)
	})
}

// notify shows a line at the bottom of the window for a few seconds, or in the viewer that covers it.
func (a *App) notify(words string) {
	if a.locked() {
		a.lock.words = words
		return
	}
	if a.viewer != nil {
		a.viewer.say(words)
		return
	}
	a.toast.Show(words)
	a.sheet.Say(words) // it covers the other
}

// chatArea returns the start and the width of the part of the window that has the chat, all of it where there is no list
// beside it, and below a sheet, which says the same in its middle.
func (a *App) chatArea(window fyne.Size) (x, w float32) {
	h := a.home
	if h == nil || h.panes.Mode() != widgets.PanesBoth || a.sheet.Shown() {
		return 0, window.Width
	}
	w = h.panes.Size().Width - h.panes.LeftWidth() - 1
	if tr.RightToLeft() {
		return 0, w
	}
	return window.Width - w, w
}

// resized stores the size of the window once it has lasted.
func (a *App) resized(size fyne.Size) {
	if a.size != nil {
		a.size()
	}
	a.size = a.cfg.UI.After(sizeDelay, func() { a.prefs.setWindowSize(size) })
}

// quit hides the window at once, so that closing feels immediate, and ends the program when the session has stopped.
func (a *App) quit() {
	if a.closing {
		return
	}
	a.closing = true
	if a.revealed {
		a.prefs.setWindowSize(a.window.Canvas().Size())
	}
	homes := a.homes()
	a.home, a.accounts = nil, nil
	for _, h := range homes {
		h.close()
	}
	a.window.Hide()
	a.cfg.UI.Async(func(ctx context.Context) {
		written := time.After(preferencesDelay)
		for _, h := range homes {
			a.closeSession(ctx, h)
		}
		select {
		case <-written:
		case <-ctx.Done():
		}
	}, a.stopLoop)
}

// closeSession stops the session, once its start has ended and the files to send are in the outbox.
func (a *App) closeSession(ctx context.Context, h *home) {
	ctx, cancel := context.WithTimeout(ctx, closeTimeout)
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
