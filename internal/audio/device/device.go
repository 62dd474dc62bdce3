//go:build cgo && !ci && (window || (migrated_fynedo && !race))

// Package device has the speakers and microphones of this machine. It is linked together with the window's driver,
// because both need cgo; other builds have no devices.
package device

import (
	"encoding/binary"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"unsafe"

	"github.com/gen2brain/malgo"

	"github.com/parley-chat/parley/internal/audio"
)

// Device is a speaker or a microphone. The zero value is the machine's default one.
type Device struct {
	Name string // for people; several devices may have the same
	ID   string // stays the same when the program starts again; empty for the default

	id *malgo.DeviceID // nil for the default
}

// Default is the machine's default speaker and microphone.
type Default = Device

var (
	_ audio.Output = Device{}
	_ audio.Input  = Device{}
)

// Speakers returns the speakers of this machine, Microphones its microphones. The error wraps audio.ErrNoDevice when
// the machine has no sound.
func Speakers() ([]Device, error) { return list(malgo.Playback) }

// Microphones is Speakers for microphones.
func Microphones() ([]Device, error) { return list(malgo.Capture) }

func list(kind malgo.DeviceType) ([]Device, error) {
	system, err := malgo.InitContext(backends(), malgo.ContextConfig{}, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", audio.ErrNoDevice, err)
	}
	defer end(system)
	infos, err := system.Devices(kind)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", audio.ErrNoDevice, err)
	}
	var all []Device
	for i := range infos {
		if !isPlugin(&infos[i].ID) {
			all = append(all, Device{Name: infos[i].Name(), ID: infos[i].ID.String(), id: &infos[i].ID})
		}
	}
	return all, nil
}

// isPlugin reports whether a device is a part of ALSA that converts sound or passes it on, not hardware.
func isPlugin(id *malgo.DeviceID) bool {
	name, _, _ := strings.Cut(string(id[:]), "\x00")
	return slices.Contains([]string{
		"default", "jack", "lavrate", "null", "oss", "pulse", "samplerate", "speex", "speexrate", "upmix", "vdownmix",
	}, name)
}

func end(system *malgo.AllocatedContext) {
	_ = system.Uninit() // fails only for a context that was never created
	system.Free()
}

// pointer returns the device's id for a configuration; nil for the default. pins keeps it where it is.
func (d Device) pointer(pins *runtime.Pinner) unsafe.Pointer {
	if d.id == nil {
		return nil
	}
	pins.Pin(d.id)
	return unsafe.Pointer(d.id) //nolint:gosec // the library copies it when the device is made
}

// backends returns those with real devices: the library's own list ends with one that plays into nothing.
func backends() []malgo.Backend {
	return []malgo.Backend{
		malgo.BackendWasapi, malgo.BackendCoreaudio, malgo.BackendPulseaudio, malgo.BackendAlsa,
		malgo.BackendOss, malgo.BackendSndio,
	}
}

const (
	period     = 20 // ms
	sampleSize = 4
)

// Play implements audio.Output.
func (d Device) Play(rate, channels int, fill func([]float32), lost func()) (stop func(), err error) {
	config := malgo.DefaultDeviceConfig(malgo.Playback)
	config.Playback.Format, config.Playback.Channels = malgo.FormatF32, uint32(channels)
	config.SampleRate = uint32(rate)
	var pins runtime.Pinner
	defer pins.Unpin()
	config.Playback.DeviceID = d.pointer(&pins)
	var samples []float32
	return start(config, func(out, _ []byte, _ uint32) {
		if n := len(out) / sampleSize; cap(samples) < n {
			samples = make([]float32, n)
		}
		samples = samples[:len(out)/sampleSize]
		fill(samples)
		for i, v := range samples {
			binary.NativeEndian.PutUint32(out[i*sampleSize:], math.Float32bits(v))
		}
	}, lost)
}

// Record implements audio.Input.
func (d Device) Record(rate int, take func([]float32), lost func()) (stop func(), err error) {
	config := malgo.DefaultDeviceConfig(malgo.Capture)
	config.Capture.Format, config.Capture.Channels = malgo.FormatF32, 1
	config.SampleRate = uint32(rate)
	var pins runtime.Pinner
	defer pins.Unpin()
	config.Capture.DeviceID = d.pointer(&pins)
	var samples []float32
	return start(config, func(_, in []byte, _ uint32) {
		samples = samples[:0]
		for i := 0; i+sampleSize <= len(in); i += sampleSize {
			samples = append(samples, math.Float32frombits(binary.NativeEndian.Uint32(in[i:])))
		}
		take(samples)
	}, lost)
}

func start(config malgo.DeviceConfig, data malgo.DataProc, lost func()) (stop func(), err error) {
	config.PeriodSizeInMilliseconds = period
	system, err := malgo.InitContext(backends(), malgo.ContextConfig{}, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", audio.ErrNoDevice, err)
	}
	var stopping atomic.Bool
	d, err := malgo.InitDevice(system.Context, config, malgo.DeviceCallbacks{Data: data, Stop: func() {
		if !stopping.Swap(true) {
			lost()
		}
	}})
	if err != nil {
		end(system)
		return nil, fmt.Errorf("%w: %w", audio.ErrNoDevice, err)
	}
	stop = func() {
		stopping.Store(true)
		d.Uninit()
		end(system)
	}
	if err := d.Start(); err != nil {
		stop()
		return nil, fmt.Errorf("%w: %w", audio.ErrNoDevice, err)
	}
	return stop, nil
}
