//go:build !linux && !freebsd && !netbsd && !openbsd

package desktop

import (
	"context"
	"time"

	"github.com/parley-chat/parley/app/system"
)

// parts is empty: the toolkit shows notifications here.
type parts struct{}

var _ system.System = (*Desktop)(nil)

// RunNotifications returns ErrUnsupported.
func (*Desktop) RunNotifications(context.Context, system.NotificationHandler) error {
	return ErrUnsupported
}

// Notify does nothing.
func (*Desktop) Notify(system.Notification) {}

// Withdraw does nothing.
func (*Desktop) Withdraw(string) {}

// RunTray returns ErrUnsupported.
func (*Desktop) RunTray(context.Context, system.TrayHandler) error { return ErrUnsupported }

// SetTray does nothing.
func (*Desktop) SetTray(system.TrayIcon) {}

// Raise returns ErrUnsupported: the toolkit does it.
func (*Desktop) Raise(uintptr, string) error { return ErrUnsupported }

// SetAttention returns ErrUnsupported.
func (*Desktop) SetAttention(uintptr, bool) error { return ErrUnsupported }

// Idle returns ErrUnsupported.
func (*Desktop) Idle() (time.Duration, error) { return 0, ErrUnsupported }

// Autostarts returns ErrUnsupported.
func (*Desktop) Autostarts() (bool, error) { return false, ErrUnsupported }

// SetAutostart returns ErrUnsupported.
func (*Desktop) SetAutostart(bool) error { return ErrUnsupported }
