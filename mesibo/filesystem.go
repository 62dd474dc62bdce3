package mesibo

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/parley-chat/parley/mesibo/internal/files"
)

// The functions of this file work at once, on the calling goroutine. A relative path is below GetBasePath, and
// nothing leads out of it: neither .. nor a symbolic link. An absolute path is any place of this machine, as in the
// reference. A path that holds a NUL, or is empty, is refused.

// CreateFile writes a file: fileName, a name without separators, into the folder path, which must exist. The
// file is complete or not there at all, also after a crash, and on the disk when the call returns. Only its owner
// can read it. overwrite replaces an existing file; without it that is an error. A symbolic link of that name is
// replaced, never followed. Errors: ResultBadRequest with ErrFileName, ErrFileKind, fs.ErrExist or fs.ErrNotExist
// (no such folder), ResultDenied with fs.ErrPermission, ResultFail with ErrDiskFull or another cause.
func (m *Mesibo) CreateFile(path, fileName string, data []byte, overwrite bool) error {
	const op = "CreateFile"
	place, err := files.In(m.GetBasePath(), path, fileName)
	if err != nil {
		return fileError(op, err)
	}
	return fileError(op, errors.Join(place.Write(data, overwrite), place.Close()))
}

// FileExists reports whether a regular file exists. Folders and devices do not count.
func (m *Mesibo) FileExists(path string) bool {
	place, err := files.Open(m.GetBasePath(), path)
	if err != nil {
		return false
	}
	defer func() { _ = place.Close() }() // nothing was written
	return place.Exists()
}

// RenameFile moves a file. forced replaces an existing file; without it that is an error (fs.ErrExist). Within
// one disk dest is there at once and completely; to another disk the file is copied, made to last, and then deleted
// at src. Errors are those of CreateFile; fs.ErrNotExist also when src is missing.
func (m *Mesibo) RenameFile(src, dest string, forced bool) error {
	return m.between("RenameFile", src, dest, func(from, to *files.Place) error { return to.MoveFrom(from, forced) })
}

// CopyFile copies a file. dest is complete or not there at all, also after a crash. A file that exists at dest
// stays, and the error wraps fs.ErrExist. Errors are those of CreateFile; fs.ErrNotExist also when src is missing.
func (m *Mesibo) CopyFile(src, dest string) error {
	return m.between("CopyFile", src, dest, func(from, to *files.Place) error { return to.CopyFrom(from) })
}

func (m *Mesibo) between(op, src, dest string, f func(from, to *files.Place) error) error {
	base := m.GetBasePath()
	from, err := files.Open(base, src)
	if err != nil {
		return fileError(op, err)
	}
	to, err := files.Open(base, dest)
	if err != nil {
		return fileError(op, errors.Join(err, from.Close()))
	}
	return fileError(op, errors.Join(f(from, to), from.Close(), to.Close()))
}

// DeleteFile deletes a file, or a symbolic link but not what it leads to. A path at which nothing exists is no
// error; a folder is (ErrFileKind). Errors are those of CreateFile.
func (m *Mesibo) DeleteFile(path string) error {
	const op = "DeleteFile"
	place, err := files.Open(m.GetBasePath(), path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // not even the folder
	}
	if err != nil {
		return fileError(op, err)
	}
	return fileError(op, errors.Join(place.Delete(), place.Close()))
}

// CreatePath makes a folder and those above it, for this user alone. One that exists is no error. Errors are
// those of CreateFile.
func (m *Mesibo) CreatePath(path string) error {
	const op = "CreatePath"
	if filepath.IsAbs(path) && !hasNUL(path) {
		return fileError(op, os.MkdirAll(path, 0o700))
	}
	place, err := files.Open(m.GetBasePath(), path)
	if err != nil {
		return fileError(op, err)
	}
	return fileError(op, errors.Join(place.MakeFolder(), place.Close()))
}

func hasNUL(path string) bool {
	for i := range len(path) {
		if path[i] == 0 {
			return true
		}
	}
	return false
}

// fileError adds the result to an error of a file; nil stays nil.
func fileError(op string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrPermission):
		return opError(op, ResultDenied, err)
	case errors.Is(err, syscall.ENOSPC):
		return opError(op, ResultFail, errors.Join(ErrDiskFull, err))
	}
	for _, wrong := range []error{
		files.ErrName, files.ErrKind, fs.ErrExist, fs.ErrNotExist, fs.ErrInvalid, syscall.ENAMETOOLONG, syscall.ENOTDIR,
		ErrFileUnreadable,
	} {
		if errors.Is(err, wrong) {
			return opError(op, ResultBadRequest, err)
		}
	}
	return opError(op, ResultFail, err)
}

// GetFileName returns the last element of a path or URL, that which follows the last / or \. Both count on every
// system, because the names of files come from other people's systems. Empty when nothing follows.
func (m *Mesibo) GetFileName(path string) string { return files.Base(path) }

// GetBasePath returns the folder of databases and files: the one of SetPath, or the default, "mesibo" in the user's
// configuration folder. Empty when there is no such folder.
func (m *Mesibo) GetBasePath() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	base, err := m.basePath()
	if err != nil {
		m.log.Error("find the folder of files", errAttr(err))
		return ""
	}
	return base
}

// GetFilePath returns the folder below GetBasePath for files of a type, and makes it when it is missing. It is
// shared by all users of this path. A folder that cannot be made is logged; the first file put there fails with the
// reason.
func (m *Mesibo) GetFilePath(t FileType) string {
	return m.folder(folderOf(t))
}

// GetTempFilesPath returns the folder below GetBasePath for files that may be deleted at any time, and makes it
// when it is missing.
func (m *Mesibo) GetTempFilesPath() string { return m.folder("temp") }

func (m *Mesibo) folder(name string) string {
	path := filepath.Join(m.GetBasePath(), "files", name)
	if err := os.MkdirAll(path, 0o700); err != nil {
		m.log.Error("make folder", errAttr(err))
	}
	return path
}

func folderOf(t FileType) string {
	switch t {
	case FileTypeImage:
		return "images"
	case FileTypeVideo:
		return "videos"
	case FileTypeAudio:
		return "audio"
	case FileTypeProfileImage, FileTypeProfileThumbnail:
		return "profiles"
	case FileTypeAuto, FileTypeLocation, FileTypeOther:
	}
	return "documents"
}

// GetDatabasePath returns the file of the local database, empty while SetDatabase has not been called.
func (m *Mesibo) GetDatabasePath() string {
	m.mu.Lock()
	db, kept := m.db, m.dbKept
	m.mu.Unlock()
	if db == nil || !kept {
		return ""
	}
	return db.Path()
}

// absolute makes a path absolute, within the base path when it is relative.
func (m *Mesibo) absolute(path string) (string, error) {
	place, err := files.Open(m.GetBasePath(), path)
	if err != nil {
		return "", err
	}
	file, err := filepath.Abs(place.Path())
	return file, errors.Join(err, place.Close())
}
