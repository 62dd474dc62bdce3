//go:build cgo && !ci && (window || (migrated_fynedo && !race))

// Package device has the speakers and microphones of this machine. It is linked where the window's driver is, for it needs cgo;
// elsewhere there are none.
package device

import (
	"encoding/binary"
	"fmt"
	"math"
	"sync/atomic"

	"github.com/gen2brain/malgo"

	"github.com/parley-chat/parley/internal/audio"
)

// Default is the machine's default speaker and microphone.
type Default struct{}

var (
	_ audio.Output = Default{}
	_ audio.Input  = Default{}
)

// backends are those that have real devices: the library's own list ends with one that plays into nothing.
func backends() []malgo.Backend {
	return []malgo.Backend{
		malgo.BackendWasapi, malgo.BackendCoreaudio, malgo.BackendPulseaudio, malgo.BackendAlsa, malgo.BackendOss, malgo.BackendSndio,
	}
}

const (
	period     = 20 // ms
	sampleSize = 4
)

// Play implements audio.Output.
func (Default) Play(rate, channels int, fill func([]float32), lost func()) (stop func(), err error) {
	config := malgo.DefaultDeviceConfig(malgo.Playback)
	config.Playback.Format, config.Playback.Channels = malgo.FormatF32, uint32(channels)
	config.SampleRate = uint32(rate)
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
func (Default) Record(rate int, take func([]float32), lost func()) (stop func(), err error) {
	config := malgo.DefaultDeviceConfig(malgo.Capture)
	config.Capture.Format, config.Capture.Channels = malgo.FormatF32, 1
	config.SampleRate = uint32(rate)
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
	end := func() {
		_ = system.Uninit() // fails only for one that was never made
		system.Free()
	}
	var stopping atomic.Bool
	d, err := malgo.InitDevice(system.Context, config, malgo.DeviceCallbacks{Data: data, Stop: func() {
		if !stopping.Swap(true) {
			lost()
		}
	}})
	if err != nil {
		end()
		return nil, fmt.Errorf("%w: %w", audio.ErrNoDevice, err)
	}
	stop = func() {
		stopping.Store(true)
		d.Uninit()
		end()
	}
	if err := d.Start(); err != nil {
		stop()
		return nil, fmt.Errorf("%w: %w", audio.ErrNoDevice, err)
	}
	return stop, nil
}
