// Package dirlock makes sure that only one program at a time uses a data folder.
package dirlock

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/glebarez/sqlite"
)

// ErrInUse is returned by Lock when another program holds the folder.
var ErrInUse = errors.New("the data folder is in use by another program")

const lockName = "lock"

// Lock locks the folder, creating it if needed, until unlock is called or the process ends in any way. The lock is
// SQLite's own on an empty file, so it works wherever the databases do.
func Lock(ctx context.Context, dir string) (unlock func() error, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("lock data folder: %w", err)
	}
	if err := private(filepath.Join(dir, lockName)); err != nil {
		return nil, fmt.Errorf("lock data folder: %w", err)
	}
	path := filepath.ToSlash(filepath.Join(dir, lockName))
	if runtime.GOOS == "windows" && !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	name := "file:" + (&url.URL{Path: path}).EscapedPath() + "?_pragma=busy_timeout(0)"
	db, err := sql.Open(sqlite.DriverName, name)
	if err != nil {
		return nil, fmt.Errorf("lock data folder: %w", err)
	}
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, `BEGIN EXCLUSIVE`); err != nil {
		_ = db.Close() // nothing was locked
		if isBusy(err) {
			return nil, ErrInUse
		}
		return nil, fmt.Errorf("lock data folder: %w", err)
	}
	return db.Close, nil
}

// private creates the file if it is missing, and lets only its owner read it. A file that is there is not opened:
// closing it would give up the lock of this process.
func private(path string) error {
	const mode = 0o600
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if errors.Is(err, fs.ErrExist) {
		return os.Chmod(path, mode) //nolint:wrapcheck // wrapped by Lock
	}
	if err != nil {
		return err //nolint:wrapcheck // wrapped by Lock
	}
	return f.Close() //nolint:wrapcheck // wrapped by Lock
}

// isBusy reports whether another connection holds the lock.
func isBusy(err error) bool {
	const sqliteBusy = 5
	coded, ok := errors.AsType[interface {
		error
		Code() int
	}](err)
	return ok && coded.Code()&0xff == sqliteBusy
}
