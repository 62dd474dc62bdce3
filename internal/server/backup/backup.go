// Package backup copies the data folder of a server, also while the server runs, puts a copy back, and checks a folder.
//
// A backup is a folder: the database as it was at one moment, the files of messages, what else is in the data folder
// (the certificate), and manifest.json, which lists all of them with their SHA-256. It is written under another name and
// gets its own when it is complete, on the disk, and has been read back.
package backup

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/server/record/sqlite"
)

const (
	manifestName = "manifest.json"
	partial      = ".partial" // the end of the name of a folder that is being written
	dirMode      = 0o700
	fileMode     = 0o600
	// filesDir has the content of files, in subfolders named after the first digits of their keys.
	filesDir    = "files"
	shardDigits = 2
	// otherDir of a backup has what else was in the data folder.
	otherDir = "other"
)

// Errors of this package.
var (
	// ErrExists is returned by Create if the destination exists.
	ErrExists = errors.New("the destination exists; a backup is always a new folder")
	// ErrDamaged is returned by Verify and Restore for a backup that is not what was written.
	ErrDamaged = errors.New("the backup is damaged")
	// ErrNoBackup is returned by Verify and Restore for anything else than a backup.
	ErrNoBackup = errors.New("this is not a backup of a server")
	// ErrInside is returned by Create if the destination is in the data folder.
	ErrInside = errors.New("the destination is in the data folder")
)

// Manifest lists what is in a backup.
type Manifest struct {
	Version int       `json:"version"`
	Made    time.Time `json:"made"`
	Entries []Entry   `json:"entries"`
	// Missing are files whose content was not in the data folder: in a bucket, or lost.
	Missing []string `json:"missing,omitempty"`
}

// Entry is a file of a backup.
type Entry struct {
	Name   string `json:"name"` // with slashes, in the backup
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Size returns the size of all entries.
func (m *Manifest) Size() (n int64) {
	for _, e := range m.Entries {
		n += e.Size
	}
	return n
}

const manifestVersion = 1

// Create makes a backup of a data folder. A server may go on using it. Whatever goes wrong, to is a complete backup or
// does not exist.
func Create(ctx context.Context, dir, to string, now time.Time) (m *Manifest, err error) {
	to, err = filepath.Abs(to)
	if err != nil {
		return nil, fmt.Errorf("back up: %w", err)
	}
	if inside(dir, to) {
		return nil, fmt.Errorf("back up to %s: %w", to, ErrInside)
	}
	if _, err := os.Lstat(to); err == nil {
		return nil, fmt.Errorf("back up to %s: %w", to, ErrExists)
	}
	part := to + partial
	if err := os.RemoveAll(part); err != nil { // of an attempt that was killed
		return nil, fmt.Errorf("back up: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fullError(err, to), os.RemoveAll(part))
		}
	}()
	if err := os.MkdirAll(part, dirMode); err != nil {
		return nil, fmt.Errorf("back up: %w", err)
	}
	w := &writer{dir: dir, to: part, manifest: &Manifest{Version: manifestVersion, Made: now.UTC()}}
	if err := w.write(ctx); err != nil {
		return nil, err
	}
	if _, err := Verify(ctx, part); err != nil {
		return nil, err
	}
	if err := os.Rename(part, to); err != nil {
		return nil, fmt.Errorf("back up: %w", err)
	}
	return w.manifest, syncDir(filepath.Dir(to))
}

// inside reports whether a path is that of the folder, or in it.
func inside(dir, to string) bool {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return false
	}
	rel, err := filepath.Rel(dir, to)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// writer writes one backup.
type writer struct {
	dir, to  string // immutable
	manifest *Manifest
}

func (w *writer) write(ctx context.Context) error {
	if err := sqlite.Snapshot(ctx, w.dir, filepath.Join(w.to, sqlite.FileName)); err != nil {
		return err
	}
	sum, size, err := hashFile(ctx, filepath.Join(w.to, sqlite.FileName))
	if err != nil {
		return err
	}
	w.add(sqlite.FileName, size, sum)
	if err := w.writeContent(ctx); err != nil {
		return err
	}
	if err := w.writeOther(ctx); err != nil {
		return err
	}
	if err := writeManifest(filepath.Join(w.to, manifestName), w.manifest); err != nil {
		return err
	}
	return syncTree(w.to)
}

func (w *writer) add(name string, size int64, sum string) {
	w.manifest.Entries = append(w.manifest.Entries, Entry{Name: name, Size: size, SHA256: sum})
}

// writeContent copies the content of the files that the copied database has.
func (w *writer) writeContent(ctx context.Context) error {
	blobs, err := blobsOf(ctx, w.to)
	if err != nil {
		return err
	}
	for _, b := range blobs {
		name := path.Join(filesDir, b.key[:shardDigits], b.key)
		from, to := filepath.Join(w.dir, filepath.FromSlash(name)), filepath.Join(w.to, filepath.FromSlash(name))
		size, err := linkOrCopy(ctx, from, to)
		if errors.Is(err, fs.ErrNotExist) {
			w.manifest.Missing = append(w.manifest.Missing, b.key)
			continue
		}
		if err != nil {
			return err
		}
		w.add(name, size, b.hash)
	}
	return nil
}

// blob is the content of files.
type blob struct{ key, hash string }

func blobsOf(ctx context.Context, dir string) (list []blob, err error) {
	problems, err := sqlite.Inspect(ctx, dir, false, func(read record.Reader) error {
		return read.Query(`SELECT key, hash FROM blobs ORDER BY key`, nil, func(row record.Row) error {
			var (
				b    blob
				hash []byte
			)
			if err := row.Scan(&b.key, &hash); err != nil {
				return fmt.Errorf("list files: %w", err)
			}
			if len(b.key) > shardDigits {
				b.hash = hex.EncodeToString(hash)
				list = append(list, b)
			}
			return nil
		})
	})
	if err == nil && len(problems) > 0 {
		err = fmt.Errorf("the database is damaged: %s", problems[0])
	}
	return list, err
}

// writeOther copies what else is in the data folder.
func (w *writer) writeOther(ctx context.Context) error {
	err := filepath.WalkDir(w.dir, func(from string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(w.dir, from)
		if err != nil {
			return err //nolint:wrapcheck // wrapped below
		}
		if rel != "." && isOwn(rel) {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() {
			return nil
		}
		name := path.Join(otherDir, filepath.ToSlash(rel))
		to := filepath.Join(w.to, filepath.FromSlash(name))
		if err := copyFile(ctx, from, to); err != nil {
			return err
		}
		sum, size, err := hashFile(ctx, to)
		if err != nil {
			return err
		}
		w.add(name, size, sum)
		return nil
	})
	if err != nil {
		return fmt.Errorf("copy data folder: %w", err)
	}
	return nil
}

// isOwn reports whether a name in the data folder is that of something that a backup has elsewhere, or not at all.
func isOwn(rel string) bool {
	top, _, _ := strings.Cut(filepath.ToSlash(rel), "/")
	switch {
	case slices.Contains(sqlite.Files(), top), top == "lock", strings.HasPrefix(top, "lock-"), top == filesDir:
		return true
	case strings.HasPrefix(top, markName), strings.HasPrefix(top, restoring), strings.HasPrefix(top, replaced):
		return true
	}
	return strings.HasSuffix(top, ".part")
}

// markName is the server's note of how far the database has come.
const markName = "parley.mark"

func writeManifest(name string, m *Manifest) error {
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("write manifest: %w", err)
	}
	if err := os.WriteFile(name, append(b, '\n'), fileMode); err != nil {
		return fmt.Errorf("write manifest: %w", err)
	}
	return nil
}

// Verify reads a whole backup and compares it with its manifest.
func Verify(ctx context.Context, from string) (*Manifest, error) {
	m, err := readManifest(from)
	if err != nil {
		return nil, err
	}
	seen := false
	for _, e := range m.Entries {
		if !filepath.IsLocal(filepath.FromSlash(e.Name)) {
			return nil, fmt.Errorf("%w: the name %q", ErrDamaged, e.Name)
		}
		sum, size, err := hashFile(ctx, filepath.Join(from, filepath.FromSlash(e.Name)))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("%w: %s is missing", ErrDamaged, e.Name)
		case err != nil:
			return nil, err
		case size != e.Size || sum != e.SHA256:
			return nil, fmt.Errorf("%w: %s is not what was written", ErrDamaged, e.Name)
		}
		seen = seen || e.Name == sqlite.FileName
	}
	if !seen {
		return nil, fmt.Errorf("%w: it has no database", ErrDamaged)
	}
	problems, err := Check(ctx, from, false)
	if err != nil {
		return nil, err
	}
	for _, p := range problems {
		if !p.Lesser {
			return nil, fmt.Errorf("%w: %s", ErrDamaged, p.Text)
		}
	}
	return m, nil
}

func readManifest(from string) (*Manifest, error) {
	b, err := os.ReadFile(filepath.Join(from, manifestName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", from, ErrNoBackup)
	}
	if err != nil {
		return nil, fmt.Errorf("read manifest: %w", err)
	}
	m := new(Manifest)
	if err := json.Unmarshal(b, m); err != nil {
		return nil, fmt.Errorf("%w: its manifest: %w", ErrDamaged, err)
	}
	if m.Version != manifestVersion {
		return nil, fmt.Errorf("%s: %w of this version of the program (%d)", from, ErrNoBackup, m.Version)
	}
	return m, nil
}
