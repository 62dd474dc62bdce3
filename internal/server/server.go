package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"
	"gorm.io/gorm"

	"github.com/parley-chat/parley/internal/dirlock"
	"github.com/parley-chat/parley/internal/wire"
)

// Server is one server on one data folder. Its methods may be called from any goroutine.
type Server struct {
	opts         Options // immutable, like all up to stopping
	log          *slog.Logger
	accounts     *Accounts
	reader       *gorm.DB
	writer       *writer
	sweeper      *sweeper
	hub          *hub
	directory    *directory
	lookups      *lookups
	groups       *groupBook
	blocks       *blockBook
	presence     *presences
	metrics      *metrics
	upgrader     *websocket.Upgrader
	frames       framePool
	epoch        uint64
	unlock       func() error
	refreshed    chan struct{} // told that users or tokens have changed
	backend      map[string]backendOp
	backendLimit *rate.Limiter
	files        *fileStore
	transfers    *transfers
	collector    *collector
	grantKey     []byte
	publicURL    string // without a slash at the end

	stopping  chan struct{}      // closed when the server begins to stop
	stopSweep context.CancelFunc // ends the sweeper, the watcher and the pings
	stopWrite context.CancelFunc // ends the writer and the lookups
	sweeping  sync.WaitGroup
	writing   sync.WaitGroup
	serving   sync.WaitGroup // connections
	closeOnce sync.Once
	closeErr  error

	mu      sync.Mutex
	stopped bool
	conns   map[*conn]int // the values are the slots in which they are pinged
	slot    int           // of the next connection
	https   map[*http.Server]struct{}
}

// Open opens a data folder and starts everything but the listening. ErrDirInUse when another server holds the folder.
// A server that was opened must be ended by Shutdown or Close, or by Serve.
func Open(ctx context.Context, opts Options) (*Server, error) {
	opts.setDefaults()
	dir, err := makeDir(opts.Dir)
	if err != nil {
		return nil, err
	}
	opts.Dir = dir
	unlock, err := dirlock.Lock(ctx, dir)
	if err != nil {
		return nil, err
	}
	s := &Server{
		opts: opts, log: opts.Logger, metrics: newMetrics(), upgrader: newUpgrader(&opts), unlock: unlock,
		backend: backendOps(), backendLimit: rate.NewLimiter(rate.Limit(opts.BackendRate), int(5*opts.BackendRate)),
		refreshed: make(chan struct{}, 1), stopping: make(chan struct{}),
		conns: make(map[*conn]int), https: make(map[*http.Server]struct{}),
	}
	if err := s.openStore(ctx); err != nil {
		return nil, errors.Join(err, s.closeStore())
	}
	s.startWorkers(ctx)
	return s, nil
}

func (s *Server) openStore(ctx context.Context) error {
	var err error
	if s.accounts, err = OpenAccounts(s.opts.Dir); err != nil {
		return err
	}
	if s.reader, err = openReaders(s.opts.Dir); err != nil {
		return err
	}
	if s.epoch, err = metaNumber(s.reader.WithContext(ctx), metaEpoch); err != nil {
		return err
	}
	if s.blocks, err = loadBlocks(readFrom(s.reader.WithContext(ctx))); err != nil {
		return err
	}
	if s.grantKey, err = s.accounts.grantKey(ctx); err != nil {
		return err
	}
	if s.opts.PublicURL != "" {
		if err := s.accounts.SetPublicURL(ctx, s.opts.PublicURL, s.opts.Pin); err != nil {
			return err
		}
	}
	s.publicURL, err = s.accounts.PublicURL(ctx)
	s.publicURL = strings.TrimSuffix(s.publicURL, "/")
	return err
}

func (s *Server) closeStore() error {
	var errs []error
	if s.reader != nil {
		errs = append(errs, closeGorm(s.reader))
	}
	if s.accounts != nil {
		errs = append(errs, s.accounts.Close())
	}
	return errors.Join(append(errs, s.unlock())...)
}

func (s *Server) startWorkers(ctx context.Context) {
	s.hub = newHub(&s.opts)
	s.lookups = newLookups()
	s.directory = &directory{db: s.reader, lookups: s.lookups}
	s.groups = &groupBook{db: s.reader, lookups: s.lookups}
	hook := newWebhook(&s.opts, s.metrics)
	s.writer = &writer{
		clock: s.opts.Clock,
		hook:  hook,
		path:  filepath.Join(s.opts.Dir, dbName), pragmas: s.opts.writerPragmas, log: s.log, hub: s.hub, metrics: s.metrics,
		groups: s.groups, blocks: s.blocks,
		limit: uint64(s.opts.MaxUndelivered), online: s.opts.OnlineExpiry, retract: s.opts.RetractWindow,
		queue: make(chan change, queueSize), done: make(chan struct{}), foreign: s.refreshed,
		heads: make(map[uint32]*head), suspects: make(map[uint32]struct{}),
		met: make(map[pair]struct{}), turns: make(map[uint32]uint32),
	}
	s.sweeper = newSweeper(s.reader, s.writer, s.hub, s.log)
	s.writer.expiring = s.sweeper.poke
	s.files = &fileStore{dir: filepath.Join(s.opts.Dir, fileDir), bucket: s.opts.Bucket}
	s.transfers = newTransfers(&s.opts)
	s.collector = newCollector(s)
	s.metrics.observeTransfers(s.transfers.count)
	s.presence = newPresences(s.reader, s.hub, s.blocks, s.writer, s.log)
	base := context.WithoutCancel(ctx)
	sweepCtx, stopSweep := context.WithCancel(base)
	writeCtx, stopWrite := context.WithCancel(base)
	s.stopSweep, s.stopWrite = stopSweep, stopWrite
	s.writing.Go(func() { s.writer.run(writeCtx) })
	s.lookups.run(writeCtx)
	s.sweeping.Go(func() { s.sweeper.run(sweepCtx) })
	s.sweeping.Go(func() { s.watch(sweepCtx) })
	s.sweeping.Go(func() { s.ping(sweepCtx) })
	s.sweeping.Go(func() { s.presence.run(sweepCtx) })
	s.sweeping.Go(func() { s.collector.run(sweepCtx) })
	if hook != nil {
		s.sweeping.Go(func() { hook.run(sweepCtx) })
	}
}

// Serve accepts connections until ctx ends or the server is stopped otherwise. When ctx ends it shuts the server down,
// within Options.ShutdownTimeout. It closes ln in any case. The error is nil after a stop that was asked for.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	hs := &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		TLSConfig:         s.opts.TLS.Clone(),
		Protocols:         new(http.Protocols),
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	hs.Protocols.SetHTTP1(true) // a WebSocket cannot be upgraded from HTTP/2
	s.mu.Lock()
	if s.stopped {
		s.mu.Unlock()
		_ = ln.Close()
		return nil
	}
	s.https[hs] = struct{}{}
	s.mu.Unlock()

	failed := make(chan error, 1)
	var accepting sync.WaitGroup
	accepting.Go(func() { failed <- serveHTTP(hs, newListener(ln, &s.opts, s.metrics.refused)) })
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

func serveHTTP(hs *http.Server, ln net.Listener) error {
	if hs.TLSConfig != nil {
		return hs.ServeTLS(ln, "", "") //nolint:wrapcheck // wrapped by Serve
	}
	return hs.Serve(ln) //nolint:wrapcheck // wrapped by Serve
}

// enter counts a connection that is about to be upgraded; release takes it out of the count again. ok is false when
// the server is stopping.
func (s *Server) enter() (release func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return nil, false
	}
	s.serving.Add(1)
	return s.serving.Done, true
}

// start runs a connection, and releases what enter has counted.
func (s *Server) start(c *conn, release func()) {
	s.mu.Lock()
	s.conns[c] = s.slot
	s.slot = (s.slot + 1) % pingSlots
	stopped := s.stopped
	s.mu.Unlock()
	if stopped {
		c.end(shutdownGoodbye())
	}
	s.metrics.connections.Inc()
	s.serving.Go(c.run)
	release()
}

// leave takes a connection that has ended out of the registry.
func (s *Server) leave(c *conn) {
	s.metrics.connections.Dec()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
}

// all lists the connections, also those that have not said Hello.
func (s *Server) all() []*conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]*conn, 0, len(s.conns))
	for c := range s.conns {
		list = append(list, c)
	}
	return list
}

func shutdownGoodbye() goodbye {
	return goodbye{status: wire.ConnShutdown, reason: "the server is shutting down", code: websocket.CloseGoingAway}
}

// beginStop makes the server accept nothing more and returns its HTTP servers.
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

// httpGrace is how long Shutdown waits for HTTP requests other than the connections it has said goodbye to.
const httpGrace = time.Second

// Shutdown ends the server in good order: it accepts nothing more, says goodbye to everybody, commits what it has been
// given and closes the data folder. When ctx ends first, connections are cut; what was acknowledged is safe anyway.
func (s *Server) Shutdown(ctx context.Context) error {
	httpCtx, giveUp := context.WithCancel(ctx)
	defer giveUp()
	stopped := make(chan struct{})
	var stopping, serving sync.WaitGroup
	for _, hs := range s.beginStop() {
		stopping.Go(func() {
			if hs.Shutdown(httpCtx) != nil {
				_ = hs.Close() // who has not asked for anything yet is not worth waiting for
			}
		})
	}
	serving.Go(func() {
		defer close(stopped)
		s.serving.Wait()
	})
	for _, c := range s.all() {
		c.end(shutdownGoodbye())
	}
	s.transfers.stop()
	var err error
	select {
	case <-stopped:
	case <-ctx.Done():
		err = fmt.Errorf("say goodbye: %w", ctx.Err())
		s.cut()
	}
	serving.Wait()
	defer time.AfterFunc(httpGrace, giveUp).Stop()
	stopping.Wait()
	return errors.Join(err, s.closeAll())
}

// Close ends the server at once, as if the machine had failed: connections are cut without a goodbye. Everything that
// was acknowledged is on disk.
func (s *Server) Close() error {
	var errs []error
	for _, hs := range s.beginStop() {
		if err := hs.Close(); err != nil {
			errs = append(errs, fmt.Errorf("stop accepting: %w", err))
		}
	}
	s.cut()
	s.transfers.stop()
	s.serving.Wait()
	return errors.Join(append(errs, s.closeAll())...)
}

// cut closes all sockets.
func (s *Server) cut() {
	for _, c := range s.all() {
		_ = c.ws.Close()
	}
}

// closeAll ends the workers and closes the database, once.
func (s *Server) closeAll() error {
	s.closeOnce.Do(func() {
		s.stopSweep()
		s.sweeping.Wait()
		s.stopWrite()
		s.writing.Wait()
		s.lookups.wait()
		s.closeErr = s.closeStore()
		s.log.Info("stopped")
	})
	return s.closeErr
}
