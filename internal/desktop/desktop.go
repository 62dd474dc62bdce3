// Package desktop does what the system's desktop can and the window toolkit cannot: it tells of a drag over the window before
// anything is dropped, and takes and gives pictures and files through the clipboard. Where a system has no way to do it, it says
// ErrUnsupported.
package desktop

import (
	"errors"
	"net/url"
	"path/filepath"
	"runtime"
	"strings"
)

// ErrUnsupported is what is said where the system has no way to do it.
var ErrUnsupported = errors.New("not possible with this desktop")

// maxPaste is how many bytes are taken from the clipboard.
const maxPaste = 64 << 20

// Desktop is that of the user who runs the program. Its zero value is ready; Close ends it.
type Desktop struct {
	owner owner
}

// New gives the desktop.
func New() *Desktop { return &Desktop{} }

// filesOf gives the files that a list of URIs names (RFC 2483, and the form in which file managers copy, whose first line is what
// to do with them). What is not on this computer is left out.
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
