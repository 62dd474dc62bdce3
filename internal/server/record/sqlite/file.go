package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/glebarez/sqlite"

	"github.com/parley-chat/parley/internal/private"
	"github.com/parley-chat/parley/internal/server/record"
)

// This file is about the file of a database, with or without a server that uses it.

// ErrFull is returned when the disk is full.
var ErrFull = errors.New("the disk is full")

// Files returns the names of a database's files in the data folder. All but the first may be missing.
func Files() []string { return []string{FileName, FileName + "-wal", FileName + "-shm"} }

// Snapshot writes a copy of the database, as it is at one moment, to a new file. A server may go on using the folder.
func Snapshot(ctx context.Context, dir, to string) error {
	err := withFile(dir, "", func(db *sql.DB) error {
		if err := private.File(to); err != nil { // an empty file is allowed, and gives the copy its mode
			return err
		}
		if _, err := db.ExecContext(ctx, `VACUUM INTO ?`, to); err != nil {
			return fmt.Errorf("copy database: %w", asFull(err))
		}
		return nil
	})
	if err != nil {
		return err
	}
	return SyncFile(to)
}

// SyncFile brings a file to the disk.
func SyncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("sync file: %w", err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("sync file: %w", err)
	}
	return nil
}

// Inspect calls f with a reader whose queries all see the same state of the database, which is not migrated. problems
// are those that SQLite finds in the file, in its indexes as well if full is true; f is not called if there are any.
func Inspect(ctx context.Context, dir string, full bool, f func(record.Reader) error) (problems []string, err error) {
	err = withFile(dir, "_pragma=query_only(1)", func(db *sql.DB) error {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		defer func() { _ = tx.Rollback() }()
		check := `PRAGMA quick_check`
		if full {
			check = `PRAGMA integrity_check`
		}
		read := &querier{ctx: ctx, db: tx}
		err = read.Query(check, nil, func(row record.Row) error {
			var line string
			if err := row.Scan(&line); err != nil {
				return fmt.Errorf("check database: %w", err)
			}
			problems = append(problems, line)
			return nil
		})
		if err != nil {
			return err
		}
		if slices.Equal(problems, []string{"ok"}) {
			problems = nil
			return f(read)
		}
		return nil
	})
	if isDamage(err) {
		return append(problems, err.Error()), nil
	}
	return problems, err
}

// Read calls f with a reader whose queries all see the same state of the database, which is not migrated.
func Read(ctx context.Context, dir string, f func(record.Reader) error) error {
	return withFile(dir, "_pragma=query_only(1)", func(db *sql.DB) error {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		defer func() { _ = tx.Rollback() }()
		return f(&querier{ctx: ctx, db: tx})
	})
}

// Check implements record.Record. Each table is read on its own, so that the write-ahead log can be emptied in between.
func (r *Record) Check(ctx context.Context, limit time.Duration) (problems []string, whole bool, err error) {
	whole = true
	err = withFile(r.dir, "_pragma=query_only(1)&_pragma=cache_size(-1024)", func(db *sql.DB) error {
		read := &querier{ctx: ctx, db: db}
		tables := []string{"sqlite_schema"}
		err := read.Query(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`, nil, func(row record.Row) error {
			var name string
			if err := row.Scan(&name); err != nil {
				return fmt.Errorf("list tables: %w", err)
			}
			tables = append(tables, name)
			return nil
		})
		for _, name := range tables {
			if err != nil {
				return err
			}
			var found []string
			if found, err = checkTable(ctx, db, name, limit); errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
				whole, err = false, nil
			}
			problems = append(problems, found...)
		}
		return err
	})
	if isDamage(err) {
		return append(problems, err.Error()), whole, nil
	}
	return problems, whole, err
}

// mostProblems is how many problems of a table are reported.
const mostProblems = 5

// checkTable returns an error that wraps context.DeadlineExceeded when it takes too long.
func checkTable(ctx context.Context, db *sql.DB, name string, limit time.Duration) (problems []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	read := &querier{ctx: ctx, db: db}
	err = read.Query(`PRAGMA quick_check('`+name+`')`, nil, func(row record.Row) error {
		var line string
		if err := row.Scan(&line); err != nil {
			return fmt.Errorf("check database: %w", err)
		}
		if line != "ok" && len(problems) < mostProblems {
			problems = append(problems, line)
		}
		return nil
	})
	if err != nil && ctx.Err() != nil {
		return problems, fmt.Errorf("check table %s: %w", name, ctx.Err())
	}
	return problems, err
}

// Compact rewrites the database without its free space. No server may use the folder.
func Compact(ctx context.Context, dir string) error {
	return withFile(dir, "_pragma=auto_vacuum(2)&_pragma=secure_delete(1)", func(db *sql.DB) error {
		if _, err := db.ExecContext(ctx, `VACUUM`); err != nil {
			return fmt.Errorf("compact database: %w", asFull(err))
		}
		_, err := checkpoint(ctx, db)
		return err
	})
}

// compactPages is the number of pages that one transaction of Shrink frees.
const compactPages = 500

// Shrink is Compact while a server uses the folder: it returns free space at the end of the file to the disk, in short
// transactions. A database that was made by an older program has to be compacted once before.
func Shrink(ctx context.Context, dir string) error {
	return withFile(dir, "_pragma=secure_delete(1)", func(db *sql.DB) error {
		var mode, free, before int64
		if err := db.QueryRowContext(ctx, `PRAGMA auto_vacuum`).Scan(&mode); err != nil {
			return fmt.Errorf("compact database: %w", err)
		}
		for mode != 0 {
			if err := db.QueryRowContext(ctx, `PRAGMA freelist_count`).Scan(&free); err != nil {
				return fmt.Errorf("compact database: %w", err)
			}
			if free == 0 || free == before {
				break
			}
			before = free
			if _, err := db.ExecContext(ctx, fmt.Sprintf(`PRAGMA incremental_vacuum(%d)`, compactPages)); err != nil {
				return fmt.Errorf("compact database: %w", asFull(err))
			}
		}
		if _, err := db.ExecContext(ctx, `PRAGMA busy_timeout(`+tidyPatience+`)`); err != nil {
			return fmt.Errorf("compact database: %w", err)
		}
		_, err := checkpoint(ctx, db)
		return err
	})
}

// withFile calls f with a connection to the database of a folder. It returns an error that wraps fs.ErrNotExist if there
// is none.
func withFile(dir, query string, f func(*sql.DB) error) error {
	path := filepath.Join(dir, FileName)
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	db, err := sql.Open(sqlite.DriverName, dsn(path, "_pragma=busy_timeout(10000)&"+query))
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	db.SetMaxOpenConns(1)
	err = f(db)
	if e := db.Close(); e != nil && err == nil {
		err = fmt.Errorf("close database: %w", e)
	}
	return err
}

// Result codes of SQLite.
const (
	codeCorrupt = 11
	codeFull    = 13
	codeNotADB  = 26
)

func codeOf(err error) int {
	coded, ok := errors.AsType[interface {
		error
		Code() int
	}](err)
	if !ok {
		return 0
	}
	return coded.Code() & 0xff
}

func isDamage(err error) bool {
	code := codeOf(err)
	return code == codeCorrupt || code == codeNotADB
}

// asFull adds ErrFull to the error of a full disk.
func asFull(err error) error {
	if codeOf(err) == codeFull {
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}
