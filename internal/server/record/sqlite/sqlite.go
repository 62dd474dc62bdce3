// Package sqlite implements record.Record with one SQLite file: WAL, synchronous=FULL, one writing connection and a few
// reading ones.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/glebarez/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/parley-chat/parley/internal/private"
	"github.com/parley-chat/parley/internal/server/record"
)

// FileName is the name of the database in the data folder.
const FileName = "parley.db"

// pragmas are set on every writing connection. They are part of the data source name because a pool may open a
// connection at any time.
const pragmas = "_pragma=busy_timeout(10000)&_pragma=auto_vacuum(2)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
	"&_pragma=secure_delete(1)&_pragma=temp_store(memory)&_pragma=wal_autocheckpoint(4000)&_txlock=immediate"

// Options configure a Record. All are optional.
type Options struct {
	// Log receives errors that cannot be returned to a caller. Default: discarded.
	Log *slog.Logger
	// Clock returns the time of transactions, also as NowFunc of the ORM. Default: time.Now.
	Clock func() time.Time
	// WriterPragmas returns pragmas for each connection of the writer. Default: none.
	WriterPragmas func() []string
	// SmallCache keeps fewer pages in memory. Default: up to 48 MiB on all connections.
	SmallCache bool
}

// Pages that a connection keeps in memory, in KiB. They fill in minutes of use, and are not returned.
const (
	writerCache, readerCache           = 16 << 10, 8 << 10
	smallWriterCache, smallReaderCache = 2 << 10, 1 << 10
)

// cachePragma returns the pragma of one of these sizes.
func cachePragma(small bool, size, smallSize int) string {
	if small {
		size = smallSize
	}
	return fmt.Sprintf("&_pragma=cache_size(-%d)", size)
}

// Record is a database file.
type Record struct {
	dir    string // immutable, like orm
	orm    *gorm.DB
	reader *reader
	writer *writer
}

var _ record.Record = (*Record)(nil)

// Open opens the database of a data folder, which is created if it does not exist. A database of an older program is
// migrated.
func Open(dir string, opts Options) (*Record, error) {
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if opts.Clock == nil {
		opts.Clock = time.Now
	}
	path := filepath.Join(dir, FileName)
	orm, err := openGorm(path, pragmas, 1, opts.Clock)
	if err != nil {
		return nil, err
	}
	if err := migrate(orm); err != nil {
		return nil, errors.Join(err, closeGorm(orm))
	}
	r, err := openReader(path, cachePragma(opts.SmallCache, readerCache, smallReaderCache))
	if err != nil {
		return nil, errors.Join(err, closeGorm(orm))
	}
	return &Record{dir: dir, orm: orm, reader: r, writer: newWriter(path, &opts)}, nil
}

// ORM implements record.Record.
func (r *Record) ORM() *gorm.DB { return r.orm }

// Begin implements record.Record.
func (r *Record) Begin(ctx context.Context, p *record.Plan) (record.Tx, error) { //nolint:ireturn // the contract
	return r.writer.begin(ctx, p)
}

// View implements record.Record.
func (r *Record) View(ctx context.Context, f func(record.Reader) error) error {
	return r.reader.view(ctx, f)
}

// Once implements record.Record. It always calls f, because only one server at a time uses the data folder.
func (*Record) Once(ctx context.Context, _ string, f func(context.Context) error) (bool, error) {
	return true, f(ctx)
}

// Foreign implements record.Record.
func (r *Record) Foreign(ctx context.Context) (bool, error) { return r.writer.foreign(ctx) }

// Size implements record.Record.
func (r *Record) Size(ctx context.Context) (size int64, err error) {
	err = r.reader.view(ctx, func(read record.Reader) error {
		const query = `SELECT (p.page_count - f.freelist_count) * s.page_size
			FROM pragma_page_count p, pragma_freelist_count f, pragma_page_size s`
		return read.Query(query, nil, func(row record.Row) error { return row.Scan(&size) })
	})
	return size, err
}

// tidyPatience is how long Tidy may hold up the writer while it waits for readers, in ms.
const tidyPatience = "200"

// Tidy implements record.Record: pages are overwritten when they are freed, and the write-ahead log is emptied here.
func (r *Record) Tidy(ctx context.Context) (done bool, err error) {
	err = withFile(r.dir, "_pragma=busy_timeout("+tidyPatience+")", func(db *sql.DB) error {
		done, err = checkpoint(ctx, db)
		return err
	})
	return done, err
}

// checkpoint empties the write-ahead log, unless others read from it.
func checkpoint(ctx context.Context, db *sql.DB) (done bool, err error) {
	var busy, pages, moved int
	err = db.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &pages, &moved)
	if err != nil {
		return false, fmt.Errorf("empty write-ahead log: %w", asFull(err))
	}
	return busy == 0, nil
}

// Close implements record.Record.
func (r *Record) Close() error {
	r.writer.disconnect()
	return errors.Join(r.reader.close(), closeGorm(r.orm))
}

// dsn returns the SQLite URI of a database file, with its path escaped.
func dsn(path, query string) string {
	p := filepath.ToSlash(path)
	if runtime.GOOS == "windows" && !strings.HasPrefix(p, "/") {
		p = "/" + p
	}
	return "file:" + (&url.URL{Path: p}).EscapedPath() + "?" + query
}

// openGorm opens a pool of up to conns connections.
func openGorm(path, query string, conns int, clock func() time.Time) (*gorm.DB, error) {
	if err := private.File(path); err != nil {
		return nil, err
	}
	db, err := gorm.Open(sqlite.Open(dsn(path, query)), &gorm.Config{
		Logger:                 logger.Discard,
		SkipDefaultTransaction: true,
		DisableAutomaticPing:   true,
		NowFunc:                clock,
	})
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	pool, err := db.DB()
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	return db, nil
}

func closeGorm(db *gorm.DB) error {
	pool, err := db.DB()
	if err != nil {
		return fmt.Errorf("close database: %w", err)
	}
	if err := pool.Close(); err != nil {
		return fmt.Errorf("close database: %w", err)
	}
	return nil
}
