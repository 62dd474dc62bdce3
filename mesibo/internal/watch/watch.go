// Package watch tells which files of a few folders have changed. It knows what happened, not what it means: whoever is told
// looks for himself.
package watch

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Options say what a Watcher does.
type Options struct {
	// Changed is told the names of files of a folder with which something happened, a moment after it has become quiet; nil names
	// mean any. It is called on one goroutine, and ctx ends with the Watcher.
	Changed func(ctx context.Context, folder string, names []string)
	// Ignore tells which names are of no interest; nil: none.
	Ignore func(name string) bool
	Logger *slog.Logger
	// Most is how many folders are watched, apart from those that are kept: those asked for last.
	Most int

	open func() (source, error) // nil: the system's
}

// source is where events come from: the system, or a test.
type source interface {
	Add(folder string) error
	Remove(folder string) error
	WatchList() []string
	Close() error
	events() (<-chan fsnotify.Event, <-chan error)
}

type system struct{ *fsnotify.Watcher }

func (s system) events() (<-chan fsnotify.Event, <-chan error) { return s.Events, s.Errors }

const (
	quiet     = 100 * time.Millisecond // without events, before somebody is told
	longest   = time.Second            // how long events may keep that back
	sweep     = time.Minute            // how often what went wrong is tried again
	mostNames = 512                    // of which it is remembered that something happened with them
)

// Watcher watches folders. It may have none: then, and for folders that cannot be watched, nobody is told anything.
type Watcher struct {
	o      Options
	src    source
	cancel context.CancelFunc
	ended  chan struct{}
	asked  chan struct{} // something waits in known

	mu    sync.Mutex
	known map[string]*folder
	clock uint64

	// What follows belongs to the goroutine.
	active   map[string]*folder
	lookouts map[string]int // folders that are watched for what is below them to be made, and for how many
	timer    *time.Timer
	armed    bool
	said     map[string]bool
}

// state is how it stands with a folder.
type state int

const (
	fresh   state = iota // nothing was tried
	watched              // events come
	missing              // it is not there; a folder above it is watched
	blind                // it cannot be watched
)

type folder struct {
	path string
	keep bool   // guarded by mu, as are used and seen
	used uint64 // when it was last asked for
	seen bool   // events come

	state       state
	info        fs.FileInfo // of what is watched
	lookout     string
	names       map[string]struct{}
	all         bool
	due, latest time.Time // when somebody is told, at the latest; zero: nothing happened
}

// New makes a Watcher. When the system has none to give it watches nothing, and says so in the log.
func New(o Options) *Watcher {
	if o.open == nil {
		o.open = func() (source, error) {
			s, err := fsnotify.NewWatcher()
			return system{s}, err //nolint:wrapcheck // it is logged
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	w := &Watcher{
		o: o, cancel: cancel, ended: make(chan struct{}), asked: make(chan struct{}, 1), known: make(map[string]*folder),
		active: make(map[string]*folder), lookouts: make(map[string]int), said: make(map[string]bool),
	}
	src, err := o.open()
	if err != nil {
		o.Logger.Warn("folders are not watched, files are looked for when they are shown", slog.Any("error", err))
		close(w.ended)
		return w
	}
	w.src = src
	go w.run(ctx) // Close waits for it
	return w
}

// Close ends the watching and waits until nobody is told anything any more.
func (w *Watcher) Close() {
	w.cancel()
	<-w.ended
}

// Watch begins to watch a folder, soon, if that is not done already. keep says that it does not make room for others. It may not
// exist yet. It never waits.
func (w *Watcher) Watch(path string, keep bool) {
	if w.src == nil {
		return
	}
	path = filepath.Clean(path)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock++
	if f := w.known[path]; f != nil {
		f.used, f.keep = w.clock, f.keep || keep
		return
	}
	w.known[path] = &folder{path: path, keep: keep, used: w.clock}
	select {
	case w.asked <- struct{}{}:
	default:
	}
}

// Forget ends the watching of a folder.
func (w *Watcher) Forget(path string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.known, filepath.Clean(path))
	select {
	case w.asked <- struct{}{}:
	default:
	}
}

// Watches tells whether somebody is told of what happens in a folder.
func (w *Watcher) Watches(path string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	f := w.known[filepath.Clean(path)]
	return f != nil && f.seen
}

func (w *Watcher) run(ctx context.Context) {
	defer close(w.ended)
	defer func() {
		if err := w.src.Close(); err != nil {
			w.o.Logger.Warn("end watching folders", slog.Any("error", err))
		}
	}()
	w.timer = time.NewTimer(longest)
	w.timer.Stop()
	ticker := time.NewTicker(sweep)
	defer ticker.Stop()
	events, errs := w.src.events()
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.asked:
			w.admit()
		case e, ok := <-events:
			if !ok {
				return
			}
			w.note(e)
		case err := <-errs:
			w.trouble(err)
		case <-w.timer.C:
			w.tell(ctx)
		case <-ticker.C:
			w.sweep()
		}
	}
}

// admit begins with the folders that were asked for, and lets those go that are too many.
func (w *Watcher) admit() {
	w.mu.Lock()
	w.evict()
	var begin, end []*folder
	for path, f := range w.known {
		if w.active[path] != f {
			begin = append(begin, f)
		}
	}
	for path, f := range w.active {
		if w.known[path] != f {
			end = append(end, f)
		}
	}
	w.mu.Unlock()
	for _, f := range end {
		w.leave(f)
		delete(w.active, f.path)
	}
	for _, f := range begin {
		w.active[f.path] = f
		w.watch(f)
		w.mark(f, "") // it may have changed after somebody looked
	}
}

// evict forgets folders that were not asked for lately. Under mu.
func (w *Watcher) evict() {
	var loose []*folder
	for _, f := range w.known {
		if !f.keep {
			loose = append(loose, f)
		}
	}
	if len(loose) <= w.o.Most {
		return
	}
	slices.SortFunc(loose, func(a, b *folder) int { return int(a.used) - int(b.used) })
	for _, f := range loose[:len(loose)-w.o.Most] {
		delete(w.known, f.path)
	}
}

// watch begins to watch a folder, or what is above it until it is there.
func (w *Watcher) watch(f *folder) {
	const tries = 3 // it may be made just now
	for range tries {
		w.leave(f)
		if why := unsuitable(f.path); why != "" {
			w.say(why, nil)
			w.set(f, blind)
			return
		}
		info, err := os.Stat(f.path)
		if err == nil && !info.IsDir() {
			err = fs.ErrNotExist
		}
		if err == nil {
			err = w.src.Add(f.path)
		}
		switch {
		case err == nil:
			f.info = info
			w.set(f, watched)
			return
		case !isMissing(err):
			w.say(reason(err), err)
			w.set(f, blind)
			return
		}
		if err := w.look(f); err != nil {
			w.say(reason(err), err)
			w.set(f, blind)
			return
		}
		w.set(f, missing)
		if info, err := os.Stat(f.path); err != nil || !info.IsDir() {
			return
		}
	}
}

func isMissing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// look watches the nearest folder above one that is missing.
func (w *Watcher) look(f *folder) error {
	above := filepath.Dir(f.path)
	for {
		if info, err := os.Stat(above); err == nil && info.IsDir() || filepath.Dir(above) == above {
			break
		}
		above = filepath.Dir(above)
	}
	if err := w.src.Add(above); err != nil {
		return err
	}
	f.lookout = above
	w.lookouts[above]++
	return nil
}

// leave ends what is watched for a folder.
func (w *Watcher) leave(f *folder) {
	path := f.path
	if f.state == missing {
		path = f.lookout
		if w.lookouts[path]--; w.lookouts[path] <= 0 {
			delete(w.lookouts, path)
		}
	}
	was := f.state
	w.set(f, fresh)
	if other := w.active[path]; was == fresh || was == blind || w.lookouts[path] > 0 || other != nil && other.state == watched {
		return
	}
	_ = w.src.Remove(path) // it may have ended by itself
}

func (w *Watcher) set(f *folder, s state) {
	f.state = s
	w.mu.Lock()
	defer w.mu.Unlock()
	f.seen = s == watched
}

// note takes in an event.
func (w *Watcher) note(e fsnotify.Event) {
	path := filepath.Clean(e.Name)
	gone := e.Has(fsnotify.Remove) || e.Has(fsnotify.Rename)
	if f := w.active[path]; f != nil && f.state == watched && gone {
		w.mark(f, "")
		w.watch(f)
	}
	dir, name := filepath.Dir(path), filepath.Base(path)
	if f := w.active[dir]; f != nil && f.state == watched && (w.o.Ignore == nil || !w.o.Ignore(name)) {
		w.mark(f, name)
	}
	if w.lookouts[dir] == 0 && w.lookouts[path] == 0 {
		return
	}
	for _, f := range w.active {
		if f.state == missing && (f.path == path || strings.HasPrefix(f.path, path+string(filepath.Separator))) {
			w.watch(f)
			w.mark(f, "")
		}
	}
}

// mark notes that something happened with a file of a folder, or with any.
func (w *Watcher) mark(f *folder, name string) {
	now := time.Now()
	if f.due.IsZero() {
		f.latest = now.Add(longest)
	}
	if f.due = now.Add(quiet); f.due.After(f.latest) {
		f.due = f.latest
	}
	switch {
	case f.all:
	case name == "" || len(f.names) >= mostNames:
		f.all, f.names = true, nil
	default:
		if f.names == nil {
			f.names = make(map[string]struct{})
		}
		f.names[name] = struct{}{}
	}
	if !w.armed {
		w.armed = true
		w.timer.Reset(quiet)
	}
}

// tell tells of the folders that have become quiet.
func (w *Watcher) tell(ctx context.Context) {
	w.armed = false
	now := time.Now()
	var next time.Time
	for _, f := range w.active {
		switch {
		case f.due.IsZero():
		case f.due.After(now):
			if next.IsZero() || f.due.Before(next) {
				next = f.due
			}
		default:
			var names []string
			for name := range f.names {
				names = append(names, name)
			}
			slices.Sort(names)
			f.names, f.all, f.due = nil, false, time.Time{}
			w.o.Changed(ctx, f.path, names)
		}
	}
	if !next.IsZero() {
		w.armed = true
		w.timer.Reset(max(0, time.Until(next)))
	}
}

// trouble takes in that events may have been lost.
func (w *Watcher) trouble(err error) {
	if err == nil {
		return
	}
	if !errors.Is(err, fsnotify.ErrEventOverflow) {
		w.say("watching folders", err)
	}
	for _, f := range w.active {
		w.mark(f, "")
	}
}

// sweep tries again what could not be watched, and what ended without a word, as a disk does that is taken out.
func (w *Watcher) sweep() {
	list := w.src.WatchList()
	for _, f := range w.active {
		switch {
		case f.state == watched && slices.Contains(list, f.path) && f.same(), f.state == missing && slices.Contains(list, f.lookout):
			continue
		case f.state != blind:
			w.mark(f, "")
		}
		was := f.state
		if w.watch(f); was == blind && f.state == watched {
			w.mark(f, "")
		}
	}
}

// same tells whether what is watched is still what its path names: a folder above it may have been renamed, of which nobody tells.
func (f *folder) same() bool {
	now, err := os.Stat(f.path)
	return err == nil && os.SameFile(now, f.info)
}

// say logs why something is not watched, each reason once.
func (w *Watcher) say(why string, err error) {
	if w.said[why] {
		return
	}
	w.said[why] = true
	w.o.Logger.Warn("a folder is not watched, its files are looked for when they are shown", slog.String("reason", why), slog.Any("error", err))
}

// reason names the kind of an error.
func reason(err error) string {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
		return "the system watches no more folders"
	}
	return "it cannot be watched"
}
