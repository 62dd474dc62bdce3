package format_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"testing"

	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/mesibo"
)

func TestFileError(t *testing.T) {
	errs := []error{
		mesibo.ErrFileChanged, mesibo.ErrFileTooLarge, mesibo.ErrFileQuota, mesibo.ErrFileGone,
		mesibo.ErrFileDenied, mesibo.ErrFileRefused, mesibo.ErrFileDamaged, mesibo.ErrFileURL,
		mesibo.ErrFileUnreadable, mesibo.ErrNoFileService, mesibo.ErrNoFileHandler, mesibo.ErrDiskFull,
		fs.ErrNotExist, fs.ErrPermission, syscall.ENOSPC,
	}
	for _, err := range errs {
		up, upOK := format.FileError(fmt.Errorf("moving: %w", err), true)
		down, downOK := format.FileError(fmt.Errorf("moving: %w", err), false)
		if !upOK && !downOK {
			t.Errorf("%v: nothing is said", err)
		}
		for _, words := range []string{up, down} {
			if words != "" && (!strings.HasSuffix(words, ".") || words[0] < 'A' || words[0] > 'Z') {
				t.Errorf("%v: %q is no sentence", err, words)
			}
		}
	}
	for _, upload := range []bool{true, false} {
		for _, err := range []error{nil, errors.New("no"), mesibo.ResultFail} {
			if words, ok := format.FileError(err, upload); ok || words != "" {
				t.Errorf("%v: got %q", err, words)
			}
		}
	}
}
