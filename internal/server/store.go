package server

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/glebarez/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/parley-chat/parley/internal/dirlock"
	"github.com/parley-chat/parley/internal/private"
)

const (
	dbName  = "parley.db"
	dirMode = 0o700
)

// ErrDirInUse is returned by Open when another server holds the data folder.
var ErrDirInUse = dirlock.ErrInUse

// pragmas are set on every connection that may write. They stand in the data source name because they belong to a
// connection, and a pool opens connections when it likes.
const pragmas = "_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
	"&_pragma=temp_store(memory)&_pragma=wal_autocheckpoint(4000)&_txlock=immediate"

// dsn names a database file as SQLite's URI, whatever characters the path has.
func dsn(path, query string) string {
	p := filepath.ToSlash(path)
	if runtime.GOOS == "windows" && !strings.HasPrefix(p, "/") {
		p = "/" + p
	}
	return "file:" + (&url.URL{Path: p}).EscapedPath() + "?" + query
}

func makeDir(dir string) (string, error) {
	if dir == "" {
		return "", errors.New("no data folder is given")
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("data folder: %w", err)
	}
	if err := os.MkdirAll(abs, dirMode); err != nil {
		return "", fmt.Errorf("data folder: %w", err)
	}
	return abs, nil
}

// openGorm opens a pool of at most conns connections.
func openGorm(path, query string, conns int) (*gorm.DB, error) {
	if err := private.File(path); err != nil {
		return nil, err
	}
	db, err := gorm.Open(sqlite.Open(dsn(path, query)), &gorm.Config{
		Logger:                 logger.Discard,
		SkipDefaultTransaction: true,
		DisableAutomaticPing:   true,
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

// readerConns is how many connections read the log.
const readerConns = 4

// openReaders opens the pool that reads the log.
func openReaders(dir string) (*gorm.DB, error) {
	const query = "_pragma=busy_timeout(10000)&_pragma=query_only(1)&_pragma=cache_size(-8192)"
	return openGorm(filepath.Join(dir, dbName), query, readerConns)
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
