//go:build linux || freebsd || netbsd || openbsd

package desktop

import "github.com/parley-chat/parley/app/system"

// parts are those of a Desktop that speak D-Bus.
type parts struct {
	notifier notifier
	tray     trayState
}

var _ system.System = (*Desktop)(nil)
