package watch

import "github.com/fsnotify/fsnotify"

// The times of a Watcher.
const (
	Quiet   = quiet
	Longest = longest
	Sweep   = sweep
)

// Source stands for the system's events: a test sends them.
type Source interface {
	Add(folder string) error
	Remove(folder string) error
	WatchList() []string
	Close() error
}

type faked struct {
	Source

	e chan fsnotify.Event
	x chan error
}

func (f faked) events() (<-chan fsnotify.Event, <-chan error) { return f.e, f.x }

// On makes a Watcher get its events from a test.
func On(o Options, s Source, events chan fsnotify.Event, errs chan error) *Watcher {
	o.open = func() (source, error) { return faked{s, events, errs}, nil }
	return New(o)
}

// Without makes a Watcher that the system gives nothing.
func Without(o Options, err error) *Watcher {
	o.open = func() (source, error) { return nil, err }
	return New(o)
}
