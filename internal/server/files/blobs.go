package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/parley-chat/parley/internal/server/fileref"
)

// dirMode hides the folders of files from other users of the machine.
const dirMode = 0o700

// blobStore stores the content of files. Unfinished files are in a folder of the data folder. Finished ones stay there,
// which saves a copy, unless there is a bucket.
type blobStore struct {
	dir    string // immutable, like bucket
	bucket Bucket // nil: dir
}

// Bucket stores the content of finished files under names of hexadecimal digits. Its methods may be called from any
// goroutine.
type Bucket interface {
	// Upload writes an object atomically.
	Upload(ctx context.Context, key string, r io.Reader, mime string) error
	// Open reads an object. The error wraps fs.ErrNotExist if it does not exist.
	Open(ctx context.Context, key string) (io.ReadSeekCloser, error)
	// Delete removes an object. It returns nil if it does not exist.
	Delete(ctx context.Context, key string) error
}

const (
	dirName = "files"
	// shardDigits is how many digits of an id name its subfolder.
	shardDigits = 2
)

func (s *blobStore) path(key string) string {
	return filepath.Join(s.dir, key[:shardDigits], key)
}

// create opens an unfinished file, which is created if it does not exist.
func (s *blobStore) create(id fileref.ID) (*os.File, error) {
	path := s.path(string(id))
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err == nil {
		return f, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open file: %w", err)
	}
	shard := filepath.Dir(path)
	if err := os.MkdirAll(shard, dirMode); err != nil {
		return nil, fmt.Errorf("make file: %w", err)
	}
	if f, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return nil, fmt.Errorf("make file: %w", err)
	}
	for _, dir := range []string{shard, s.dir, filepath.Dir(s.dir)} {
		if err := syncDir(dir); err != nil {
			return nil, errors.Join(err, f.Close())
		}
	}
	return f, nil
}

// size returns the size on disk of an unfinished file.
func (s *blobStore) size(id fileref.ID) (int64, error) {
	info, err := os.Stat(s.path(string(id)))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("look at file: %w", err)
	}
	return info.Size(), nil
}

// place puts a finished file in its final place. The copy in the folder stays until removeStaged.
func (s *blobStore) place(ctx context.Context, id fileref.ID, mime string) error {
	if s.bucket == nil {
		return nil
	}
	f, err := os.Open(s.path(string(id)))
	if err != nil {
		return fmt.Errorf("open file: %w", err)
	}
	defer func() { _ = f.Close() }()
	return s.bucket.Upload(ctx, string(id), f, mime)
}

// removeStaged removes the folder's copy of a file that is in the bucket.
func (s *blobStore) removeStaged(id fileref.ID) error {
	if s.bucket == nil {
		return nil
	}
	return removeFile(s.path(string(id)))
}

// content is the content of a finished file.
type content = io.ReadSeekCloser

// open returns an error that wraps fs.ErrNotExist if the content is missing.
func (s *blobStore) open(ctx context.Context, key string) (content, error) { //nolint:ireturn // a file or an object
	if s.bucket == nil {
		f, err := os.Open(s.path(key))
		if err != nil {
			return nil, fmt.Errorf("open file: %w", err)
		}
		return f, nil
	}
	return s.bucket.Open(ctx, key)
}

// remove deletes content from the folder and the bucket. It returns nil if it does not exist.
func (s *blobStore) remove(ctx context.Context, key string) error {
	if err := removeFile(s.path(key)); err != nil {
		return err
	}
	if s.bucket == nil {
		return nil
	}
	return s.bucket.Delete(ctx, key)
}

// strays returns the files in the folder that are older than before.
func (s *blobStore) strays(before time.Time) ([]fileref.ID, error) {
	var list []fileref.ID
	err := filepath.WalkDir(s.dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		id, ok := fileref.ParseID(d.Name())
		if !ok || !d.Type().IsRegular() {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err //nolint:wrapcheck // wrapped below
		}
		if info.ModTime().Before(before) {
			list = append(list, id)
		}
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("look through files: %w", err)
	}
	return list, nil
}

func removeFile(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove file: %w", err)
	}
	return nil
}

// syncDir makes the entries of a folder durable.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" { // entries are durable, and folders cannot be synced
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	return nil
}
