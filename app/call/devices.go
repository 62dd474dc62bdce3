package call

import (
	"context"
	"log/slog"
	"slices"
	"strconv"
	"strings"
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

// Device is a device to choose.
type Device[D any] struct {
	ID   string // what is stored of the choice
	Name string // for people; several devices may have the same
	Use  D
}

// Devices are the devices to choose from. The functions are called on other goroutines; nil for none.
type Devices struct {
	Microphones func() ([]Device[call.Microphone], error)
	Speakers    func() ([]Device[call.Speaker], error)
	Cameras     func() ([]Device[call.VideoSource], error)
	Screens     func() ([]Device[call.VideoSource], error)
}

// Option is one device of a Menu.
type Option struct {
	ID   string
	Name string // no other one of the menu has it
}

// Menu is what a user can choose of one kind.
type Menu struct {
	Kind    Kind
	Options []Option // without the default
	Chosen  string   // the ID of an option, empty for the default
}

// ListDevices finds the devices and then calls done with those kinds of which there is a choice.
func (m *Model) ListDevices(done func([]Menu)) {
	var menus []Menu
	m.cfg.Dispatcher.Async(func(context.Context) {
		for kind := range kinds {
			if options := m.options(kind); len(options) > 0 {
				menus = append(menus, Menu{Kind: kind, Options: options, Chosen: m.chosenOf(kind, options)})
			}
		}
	}, func() { done(menus) })
}

// chosenOf returns the ID of the option that was chosen; what is stored by older versions is a name.
func (m *Model) chosenOf(kind Kind, options []Option) string {
	stored := m.cfg.Chosen(kind)
	for _, o := range options {
		if stored == o.ID || stored == o.Name {
			return o.ID
		}
	}
	return ""
}

func (m *Model) options(kind Kind) []Option {
	var options []Option
	var err error
	d := &m.cfg.Devices
	switch {
	case kind == Microphone && d.Microphones != nil:
		options, err = optionsOf(d.Microphones())
	case kind == Speaker && d.Speakers != nil:
		options, err = optionsOf(d.Speakers())
	case kind == Camera && d.Cameras != nil:
		options, err = optionsOf(d.Cameras())
	}
	if err != nil {
		m.cfg.Logger.Info("devices not listed", slog.Any("error", err))
	}
	return options
}

// optionsOf names devices such that they can be told apart: of those with the same name, all but the first are numbered.
func optionsOf[D any](devices []Device[D], err error) ([]Option, error) {
	slices.SortStableFunc(devices, func(a, b Device[D]) int { return strings.Compare(a.Name, b.Name) })
	options := make([]Option, len(devices))
	same := 1
	for i, d := range devices {
		if same++; i == 0 || devices[i-1].Name != d.Name {
			same = 1
		}
		options[i] = Option{ID: d.ID, Name: d.Name}
		if same > 1 {
			options[i].Name = d.Name + " (" + strconv.Itoa(same) + ")"
		}
	}
	return options, err
}

// chosen returns the device that was stored as chosen, or the default one when it is not there. Older versions stored
// its name.
func chosen[D any](stored string, list func() ([]Device[D], error), standard D) D {
	if stored == "" || list == nil {
		return standard
	}
	devices, err := list()
	i := slices.IndexFunc(devices, func(d Device[D]) bool { return d.ID == stored })
	if i < 0 {
		i = slices.IndexFunc(devices, func(d Device[D]) bool { return d.Name == stored })
	}
	if err != nil || i < 0 {
		return standard
	}
	return devices[i].Use
}

// Choose sets the device of a kind by its ID, empty for the default one. A call that goes on changes to it.
func (m *Model) Choose(kind Kind, id string) {
	m.cfg.Choose(kind, id)
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
