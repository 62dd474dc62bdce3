//go:build linux || freebsd || netbsd || openbsd

package desktop

import (
	"fmt"
	"time"

	"github.com/jezek/xgb/screensaver"
	"github.com/jezek/xgb/xproto"
)

// Idle implements system.Windows. The X server counts keys and mouse of all programs.
func (*Desktop) Idle() (time.Duration, error) {
	d, err := openDisplay()
	if err != nil {
		return 0, err
	}
	defer d.close()
	if err := screensaver.Init(d.conn); err != nil {
		return 0, fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	info, err := screensaver.QueryInfo(d.conn, xproto.Drawable(d.root)).Reply()
	if err != nil {
		return 0, fmt.Errorf("ask how long the user is away: %w", err)
	}
	return time.Duration(info.MsSinceUserInput) * time.Millisecond, nil
}
