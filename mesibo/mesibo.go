package mesibo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/internal/session"
	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

// Options configure an instance. The zero value works; every field can also be set by the function it names. An addition to
// the reference.
type Options struct {
	// Path is the folder of databases and files. Default: "mesibo" in the user's configuration folder. (SetPath)
	Path string
	// AppName is the application the token was made for. Default: none. (SetAppName)
	AppName string
	// AccessToken is the user's credential. Default: none; Start fails without one. (SetAccessToken)
	AccessToken string
	// Database is the name of the local database. Default: none, nothing is kept. (SetDatabase, after AccessToken)
	Database string
	// Logger receives what an operator may want to know, never tokens or texts. Default: discarded.
	Logger *slog.Logger
	// IsUIThread tells whether its caller runs on the thread that may draw. Default: none, IsUiThread is false. (SetUIThread)
	IsUIThread func() bool
	// NetDial connects to the server. Default: TCP, through the proxy that the environment names.
	NetDial func(ctx context.Context, network, address string) (net.Conn, error)
	// DisableFileTransfer switches the default handler of file transfers off. Default: on. (EnableFileTransfer)
	DisableFileTransfer bool
}

// Mesibo is one user on one device (mesibo-api 1). All methods may be called from any goroutine, also from listeners.
type Mesibo struct {
	log      *slog.Logger // immutable
	netDial  func(ctx context.Context, network, address string) (net.Conn, error)
	calls    *dispatcher
	started  time.Time
	status   atomic.Int32
	online   atomic.Int64 // when the connection last became online, ms
	outbox   atomic.Int64 // messages waiting, about
	queued   atomic.Int64 // counts what was put into the outbox
	marks    atomic.Bool  // read marks may wait to be sent
	ops      atomic.Bool  // requests may wait to be sent
	presence *presence
	profiles *registry
	uiThread atomic.Pointer[func() bool]

	transfers transfers
	copies    copies
	mover     *mover   // immutable, as are those that follow
	lookout   *lookout // for files that change
	sender    *sender  // of what appears in a folder

	mu      sync.Mutex
	path    string
	appName string
	token   *wire.Token
	bearer  string
	plain   bool // SetSecureConnection(false)
	db      *store.Store
	dbKept  bool // db is a file
	account models.Account
	engine  *engine // the running connection, nil when stopped
	reads   map[*ReadDbSession]struct{}
	policy  policy
	members map[uint32]string // how far GetMembers has got, by group
}

// New makes an instance. It opens nothing but the database, and that only when Options name one. Errors are those of the
// setters. It is an addition to the reference, which has one instance for a process.
func New(o Options) (*Mesibo, error) {
	log := o.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	m := &Mesibo{
		log: log, netDial: o.NetDial, started: time.Now(),
		path: o.Path, appName: o.AppName, profiles: newRegistry(), reads: make(map[*ReadDbSession]struct{}),
		policy: defaultPolicy(), members: make(map[uint32]string),
	}
	m.calls = newDispatcher(log)
	m.presence = newPresence(m)
	m.mover = newMover(m, !o.DisableFileTransfer)
	m.lookout = newLookout(m)
	m.sender = newSender(m)
	m.SetUIThread(o.IsUIThread)
	if o.AccessToken != "" {
		if err := m.SetAccessToken(o.AccessToken); err != nil {
			return nil, err
		}
	}
	if o.Database != "" {
		if err := m.SetDatabase(o.Database, 0); err != nil {
			return nil, err
		}
	}
	return m, nil
}

var instance = sync.OnceValue(func() *Mesibo {
	m, err := New(Options{})
	if err != nil {
		panic(err) // no option, no error
	}
	return m
})

// GetInstance gives the process-wide default instance, for code ported from other platforms (mesibo-api 0). Others use New.
func GetInstance() *Mesibo { return instance() }

// Init does nothing here; on Android it takes the application's context (mesibo-api 1.1). It is kept so that samples read the
// same. The error is nil.
func (m *Mesibo) Init() error { return nil }

// SetAppName names the application. It must equal the one the access token was made for, if that names one,
// else the sign-in ends in StatusAuthFail (mesibo-api 1.1). Only before Start.
func (m *Mesibo) SetAppName(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.engine != nil {
		return opError("SetAppName", ResultReqInProgress, ErrRunning)
	}
	m.appName = name
	return nil
}

// SetPath sets the folder of databases and files, making it when it is missing (mesibo-api 1.1). Only before SetDatabase.
// Errors: ResultReqInProgress after SetDatabase or Start; ResultBadRequest for an empty path or a folder that cannot be made.
func (m *Mesibo) SetPath(path string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.db != nil || m.engine != nil {
		return opError("SetPath", ResultReqInProgress, errors.New("set the path before the database"))
	}
	if path == "" {
		return opError("SetPath", ResultBadRequest, errors.New("path is empty"))
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return opError("SetPath", ResultBadRequest, err)
	}
	m.path = path
	return nil
}

// SetSecureConnection switches encryption of the connection on (the default) or off (mesibo-api 1.1). With it on, a server
// that is not on this machine must be reached over TLS. Only before Start. Errors: ResultReqInProgress with ErrRunning while
// started.
func (m *Mesibo) SetSecureConnection(enable bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.engine != nil {
		return opError("SetSecureConnection", ResultReqInProgress, ErrRunning)
	}
	m.plain = !enable
	return nil
}

// SetAccessToken sets the user's credential: a printable string that names the server and one device of one user.
// A damaged token is refused here (ErrInvalidToken); one that the server does not accept ends, after Start,
// in StatusAuthFail and StatusStopped (mesibo-api 1.1). Only while stopped.
func (m *Mesibo) SetAccessToken(token string) error {
	parsed, err := wire.ParseToken(token)
	if err != nil {
		return opError("SetAccessToken", ResultAuthFail, fmt.Errorf("%w: %s", ErrInvalidToken, tokenProblem(err)))
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.engine != nil {
		return opError("SetAccessToken", ResultReqInProgress, ErrRunning)
	}
	if m.db != nil {
		account, err := m.db.Account(parsed.Address)
		if err != nil {
			return opError("SetAccessToken", ResultFail, err)
		}
		if err := m.adopt(account); err != nil {
			return opError("SetAccessToken", ResultFail, err)
		}
	}
	m.token, m.bearer = &parsed, strings.TrimSpace(token)
	return nil
}

func tokenProblem(err error) string {
	return strings.TrimPrefix(err.Error(), wire.ErrToken.Error()+": ")
}

// SetDatabase switches on the local store: without it nothing can be read back, resent or forwarded, and the
// outbox ends with the process. name is a file name in the folder of SetPath, or a path. Called after
// SetAccessToken each user gets a file of its own; called before, all users share the file, each with their own
// conversations. reset empties tables (mesibo-api 1.1). Only while stopped.
func (m *Mesibo) SetDatabase(name string, reset DBTable) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.engine != nil {
		return opError("SetDatabase", ResultReqInProgress, ErrRunning)
	}
	file, err := m.databaseFile(name)
	if err != nil {
		return opError("SetDatabase", ResultBadRequest, err)
	}
	db, err := store.Open(file, "", m.log)
	if err != nil {
		return opError("SetDatabase", ResultFail, err)
	}
	if err := m.openDatabase(db, reset); err != nil {
		return opError("SetDatabase", ResultFail, errors.Join(err, db.Close()))
	}
	m.dbKept = true
	return nil
}

// openDatabase makes db the instance's. Under mu.
func (m *Mesibo) openDatabase(db *store.Store, reset DBTable) error {
	err := db.Empty(store.Tables{
		Messages: reset&DBTableMessages != 0, Profiles: reset&DBTableProfiles != 0, Keys: reset&DBTableKeys != 0,
	})
	if err != nil {
		return err
	}
	old := m.db
	m.db = db
	m.lookout.forget()
	if m.token != nil {
		account, err := db.Account(m.token.Address)
		if err == nil {
			err = m.adopt(account)
		}
		if err != nil {
			m.db = old
			return err
		}
	}
	if old != nil {
		return old.Close()
	}
	return nil
}

// adopt loads what the instance keeps in memory of an account. Under mu.
func (m *Mesibo) adopt(account models.Account) error {
	ctx := context.Background()
	totals, err := m.db.Count(ctx, account.ID)
	if err != nil {
		return err
	}
	profiles, err := m.db.Profiles(ctx, account.ID)
	if err != nil {
		return err
	}
	m.account = account
	m.outbox.Store(int64(totals.Outbox))
	m.queued.Add(1)
	m.marks.Store(true)
	m.ops.Store(true)
	m.profiles.load(profiles)
	return nil
}

const maxNameStem = 24

// databaseFile gives the path of a database. Under mu.
func (m *Mesibo) databaseFile(name string) (string, error) {
	if name == "" || strings.ContainsRune(name, 0) {
		return "", errors.New("database name is empty or holds a NUL")
	}
	dir, base := filepath.Split(name)
	if m.token != nil {
		ext := filepath.Ext(base)
		base = strings.TrimSuffix(base, ext) + "-" + addressStem(m.token.Address) + ext
	}
	if dir == "" {
		var err error
		if dir, err = m.basePath(); err != nil {
			return "", err
		}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make folder: %w", err)
	}
	file, err := filepath.Abs(filepath.Join(dir, base))
	if err != nil {
		return "", fmt.Errorf("find folder: %w", err)
	}
	return file, nil
}

// basePath gives the folder of databases and files. Under mu.
func (m *Mesibo) basePath() (string, error) {
	if m.path == "" {
		config, err := os.UserConfigDir()
		if err != nil {
			return "", fmt.Errorf("find a folder: %w", err)
		}
		m.path = filepath.Join(config, "mesibo")
	}
	return m.path, nil
}

// addressStem makes a part of a file name out of an address: readable, safe everywhere, different for each address.
func addressStem(address string) string {
	folded := strings.ToLower(address)
	clean := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, folded)
	sum := sha256.Sum256([]byte(folded))
	return clean[:min(len(clean), maxNameStem)] + "-" + hex.EncodeToString(sum[:4])
}

// AddListener registers a listener: any value that satisfies at least one of the listener interfaces, else the
// error wraps ErrNoListener. A value added twice is called once.
//
// Delivery: listeners are called one after another on one goroutine of the instance, in the order in which things
// happened and in which listeners were added. A listener may call any method of the instance, Stop and
// RemoveListener as well. It must not block for long: what follows waits. A panic in a listener is logged and ends nothing.
// Status changes from before are not repeated; ask GetConnectionStatus.
func (m *Mesibo) AddListener(listener any) error {
	if !m.calls.add(listener) {
		return opError("AddListener", ResultBadRequest, ErrNoListener)
	}
	return nil
}

// RemoveListener removes a listener; one that is not registered is no error (mesibo-api 1.1). A listener may remove itself.
// What is being told just then may still reach it.
func (m *Mesibo) RemoveListener(listener any) { m.calls.remove(listener) }

// GetConnectionStatus gives the last connection status (mesibo-api 1.1).
func (m *Mesibo) GetConnectionStatus() ConnectionStatus { return ConnectionStatus(m.status.Load()) }

// GetAddress gives this user's address, which is known as soon as a token is set; empty before (mesibo-api 1.1).
func (m *Mesibo) GetAddress() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.token == nil {
		return ""
	}
	return m.token.Address
}

// GetUid gives this user's number on the server, 0 before the first connection (mesibo-api 1.1).
func (m *Mesibo) GetUid() uint32 { //nolint:revive // the reference's spelling
	m.mu.Lock()
	defer m.mu.Unlock()
	return uint32(m.account.UID)
}

// Random gives a pseudo-random number that is not 0, unique enough for a message id (mesibo-api 1.2, 1.6).
func (m *Mesibo) Random() uint32 {
	return rand.Uint32N(1<<32-1) + 1 //nolint:gosec // an id, not a secret
}

// Reconnect connects at once instead of waiting for the next attempt; when online it makes sure that the connection is alive
// (mesibo-api 1.1). Without effect while stopped.
func (m *Mesibo) Reconnect() {
	if e := m.running(); e != nil {
		e.session.Reconnect()
	}
}

// RetryAt gives the time of the next attempt to connect, zero when none is planned. It is an addition to the reference.
func (m *Mesibo) RetryAt() time.Time {
	if e := m.running(); e != nil {
		return e.session.RetryAt()
	}
	return time.Time{}
}

func (m *Mesibo) running() *engine {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.engine
}

func (m *Mesibo) setStatus(s ConnectionStatus) {
	m.status.Store(int32(s))
	if s == StatusOnline {
		m.online.Store(time.Now().UnixMilli())
	}
	m.calls.post(context.Background(), func(l *listeners) { l.connectionStatus(s) })
}

var _ session.Host = (*engine)(nil)
