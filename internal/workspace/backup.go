package workspace

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/parley-chat/parley/app"
	"github.com/parley-chat/parley/internal/archive"
)

// The names in a backup.
const (
	filesFolder     = "files"     // of the SDK
	serverFolder    = "server"    // of the local workspace
	echoFolder      = "echo"      // of its contact that answers
	elsewhereFolder = "elsewhere" // files that messages name outside of the data folder
	tempFolder      = "temp"      // in filesFolder: what may go at any time
	lockName        = "lock"      // files with this prefix are of a running program
	unfinished      = ".part"
)

// backupCopy is the copy of the database while a backup is written.
const backupCopy = ".backup.db"

// backup implements app.Session.Backup.
func (r *running) backup(ctx context.Context, b app.Backup) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(r.closing, cancel)()
	if r.saved.Kind == kindLocal { // its databases are copied as files, so nothing may write them
		r.mu.Lock()
		defer r.mu.Unlock()
		if err := r.pause(ctx); err != nil {
			return errors.Join(err, r.goOn(ctx))
		}
		defer func() { err = errors.Join(err, r.goOn(ctx)) }()
	}
	copied := filepath.Join(r.k.dir, backupCopy)
	defer func() { err = errors.Join(err, removeFile(copied)) }()
	if err := r.m.BackupDatabase(copied); err != nil {
		return err
	}
	m, files, err := r.contents(copied)
	if err != nil {
		return err
	}
	m.Preferences = b.Preferences
	key := archive.Key{Passphrase: b.Passphrase, WorkFactor: r.k.workFactor}
	return archive.Write(ctx, b.Path, key, m, files, b.Progress)
}

// pause stops what writes in the folders of a local workspace.
func (r *running) pause(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	err := r.endEcho()
	r.m.Stop()
	return errors.Join(err, r.endServer(ctx))
}

// goOn undoes pause, unless the session ends.
func (r *running) goOn(ctx context.Context) error {
	if r.closing.Err() != nil {
		return nil //nolint:nilerr // what stays stopped is what was wanted
	}
	return r.run(context.WithoutCancel(ctx))
}

// contents lists what a backup has, the database first.
func (r *running) contents(database string) (m archive.Manifest, files []archive.File, err error) {
	m = archive.Manifest{Created: time.Now(), Base: r.k.dir, Elsewhere: map[string]string{}, Account: archive.Account{
		Local: r.saved.Kind == kindLocal, Address: r.saved.Address, Name: r.saved.Name, Server: r.saved.Server,
		Echo: r.saved.Echo, Token: r.getToken(),
	}}
	if r.saved.Echo {
		if m.Account.Second, err = r.k.secret.Get(r.saved.echoKey()); err != nil {
			return m, nil, fmt.Errorf("read the access token of Echo: %w", err)
		}
	}
	files = []archive.File{{Name: databaseName, Path: database}}
	folders := []string{filesFolder}
	if m.Account.Local {
		folders = append(folders, serverFolder, echoFolder)
	}
	for _, folder := range folders {
		if files, err = r.k.addFolder(files, folder); err != nil {
			return m, nil, err
		}
	}
	paths, err := r.m.GetFilePaths()
	if err != nil {
		return m, nil, err
	}
	for i, path := range paths {
		info, err := os.Stat(path)
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		if rel := below(path, r.k.dir); rel != "" {
			if strings.HasSuffix(path, unfinished) { // it was left out, as downloads are that have not ended
				files = append(files, archive.File{Name: filepath.ToSlash(rel), Path: path})
			}
			continue
		}
		name := elsewhereFolder + "/" + strconv.Itoa(i) + "/" + filepath.Base(path)
		m.Elsewhere[name] = path
		files = append(files, archive.File{Name: name, Path: path})
	}
	return m, files, nil
}

// addFolder adds the files of a folder of the account.
func (k *Keeper) addFolder(files []archive.File, folder string) ([]archive.File, error) {
	err := filepath.WalkDir(filepath.Join(k.dir, folder), func(path string, e fs.DirEntry, err error) error {
		switch rel := below(path, k.dir); {
		case errors.Is(err, fs.ErrNotExist):
			return nil // it went meanwhile
		case err != nil:
			return err
		case e.IsDir() && rel == filepath.Join(filesFolder, tempFolder):
			return fs.SkipDir
		case folder == filesFolder && strings.HasSuffix(path, unfinished),
			folder != filesFolder && strings.HasPrefix(e.Name(), lockName):
			return nil
		case e.Type().IsRegular():
			files = append(files, archive.File{Name: filepath.ToSlash(rel), Path: path})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list files: %w", err)
	}
	return files, nil
}

// below returns a path from a folder on, empty when it is not in it.
func below(path, folder string) string {
	rest, ok := strings.CutPrefix(path, folder+string(filepath.Separator))
	if !ok {
		return ""
	}
	return rest
}

func removeFile(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove file: %w", err)
	}
	return nil
}
