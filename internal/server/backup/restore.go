package backup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/dirlock"
	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/record/sqlite"
)

const (
	// restoring is the folder in the data folder in which a database is prepared. As readyDir it is complete, and each
	// start puts it in its place.
	restoring = "restore"
	readyDir  = restoring + ".ready"
	stampName = "time"
	// replaced starts the name of the folder with the database that was there before.
	replaced = "replaced-"
)

// Restore puts a backup in the place of what is in a data folder, which is created if it does not exist. No server may
// use it. The logs get a new epoch, so that devices read them again. The database that was there is kept, in a folder
// whose name Restore returns; it is empty when there was none.
func Restore(ctx context.Context, from, dir string, now time.Time) (m *Manifest, kept string, err error) {
	return restore(ctx, from, dir, now, true)
}

// restore is Restore; without renewed the logs keep their epoch.
func restore(
	ctx context.Context, from, dir string, now time.Time, renewed bool,
) (m *Manifest, kept string, err error) {
	if m, err = Verify(ctx, from); err != nil {
		return nil, "", err
	}
	unlock, err := dirlock.Lock(ctx, dir)
	if err != nil {
		return nil, "", err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if _, err := Finish(dir); err != nil {
		return nil, "", err
	}
	part := filepath.Join(dir, restoring+partial)
	defer func() {
		if err != nil {
			err = errors.Join(fullError(err, dir), os.RemoveAll(part))
		}
	}()
	if err := prepare(ctx, m, from, dir, part, renewed); err != nil {
		return nil, "", err
	}
	// Finish names a folder after the time of this file: a later start may have to repeat it.
	stamp := filepath.Join(part, stampName)
	if err := errors.Join(os.WriteFile(stamp, nil, fileMode), os.Chtimes(stamp, now, now)); err != nil {
		return nil, "", fmt.Errorf("restore: %w", err)
	}
	if err := sqlite.SyncFile(stamp); err != nil {
		return nil, "", err
	}
	if err := syncTree(part); err != nil {
		return nil, "", err
	}
	if err := os.Rename(part, filepath.Join(dir, readyDir)); err != nil { // from here on it is restored
		return nil, "", fmt.Errorf("restore: %w", err)
	}
	if err := syncDir(dir); err != nil {
		return nil, "", err
	}
	kept, err = Finish(dir)
	return m, kept, err
}

// prepare brings the content of files to its place, where it is of no harm without the database, and the rest into part.
func prepare(ctx context.Context, m *Manifest, from, dir, part string, renewed bool) error {
	if err := os.RemoveAll(part); err != nil { // of an attempt that was killed
		return fmt.Errorf("restore: %w", err)
	}
	if err := os.MkdirAll(part, dirMode); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	for _, e := range m.Entries {
		name := filepath.FromSlash(e.Name)
		source := filepath.Join(from, name)
		if !strings.HasPrefix(e.Name, filesDir+"/") {
			if err := copyFile(ctx, source, filepath.Join(part, name)); err != nil {
				return err
			}
			continue
		}
		target := filepath.Join(dir, name)
		if sum, size, err := hashFile(ctx, target); err == nil && size == e.Size && sum == e.SHA256 {
			continue
		}
		if err := os.RemoveAll(target); err != nil {
			return fmt.Errorf("restore: %w", err)
		}
		if _, err := linkOrCopy(ctx, source, target); err != nil {
			return err
		}
	}
	if _, err := os.Stat(filepath.Join(dir, filesDir)); err == nil {
		if err := syncTree(filepath.Join(dir, filesDir)); err != nil {
			return err
		}
	}
	return migrate(ctx, part, renewed)
}

// migrate brings a database to the layout of now, and with renewed its logs get a new epoch.
func migrate(ctx context.Context, dir string, renewed bool) error {
	rec, err := sqlite.Open(dir, sqlite.Options{})
	if err != nil {
		return err
	}
	if renewed {
		_, err = accounts.New(rec).RenewEpoch(ctx)
	}
	if err := errors.Join(err, rec.Close()); err != nil {
		return err
	}
	return sqlite.SyncFile(filepath.Join(dir, sqlite.FileName))
}

// IsPending reports whether a folder has a restored database that is not in its place yet.
func IsPending(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, readyDir))
	return err == nil
}

// Finish puts a restored database in its place, if there is one. The caller holds the folder's lock. It may be repeated
// from any point. kept is the folder with the database that was there before, empty if there was none.
func Finish(dir string) (kept string, err error) {
	if !IsPending(dir) {
		return "", nil
	}
	ready := filepath.Join(dir, readyDir)
	stamp, err := os.Stat(filepath.Join(ready, stampName))
	if errors.Is(err, fs.ErrNotExist) { // it is the first that RemoveAll may have removed
		return "", removeReady(ready)
	}
	if err != nil {
		return "", fmt.Errorf("finish restoring: %w", err)
	}
	kept = filepath.Join(dir, replaced+stamp.ModTime().UTC().Format("20060102-150405"))
	if _, err := os.Lstat(filepath.Join(ready, sqlite.FileName)); err == nil {
		if err := setAside(dir, kept); err != nil {
			return "", err
		}
		if err := os.Rename(filepath.Join(ready, sqlite.FileName), filepath.Join(dir, sqlite.FileName)); err != nil {
			return "", fmt.Errorf("finish restoring: %w", err)
		}
	}
	if err := moveOther(dir); err != nil {
		return "", err
	}
	if err := syncDir(dir); err != nil {
		return "", err
	}
	if err := removeReady(ready); err != nil {
		return "", err
	}
	if _, err := os.Lstat(kept); err != nil {
		kept = ""
	}
	return kept, nil
}

// setAside moves the files of the database that is there. SQLite would apply its write-ahead log to the new one.
func setAside(dir, kept string) error {
	for _, name := range sqlite.Files() {
		if _, err := os.Lstat(filepath.Join(dir, name)); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err := os.MkdirAll(kept, dirMode); err != nil {
			return fmt.Errorf("set database aside: %w", err)
		}
		if err := os.Rename(filepath.Join(dir, name), filepath.Join(kept, name)); err != nil {
			return fmt.Errorf("set database aside: %w", err)
		}
	}
	return nil
}

func removeReady(ready string) error {
	if err := os.RemoveAll(ready); err != nil {
		return fmt.Errorf("finish restoring: %w", err)
	}
	return nil
}

// moveOther moves what else was in the data folder.
func moveOther(dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("finish restoring: %w", err)
	}
	from := path.Join(readyDir, otherDir)
	err = fs.WalkDir(root.FS(), from, func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && name == from {
			return fs.SkipAll
		}
		if err != nil || d.IsDir() {
			return err
		}
		to := filepath.FromSlash(strings.TrimPrefix(name, from+"/"))
		return errors.Join(root.MkdirAll(filepath.Dir(to), dirMode), root.Rename(filepath.FromSlash(name), to))
	})
	if err := errors.Join(err, root.Close()); err != nil {
		return fmt.Errorf("finish restoring: %w", err)
	}
	return nil
}
