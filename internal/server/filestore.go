package server

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
)

// fileStore keeps the bytes of files. Unfinished ones are in a folder of the data folder. Finished ones stay where they
// are, so that finishing costs no copy, unless there is a bucket for them.
type fileStore struct {
	dir    string // immutable, like bucket
	bucket Bucket // nil: dir
}

// Bucket keeps the content of finished files, by names of hexadecimal digits. It is used by many goroutines.
type Bucket interface {
	// Upload writes an object, which is there whole or not at all.
	Upload(ctx context.Context, key string, r io.Reader, mime string) error
	// Open reads an object. Errors wrap fs.ErrNotExist when there is none.
	Open(ctx context.Context, key string) (io.ReadSeekCloser, error)
	// Delete removes an object. What is not there is no error.
	Delete(ctx context.Context, key string) error
}

const (
	fileDir = "files"
	// shardDigits is how many digits of an id name the folder that it is in.
	shardDigits = 2
)

func (s *fileStore) path(key string) string {
	return filepath.Join(s.dir, key[:shardDigits], key)
}

// create opens the bytes of an unfinished file, which are made if they do not exist.
func (s *fileStore) create(id fileID) (*os.File, error) {
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

// size is how much of an unfinished file there is.
func (s *fileStore) size(id fileID) (int64, error) {
	info, err := os.Stat(s.path(string(id)))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("look at file: %w", err)
	}
	return info.Size(), nil
}

// place puts what is finished where it is to stay. It is in the folder until settle.
func (s *fileStore) place(ctx context.Context, id fileID, mime string) error {
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

// settle removes what a placed file has left in the folder.
func (s *fileStore) settle(id fileID) error {
	if s.bucket == nil {
		return nil
	}
	return removeFile(s.path(string(id)))
}

// content is the bytes of a finished file.
type content = io.ReadSeekCloser

// open returns an error that wraps fs.ErrNotExist when the content is missing.
func (s *fileStore) open(ctx context.Context, key string) (content, error) { //nolint:ireturn // a file or an object
	if s.bucket == nil {
		f, err := os.Open(s.path(key))
		if err != nil {
			return nil, fmt.Errorf("open file: %w", err)
		}
		return f, nil
	}
	return s.bucket.Open(ctx, key)
}

// remove takes content away, wherever it is. What is not there is no error.
func (s *fileStore) remove(ctx context.Context, key string) error {
	if err := removeFile(s.path(key)); err != nil {
		return err
	}
	if s.bucket == nil {
		return nil
	}
	return s.bucket.Delete(ctx, key)
}

// strays lists what is in the folder since before a moment.
func (s *fileStore) strays(before time.Time) ([]fileID, error) {
	var list []fileID
	err := filepath.WalkDir(s.dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		id, ok := parseFileID(d.Name())
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

// syncDir makes the names in a folder outlast a loss of power.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" { // it keeps names by itself, and cannot sync a folder
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
