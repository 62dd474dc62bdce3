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

	"golang.org/x/sync/errgroup"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/internal/session"
	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/mesibo/internal/transport"
	"github.com/parley-chat/parley/models"
)

// run is one run from Start to Stop.
type run struct {
	m        *Mesibo // immutable, as is what follows up to done
	db       *store.Store
	newest   int64 // the row id of the newest message at Start
	endpoint transport.Endpoint
	session  *session.Session
	renewal  *renewal
	device   atomic.Pointer[string] // as the server names this device
	transfer *transferService
	cancel   context.CancelFunc
	done     chan struct{} // closed when the run has ended

	stopping atomic.Bool // Stop was called

	fatal error // why it ended by itself; valid after done

	hello   *wire.Hello                    // immutable, but for the cursor
	account atomic.Pointer[models.Account] // replaced by the session's goroutines

	// empty notes where the outbox was found empty, and at which count of queued messages.
	empty struct{ after, queued int64 }
}

// Start opens the network and returns at once; what becomes of it goes to ConnectionListeners: StatusConnecting,
// then StatusOnline. From then on reconnecting is automatic until Stop. Starting twice is no error. Errors:
// ResultFail without an access token, ResultDenied when the server would be reached without encryption.
func (m *Mesibo) Start() error {
	if err := m.made(); err != nil {
		return opError("Start", ResultFail, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	before := m.run
	if before != nil && !before.stopping.Load() {
		return nil
	}
	if m.token == nil {
		return opError("Start", ResultFail, errors.New("no access token is set"))
	}
	server, local, err := m.checkServer()
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
	r := &run{
		m: m, db: m.db, newest: newest, cancel: cancel, done: make(chan struct{}), renewal: newRenewal(),
		endpoint: transport.Endpoint{
			URL: m.token.URL, Pin: m.token.Pin, Pins: m.pins, NetDial: m.netDial, Proxy: m.proxy,
		},
	}
	id := m.token.ID()
	r.device.Store(&id)
	account := m.account
	r.account.Store(&account)
	r.hello = &wire.Hello{Version: wire.Version, App: m.appName, Client: "mesibo-go/" + version}
	r.session = session.New(session.Options{
		Host: r, Local: local, Logger: m.log,
		Dial: func(ctx context.Context) (session.Conn, error) {
			endpoint := r.endpoint
			endpoint.Bearer = m.getBearer()
			conn, err := dial(ctx, endpoint)
			if errors.Is(err, session.ErrRefused) {
				if again := r.dialPrevious(ctx); again != nil {
					conn, err = again, nil
				}
			}
			m.noteDial(err)
			return conn, err
		},
	})
	// Before Start returns: an upload that does not start now waits until the application starts it again.
	r.transfer = m.files.handler.open(r.endpoint, server, account)
	m.run = r
	go r.runAfter(ctx, before) // Stop waits for it
	return nil
}

const version = "0.1"

func dial(ctx context.Context, endpoint transport.Endpoint) (session.Conn, error) {
	conn, err := transport.Dial(ctx, endpoint)
	if s, ok := errors.AsType[*wire.SuspendedError](err); ok {
		return nil, fmt.Errorf("%w: %w", session.ErrRefused, s)
	}
	if errors.Is(err, transport.ErrRefused) {
		return nil, fmt.Errorf("%w%s", session.ErrRefused,
			strings.TrimPrefix(err.Error(), transport.ErrRefused.Error()))
	}
	if err != nil {
		return nil, err
	}
	return conn, nil
}

// checkServer returns the server's address and whether it is on this machine, and refuses one that would be reached
// without encryption. Under mu.
func (m *Mesibo) checkServer() (u *url.URL, local bool, err error) { return m.checkURL(m.token.URL) }

// checkURL is checkServer of any server. Under mu.
func (m *Mesibo) checkURL(server string) (u *url.URL, local bool, err error) {
	u, err = url.Parse(server)
	if err != nil {
		return nil, false, fmt.Errorf("server address: %w", err)
	}
	ip := net.ParseIP(u.Hostname())
	local = u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	if u.Scheme != "http" {
		return u, local, nil
	}
	switch {
	case !local && (m.secure == nil || *m.secure):
		return nil, local, errors.New("the server is not reached over TLS; SetSecureConnection(false) allows it")
	case local && m.secure != nil && *m.secure:
		m.log.Warn("the connection to the server on this machine is not encrypted", textAttr("server", server))
	}
	return u, local, nil
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

// runAfter waits for the run before, when that is stopping and has not ended yet.
func (r *run) runAfter(ctx context.Context, before *run) {
	defer close(r.done)
	defer r.cancel()
	if before != nil {
		<-before.done
	}
	r.run(ctx)
}

// run works until ctx ends or the session does for good. What works between Start and Stop is a member of its group,
// and the first error, which only the session returns, ends the others. They end in any order: a transfer that another
// member asks for after the transfers have ended waits for the next Start, as one does while stopped.
func (r *run) run(ctx context.Context) {
	files := r.m.files
	files.monitor.open()
	r.m.calls.open(r)
	r.m.listeners.post(ctx, func(*snapshot) { files.resume(r.newest) })
	group, ctx := errgroup.WithContext(ctx)
	for _, member := range []func(context.Context) error{
		r.session.Run, r.transfer.Run, files.monitor.Run, r.m.folderSender.Run, r.fade, r.renewToken,
	} {
		group.Go(func() error { return member(ctx) })
	}
	r.fatal = group.Wait()
	r.unseen()
	status := CallStatusNetworkError
	if r.fatal != nil {
		status = CallStatusAuthFail
	}
	r.m.calls.close(status)
	if r.fatal != nil {
		r.m.log.Warn("stopped", slog.Any("error", r.fatal))
	} else if r.m.GetConnectionStatus() == StatusOnline {
		r.m.setStatus(StatusOffline)
	}
	r.m.mu.Lock()
	if r.m.run == r {
		r.m.run = nil
	}
	r.m.mu.Unlock()
	r.m.setStatus(StatusStopped)
}

// Stop ends all calls, disconnects and suppresses reconnecting until the next Start. It returns when every goroutine
// has ended and every listener has been called; called by a listener it does not wait. It may be repeated. Messages
// that wait in the outbox stay there.
func (m *Mesibo) Stop() {
	m.stop(context.Background())
}

func (m *Mesibo) stop(ctx context.Context) {
	if r := m.running(); r != nil {
		first := !r.stopping.Swap(true)
		if m.listeners.onGoroutine() {
			if first {
				go r.end(context.WithoutCancel(ctx)) // a later Stop waits for it
			}
			return
		}
		if first {
			r.end(ctx)
		}
		select {
		case <-r.done:
		case <-ctx.Done():
			return
		}
	}
	m.listeners.drain(ctx)
}

// end ends the run, after the server has heard of the end of calls.
func (r *run) end(ctx context.Context) {
	defer r.cancel()
	r.m.calls.hangUp(ctx)
}

// Run starts, waits until ctx ends or the server signs this device out, and stops. It returns nil after ctx ended,
// an error with ResultAuthFail when the token was refused or signed in elsewhere, which has a *Suspension when this user
// was banned.
func (m *Mesibo) Run(ctx context.Context) error {
	if err := m.Start(); err != nil {
		return err
	}
	r := m.running()
	if r == nil {
		return opError("Run", ResultAuthFail, errors.New("stopped"))
	}
	select {
	case <-ctx.Done():
	case <-r.done:
	}
	m.Stop()
	if s := m.GetSuspension(); s != nil && r.fatal != nil {
		return opError("Run", ResultAuthFail, s)
	}
	if r.fatal != nil {
		return opError("Run", ResultAuthFail, r.fatal)
	}
	return nil
}

// Shutdown stops and closes the database. It waits for running listeners, but not beyond ctx, whose error it then
// returns. SetDatabase and Start may follow.
func (m *Mesibo) Shutdown(ctx context.Context) error {
	m.stop(ctx)
	if err := ctx.Err(); err != nil {
		return opError("Shutdown", ResultTimeout, err)
	}
	m.files.stopAll()
	m.listeners.drain(ctx)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.run != nil {
		return opError("Shutdown", ResultReqInProgress, ErrRunning)
	}
	return m.closeDatabase("Shutdown")
}

// Reset stops and forgets everything that was set: token, database, listeners, read sessions, policies, whether the
// application is in the foreground. Files stay. After it the instance is as New made it with no options but Logger
// and NetDial. Not from a listener.
func (m *Mesibo) Reset() error {
	if m.listeners.onGoroutine() {
		return opError("Reset", ResultReqInProgress, errors.New("called by a listener"))
	}
	m.Stop()
	m.files.stopAll()
	m.listeners.drain(context.Background())
	m.listeners.removeAll()
	m.EndAllSessions()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.run != nil {
		return opError("Reset", ResultReqInProgress, ErrRunning)
	}
	m.files.handler.reset()
	m.presence.reset()
	m.calls.reset()
	m.SetUIThread(nil)
	m.token, m.bearer, m.appName, m.path, m.secure = nil, "", "", "", nil
	m.policy = defaultPolicy()
	clear(m.members)
	m.online.Store(0)
	m.status.Store(int32(StatusUnknown))
	return m.closeDatabase("Reset")
}

// closeDatabase forgets the database. Under mu.
func (m *Mesibo) closeDatabase(op string) error {
	db := m.db
	m.db, m.dbKept, m.dbName, m.dbOwner, m.account = nil, false, "", "", models.Account{}
	m.profiles.load(nil)
	m.outbox.Store(0)
	m.files.monitor.forget()
	if db == nil {
		return nil
	}
	if err := db.Close(); err != nil {
		return opError(op, ResultFail, err)
	}
	return nil
}
