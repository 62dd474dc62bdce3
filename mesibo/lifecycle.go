package mesibo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"sync/atomic"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/internal/session"
	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/mesibo/internal/transport"
	"github.com/parley-chat/parley/models"
)

// engine is one run from Start to Stop.
type engine struct {
	m       *Mesibo
	db      *store.Store // immutable
	newest  int64        // immutable: the row id of the newest message at Start
	session *session.Session
	cancel  context.CancelFunc
	done    chan struct{} // closed when the run has ended

	stopping atomic.Bool // Stop was called

	fatal error // why it ended by itself; valid after done

	hello   *wire.Hello                    // immutable, but for the cursor
	account atomic.Pointer[models.Account] // replaced by the session's goroutines

	// empty notes where the outbox was found empty, and at which count of queued messages.
	empty struct{ after, queued int64 }
}

// Start opens the network and returns at once; what becomes of it is told to ConnectionListeners: StatusConnecting, then
// StatusOnline. From then on reconnecting is automatic until Stop. Starting twice is no error (mesibo-api 1.1).
// Errors: ResultFail without an access token, ResultDenied when the server would be reached without encryption.
func (m *Mesibo) Start() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	before := m.engine
	if before != nil && !before.stopping.Load() {
		return nil
	}
	if m.token == nil {
		return opError("Start", ResultFail, errors.New("no access token is set"))
	}
	local, err := m.checkServer()
	if err != nil {
		return opError("Start", ResultDenied, err)
	}
	if err := m.ensureDatabase(); err != nil {
		return opError("Start", ResultFail, err)
	}
	newest, err := m.db.NewestMessage(context.Background())
	if err != nil {
		return opError("Start", ResultFail, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	e := &engine{m: m, db: m.db, newest: newest, cancel: cancel, done: make(chan struct{})}
	account := m.account
	e.account.Store(&account)
	e.hello = &wire.Hello{Version: wire.Version, App: m.appName, Client: "mesibo-go/" + version}
	endpoint := transport.Endpoint{URL: m.token.URL, Bearer: m.bearer, Pin: m.token.Pin, NetDial: m.netDial}
	e.session = session.New(session.Options{
		Host: e, Local: local, Logger: m.log,
		Dial: func(ctx context.Context) (session.Conn, error) { return dial(ctx, endpoint) },
	})
	m.engine = e
	go e.runAfter(ctx, before) // Stop waits for it
	return nil
}

const version = "0.1"

func dial(ctx context.Context, endpoint transport.Endpoint) (session.Conn, error) {
	conn, err := transport.Dial(ctx, endpoint)
	if errors.Is(err, transport.ErrRefused) {
		return nil, fmt.Errorf("%w%s", session.ErrRefused, strings.TrimPrefix(err.Error(), transport.ErrRefused.Error()))
	}
	if err != nil {
		return nil, err
	}
	return conn, nil
}

// checkServer tells whether the server is on this machine, and refuses one that would be reached in the clear. Under mu.
func (m *Mesibo) checkServer() (local bool, err error) {
	u, err := url.Parse(m.token.URL)
	if err != nil {
		return false, fmt.Errorf("server address: %w", err)
	}
	ip := net.ParseIP(u.Hostname())
	local = u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	if u.Scheme == "http" && !local && !m.plain {
		return local, errors.New("the server is not reached over TLS; SetSecureConnection(false) allows it")
	}
	return local, nil
}

// ensureDatabase makes a store in memory when SetDatabase was not called. Under mu.
func (m *Mesibo) ensureDatabase() error {
	if m.db != nil {
		return nil
	}
	db, err := store.Open("", fmt.Sprintf("mesibo-%p", m), m.log)
	if err != nil {
		return err
	}
	if err := m.openDatabase(db, 0); err != nil {
		return errors.Join(err, db.Close())
	}
	m.dbKept = false
	return nil
}

// runAfter waits for the run before, when that was told to stop and has not ended yet.
func (e *engine) runAfter(ctx context.Context, before *engine) {
	defer close(e.done)
	defer e.cancel()
	if before != nil {
		<-before.done
	}
	e.run(ctx)
}

func (e *engine) run(ctx context.Context) {
	endTransfers, err := e.m.mover.begin()
	if err != nil {
		e.m.log.Error("begin file transfers", errAttr(err))
	}
	endLookout := e.m.lookout.begin()
	endFolder := e.m.sender.begin()
	e.m.calls.post(ctx, func(*listeners) { e.m.resumeFiles(e.newest) })
	e.fatal = e.session.Run(ctx)
	endFolder()
	endLookout()
	if err == nil {
		endTransfers()
	}
	if e.fatal != nil {
		e.m.log.Warn("stopped", slog.Any("error", e.fatal))
	} else if e.m.GetConnectionStatus() == StatusOnline {
		e.m.setStatus(StatusOffline)
	}
	e.m.mu.Lock()
	if e.m.engine == e {
		e.m.engine = nil
	}
	e.m.mu.Unlock()
	e.m.setStatus(StatusStopped)
}

// Stop disconnects and suppresses reconnecting until the next Start (mesibo-api 1.1). It returns when every goroutine has
// ended and every listener has been told; called by a listener it does not wait. It may be repeated. Messages that wait in the
// outbox stay there.
func (m *Mesibo) Stop() {
	m.stop(context.Background())
}

func (m *Mesibo) stop(ctx context.Context) {
	if e := m.running(); e != nil {
		e.stopping.Store(true)
		e.cancel()
		if m.calls.onGoroutine() {
			return
		}
		select {
		case <-e.done:
		case <-ctx.Done():
			return
		}
	}
	m.calls.drain(ctx)
}

// Run starts, waits until ctx ends or the server signs this device out, and stops. It returns nil after ctx ended,
// an error with ResultAuthFail when the token was refused or signed in elsewhere. It is an addition to the reference.
func (m *Mesibo) Run(ctx context.Context) error {
	if err := m.Start(); err != nil {
		return err
	}
	e := m.running()
	if e == nil {
		return opError("Run", ResultAuthFail, errors.New("stopped"))
	}
	select {
	case <-ctx.Done():
	case <-e.done:
	}
	m.Stop()
	if e.fatal != nil {
		return opError("Run", ResultAuthFail, e.fatal)
	}
	return nil
}

// Shutdown stops and closes the database. It waits for running listeners, but not beyond ctx, whose error it then
// returns. SetDatabase and Start may follow. It is an addition to the reference.
func (m *Mesibo) Shutdown(ctx context.Context) error {
	m.stop(ctx)
	if err := ctx.Err(); err != nil {
		return opError("Shutdown", ResultTimeout, err)
	}
	m.stopTransfers()
	m.calls.drain(ctx)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.engine != nil {
		return opError("Shutdown", ResultReqInProgress, ErrRunning)
	}
	return m.closeDatabase("Shutdown")
}

// Reset stops and forgets everything that was set: token, database, listeners, read sessions. Files stay
// (mesibo-api 1.1). After it the instance is as New made it with no options. Not from a listener.
func (m *Mesibo) Reset() error {
	if m.calls.onGoroutine() {
		return opError("Reset", ResultReqInProgress, errors.New("called by a listener"))
	}
	m.Stop()
	m.stopTransfers()
	m.calls.drain(context.Background())
	m.calls.removeAll()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.engine != nil {
		return opError("Reset", ResultReqInProgress, ErrRunning)
	}
	m.mover.reset()
	m.token, m.bearer, m.appName, m.path, m.plain = nil, "", "", "", false
	clear(m.reads)
	m.status.Store(int32(StatusUnknown))
	return m.closeDatabase("Reset")
}

// closeDatabase forgets the database. Under mu.
func (m *Mesibo) closeDatabase(op string) error {
	db := m.db
	m.db, m.dbKept, m.account = nil, false, models.Account{}
	m.profiles.load(nil)
	m.outbox.Store(0)
	m.lookout.forget()
	if db == nil {
		return nil
	}
	if err := db.Close(); err != nil {
		return opError(op, ResultFail, err)
	}
	return nil
}
