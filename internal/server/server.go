package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pires/go-proxyproto"

	"github.com/parley-chat/parley/internal/dirlock"
	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/admin"
	"github.com/parley-chat/parley/internal/server/backup"
	"github.com/parley-chat/parley/internal/server/bus"
	"github.com/parley-chat/parley/internal/server/calls"
	"github.com/parley-chat/parley/internal/server/devices"
	"github.com/parley-chat/parley/internal/server/door"
	"github.com/parley-chat/parley/internal/server/eventlog"
	"github.com/parley-chat/parley/internal/server/files"
	"github.com/parley-chat/parley/internal/server/gateway"
	"github.com/parley-chat/parley/internal/server/metrics"
	"github.com/parley-chat/parley/internal/server/notice"
	"github.com/parley-chat/parley/internal/server/presence"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/server/record/sqlite"
	"github.com/parley-chat/parley/internal/server/relay"
	"github.com/parley-chat/parley/internal/server/sfu"
	"github.com/parley-chat/parley/internal/server/webhook"
)

// ErrDirInUse is returned by Open while another server uses the data folder.
var ErrDirInUse = dirlock.ErrInUse

// Server is a server on a data folder. Its methods may be called from any goroutine.
type Server struct {
	opts      Options // immutable, like all up to stopping
	log       *slog.Logger
	unlock    func() error
	record    record.Record
	accounts  *accounts.Accounts
	directory *accounts.Directory
	bus       bus.Bus
	presence  *presence.Presence
	events    *eventlog.Log
	calls     *calls.Calls
	groups    *calls.Groups
	relay     *relay.Server // nil: none
	sfu       *sfu.SFU      // nil: none
	gateway   *gateway.Gateway
	files     *files.Service
	devices   *devices.Service
	admin     *admin.API
	page      *admin.Page // nil: none
	notices   *notice.Service
	webhook   *webhook.Webhook // nil: none
	metrics   *metrics.Metrics
	door      *door.Door
	private   *privateServer // nil: none
	health    health
	profiles  profileNews
	opened    uint64 // the revision of profiles when the server was opened
	started   time.Time
	refreshed chan struct{} // wakes watch after changes of users or tokens

	pins atomic.Pointer[[]byte] // of the certificate, nil: none

	stopping  chan struct{}      // closed when the server starts to stop
	stopSweep context.CancelFunc // ends all workers but the writer
	stopWrite context.CancelFunc // ends the writer
	sweeping  sync.WaitGroup
	writing   sync.WaitGroup
	requests  sync.WaitGroup // HTTP requests, including upgrades to connections
	closeOnce sync.Once
	closeErr  error

	mu      sync.Mutex
	stopped bool
	https   map[*http.Server]struct{}
}

// Open opens a data folder and starts the server's workers; Serve accepts connections. It returns ErrDirInUse while
// another server uses the folder. The caller must call Shutdown or Close, or Serve with a context that ends.
func Open(ctx context.Context, opts Options) (*Server, error) {
	opts.setDefaults()
	if opts.ProxyProtocol && len(opts.TrustedProxies) == 0 {
		return nil, errors.New("the PROXY protocol needs trusted proxies")
	}
	dir, err := makeDir(opts.Dir)
	if err != nil {
		return nil, err
	}
	opts.Dir = dir
	unlock, err := dirlock.Lock(ctx, dir)
	if err != nil {
		return nil, err
	}
	kept, err := backup.Finish(dir)
	if err != nil {
		return nil, errors.Join(err, unlock())
	}
	if kept != "" {
		opts.Logger.Warn("the database was restored from a backup", slog.String("before", kept))
	}
	s := &Server{
		started: opts.Clock(),
		opts:    opts, log: opts.Logger, metrics: metrics.New(), unlock: unlock,
		profiles:  profileNews{changed: make(chan struct{}, 1)},
		refreshed: make(chan struct{}, 1), stopping: make(chan struct{}), https: make(map[*http.Server]struct{}),
	}
	if err := s.assemble(ctx); err != nil {
		if s.calls != nil {
			s.calls.Stop()
			s.groups.Stop()
		}
		return nil, errors.Join(err, s.closeRecord())
	}
	s.startWorkers(ctx)
	return s, nil
}

// makeDir creates the data folder and returns its absolute path.
func makeDir(dir string) (string, error) {
	const mode = 0o700
	if dir == "" {
		return "", errors.New("no data folder is given")
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("data folder: %w", err)
	}
	if err := os.MkdirAll(abs, mode); err != nil {
		return "", fmt.Errorf("data folder: %w", err)
	}
	// A folder that was there may be open to others. Only its owner can change that; parleyd doctor says so then.
	if err := os.Chmod(abs, mode); err != nil && !errors.Is(err, fs.ErrPermission) {
		return "", fmt.Errorf("data folder: %w", err)
	}
	return abs, nil
}

// assemble opens the record and connects the packages of the server.
func (s *Server) assemble(ctx context.Context) error {
	rec, err := sqlite.Open(s.opts.Dir, sqlite.Options{
		Log: s.log, Clock: s.opts.Clock, WriterPragmas: s.opts.writerPragmas, SmallCache: s.opts.SmallCache,
	})
	if err != nil {
		return err
	}
	s.record = rec
	s.door = s.newDoor()
	if s.opts.wrapRecord != nil {
		s.record = s.opts.wrapRecord(rec)
	}
	s.accounts, s.directory = accounts.New(s.record), accounts.NewDirectory(s.record)
	epoch, err := s.openEpoch(ctx)
	if err != nil {
		return err
	}
	err = errors.Join(s.accounts.SetListing(ctx, s.opts.Directory), s.accounts.SetTokenLifetime(ctx, s.opts.TokenLifetime))
	if err != nil {
		return err
	}
	if s.opts.PublicURL != "" {
		if err := s.SetPublicURL(ctx, s.opts.PublicURL, s.opts.Pin); err != nil {
			return err
		}
	}
	s.bus = new(bus.Local).Join()
	s.presence = presence.New(presence.Config{
		Record: s.record, Bus: s.bus, Logger: s.log, Clock: s.opts.Clock,
		EitherBlocks: func(a, b uint32) bool { return s.events.EitherBlocks(a, b) },
		SaveSeen:     func(seen map[uint32]int64) error { return s.events.Commit(&eventlog.LastSeen{Seen: seen}) },
	})
	hub := gateway.NewHub(s.presence, s.bus, s.log, s.opts.ofUsers())
	if err := s.openLog(ctx, hub); err != nil {
		return err
	}
	s.notices = notice.New(s.accounts, s.events, s.log)
	s.calls = calls.New(calls.Config{
		Log: s.events, Hub: hub, Metrics: s.metrics, Logger: s.log, Clock: s.opts.Clock, RingTimeout: s.opts.RingTimeout,
	})
	s.openGroups(hub)
	if err := errors.Join(s.calls.Load(ctx), s.groups.Load(ctx)); err != nil {
		return err
	}
	s.gateway = gateway.New(&gateway.Config{
		Record: s.record, Accounts: s.accounts, Directory: s.directory, Log: s.events, Presence: s.presence, Bus: s.bus,
		Calls: s.calls, Groups: s.groups, Relay: s.iceServers, Metrics: s.metrics, Logger: s.log, Epoch: epoch,
		Traces: s.opts.Traces, PingInterval: s.opts.PingInterval, DeadAfter: s.opts.DeadAfter, HelloTimeout: s.opts.HelloTimeout,
		WriteTimeout: s.opts.WriteTimeout, Upgrade: s.door.Upgrade, Enter: s.enter, HasRoom: s.hasRoom, Pins: s.pinsOf,
		MayInvite:      func(admin bool) bool { return s.devices.MayInvite(admin) },
		ProfileChanged: s.profiles.note, Refreshed: s.refreshLocal, Stopping: s.stopping,
		Connected:    func(id, remote string) { s.devices.Connected(id, remote) },
		Disconnected: func(id, remote string) { s.devices.Disconnected(id, remote) },
	}, hub)
	s.admin = admin.New(&admin.Config{
		Record: s.record, Accounts: s.accounts, Directory: s.directory, Log: s.events, Metrics: s.metrics, Logger: s.log,
		Clock: s.opts.Clock, Rate: s.opts.BackendRate, SendTransient: s.gateway.SendTransient,
		SetVisibility: s.setVisibility, ProfileChanged: s.gateway.ProfileChanged, HasRoom: s.hasRoom, Refresh: s.refresh, Enter: s.enter,
		Status: s.status,
	})
	s.devices = devices.New(&devices.Config{
		Record: s.record, Accounts: s.accounts, Tokens: s, Logger: s.log, Clock: s.opts.Clock,
		Inviters: s.opts.Inviters, Refresh: s.refresh, Group: s.linkedGroup, JoinGroup: s.joinGroup, Enter: s.enter,
	})
	if s.opened, err = s.events.Revision(ctx); err != nil {
		return err
	}
	if err := s.openFiles(ctx); err != nil {
		return err
	}
	if err := s.openRelay(ctx); err != nil {
		return err
	}
	if err := s.openForOperator(ctx); err != nil {
		return errors.Join(err, s.closeRelay())
	}
	return nil
}

// openForOperator makes the pages for administrators and starts the HTTP server for the operator.
func (s *Server) openForOperator(ctx context.Context) (err error) {
	if s.opts.AdminPage {
		secure := s.opts.TLS != nil || strings.HasPrefix(s.opts.PublicURL, "https:")
		if s.page, err = admin.NewPage(s.admin, secure); err != nil {
			return err
		}
	}
	return s.openPrivate(ctx)
}

func (s *Server) openLog(ctx context.Context, hub eventlog.Hub) (err error) {
	c := &eventlog.Config{
		Record: s.record, Hub: hub, Metrics: s.metrics, Logger: s.log, Clock: s.opts.Clock,
		MaxUndelivered: s.opts.MaxUndelivered, MaxFromStranger: s.opts.MaxFromStranger,
		MessageRequests: s.opts.MessageRequests, Limits: s.opts.ofLogs(), OnlineExpiry: s.opts.OnlineExpiry,
		Elapsed: s.opts.elapsed, Foreign: s.wakeWatch,
		Listing: s.opts.Directory, Acquainted: s.profiles.noteSeen,
		GroupChanged: func(gid uint32, members eventlog.CallMembers) { s.groups.GroupChanged(gid, members) },
	}
	if s.opts.Traces != nil {
		c.Metrics = &commitTraces{Metrics: s.metrics, tracer: s.opts.Traces.Tracer(tracerName), clock: s.opts.Clock}
	}
	if s.opts.WebhookURL != "" {
		if s.webhook, err = webhook.New(s.opts.WebhookURL, s.opts.WebhookSecret, s.log, s.metrics); err != nil {
			return err
		}
		s.webhook.SetTransport(s.webhookTransport())
		c.Webhook = s.webhook
	}
	s.events, err = eventlog.New(ctx, c)
	return err
}

func (s *Server) openFiles(ctx context.Context) error {
	key, err := s.accounts.GrantKey(ctx)
	if err != nil {
		return err
	}
	url, err := s.accounts.PublicURL(ctx)
	if err != nil {
		return err
	}
	s.files = files.New(&files.Config{
		Record: s.record, Log: s.events, Metrics: s.metrics, Logger: s.log, Clock: s.opts.Clock, GrantKey: key,
		Dir: s.opts.Dir, Bucket: s.opts.Bucket, PublicURL: strings.TrimSuffix(url, "/"),
		Limits: s.opts.ofFiles(), FileTimeout: s.opts.FileTimeout, FileRate: s.opts.FileRate,
		FreeSpace: s.opts.freeSpace, Enter: s.enter,
	})
	s.metrics.ObserveTransfers(s.files.Transfers)
	return nil
}

func (s *Server) closeRecord() error {
	var errs []error
	if s.record != nil {
		errs = append(errs, s.record.Close())
	}
	return errors.Join(append(errs, s.unlock())...)
}

func (s *Server) startWorkers(ctx context.Context) {
	base := context.WithoutCancel(ctx)
	sweepCtx, stopSweep := context.WithCancel(base)
	writeCtx, stopWrite := context.WithCancel(base)
	s.stopSweep, s.stopWrite = stopSweep, stopWrite
	s.writing.Go(func() { s.events.Write(writeCtx) })
	for _, work := range []func(context.Context){
		s.events.Sweep, s.watch, s.announceProfiles, s.gateway.Ping, s.presence.Run, s.files.Collect, s.devices.Run, s.keepMark,
		s.notices.Run, s.checkDaily,
	} {
		s.sweeping.Go(func() { work(sweepCtx) })
	}
	if s.sfu != nil {
		s.sweeping.Go(func() { s.sfu.Run(sweepCtx) })
	}
	if s.webhook != nil {
		s.sweeping.Go(func() { s.webhook.Run(sweepCtx) })
	}
}

// headerTimeout is how long the header of a request may take.
const headerTimeout = 5 * time.Second

// Serve accepts connections until ctx ends or the server is stopped. When ctx ends it shuts the server down, within
// Options.ShutdownTimeout. It always closes ln. It returns nil after a regular stop.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	hs := s.newHTTP(s.opts.TLS)
	if !s.begin(hs) {
		_ = ln.Close()
		return nil
	}
	failed := make(chan error, 1)
	var accepting sync.WaitGroup
	accepting.Go(func() { failed <- serveHTTP(hs, gateway.Cork(s.listen(ln))) })
	defer accepting.Wait()
	s.log.Info("serving", slog.String("address", ln.Addr().String()), slog.Bool("tls", hs.TLSConfig != nil))
	select {
	case err := <-failed:
		if errors.Is(err, http.ErrServerClosed) {
			return nil
		}
		return errors.Join(fmt.Errorf("serve: %w", err), s.Close())
	case <-ctx.Done():
		downCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.opts.ShutdownTimeout)
		defer cancel()
		return s.Shutdown(downCtx)
	}
}

// newHTTP makes an HTTP server. conf is nil for no TLS.
func (s *Server) newHTTP(conf *tls.Config) *http.Server {
	hs := &http.Server{
		Handler:           s.Handler(),
		ConnContext:       s.door.ConnContext,
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		TLSConfig:         conf.Clone(),
		Protocols:         new(http.Protocols),
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	hs.Protocols.SetHTTP1(true) // a WebSocket cannot be upgraded from HTTP/2
	return hs
}

// begin registers an HTTP server, which a stop of the server ends. It reports false if the server has stopped.
func (s *Server) begin(hs *http.Server) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.stopped {
		s.https[hs] = struct{}{}
	}
	return !s.stopped
}

// listen counts the connections of a listener, and reads the headers of the PROXY protocol.
func (s *Server) listen(ln net.Listener) net.Listener {
	ln = s.door.Listen(ln)
	if !s.opts.ProxyProtocol {
		return ln
	}
	return &proxyproto.Listener{
		Listener: ln, ReadHeaderTimeout: headerTimeout,
		ConnPolicy: func(o proxyproto.ConnPolicyOptions) (proxyproto.Policy, error) {
			if addr, ok := o.Upstream.(*net.TCPAddr); ok && s.door.Trusts(addr.AddrPort().Addr()) {
				return proxyproto.REQUIRE, nil
			}
			return proxyproto.SKIP, nil
		},
	}
}

func serveHTTP(hs *http.Server, ln net.Listener) error {
	if hs.TLSConfig != nil {
		return hs.ServeTLS(ln, "", "") //nolint:wrapcheck // wrapped by Serve
	}
	return hs.Serve(ln) //nolint:wrapcheck // wrapped by Serve
}

// enter registers a request, so that Shutdown waits for it. ok is false if the server is stopping.
func (s *Server) enter() (release func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return nil, false
	}
	s.requests.Add(1)
	return s.requests.Done, true
}

// beginStop stops accepting requests and returns the HTTP servers.
func (s *Server) beginStop() []*http.Server {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.stopped {
		s.stopped = true
		close(s.stopping)
	}
	list := make([]*http.Server, 0, len(s.https))
	for hs := range s.https {
		list = append(list, hs)
	}
	clear(s.https)
	return list
}

// httpGrace is how long Shutdown waits for HTTP requests after all WebSocket connections have ended.
const httpGrace = time.Second

// Shutdown stops accepting requests, says goodbye to all devices, commits all queued changes and closes the data
// folder. If ctx ends first, connections are cut; everything acknowledged is on disk anyway.
func (s *Server) Shutdown(ctx context.Context) error {
	httpCtx, giveUp := context.WithCancel(ctx)
	defer giveUp()
	stopped := make(chan struct{})
	var stopping, serving sync.WaitGroup
	for _, hs := range s.beginStop() {
		stopping.Go(func() {
			if hs.Shutdown(httpCtx) != nil {
				_ = hs.Close() // idle clients are not waited for
			}
		})
	}
	serving.Go(func() {
		defer close(stopped)
		s.wait()
	})
	s.gateway.Shutdown()
	s.files.Stop()
	var err error
	select {
	case <-stopped:
	case <-ctx.Done():
		err = fmt.Errorf("say goodbye: %w", ctx.Err())
		s.gateway.Cut()
	}
	serving.Wait()
	defer time.AfterFunc(httpGrace, giveUp).Stop()
	stopping.Wait()
	return errors.Join(err, s.closeAll())
}

// wait waits for all requests and connections. No new ones may start.
func (s *Server) wait() {
	s.requests.Wait() // first: they start connections
	s.gateway.Wait()
}

// Close stops the server at once and cuts connections without a goodbye. Everything acknowledged is on disk.
func (s *Server) Close() error {
	var errs []error
	for _, hs := range s.beginStop() {
		if err := hs.Close(); err != nil {
			errs = append(errs, fmt.Errorf("stop accepting: %w", err))
		}
	}
	s.gateway.Cut()
	s.files.Stop()
	s.wait()
	return errors.Join(append(errs, s.closeAll())...)
}

// closeAll stops the workers and closes the database, once.
func (s *Server) closeAll() error {
	s.closeOnce.Do(func() {
		s.calls.Stop()
		s.groups.Stop()
		s.stopSweep()
		s.sweeping.Wait()
		s.stopWrite()
		s.writing.Wait()
		s.closeErr = errors.Join(s.closePrivate(), s.closeRelay(), s.bus.Close(), s.closeRecord())
		s.log.Info("stopped")
	})
	return s.closeErr
}
