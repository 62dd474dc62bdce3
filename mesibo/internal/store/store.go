// Package store keeps the local database: messages, chats, profiles, and how far each account's log is stored.
//
// Nothing found is an empty result or ErrNotFound, never nil; deleting the missing is no error.
// All writes go through one connection and are grouped: what queues up while one transaction is committed
// goes into the next, so many writers cost one commit. Reads use connections of their own and never wait for a writer.
//
// A commit survives the end of the process, however it ends. One that makes a promise no one else can keep, a
// message in the outbox above all, is on the disk before the call returns and survives the end of power as well.
// The rest need not wait for the disk: events come again from the server, from the cursor that was lost with them,
// and answers come again for the same nonce.
package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/glebarez/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/parley-chat/parley/internal/private"
)

// Errors of this package.
var (
	// ErrNotFound is returned by look-ups of one row.
	ErrNotFound = errors.New("not found")
	// ErrAmbiguous is returned for the low half of an id when several messages have it.
	ErrAmbiguous = errors.New("several messages have this id; their 64-bit ids tell them apart")
	// ErrDuplicate is returned by Queue for an id that is in use.
	ErrDuplicate = errors.New("message id is in use")
	// ErrNewer is returned by Open for a database of a later version of this program.
	ErrNewer = errors.New("database is from a newer version")
	// ErrFull is returned by everything that writes when the disk is full.
	ErrFull = errors.New("the disk is full")
	// ErrClosed is returned by every method after Close.
	ErrClosed = errors.New("database is closed")
)

// Store is one open database. Its methods may be called from any goroutine.
type Store struct {
	w, r  *gorm.DB // immutable
	watch *damageWatch
	log   *slog.Logger

	outboxTo atomic.Int64  // the highest row id that the outbox has used
	commits  atomic.Uint64 // counts the transactions after which a ChatInfo may be another
	infos    infoCache

	queueMu sync.Mutex
	queue   []*writeOp
	closed  bool

	commitMu sync.Mutex // held by the goroutine that commits; guards what follows
	chats    map[chatKey]int64
	synced   bool // commits wait for the disk

	tidying tidying

	indexMu     sync.Mutex
	indexTimer  *time.Timer // set while messages wait to be indexed
	indexSince  time.Time
	indexClosed bool
	indexing    sync.WaitGroup
}

type chatKey struct {
	account int64
	peer    string // lower case
	group   uint32
}

type writeOp struct {
	run   func(tx *gorm.DB) error
	sync  bool // wait for the disk
	quiet bool // changes no ChatInfo
	done  bool // guarded by commitMu
	err   error
}

const readers = 4

// Open opens the database file, creating it when it is missing, and brings its tables up to date.
// An empty path makes a database in memory that ends with Close. name distinguishes several of those.
func Open(path, name string, log *slog.Logger) (*Store, error) {
	s, err := openStore(path, name, log)
	if isDamage(err) {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return s, err
}

// OnDamage calls told, on another goroutine, when a statement finds for the first time that the file is damaged.
func (s *Store) OnDamage(told func()) { s.watch.told.Store(&told) }

func openStore(path, name string, log *slog.Logger) (*Store, error) {
	slashed := filepath.ToSlash(path)
	if runtime.GOOS == "windows" && !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed
	}
	file := "file:" + (&url.URL{Path: slashed}).EscapedPath() + "?"
	if path == "" {
		file = "file:" + url.PathEscape(name) + "?mode=memory&cache=shared&"
	}
	if path != "" {
		if err := private.File(path); err != nil {
			return nil, err
		}
	}
	pragmas := func(p ...string) string { return "_pragma=" + strings.Join(p, "&_pragma=") }
	common := []string{"busy_timeout(10000)", "foreign_keys(1)", "cache_size(-8192)", "temp_store(memory)"}
	watch := newDamageWatch()
	w, err := open(file+"_txlock=immediate&"+pragmas(append(common, "journal_mode(WAL)", "synchronous(NORMAL)", "secure_delete(1)")...),
		watch)
	if err != nil {
		return nil, err
	}
	s := &Store{w: w, watch: watch, log: log, chats: make(map[chatKey]int64)}
	if err := limitConns(w, 1); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := migrate(w); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if path == "" { // a database in memory locks whole tables: readers share the writer's connection
		s.r = w
		return s, nil
	}
	if s.r, err = open(file+pragmas(append(common, "query_only(1)")...), watch); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := limitConns(s.r, readers); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.indexSoon()
	return s, nil
}

func open(dsn string, log logger.Interface) (*gorm.DB, error) {
	db, err := gorm.Open(sqlite.Open(dsn), &gorm.Config{Logger: log, SkipDefaultTransaction: true})
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	return db, nil
}

func limitConns(db *gorm.DB, n int) error {
	pool, err := db.DB()
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	pool.SetMaxOpenConns(n)
	pool.SetMaxIdleConns(n)
	return nil
}

// Close waits for the running transaction and closes the files. Later calls of any method return ErrClosed.
func (s *Store) Close() error {
	s.stopIndexing()
	s.stopTidying()
	s.queueMu.Lock()
	s.closed = true
	s.queueMu.Unlock()
	s.commitMu.Lock()
	defer s.commitMu.Unlock()
	var errs []error
	for _, db := range []*gorm.DB{s.r, s.w} {
		if db == nil {
			continue
		}
		pool, err := db.DB()
		if err == nil {
			err = pool.Close()
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("close database: %w", err))
		}
	}
	return errors.Join(errs...)
}

// write runs fn in a transaction and returns after its commit. fn may run twice: when another write of
// the same group fails, each is repeated alone; so fn must set all its results each time.
func (s *Store) write(fn func(tx *gorm.DB) error) error { return s.do(&writeOp{run: fn}) }

// writeThrough is write for what must be on the disk before the call returns.
func (s *Store) writeThrough(fn func(tx *gorm.DB) error) error {
	return s.do(&writeOp{run: fn, sync: true})
}

func (s *Store) do(op *writeOp) error {
	s.queueMu.Lock()
	if s.closed {
		s.queueMu.Unlock()
		return ErrClosed
	}
	s.queue = append(s.queue, op)
	s.queueMu.Unlock()

	s.commitMu.Lock() // the first to get here commits for all who queued meanwhile
	defer s.commitMu.Unlock()
	if op.done {
		return op.err
	}
	s.queueMu.Lock()
	group := s.queue
	s.queue = nil
	s.queueMu.Unlock()
	s.commit(group)
	return op.err
}

func (s *Store) commit(group []*writeOp) {
	err := s.transaction(group...)
	for _, op := range group {
		if err != nil && len(group) > 1 {
			op.err = s.transaction(op)
		} else {
			op.err = err
		}
		op.done = true
	}
}

func (s *Store) transaction(ops ...*writeOp) error {
	if err := s.setSync(slices.ContainsFunc(ops, func(op *writeOp) bool { return op.sync })); err != nil {
		return err
	}
	err := s.w.Transaction(func(tx *gorm.DB) error {
		for _, op := range ops {
			if err := op.run(tx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		clear(s.chats) // ids of chats made in the transaction are void
		if isFull(err) {
			return fmt.Errorf("%w: %w", ErrFull, err)
		}
		return fmt.Errorf("write: %w", err)
	}
	if slices.ContainsFunc(ops, func(op *writeOp) bool { return !op.quiet }) {
		s.commits.Add(1)
	}
	return nil
}

// isFull reports whether SQLite found no room on the disk.
func isFull(err error) bool {
	const sqliteFull = 13
	coded, ok := errors.AsType[interface {
		error
		Code() int
	}](err)
	return ok && coded.Code()&0xff == sqliteFull
}

// setSync makes the following commits wait for the disk, or not.
func (s *Store) setSync(sync bool) error {
	if s.synced == sync {
		return nil
	}
	mode := "NORMAL"
	if sync {
		mode = "FULL"
	}
	if err := s.w.Exec("PRAGMA synchronous = " + mode).Error; err != nil {
		return fmt.Errorf("set synchronous: %w", err)
	}
	s.synced = sync
	return nil
}

// read returns a query for one read.
func (s *Store) read(ctx context.Context) *gorm.DB { return s.r.WithContext(ctx) }
