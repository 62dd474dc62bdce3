// Package files works on files so that each is there completely or not at all, also after a crash, and so that
// relative names cannot lead out of their folder.
package files

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Errors of this package, beside those of io/fs.
var (
	// ErrName: a path is empty, holds a NUL, or leads out of its folder.
	ErrName = errors.New("not a valid file name")
	// ErrKind: it is a folder, a device or the like, where a regular file is expected.
	ErrKind = errors.New("not a regular file")
)

const (
	fileMode   = 0o600
	folderMode = 0o700
)

// Place is a file that may exist: a name within a folder. Close it.
type Place struct {
	root *os.Root
	name string
}

// Open finds the place of a path. A relative one is below base: neither .. nor a symbolic link leads out of it. An
// absolute one is any place of the machine, and only its last element is held to the folder before it.
func Open(base, path string) (*Place, error) {
	if path == "" || strings.ContainsRune(path, 0) || strings.ContainsRune(base, 0) {
		return nil, ErrName
	}
	dir, name := base, filepath.Clean(path)
	if filepath.IsAbs(path) {
		dir, name = filepath.Split(name)
	}
	return open(dir, name)
}

// In returns the place of one name, without separators, in a folder that Open would find.
func In(base, folder, name string) (*Place, error) {
	if name == "" || strings.ContainsAny(name, "/\\\x00") || strings.ContainsRune(folder, 0) ||
		!filepath.IsLocal(name) || name == "." {
		return nil, ErrName
	}
	if filepath.IsAbs(folder) {
		return open(folder, name)
	}
	return Open(base, filepath.Join(folder, name))
}

func open(dir, name string) (*Place, error) {
	if !filepath.IsLocal(name) || name == "." || dir == "" {
		return nil, ErrName
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		if info, statErr := os.Stat(dir); statErr == nil && !info.IsDir() {
			return nil, fmt.Errorf("%w: %s is no folder", ErrKind, filepath.Base(dir))
		}
		return nil, fmt.Errorf("open folder: %w", err)
	}
	return &Place{root: root, name: name}, nil
}

// Close ends the use of a place.
func (p *Place) Close() error {
	if err := p.root.Close(); err != nil {
		return fmt.Errorf("close folder: %w", err)
	}
	return nil
}

// Path is the place as a path.
func (p *Place) Path() string { return filepath.Join(p.root.Name(), p.name) }

// Exists reports whether a regular file exists.
func (p *Place) Exists() bool {
	info, err := p.root.Stat(p.name)
	return err == nil && info.Mode().IsRegular()
}

// Delete removes a file or a symbolic link; nothing there is no error.
func (p *Place) Delete() error {
	info, err := p.root.Lstat(p.name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && info.IsDir() {
		return ErrKind
	}
	if err == nil {
		err = p.root.Remove(p.name)
	}
	if err != nil {
		return fmt.Errorf("delete file: %w", err)
	}
	return p.syncFolder()
}

// MakeFolder makes the place a folder, with those above it.
func (p *Place) MakeFolder() error {
	if err := p.root.MkdirAll(p.name, folderMode); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	return nil
}

// Write puts data into the place; without overwrite an existing file is fs.ErrExist.
func (p *Place) Write(data []byte, overwrite bool) error {
	return p.write(bytes.NewReader(data), overwrite)
}

// WriteFrom is Write for what a reader has, into a place that is free. Until it is complete it has the name temp, from
// TempName, in the same folder: what the end of the process leaves is found by that.
func (p *Place) WriteFrom(in io.Reader, temp string) error { return p.writeAs(in, temp, false) }

// TempName returns a name for a file that is being written.
func TempName() string { return ".mesibo-" + rand.Text() + ".tmp" }

// CopyFrom puts the contents of another place's file into this one, which must be free, else fs.ErrExist.
func (p *Place) CopyFrom(src *Place) error { return p.copyFrom(src, false) }

func (p *Place) copyFrom(src *Place, overwrite bool) error {
	if err := src.regular(); err != nil {
		return err
	}
	in, err := src.root.Open(src.name)
	if err != nil {
		return fmt.Errorf("open file: %w", err)
	}
	return errors.Join(p.write(in, overwrite), in.Close())
}

// regular checks that a regular file is there: opening others might wait, and reading them might not end.
func (p *Place) regular() error {
	info, err := p.root.Stat(p.name)
	if err != nil {
		return fmt.Errorf("look up file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return ErrKind
	}
	return nil
}

// free returns an error when the place is taken: fs.ErrExist, or that it is a folder.
func (p *Place) free(overwrite bool) error {
	info, err := p.root.Lstat(p.name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("look up file: %w", err)
	case info.IsDir():
		return ErrKind
	case !overwrite:
		return fmt.Errorf("%s: %w", filepath.Base(p.name), fs.ErrExist)
	}
	return nil
}

func (p *Place) write(in io.Reader, overwrite bool) error {
	return p.writeAs(in, TempName(), overwrite)
}

func (p *Place) writeAs(in io.Reader, tempName string, overwrite bool) error {
	if err := p.free(overwrite); err != nil {
		return err
	}
	temp := &Place{root: p.root, name: filepath.Join(filepath.Dir(p.name), tempName)}
	f, err := temp.root.OpenFile(temp.name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	_, err = io.Copy(f, in)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = p.take(temp, overwrite)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write file: %w", err), removeIfThere(temp))
	}
	return p.syncFolder()
}

func removeIfThere(p *Place) error {
	if err := p.root.Remove(p.name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove temporary file: %w", err)
	}
	return nil
}

// take moves a file of the same root here.
func (p *Place) take(from *Place, overwrite bool) error {
	if overwrite {
		return p.root.Rename(from.name, p.name) //nolint:wrapcheck // by the caller
	}
	// A link, unlike a renaming, never replaces.
	err := p.root.Link(from.name, p.name)
	if err == nil {
		return p.root.Remove(from.name) //nolint:wrapcheck // by the caller
	}
	if errors.Is(err, fs.ErrExist) {
		return err //nolint:wrapcheck // by the caller
	}
	if err := p.free(false); err != nil { // a file system without links
		return err
	}
	return p.root.Rename(from.name, p.name) //nolint:wrapcheck // by the caller
}

// MoveFrom moves another place's file here. Without overwrite this place must be free, else fs.ErrExist. From
// another disk it is copied first and then deleted.
func (p *Place) MoveFrom(src *Place, overwrite bool) error {
	if err := errors.Join(src.regular(), p.free(overwrite)); err != nil {
		return err
	}
	var err error
	if src.root.Name() == p.root.Name() {
		err = p.take(src, overwrite)
	} else {
		err = moveAcross(src.Path(), p.Path(), overwrite)
	}
	if isOtherDisk(err) {
		if err := p.copyFrom(src, overwrite); err != nil {
			return err
		}
		return src.Delete()
	}
	if err != nil {
		return fmt.Errorf("rename file: %w", err)
	}
	return errors.Join(p.syncFolder(), src.syncFolder())
}

// moveAcross is take between roots, whose places have been checked.
func moveAcross(src, dest string, overwrite bool) error {
	if overwrite {
		return os.Rename(src, dest) //nolint:wrapcheck // by the caller
	}
	err := os.Link(src, dest)
	if err == nil {
		return os.Remove(src) //nolint:wrapcheck // by the caller
	}
	if errors.Is(err, fs.ErrExist) || isOtherDisk(err) {
		return err //nolint:wrapcheck // by the caller
	}
	return os.Rename(src, dest) //nolint:wrapcheck // by the caller
}

func isOtherDisk(err error) bool {
	const windowsNotSameDevice = syscall.Errno(17)
	return errors.Is(err, syscall.EXDEV) || filepath.Separator == '\\' && errors.Is(err, windowsNotSameDevice)
}

// syncFolder makes what happened in the place's folder last beyond a loss of power.
func (p *Place) syncFolder() error {
	dir, err := p.root.Open(filepath.Dir(p.name))
	if err != nil {
		return fmt.Errorf("open folder: %w", err)
	}
	return errors.Join(sync(dir), dir.Close())
}
