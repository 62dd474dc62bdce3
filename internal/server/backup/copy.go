package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"

	"github.com/parley-chat/parley/internal/server/record/sqlite"
)

// reading is an io.Reader that ends with its context.
type reading struct {
	ctx context.Context //nolint:containedctx // of one call
	r   io.Reader
}

func (r reading) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err //nolint:wrapcheck // wrapped by callers
	}
	return r.r.Read(b) //nolint:wrapcheck // likewise; io.EOF stays as it is
}

func hashFile(ctx context.Context, name string) (sum string, size int64, err error) {
	f, err := os.Open(name)
	if err != nil {
		return "", 0, fmt.Errorf("read file: %w", err)
	}
	defer func() { _ = f.Close() }()
	h := sha256.New()
	if size, err = io.Copy(h, reading{ctx, f}); err != nil {
		return "", 0, fmt.Errorf("read %s: %w", filepath.Base(name), err)
	}
	return hex.EncodeToString(h.Sum(nil)), size, nil
}

// linkOrCopy puts content at another place: as a second name where the disk is the same, since content never changes.
func linkOrCopy(ctx context.Context, from, to string) (size int64, err error) {
	info, err := os.Lstat(from)
	if err != nil {
		return 0, fmt.Errorf("copy file: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(to), dirMode); err != nil {
		return 0, fmt.Errorf("copy file: %w", err)
	}
	if err := os.Link(from, to); err == nil {
		return info.Size(), nil
	}
	return info.Size(), copyFile(ctx, from, to)
}

// copyFile copies a file and brings it to the disk. to exists only when it is complete.
func copyFile(ctx context.Context, from, to string) (err error) {
	if err := os.MkdirAll(filepath.Dir(to), dirMode); err != nil {
		return fmt.Errorf("copy file: %w", err)
	}
	src, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("copy file: %w", err)
	}
	defer func() { _ = src.Close() }()
	dst, err := os.OpenFile(to+partial, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, fileMode)
	if err != nil {
		return fmt.Errorf("copy file: %w", err)
	}
	_, err = io.Copy(dst, reading{ctx, src})
	if err := errors.Join(err, dst.Sync(), dst.Close()); err != nil {
		return errors.Join(fmt.Errorf("copy file: %w", err), os.Remove(to+partial))
	}
	if err := os.Rename(to+partial, to); err != nil {
		return fmt.Errorf("copy file: %w", err)
	}
	return nil
}

// syncTree makes the entries of a folder and its subfolders durable, and its manifest.
func syncTree(dir string) error {
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			return syncDir(name)
		case d.Name() == manifestName:
			return sqlite.SyncFile(name)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("sync folder: %w", err)
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

// fullError says of which disk there is no room left.
func fullError(err error, to string) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, sqlite.ErrFull) {
		return fmt.Errorf("there is not enough room on the disk of %s: %w", to, err)
	}
	return err
}
