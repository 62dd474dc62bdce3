package workspace

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/parley-chat/parley/app"
	"github.com/parley-chat/parley/internal/archive"
	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo"
)

// A backup is unpacked into the folder restoreFolder, beside what it is to replace. When it is complete and checked,
// the file readyName is written there, and from then on every start first finishes what is prepared: moving files into
// their places, which can be done again from any point. Without the file what is there is thrown away.
const (
	restoreFolder = ".restore"
	newFolder     = "new" // in restoreFolder: what is to be moved, under its final name
	readyName     = "ready"
	packedName    = "packed.db"
	restoredFiles = "restored"   // in filesFolder: files whose places are taken by others
	replaced      = "-replaced-" // in names of what was here before, followed by the time
	stampLayout   = "20060102-150405"
)

// Restore implements app.Workspace.
func (k *Keeper) Restore(ctx context.Context, r app.Restore) (preferences []byte, err error) {
	dir := filepath.Join(k.dir, restoreFolder)
	u := &unpacking{k: k, dir: filepath.Join(dir, newFolder), moved: map[string]string{}}
	if err := os.RemoveAll(dir); err != nil { // of an attempt that was interrupted
		return nil, fmt.Errorf("restore backup: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(explained(err), os.RemoveAll(dir))
		}
	}()
	if err := os.MkdirAll(u.dir, 0o700); err != nil {
		return nil, fmt.Errorf("restore backup: %w", err)
	}
	root, err := os.OpenRoot(u.dir)
	if err != nil {
		return nil, fmt.Errorf("restore backup: %w", err)
	}
	u.root = root
	err = archive.Read(ctx, r.Path, r.Passphrase, r.Progress, u.begin, u.entry)
	if err = errors.Join(err, root.Close()); err != nil {
		return nil, err
	}
	if err := u.prepare(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err //nolint:wrapcheck // cancellation is returned unchanged
	}
	if err := writeSynced(filepath.Join(dir, readyName), nil); err != nil {
		return nil, err
	}
	return u.manifest.Preferences, nil
}

// explained is an error of a backup as the window knows it.
func explained(err error) error {
	for known, as := range map[error]error{
		archive.ErrPassphrase: app.ErrPassphrase, archive.ErrNotBackup: app.ErrNotBackup,
		archive.ErrDamaged: app.ErrBackupDamaged, archive.ErrNewer: app.ErrNewerBackup,
		mesibo.ErrNotBackup: app.ErrBackupDamaged,
	} {
		if errors.Is(err, known) {
			return fmt.Errorf("%w: %w", as, err)
		}
	}
	return err
}

// unpacking is a backup on its way into the folder for new files.
type unpacking struct {
	k        *Keeper
	dir      string // the folder
	root     *os.Root
	manifest archive.Manifest
	token    string            // which the account has after it
	known    bool              // the account is here already
	moved    map[string]string // where files are that the database names
	packed   bool              // the database has been unpacked
}

// begin decides whether the backup may be restored here.
func (u *unpacking) begin(m archive.Manifest) error {
	u.manifest, u.token = m, m.Account.Token
	if _, err := wire.ParseToken(m.Account.Token); err != nil {
		return fmt.Errorf("%w: %w", archive.ErrNotBackup, err)
	}
	saved, err := u.k.load()
	if err != nil || saved == nil {
		return err
	}
	u.known = true
	token, err := u.k.secret.Get(saved.Key)
	if err != nil {
		return fmt.Errorf("read the access token: %w", err)
	}
	same, err := isSame(saved, token, m.Account)
	if err != nil {
		return err
	}
	if !same {
		return app.ErrOtherAccount
	}
	u.token = token // the one in the backup may have been replaced
	return nil
}

// isSame reports whether a backup is of the account that is here.
func isSame(saved *account, token string, a archive.Account) (bool, error) {
	if saved.Address != a.Address || (saved.Kind == kindLocal) != a.Local {
		return false, nil
	}
	if !a.Local {
		return saved.Server == a.Server, nil
	}
	here, err := wire.ParseToken(token)
	if err != nil {
		return false, fmt.Errorf("read the access token: %w", err)
	}
	there, err := wire.ParseToken(a.Token)
	if err != nil {
		return false, fmt.Errorf("%w: %w", archive.ErrNotBackup, err)
	}
	return here.Secret == there.Secret, nil // two local workspaces may have users of one name
}

// entry unpacks one file.
func (u *unpacking) entry(e *archive.Entry) error {
	folder, _, _ := strings.Cut(e.Name, "/")
	switch {
	case e.Name == databaseName:
		u.packed = true
		return u.write(e, packedName)
	case folder == filesFolder:
		old := filepath.Join(u.manifest.Base, filepath.FromSlash(e.Name))
		return u.file(e, old, e.Name)
	case folder == elsewhereFolder:
		return u.file(e, u.manifest.Elsewhere[e.Name], filesFolder+"/"+e.Name)
	case u.manifest.Account.Local && (folder == serverFolder || folder == echoFolder):
		if _, err := os.Lstat(filepath.Join(u.k.dir, serverFolder)); u.known && err == nil {
			return nil // the server that is here has all that this one had, and what came later
		}
		return u.write(e, e.Name)
	default:
		return fmt.Errorf("%w: entry %q", archive.ErrNotBackup, e.Name)
	}
}

// file unpacks a file that messages may name, unless it is still here.
func (u *unpacking) file(e *archive.Entry, old, name string) error {
	for _, path := range []string{old, filepath.Join(u.k.dir, filepath.FromSlash(name))} {
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Size() == e.Size &&
			info.ModTime().Equal(e.Modified) {
			u.moved[old] = path
			return nil
		}
	}
	if _, err := os.Lstat(filepath.Join(u.k.dir, filepath.FromSlash(name))); err == nil { // another file has its place
		rest := strings.TrimPrefix(name, filesFolder+"/")
		name = filesFolder + "/" + restoredFiles + "/" + time.Now().Format(stampLayout) + "/" + rest
	}
	u.moved[old] = filepath.Join(u.k.dir, filepath.FromSlash(name))
	return u.write(e, name)
}

// write writes a file below the folder, and waits for the disk.
func (u *unpacking) write(e *archive.Entry, name string) error {
	name = filepath.FromSlash(name)
	if err := u.root.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return fmt.Errorf("unpack: %w", err)
	}
	f, err := u.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("unpack: %w", err)
	}
	_, err = io.Copy(f, e)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = u.root.Chtimes(name, e.Modified, e.Modified)
	}
	if err != nil {
		return fmt.Errorf("unpack %s: %w", e.Name, err)
	}
	return nil
}

// prepare checks the database, brings it up to date, and lets it name the files where they will be.
func (u *unpacking) prepare() (err error) {
	if !u.packed {
		return fmt.Errorf("%w: it has no database", archive.ErrNotBackup)
	}
	packed := filepath.Join(u.dir, packedName)
	m, err := mesibo.New(mesibo.Options{Path: u.dir, Logger: u.k.log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Reset()) }()
	for _, step := range []func() error{
		func() error { return m.SetDatabase(databaseName, 0) },
		func() error { return m.SetAccessToken(u.token) },
		func() error { return m.RestoreDatabase(packed) },
		func() error { return removeFile(packed) },
		func() error { return m.MoveFiles(u.where) },
		// What was in it has been sent since, or will be when the user chooses it again.
		func() error { return m.SetSendFolder(mesibo.SendFolder{}) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	if u.known {
		return nil
	}
	return u.account()
}

// where returns where a file is after the backup was restored.
func (u *unpacking) where(path string) string {
	if now, ok := u.moved[path]; ok {
		return now
	}
	if rel := below(path, u.manifest.Base); rel != "" { // not in the backup: it may be downloaded again
		return filepath.Join(u.k.dir, rel)
	}
	return path
}

// account prepares the file of the account, and keeps its tokens.
func (u *unpacking) account() error {
	a := u.manifest.Account
	saved := &account{Kind: kindServer, Address: a.Address, Name: a.Name, Server: a.Server, Key: newKey(), Echo: a.Echo}
	if a.Local {
		saved.Kind = kindLocal
	}
	if err := u.k.secret.Set(saved.Key, a.Token); err != nil {
		return err
	}
	if a.Echo {
		if err := u.k.secret.Set(saved.echoKey(), a.Second); err != nil {
			return err
		}
	}
	return New(u.dir, u.k.log).save(saved)
}

// finishRestore moves a backup that is prepared into its place, and removes one that is not.
func (k *Keeper) finishRestore() error {
	dir := filepath.Join(k.dir, restoreFolder)
	ready, err := os.Lstat(filepath.Join(dir, readyName))
	if errors.Is(err, fs.ErrNotExist) {
		if err := errors.Join(os.RemoveAll(dir), removeFile(filepath.Join(k.dir, backupCopy))); err != nil {
			return fmt.Errorf("remove temporary files: %w", err)
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for a backup: %w", err)
	}
	stamp := replaced + ready.ModTime().Format(stampLayout)
	k.log.Info("putting a backup in its place")
	from := filepath.Join(dir, newFolder)
	for _, step := range []func() error{
		func() error { return k.placeFiles(from) },
		func() error { return k.placeFolders(from, stamp) },
		func() error { return k.placeDatabase(from, "messages"+stamp+".db") },
		func() error { return k.placeAccount(from) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	// First the sign that there is something to do: what remains is thrown away then.
	if err := errors.Join(removeFile(filepath.Join(dir, readyName)), os.RemoveAll(dir)); err != nil {
		return fmt.Errorf("remove temporary files: %w", err)
	}
	return nil
}

func (k *Keeper) placeFiles(from string) error {
	err := filepath.WalkDir(filepath.Join(from, filesFolder), func(path string, e fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil || e.IsDir():
			return err
		}
		return move(path, filepath.Join(k.dir, below(path, from)))
	})
	if err != nil {
		return fmt.Errorf("move files: %w", err)
	}
	return nil
}

func (k *Keeper) placeFolders(from, stamp string) error {
	for _, name := range []string{serverFolder, echoFolder} {
		if !fileExists(filepath.Join(from, name)) {
			continue
		}
		if err := k.setAside(name, name+stamp); err != nil {
			return err
		}
		if err := move(filepath.Join(from, name), filepath.Join(k.dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// placeDatabase keeps the database that was here. What waits in it is for the new one, if that is of the same account.
func (k *Keeper) placeDatabase(from, aside string) error {
	if !fileExists(filepath.Join(from, databaseName)) {
		return nil // it is in its place
	}
	if fileExists(filepath.Join(k.dir, databaseName)) {
		if !fileExists(filepath.Join(from, accountName)) {
			if err := k.planAside(aside); err != nil {
				return err
			}
		}
		if err := k.setAsideDatabase(aside); err != nil {
			return err
		}
	}
	return move(filepath.Join(from, databaseName), filepath.Join(k.dir, databaseName))
}

func (k *Keeper) placeAccount(from string) error {
	if !fileExists(filepath.Join(from, accountName)) {
		return nil // it is in its place, or stays
	}
	return move(filepath.Join(from, accountName), k.file())
}

// setAsideDatabase renames the database and what SQLite has beside it.
func (k *Keeper) setAsideDatabase(name string) error {
	for _, end := range []string{"-wal", "-shm", "-journal", ""} { // the last one says that there is a database
		if err := k.setAside(databaseName+end, name+end); err != nil {
			return err
		}
	}
	k.log.Warn("the database was set aside", slog.String("as", filepath.Join(k.dir, name)))
	return nil
}

// setAside renames a file or folder that is in the way.
func (k *Keeper) setAside(name, as string) error {
	err := os.Rename(filepath.Join(k.dir, name), filepath.Join(k.dir, as))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("set aside: %w", err)
	}
	return nil
}

func move(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return fmt.Errorf("move: %w", err)
	}
	if err := os.Rename(from, to); err != nil {
		return fmt.Errorf("move: %w", err)
	}
	return nil
}

// writeSynced writes a file that is on the disk when it returns.
func writeSynced(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	return nil
}
