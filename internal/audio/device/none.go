//go:build !cgo || ci || (!window && (!migrated_fynedo || race))

// Package device has the speakers and microphones of this machine. It is linked together with the window's driver,
// because both need cgo; other builds have no devices.
package device

import (
	"fmt"

	"github.com/parley-chat/parley/internal/audio"
)

// Device replaces the one in device.go in builds without devices.
type Device struct{ Name, ID string }

// Default replaces the one in device.go.
type Default = Device

var (
	_ audio.Output = Device{}
	_ audio.Input  = Device{}
)

// Speakers replaces the one in device.go.
func Speakers() ([]Device, error) { return nil, none() }

// Microphones replaces the one in device.go.
func Microphones() ([]Device, error) { return nil, none() }

// Play implements audio.Output.
func (Device) Play(int, int, func([]float32), func()) (stop func(), err error) { return nil, none() }

// Record implements audio.Input.
func (Device) Record(int, func([]float32), func()) (stop func(), err error) { return nil, none() }

func none() error { return fmt.Errorf("%w: this build has none", audio.ErrNoDevice) }
