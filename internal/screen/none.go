//go:build !linux && !freebsd && !netbsd && !openbsd

package screen

import (
	"fmt"

	"github.com/parley-chat/parley/mesibo/call"
)

var errSystem = fmt.Errorf("%w: screens can be shared on X11 only", call.ErrNoDevice)

func list(string) ([]Screen, error) { return nil, errSystem }

func (Screen) start(options) (stop func(), err error) { return nil, errSystem }
