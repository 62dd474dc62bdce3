package files

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app/sheet"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/widgets"
)

// Config is what a Screen is made of.
type Config struct {
	Backend     Backend
	Sheet       *sheet.Host
	Notify      func(text string)
	Preferences Preferences
	Dispatcher  Dispatcher
	// Window is the window's canvas; the panel with transfers lies on it.
	Window fyne.Canvas
	// Clipboard handles files and pictures; nil where only text can be copied.
	Clipboard Clipboard
	// ServerLimit asks the server for the largest file that it accepts, in bytes. Default: the limit stays unknown.
	ServerLimit func(ctx context.Context) (int64, error)
	// Explain makes a sentence for the user of an error.
	Explain func(error) string
	Logger  *slog.Logger
}

// Callbacks are what the screen asks of the window around it.
type Callbacks struct {
	// Chat is the open chat, nil without one.
	Chat func() Chat
	// FocusChat focuses the composer, Insert writes a text into it.
	FocusChat func()
	Insert    func(text string)
	// Title is the name of a chat.
	Title func(peer string, groupID uint32) string
	// Online reports whether there is a connection.
	Online func() bool
	// ChooseFiles lets the user choose files, ChooseFolder a folder. The path is empty when that was cancelled.
	ChooseFiles  func(chosen func(paths []string))
	ChooseFolder func(chosen func(path string))
	// ChooseChat lets the user choose a chat; ok is false when that was cancelled.
	ChooseChat func(title, button string, chosen func(peer string, groupID uint32, ok bool))
	// Updated is called when messages of a chat were sent or recalled, SentElsewhere when the chat was closed meanwhile.
	Updated       func(peer string, groupID uint32)
	SentElsewhere func(peer string, groupID uint32)
	// TransfersChanged is called when a transfer started or ended: Action may be another.
	TransfersChanged func()
	// LimitsChanged is called when the user has changed the limits, which are those of all accounts.
	LimitsChanged func()
}

// Screen sends files and shows their transfers, on sheets and a panel over the window.
type Screen struct {
	cfg   Config
	on    Callbacks
	model *Model

	sheet  *sendSheet      // nil when it is not shown
	queues []chan struct{} // each is closed when its files are in the outbox
	panel  *transferPanel
	closed bool
}

// NewScreen makes a Screen. It shows nothing by itself.
func NewScreen(cfg Config, on Callbacks) *Screen {
	s := &Screen{cfg: cfg, on: on, model: newModel(&cfg)}
	s.panel = &transferPanel{screen: s}
	return s
}

// Start applies the user's limits.
func (s *Screen) Start() { s.model.applyLimits() }

// limitsChanged applies what the user has changed.
func (s *Screen) limitsChanged() {
	s.model.applyLimits()
	s.on.LimitsChanged()
}

// Connected asks the server what it accepts, the first time there is a connection.
func (s *Screen) Connected() {
	s.model.askServerLimit(func() {
		if s.sheet != nil {
			s.sheet.refresh()
		}
	})
}

// Close hides the panel. Files that are on their way into the outbox go on.
func (s *Screen) Close() {
	s.closed = true
	s.panel.close()
}

// Queues are closed one by one when the files that were sent are in the outbox.
func (s *Screen) Queues() []chan struct{} { return slices.Clone(s.queues) }

// Transferring reports whether files are on their way.
func (s *Screen) Transferring() bool { return len(s.model.transfers) > 0 }

// Sending reports whether the sheet with files to send is shown.
func (s *Screen) Sending() bool { return s.sheet != nil }

// Attach lets the user choose files to send.
func (s *Screen) Attach() {
	c := s.on.Chat()
	if c == nil {
		return
	}
	if why := c.FilesRefused(); why != "" {
		s.cfg.Notify(why)
		return
	}
	s.on.ChooseFiles(func(paths []string) { s.Send(paths, true) })
}

// lookTime is how long looking at files may take before the user is told: large pictures take a while.
const lookTime = 400 * time.Millisecond

// Send shows the sheet with these files, or adds them to the sheet that is shown. asPictures is whether pictures are
// compressed at first; a sheet that is shown keeps its choice.
func (s *Screen) Send(paths []string, asPictures bool) {
	c := s.on.Chat()
	if c == nil {
		return
	}
	if why := c.FilesRefused(); why != "" {
		s.cfg.Notify(why)
		return
	}
	chosen := 0
	if s.sheet != nil {
		chosen = len(s.sheet.files)
	}
	if chosen+len(paths) > mostFiles {
		s.cfg.Notify(tr.L("At most {{.Number}} files can be sent at once.", "Number", mostFiles))
		return
	}
	done := s.cfg.Dispatcher.After(lookTime, func() {
		s.cfg.Notify(tr.N("Looking at {{.N}} file…", "Looking at {{.N}} files…", len(paths)))
	})
	list := make([]attachment, len(paths))
	s.cfg.Dispatcher.Async(func(ctx context.Context) {
		for i, path := range paths {
			if ctx.Err() == nil {
				list[i] = attach(s.cfg.Backend, path, s.model.largestFile())
			}
		}
	}, func() {
		done()
		switch {
		case s.on.Chat() != c:
		case s.sheet != nil && s.sheet.chat == c:
			s.sheet.files = append(s.sheet.files, list...)
			s.sheet.refresh()
		default:
			s.showSendSheet(c, list, "").pictures.SetChecked(asPictures)
		}
	})
}

// Progress applies the progress of a transfer.
func (s *Screen) Progress(f *mesibo.FileInfo) {
	if s.model.progress(f) {
		s.on.TransfersChanged()
	}
	s.panel.refresh()
}

// Updated must be called when messages of a chat may be gone.
func (s *Screen) Updated(peer string, groupID uint32) {
	s.model.dropGone(peer, groupID)
	s.panel.refresh()
}

// Refresh shows the panel again, when names or the connection changed.
func (s *Screen) Refresh() { s.panel.refresh() }

// Action is what the footer offers: a list of the transfers when there are several, or one of a chat that is not open.
func (s *Screen) Action() widgets.Action {
	n := len(s.model.transfers)
	elsewhere := slices.ContainsFunc(s.model.transfers, func(f *mesibo.FileInfo) bool { return s.open(f.Params) == nil })
	switch {
	case n == 0, n == 1 && !elsewhere:
		return widgets.Action{}
	}
	return widgets.Action{Text: tr.N("{{.N}} transfer", "{{.N}} transfers", n), Tapped: s.panel.show}
}

// open is the open chat if a message belongs to it, else nil.
func (s *Screen) open(p *mesibo.MessageParams) Chat { //nolint:ireturn // what the window around it offers
	c := s.on.Chat()
	if c == nil || !isChat(p, c.Peer(), c.GroupID()) {
		return nil
	}
	return c
}

// failed logs an error and says what it means.
func (s *Screen) failed(op string, err error) {
	s.cfg.Logger.Warn("file operation failed", slog.String("op", op), slog.Any("error", err))
	s.cfg.Notify(s.cfg.Explain(err))
}
