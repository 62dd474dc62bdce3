package mesibo

import (
	"errors"
	"io/fs"

	"github.com/parley-chat/parley/mesibo/internal/files"
)

// failure is why a file transfer failed, as the database keeps it.
type failure struct {
	name string
	err  error
}

// failures are those that have a name, the more special first.
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
		{"missing", fs.ErrNotExist}, // of a file that never was here
		{"permission", fs.ErrPermission},
		{"refused", ErrFileRefused},
	}
}

// failureName names the cause of a failed transfer, empty when it has no name.
func failureName(cause error) string {
	for _, f := range failures() {
		if errors.Is(cause, f.err) {
			return f.name
		}
	}
	return ""
}

// failureOf gives the cause that a name stands for, nil for none.
func failureOf(name string) error {
	for _, f := range failures() {
		if f.name == name {
			return f.err
		}
	}
	return nil
}
