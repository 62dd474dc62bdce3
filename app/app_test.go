package app_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"github.com/parley-chat/parley/app"
	"github.com/parley-chat/parley/app/apptest"
	appcall "github.com/parley-chat/parley/app/call"
	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/call"
)

// keeper is a workspace without disk and network.
type keeper struct {
	session  *app.Session // nil for no account yet
	err      error
	names    []string
	invites  []string
	forgot   int
	started  int
	closed   int
	closing  func() // called before the session is closed, nil for nothing
	echoGone int

	erased  int
	others  []app.Account
	another app.Account

	restored  []app.Restore
	restoring func(ctx context.Context) error // what a backup is met with
	prefs     []byte                          // of a backup
	backups   []app.Backup
	damage    func() // reports that the database is damaged
	rebuilt   *app.Rebuilt

	offer     mesibo.InviteDetails // what an invite is for
	redialled int                  // how often the session was to connect anew
}

func (k *keeper) Resume(context.Context) (*app.Session, error) { return k.session, k.err }

func (k *keeper) StartLocal(_ context.Context, name string) (*app.Session, error) {
	k.names = append(k.names, name)
	return k.session, k.err
}

func (k *keeper) Join(_ context.Context, invite, _ string) (*app.Session, error) {
	k.invites = append(k.invites, invite)
	return k.session, k.err
}

func (k *keeper) Look(context.Context, string) (mesibo.InviteDetails, error) { return k.offer, k.err }

func (k *keeper) Forget(context.Context) error {
	k.forgot++
	return nil
}

func (k *keeper) Erase(context.Context) error {
	k.erased++
	return nil
}

func (k *keeper) Restore(ctx context.Context, r app.Restore) ([]byte, error) {
	k.restored = append(k.restored, r)
	if k.restoring != nil {
		return nil, k.restoring(ctx)
	}
	return k.prefs, nil
}

func (k *keeper) Others(context.Context) ([]app.Account, error) { return k.others, k.err }

func (k *keeper) Another(context.Context) (app.Account, error) { return k.another, k.err }

type fixture struct {
	*apptest.Window

	t       *testing.T
	app     *app.App
	fyne    fyne.App
	queue   *apptest.Queue
	backend *apptest.Backend
	keeper  *keeper
	files   *system // nil without dialogs
	limit   int64   // of files
	desktop *desk   // nil for none
	shell   *shell  // nil for none
	hidden  bool    // started without a window
	local   bool    // the server is the program
	network *lan    // which others may reach; nil for none
	move    *mover  // nil for none
	sound   *chat.Sound
	windows int // without those of calls
	media   call.Media
	choice  appcall.Devices // of devices for calls
	scale   func(percent int)
	tongue  func(tag string) error
	scaled  int    // the last one that scale was called with
	proxy   *proxy // nil for no choice
	pages   func(ctx context.Context, link, server string) (*mesibo.LinkPreview, error)
}

func prepare(t *testing.T) *fixture {
	t.Helper()
	q := apptest.NewQueue()
	f := &fixture{t: t, fyne: apptest.NewApp(t), queue: q, backend: apptest.NewBackend(q.Now), keeper: &keeper{}}
	for peer, name := range map[string]string{"alice": "Alice Martin", "bob": "Bob Keller", "chiara": "Chiara Rossi"} {
		f.backend.Profiles[peer] = mesibo.UserProfile{Name: name}
	}
	return f
}

func (f *fixture) session() *app.Session {
	s := &app.Session{
		Client: f.backend, Server: "chat.example.org", Local: f.local, Echo: "echo",
		FileLimit:  func(context.Context) (int64, error) { return f.limit, nil },
		Connect:    func(context.Context) error { f.keeper.started++; return nil },
		Redial:     func(context.Context) error { f.keeper.redialled++; return nil },
		RemoveEcho: func(context.Context) error { f.keeper.echoGone++; return nil },
		Backup: func(ctx context.Context, b app.Backup) error {
			f.keeper.backups = append(f.keeper.backups, b)
			b.Progress(1000, 4000)
			return ctx.Err()
		},
		OnDamage: func(told func()) { f.keeper.damage = told },
		Rebuilt:  f.keeper.rebuilt,
		Close: func(context.Context) error {
			if f.keeper.closing != nil {
				f.keeper.closing()
			}
			f.keeper.closed++
			return nil
		},
	}
	if f.network != nil {
		s.Network = f.network
	}
	if f.move != nil {
		s.Move = f.move
	}
	return s
}

// start opens the window of a user with an account.
func (f *fixture) start() *fixture {
	f.t.Helper()
	f.keeper.session = f.session()
	return f.launch()
}

// startWithAlice opens the window and a chat of so many messages in it.
func startWithAlice(t *testing.T, messages int) *fixture {
	t.Helper()
	f := prepare(t)
	f.backend.Fill("alice", messages, f.queue.Now())
	f.start()
	f.Press("Alice Martin")
	return f
}

// startWithTwoChats opens the window with messages of Alice, and older ones of Bob.
func startWithTwoChats(t *testing.T) *fixture {
	t.Helper()
	f := prepare(t)
	f.backend.Fill("alice", 2, f.queue.Now().Add(-time.Hour))
	f.backend.Fill("bob", 2, f.queue.Now().Add(-2*time.Hour))
	return f.start()
}

// write opens a chat and sends a message.
func (f *fixture) write(chat, text string) {
	f.t.Helper()
	f.Press(chat)
	f.Type(text)
	f.Key(fyne.KeyReturn)
}

func (f *fixture) launch() *fixture {
	f.t.Helper()
	cfg := app.Config{
		FyneApp: f.fyne, Workspace: f.keeper, UI: f.queue, Name: "Anna", Version: "1.0",
		Logger: slog.New(slog.DiscardHandler), Sound: f.sound, CallMedia: f.media, CallDevices: f.choice,
	}
	if f.files != nil {
		cfg.ChooseFile, cfg.ChooseSave, cfg.ChooseFolder = f.files.choose, f.files.save, f.files.choose
	}
	cfg.SetScale, cfg.SetLanguage, cfg.OpenPage = f.scale, f.tongue, f.pages
	if f.proxy != nil {
		cfg.Proxy = f.proxy
	}
	if f.desktop != nil {
		cfg.Desktop = f.desktop
	}
	if f.shell != nil {
		cfg.System, cfg.Hidden = f.shell, f.hidden
		cfg.FyneApp = &recorder{App: f.fyne, shell: f.shell}
	}
	f.app = app.New(cfg)
	f.app.SetLook("light")
	f.queue.WorkAll(f.t.Context())
	f.Window = apptest.Use(f.t, f.queue, f.app.Window())
	f.t.Cleanup(f.Close)
	return f
}

// listener is what the program gave the SDK.
func (f *fixture) listener() listener {
	f.t.Helper()
	if len(f.backend.Listeners) != 1 {
		f.t.Fatalf("listeners: got %d, want 1", len(f.backend.Listeners))
	}
	l := f.backend.Listeners[0]
	messages, _ := l.(mesibo.MessageListener)
	receiver, _ := l.(mesibo.MessageReceiver)
	connection, _ := l.(mesibo.ConnectionListener)
	return listener{messages, receiver, connection}
}

type listener struct {
	mesibo.MessageListener
	mesibo.MessageReceiver
	mesibo.ConnectionListener
}

func (f *fixture) receive(peer, text string) {
	f.t.Helper()
	f.listener().OnReceived(apptest.Message(peer, f.backend.Receive(peer, text)))
	f.queue.Drain()
}

// status reports the status of the last message sent to peer.
func (f *fixture) status(peer string, status mesibo.MsgStatus) {
	f.t.Helper()
	rows := f.backend.Chats[peer]
	m := rows[len(rows)-1]
	m.Mid = f.backend.SetStatus(peer, m.ID(), status)
	m.Status = status
	f.listener().OnMessageStatus(apptest.Params(peer, m))
	f.queue.Drain()
}

func (f *fixture) connection(status mesibo.ConnectionStatus, retry time.Duration) {
	f.t.Helper()
	f.backend.Status = status
	f.backend.Retry = f.queue.Now().Add(retry)
	f.listener().OnConnectionStatus(status)
	f.queue.Drain()
}

func (f *fixture) wantTitle(want string) {
	f.t.Helper()
	f.queue.Drain()
	if got := f.Title(); got != want {
		f.t.Errorf("title: got %q, want %q", got, want)
	}
}
