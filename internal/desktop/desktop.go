// Package desktop does what the system's desktop can and the window toolkit cannot: it reports a drag over the window
// before the drop, and copies and pastes pictures and files. Where a system has no way to do it, it returns
// ErrUnsupported.
package desktop

import (
	"errors"
	"net/url"
	"path/filepath"
	"runtime"
	"strings"
)

// ErrUnsupported is returned where the system has no way to do it.
var ErrUnsupported = errors.New("not possible with this desktop")

// maxPaste bounds the bytes read from the clipboard.
const maxPaste = 64 << 20

// Desktop is the desktop of the user who runs the program. Its zero value is ready to use; Close releases it.
type Desktop struct {
	owner owner
}

// New returns the desktop.
func New() *Desktop { return &Desktop{} }

// filesOf returns the files in a list of URIs (RFC 2483, or the form in which file managers copy, whose first line is
// what to do with them). It skips those of other computers.
func filesOf(list string) []string {
	var files []string
	for line := range strings.Lines(list) {
		u, err := url.Parse(strings.TrimSpace(line))
		if err != nil || u.Scheme != "file" || u.Host != "" && u.Host != "localhost" || u.Path == "" {
			continue
		}
		path := u.Path
		if runtime.GOOS == "windows" {
			path = strings.TrimPrefix(path, "/")
		}
		if strings.ContainsRune(path, 0) {
			continue
		}
		files = append(files, filepath.Clean(filepath.FromSlash(path)))
	}
	return files
}
