// Package desktop does what the system's desktop can and the window toolkit cannot: it reports a drag over the window
// before the drop, copies and pastes pictures and files, shows notifications and an icon in the tray, raises windows,
// and starts the program with the session. Where a system has no way to do it, it returns ErrUnsupported.
package desktop

import (
	"errors"
	"log/slog"
	"net/url"
	"path/filepath"
	"runtime"
	"strings"
)

// ErrUnsupported is returned where the system has no way to do it.
var ErrUnsupported = errors.New("not possible with this desktop")

// maxPaste bounds the bytes read from the clipboard.
const maxPaste = 64 << 20

// Options are what a Desktop is made of.
type Options struct {
	// Command starts the program with the session. Default: nothing does.
	Command []string
	// Instance tells apart what several of the program do at the start of the session, such as a name of the data.
	Instance string
	// Bus is the address of the session bus. Default: the user's.
	Bus string
	// Logger gets what does not reach the user. Default: nothing is logged.
	Logger *slog.Logger
}

// Desktop is the desktop of the user who runs the program. Its zero value is ready to use; Close releases it.
type Desktop struct {
	options Options
	owner   owner
	parts
}

// New returns the desktop.
func New(o Options) *Desktop { return &Desktop{options: o} }

func (d *Desktop) logger() *slog.Logger {
	if d.options.Logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return d.options.Logger
}

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
