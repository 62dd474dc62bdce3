package mesibo

import (
	"errors"
	"io/fs"

	"github.com/parley-chat/parley/mesibo/internal/files"
)

// failure is why a file transfer failed, as the database keeps it.
type failure struct {
	code string
	err  error
}

// failures returns those that have a code, the more special first.
func failures() []failure {
	return []failure{
		{"changed", ErrFileChanged},
		{"unreadable", ErrFileUnreadable},
		{"large", ErrFileTooLarge},
		{"quota", ErrFileQuota},
		{"gone", ErrFileGone},
		{"denied", ErrFileDenied},
		{"damaged", ErrFileDamaged},
		{"url", ErrFileURL},
		{"service", ErrNoFileService},
		{"full", ErrDiskFull},
		{"kind", files.ErrKind},
		{"missing", ErrFileMissing},
		{"missing", fs.ErrNotExist}, // of a file that never existed
		{"permission", fs.ErrPermission},
		{"refused", ErrFileRefused},
	}
}

// errorCode returns the code of the cause of a failed transfer, empty when it has none.
func errorCode(cause error) string {
	for _, f := range failures() {
		if errors.Is(cause, f.err) {
			return f.code
		}
	}
	return ""
}

// errorFromCode returns the cause that a code stands for, nil for none.
func errorFromCode(code string) error {
	for _, f := range failures() {
		if f.code == code {
			return f.err
		}
	}
	return nil
}
