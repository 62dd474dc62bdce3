package call

import (
	"context"
	"log/slog"
	"slices"
	"sync"

	"github.com/parley-chat/parley/mesibo/call"
)

// Kind is a kind of device.
type Kind int

// The kinds.
const (
	Microphone Kind = iota
	Speaker
	Camera
	kinds
)

// Devices are the devices to choose from, by name. The functions are called on other goroutines; nil for none.
type Devices struct {
	Microphones func() (map[string]call.Microphone, error)
	Speakers    func() (map[string]call.Speaker, error)
	Cameras     func() (map[string]call.VideoSource, error)
}

// Menu is what a user can choose of one kind.
type Menu struct {
	Kind   Kind
	Names  []string // without the default
	Chosen string   // empty for the default
}

// ListDevices finds the devices and then calls done with those kinds of which there is a choice.
func (m *Model) ListDevices(done func([]Menu)) {
	var menus []Menu
	m.cfg.Dispatcher.Async(func(context.Context) {
		for kind := range kinds {
			if names := m.names(kind); len(names) > 0 {
				menus = append(menus, Menu{Kind: kind, Names: names, Chosen: m.cfg.Chosen(kind)})
			}
		}
	}, func() { done(menus) })
}

func (m *Model) names(kind Kind) []string {
	var names []string
	var err error
	d := &m.cfg.Devices
	switch {
	case kind == Microphone && d.Microphones != nil:
		names, err = keys(d.Microphones())
	case kind == Speaker && d.Speakers != nil:
		names, err = keys(d.Speakers())
	case kind == Camera && d.Cameras != nil:
		names, err = keys(d.Cameras())
	}
	if err != nil {
		m.cfg.Logger.Info("devices not listed", slog.Any("error", err))
	}
	return names
}

func keys[D any](devices map[string]D, err error) ([]string, error) {
	names := make([]string, 0, len(devices))
	for name := range devices {
		names = append(names, name)
	}
	slices.Sort(names)
	return names, err
}

// chosen returns the device of a name, or the default one when it is not there.
func chosen[D any](name string, list func() (map[string]D, error), standard D) D {
	if name == "" || list == nil {
		return standard
	}
	devices, err := list()
	if d, ok := devices[name]; ok && err == nil {
		return d
	}
	return standard
}

// Choose sets the device of a kind, empty for the default one. A call that goes on changes to it.
func (m *Model) Choose(kind Kind, name string) {
	m.cfg.Choose(kind, name)
	m.cfg.Dispatcher.Async(func(context.Context) { m.running[kind].restart() }, func() {})
}

// running are the devices of one kind that are in use.
type running struct {
	mu   sync.Mutex
	open []*opened
}

// opened is a device that is in use.
type opened struct {
	start func() (stop func(), err error)
	stop  func() // nil when it did not start again
}

// begin starts a device. end ends it.
func (r *running) begin(start func() (stop func(), err error)) (end func(), err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	stop, err := start()
	if err != nil {
		return nil, err
	}
	o := &opened{start: start, stop: stop}
	r.open = append(r.open, o)
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.open = slices.DeleteFunc(r.open, func(other *opened) bool { return other == o })
		if o.stop != nil {
			o.stop()
		}
	}, nil
}

// any reports whether a device is in use.
func (r *running) any() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.open) > 0
}

// restart starts the devices again: another one was chosen.
func (r *running) restart() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, o := range r.open {
		if o.stop != nil {
			o.stop()
		}
		o.stop, _ = o.start() // the window says so when it does not work
	}
}
