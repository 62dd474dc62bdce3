package backup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/parley-chat/parley/internal/dirlock"
	"github.com/parley-chat/parley/internal/server/record/sqlite"
)

const (
	// importing is the folder in the data folder that has the copy of what is imported.
	importing = restoring + ".import"
	// MovedName is the file in the folder of a server that has been moved: it must not run there any more.
	MovedName = "moved"
)

var (
	// ErrNotEmpty is returned by Import for a data folder that a server has used.
	ErrNotEmpty = errors.New("there is a server in the data folder already; choose an empty one with --data")
	// ErrNoServer is returned by Import for a folder without the data of a server.
	ErrNoServer = errors.New("there is no local workspace in the folder")
)

// Import copies the folder of a server that does not run, such as that of a local workspace, into an empty data folder,
// with users, tokens, logs, files and the certificate. If nothing is written in the old folder from then on, which the
// file MovedName sees to, logs and cursors stay as they are; for a copy that may be older than that, renew starts a new
// epoch of the logs, so that devices read them again. It can be repeated from any point.
func Import(ctx context.Context, from, dir string, renew bool, now time.Time) (m *Manifest, err error) {
	if _, err := os.Stat(filepath.Join(from, sqlite.FileName)); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s", ErrNoServer, from)
	}
	if _, err := os.Stat(filepath.Join(dir, sqlite.FileName)); err == nil || IsPending(dir) {
		return nil, ErrNotEmpty
	}
	unlock, err := dirlock.Lock(ctx, from)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return nil, fmt.Errorf("import: %w", err)
	}
	copied := filepath.Join(dir, importing)
	if err := os.RemoveAll(copied); err != nil { // of an attempt that was killed
		return nil, fmt.Errorf("import: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(copied)) }()
	if _, err := Create(ctx, from, copied, now); err != nil {
		return nil, err
	}
	if m, _, err = restore(ctx, copied, dir, now, renew); err != nil {
		return nil, err
	}
	// They are about the computer that the workspace was on.
	for _, name := range []string{"address", "network.json", MovedName} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("import: %w", err)
		}
	}
	return m, nil
}

// IsMoved reports whether the server of a folder has been moved elsewhere.
func IsMoved(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, MovedName))
	return err == nil
}

// SetMoved notes that the server of a folder, which does not run, has been moved elsewhere, or goes on here.
func SetMoved(dir string, moved bool) error {
	file := filepath.Join(dir, MovedName)
	if !moved {
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("go on here: %w", err)
		}
		return syncDir(dir)
	}
	if err := os.WriteFile(file, nil, fileMode); err != nil {
		return fmt.Errorf("note the move: %w", err)
	}
	return syncDir(dir)
}
