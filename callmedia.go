package main

import (
	"errors"
	"fmt"

	appcall "github.com/parley-chat/parley/app/call"
	"github.com/parley-chat/parley/internal/audio"
	"github.com/parley-chat/parley/internal/audio/device"
	"github.com/parley-chat/parley/internal/audio/speexdsp"
	"github.com/parley-chat/parley/internal/camera"
	"github.com/parley-chat/parley/internal/screen"
	"github.com/parley-chat/parley/mesibo/call"
	"github.com/parley-chat/parley/mesibo/call/codecs"
)

// callMedia returns the devices and codecs of calls. Nothing is opened, and no library loaded, before a call.
func callMedia() call.Media {
	return codecs.Use(call.Media{
		Microphone: callSound{}, Speaker: callSound{}, Camera: camera.Camera{}, Screen: screen.Screen{},
		Processor: speexdsp.New,
	})
}

// callDevices returns the devices to choose from.
func callDevices() appcall.Devices {
	return appcall.Devices{
		Microphones: func() ([]appcall.Device[call.Microphone], error) {
			return soundDevices[call.Microphone](device.Microphones())
		},
		Speakers: func() ([]appcall.Device[call.Speaker], error) {
			return soundDevices[call.Speaker](device.Speakers())
		},
		Cameras: func() ([]appcall.Device[call.VideoSource], error) {
			list, err := camera.List()
			named := map[string]bool{}
			cameras := make([]appcall.Device[call.VideoSource], len(list))
			for i, c := range list {
				id := c.Name // its path is another one when it is plugged in again
				if named[id] {
					id += " " + c.Path
				}
				named[c.Name] = true
				cameras[i] = appcall.Device[call.VideoSource]{ID: id, Name: c.Name, Use: c}
			}
			return cameras, err
		},
		Screens: screens,
	}
}

// screens returns the screens to share, and all together when there are several.
func screens() ([]appcall.Device[call.VideoSource], error) {
	list, err := screen.List()
	devices := make([]appcall.Device[call.VideoSource], len(list))
	for i, s := range list {
		name := fmt.Sprintf("Screen %d · %d × %d", i+1, s.Size.X, s.Size.Y)
		if s.Name != "" {
			name += " · " + s.Name
		}
		devices[i] = appcall.Device[call.VideoSource]{ID: s.Name, Name: name, Use: s}
	}
	if len(list) > 1 {
		devices = append(devices, appcall.Device[call.VideoSource]{
			ID: "all", Name: "All screens", Use: screen.Screen{Whole: true},
		})
	}
	return devices, err
}

func soundDevices[D any](list []device.Device, err error) ([]appcall.Device[D], error) {
	devices := make([]appcall.Device[D], 0, len(list))
	for _, d := range list {
		if as, ok := any(callSound{d}).(D); ok {
			devices = append(devices, appcall.Device[D]{ID: d.ID, Name: d.Name, Use: as})
		}
	}
	return devices, err
}

// callSound is a microphone or a speaker, for calls.
type callSound struct{ device.Device }

var (
	_ call.Microphone = callSound{}
	_ call.Speaker    = callSound{}
)

// Record implements call.Microphone.
func (s callSound) Record(rate int, take func([]float32), lost func()) (stop func(), err error) {
	stop, err = s.Device.Record(rate, take, lost)
	return stop, callError(err)
}

// Play implements call.Speaker.
func (s callSound) Play(rate, channels int, fill func([]float32), lost func()) (stop func(), err error) {
	stop, err = s.Device.Play(rate, channels, fill, lost)
	return stop, callError(err)
}

// callError makes the error of a device one of calls.
func callError(err error) error {
	if errors.Is(err, audio.ErrNoDevice) {
		return fmt.Errorf("%w: %w", call.ErrNoDevice, err)
	}
	return err
}
