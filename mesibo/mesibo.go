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
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/internal/sendfolder"
	"github.com/parley-chat/parley/mesibo/internal/session"
	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

// Options configure an instance. The zero value works; every field can also be set by the function it names.
type Options struct {
	// Path is the folder of databases and files. Default: "mesibo" in the user's configuration folder. (SetPath)
	Path string
	// AppName is the application the token was made for. Default: none. (SetAppName)
	AppName string
	// AccessToken is the user's credential. Default: none; Start fails without one. (SetAccessToken)
	AccessToken string
	// Database is the name of the local database. Default: none, nothing is kept beyond the end of the process. Until
	// then the newest 1,000 messages that were received and as many that were sent are in memory, for FindMessage,
	// ForwardMessage and the like, and up to 10,000 sent ones whose receipts are still to come: older ones get no
	// status any more. Read finds nothing. (SetDatabase, after AccessToken)
	Database string
	// Logger receives what an operator may want to know, never tokens or texts. Default: discarded.
	Logger *slog.Logger
	// IsUIThread reports whether its caller runs on the thread that may draw. Default: none, IsUiThread is false.
	// (SetUIThread)
	IsUIThread func() bool
	// NetDial connects to the server, or to the proxy. Default: TCP.
	NetDial func(ctx context.Context, network, address string) (net.Conn, error)
	// Proxy chooses the proxy through which the server is reached, as that of http.Transport does: http, https or
	// socks5. It is called for each connection, on any goroutine. The sound and video of calls do not go through it.
	// Default: the proxy that the environment names.
	Proxy func(*http.Request) (*url.URL, error)
	// SaveToken is called with an access token to use from the next start on, in place of the one before, which goes on to
	// be valid until SaveToken has returned nil: the server has announced that it will have another certificate, or the
	// token was renewed before it expires. After an error it is called again later. It is called on a goroutine of the SDK,
	// which waits for it, and must not call Stop. Default: the token that was set has to do, and is not renewed.
	SaveToken func(token string) error
	// DatabaseDamaged is called, once and on a goroutine of its own, when the local database is found to be damaged while
	// it is used. Default: calls that need what is damaged return errors.
	DatabaseDamaged func()
	// DisableFileTransfer switches the default handler of file transfers off. Default: on. (EnableFileTransfer)
	DisableFileTransfer bool
}

// Mesibo is one user on one device. All methods may be called from any goroutine, also from listeners. New and
// GetInstance make instances; the zero value is none, and its functions return errors that wrap ErrNotMade, or
// panic.
type Mesibo struct {
	log       *slog.Logger // immutable
	netDial   func(ctx context.Context, network, address string) (net.Conn, error)
	proxy     func(*http.Request) (*url.URL, error)
	damaged   func()
	saveToken func(token string) error
	listeners *dispatcher
	started   time.Time
	status    atomic.Int32

	mayInvite  atomic.Bool
	suspension atomic.Pointer[Suspension] // nil: the server does not keep this user out

	online atomic.Int64 // when the connection last became online, ms
	outbox atomic.Int64 // messages waiting, about
	queued atomic.Int64 // counts what was put into the outbox
	marks  atomic.Bool  // read marks may wait to be sent

	silentReads atomic.Bool  // SetReadReceipts(false)
	ops         atomic.Bool  // requests may wait to be sent
	events      atomic.Int64 // applied since trimMemory last looked
	presence    *presence
	profiles    *profileCache
	reading     *reading
	uiThread    atomic.Pointer[func() bool]

	calls        *calls // immutable, as are the next two lines
	files        *fileTransfers
	folderSender *sendfolder.Sender // sends what appears in a folder
	fader        *fader             // removes messages that disappear

	saving    sync.Mutex // held while SaveToken is called; locked before mu
	mu        sync.Mutex
	path      string
	appName   string
	token     *wire.Token
	dialError error // of the last attempt to connect
	bearer    string
	secure    *bool // as SetSecureConnection said, nil before
	db        *store.Store
	dbKept    bool   // db is a file
	dbName    string // as passed to SetDatabase
	dbOwner   string // the address of the user whose file it is, empty for one that users share
	account   models.Account
	run       *run // the running connection, nil when stopped
	policy    policy
	members   map[uint32]string // how far GetMembers has got, by group
}

// New makes an instance. It opens nothing but the database, and that only when Options name one. Errors are those
// of the setters.
func New(o Options) (*Mesibo, error) {
	log := o.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	m := &Mesibo{
		log: log, netDial: o.NetDial, proxy: o.Proxy, started: time.Now(),
		path: o.Path, appName: o.AppName, damaged: o.DatabaseDamaged, saveToken: o.SaveToken, reading: newReading(),
		policy: defaultPolicy(), members: make(map[uint32]string),
	}
	m.profiles = newProfileCache(m)
	m.listeners = newDispatcher(log)
	m.presence = newPresence(m)
	m.calls = newCalls(m)
	m.files = newFileTransfers(m, !o.DisableFileTransfer)
	m.folderSender = sendfolder.New(folderHost{m}, log)
	m.fader = newFader()
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

// made returns an error for an instance that New has not made.
func (m *Mesibo) made() error {
	if m == nil || m.listeners == nil {
		return ErrNotMade
	}
	return nil
}

var instance = sync.OnceValue(func() *Mesibo {
	m, err := New(Options{})
	if err != nil {
		panic(err) // no option, no error
	}
	return m
})

// GetInstance returns the process-wide default instance, for code ported from other platforms. Others use New.
func GetInstance() *Mesibo { return instance() }

// Init does nothing here; on Android it needs the application's context. It is kept so that samples read the same.
// The error is nil.
func (m *Mesibo) Init() error { return nil }

// SetAppName names the application. It must equal the one the access token was made for, if that names one, else
// the sign-in ends in StatusAuthFail. Only before Start.
func (m *Mesibo) SetAppName(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.run != nil {
		return opError("SetAppName", ResultReqInProgress, ErrRunning)
	}
	m.appName = name
	return nil
}

// GetAppName returns what SetAppName or Options set.
func (m *Mesibo) GetAppName() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.appName
}

// SetPath sets the folder of databases and files, making it when it is missing. Only before SetDatabase. Errors:
// ResultReqInProgress after SetDatabase or Start; ResultBadRequest for an empty path or a folder that cannot be
// made.
func (m *Mesibo) SetPath(path string) error {
	if err := m.made(); err != nil {
		return opError("SetPath", ResultFail, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.db != nil || m.run != nil {
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

// SetSecureConnection switches encryption of the connection on (the default) or off. With it on, a server that is
// not on this machine must be reached over TLS. A server on this machine whose token says http is reached without
// it, where no one else can listen; after SetSecureConnection(true) that is said to Options.Logger as a warning.
// Only before Start. Errors: ResultReqInProgress with ErrRunning while started.
func (m *Mesibo) SetSecureConnection(enable bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.run != nil {
		return opError("SetSecureConnection", ResultReqInProgress, ErrRunning)
	}
	m.secure = &enable
	return nil
}

// SetAccessToken sets the user's credential: a printable string that names the server and one device of one user. A
// damaged token is refused here (ErrInvalidToken); one that the server does not accept ends, after Start, in
// StatusAuthFail and StatusStopped. With the token of another user the database changes to that user's file, unless
// SetDatabase was called before the first token, so that users share one. Only while stopped.
func (m *Mesibo) SetAccessToken(token string) error {
	if err := m.made(); err != nil {
		return opError("SetAccessToken", ResultFail, err)
	}
	parsed, err := wire.ParseToken(token)
	if err != nil {
		return opError("SetAccessToken", ResultAuthFail, fmt.Errorf("%w: %s", ErrInvalidToken, tokenProblem(err)))
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.run != nil {
		return opError("SetAccessToken", ResultReqInProgress, ErrRunning)
	}
	before := m.token
	m.token = &parsed
	if err := m.changeUser(); err != nil {
		m.token = before
		return opError("SetAccessToken", ResultFail, err)
	}
	m.bearer = strings.TrimSpace(token)
	m.suspension.Store(nil)
	return nil
}

// changeUser opens the database of the token's user, or adopts their account in the one that is open. Under mu.
func (m *Mesibo) changeUser() error {
	switch {
	case m.db == nil:
		return nil
	case m.dbOwner != "" && !strings.EqualFold(m.dbOwner, m.token.Address):
		return m.openFile(m.dbName, 0)
	}
	account, err := m.db.Account(m.token.Address)
	if err != nil {
		return err
	}
	return m.adopt(account)
}

func tokenProblem(err error) string {
	return strings.TrimPrefix(err.Error(), wire.ErrToken.Error()+": ")
}

// SetDatabase switches on the local store: without it nothing can be read back, the outbox ends with the process,
// and only the newest messages are known, see Options.Database. name is a file name in the folder of SetPath, or a
// path. Called after SetAccessToken each user gets a file of its own; called before, all users share the file, each
// with their own chats. reset empties tables. Only while stopped.
func (m *Mesibo) SetDatabase(name string, reset DBTable) error {
	if err := m.made(); err != nil {
		return opError("SetDatabase", ResultFail, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.run != nil {
		return opError("SetDatabase", ResultReqInProgress, ErrRunning)
	}
	if err := m.openFile(name, reset); err != nil {
		result := ResultFail
		if errors.Is(err, errDatabaseFile) {
			result = ResultBadRequest
		}
		return opError("SetDatabase", result, err)
	}
	return nil
}

// errDatabaseFile: there is no place for a database of this name.
var errDatabaseFile = errors.New("no such database")

// openFile opens the database with this name and makes it the instance's. Under mu.
func (m *Mesibo) openFile(name string, reset DBTable) error {
	file, err := m.databaseFile(name)
	if err != nil {
		return fmt.Errorf("%w: %w", errDatabaseFile, err)
	}
	db, err := store.Open(file, "", m.log)
	if err != nil {
		return err
	}
	if err := m.openDatabase(db, reset); err != nil {
		return errors.Join(err, db.Close())
	}
	m.dbKept, m.dbName, m.dbOwner = true, name, ""
	if m.token != nil {
		m.dbOwner = m.token.Address
	}
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
	if m.damaged != nil {
		db.OnDamage(m.damaged)
	}
	old := m.db
	m.db = db
	m.files.monitor.forget()
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

// databaseFile returns the path of a database. Under mu.
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

// basePath returns the folder of databases and files. Under mu.
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

// AddListener registers a listener: any value that satisfies at least one of the listener interfaces, else the error
// wraps ErrNoListener. One that has a method of an interface, such as OnMessage, and not all of it is refused, with
// ErrPartialListener and words that name what is missing or has another signature: its method would never be called.
// A value added twice is called once.
//
// Delivery: listeners are called one after another on one goroutine of the instance, in the order in which things
// happened and in which listeners were added. A listener may call any method of the instance, Stop and
// RemoveListener as well. It must not block for long: what follows waits. A panic in a listener is logged and ends
// nothing. Status changes from before are not repeated; ask GetConnectionStatus.
//
// A listener that is given to a read session as well is also called by ReadDbSession.Read, on the goroutine that reads,
// and so by two goroutines at once, unless Read is called by a listener or in Post.
func (m *Mesibo) AddListener(listener any) error {
	if err := m.made(); err != nil {
		return opError("AddListener", ResultFail, err)
	}
	if err := checkListener(listener); err != nil {
		return opError("AddListener", ResultBadRequest, err)
	}
	m.listeners.add(listener)
	return nil
}

// RemoveListener removes a listener; one that is not registered is no error. A listener may remove itself. What is
// being delivered just then may still reach it.
func (m *Mesibo) RemoveListener(listener any) { m.listeners.remove(listener) }

// GetConnectionStatus returns the last connection status.
func (m *Mesibo) GetConnectionStatus() ConnectionStatus { return ConnectionStatus(m.status.Load()) }

// GetAddress returns this user's address, which is known as soon as a token is set; empty before.
func (m *Mesibo) GetAddress() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.token == nil {
		return ""
	}
	return m.token.Address
}

// GetUid returns this user's number on the server, 0 before the first connection.
func (m *Mesibo) GetUid() uint32 { //nolint:revive // the reference's spelling
	m.mu.Lock()
	defer m.mu.Unlock()
	return uint32(m.account.UID)
}

// Random returns a pseudo-random number that is not 0, unique enough for a message id.
func (m *Mesibo) Random() uint32 {
	return rand.Uint32N(1<<32-1) + 1 //nolint:gosec // an id, not a secret
}

// Reconnect connects at once instead of waiting for the next attempt; when online it makes sure that the connection
// is alive. Without effect while stopped.
func (m *Mesibo) Reconnect() {
	if e := m.running(); e != nil {
		e.session.Reconnect()
	}
}

// RetryAt returns the time of the next attempt to connect, zero when none is planned.
func (m *Mesibo) RetryAt() time.Time {
	if e := m.running(); e != nil {
		return e.session.RetryAt()
	}
	return time.Time{}
}

func (m *Mesibo) running() *run {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.run
}

func (m *Mesibo) setStatus(s ConnectionStatus) {
	m.status.Store(int32(s))
	if s == StatusOnline {
		m.online.Store(time.Now().UnixMilli())
	}
	m.listeners.post(context.Background(), func(l *snapshot) { l.connectionStatus(s) })
}

var _ session.Host = (*run)(nil)
