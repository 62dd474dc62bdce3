package format

import (
	"errors"
	"io/fs"
	"syscall"

	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
)

// FileError says why an upload or a download failed and what can be done, in one or two sentences. ok is false when the
// error is not about files.
func FileError(err error, upload bool) (words string, ok bool) {
	if upload {
		words = uploadError(err)
	} else {
		words = downloadError(err)
	}
	return words, words != ""
}

func uploadError(err error) string {
	switch {
	case errors.Is(err, mesibo.ErrFileChanged):
		return tr.L("The file was changed after you sent it. Send it again.")
	case errors.Is(err, mesibo.ErrFileUnreadable):
		return tr.L("The file can't be read: the system generates it. Copy it, then send the copy.")
	case errors.Is(err, fs.ErrNotExist):
		return tr.L("The file was moved or deleted before it was sent. Choose it again.")
	case errors.Is(err, fs.ErrPermission):
		return tr.L("You are not allowed to read the file.")
	case errors.Is(err, mesibo.ErrFileTooLarge):
		return tr.L("The file is too large for the server.")
	case errors.Is(err, mesibo.ErrFileQuota):
		return tr.L("The server has no room left for your files. Ask whoever runs it for more, or delete files you sent.")
	case errors.Is(err, mesibo.ErrFileDenied):
		return tr.L("The server does not allow you to send files.")
	case errors.Is(err, mesibo.ErrNoFileService), errors.Is(err, mesibo.ErrNoFileHandler):
		return tr.L("Files can't be sent through this server.")
	case errors.Is(err, mesibo.ErrFileRefused):
		return tr.L("The server refused the file.")
	case isFull(err):
		return tr.L("The disk is full. Free some space, then try again.")
	}
	return ""
}

func downloadError(err error) string {
	switch {
	case errors.Is(err, mesibo.ErrFileGone):
		return tr.L("The file is not on the server any more. Ask for it again.")
	case isFull(err):
		return tr.L("There is no room for the file on this disk. Free some space, then try again.")
	case errors.Is(err, mesibo.ErrFileDamaged):
		return tr.L("The file was damaged on its way. Try again.")
	case errors.Is(err, mesibo.ErrFileTooLarge):
		return tr.L("The file is too large.")
	case errors.Is(err, mesibo.ErrFileDenied):
		return tr.L("The server does not let you have this file.")
	case errors.Is(err, mesibo.ErrFileURL):
		return tr.L("The file is at an address that files are not downloaded from.")
	case errors.Is(err, mesibo.ErrNoFileService), errors.Is(err, mesibo.ErrNoFileHandler):
		return tr.L("Files can't be downloaded from this server.")
	case errors.Is(err, mesibo.ErrFileRefused):
		return tr.L("The server refused to send the file.")
	case errors.Is(err, fs.ErrPermission):
		return tr.L("The folder for files can't be written to.")
	}
	return ""
}

func isFull(err error) bool {
	return errors.Is(err, mesibo.ErrDiskFull) || errors.Is(err, syscall.ENOSPC)
}
