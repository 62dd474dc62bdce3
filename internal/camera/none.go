//go:build !linux

package camera

import (
	"fmt"

	"github.com/parley-chat/parley/mesibo/call"
)

var errSystem = fmt.Errorf("%w: cameras can be used on Linux only", call.ErrNoDevice)

func list() ([]Camera, error) { return nil, errSystem }

func open(string) (device, error) { return nil, errSystem }
