//go:build !cgo || ci || (!window && (!migrated_fynedo || race))

// Package device has the speakers and microphones of this machine. It is linked where the window's driver is, for it needs cgo;
// elsewhere there are none.
package device

import (
	"fmt"

	"github.com/parley-chat/parley/internal/audio"
)

// Default is the twin for builds without devices.
type Default struct{}

var (
	_ audio.Output = Default{}
	_ audio.Input  = Default{}
)

// Play implements audio.Output.
func (Default) Play(int, int, func([]float32), func()) (stop func(), err error) { return nil, none() }

// Record implements audio.Input.
func (Default) Record(int, func([]float32), func()) (stop func(), err error) { return nil, none() }

func none() error { return fmt.Errorf("%w: this build has none", audio.ErrNoDevice) }
