// Package watch reports which files of a few folders have changed. It knows that something happened, not what it means:
// its caller looks at the files.
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
	// Changed is called with the names of files of a folder with which something happened, a moment after it has become
	// quiet; nil names mean any. It is called on the goroutine of Run, with a context that ends when Run is to end.
	Changed func(ctx context.Context, folder string, names []string)
	// Ignore reports which names are of no interest; nil: none.
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
	quiet     = 100 * time.Millisecond // without events, before Changed is called
	longest   = time.Second            // how long events may delay that
	sweep     = time.Minute            // how often what went wrong is tried again
	mostNames = 512                    // of which it is remembered that something happened with them
)

// Watcher watches folders. The system may not let it: then, and for folders that cannot be watched, Changed is not
// called.
type Watcher struct {
	o     Options
	src   source
	asked chan struct{} // something waits in known

	mu    sync.Mutex
	known map[string]*folder
	clock uint64

	// What follows belongs to the goroutine of Run.
	active  map[string]*folder
	parents map[string]int // folders that are watched for what is below them to be made, and for how many
	timer   *time.Timer
	armed   bool
	said    map[string]bool
}

// state is the watch state of one folder.
type state int

const (
	fresh   state = iota // nothing was tried
	watched              // events come
	missing              // it does not exist; a folder above it is watched
	blind                // it cannot be watched
)

type folder struct {
	path string
	keep bool   // guarded by mu, as are used and seen
	used uint64 // when it was last asked for
	seen bool   // events come

	state       state
	info        fs.FileInfo // of what is watched
	parent      string
	names       map[string]struct{}
	all         bool
	due, latest time.Time // when Changed is called, and at the latest; zero: nothing happened
}

// New makes a Watcher, which Run runs. When the system refuses it watches nothing, and says so in the log.
func New(o Options) *Watcher {
	if o.open == nil {
		o.open = func() (source, error) {
			s, err := fsnotify.NewWatcher()
			return system{s}, err //nolint:wrapcheck // it is logged
		}
	}
	w := &Watcher{
		o: o, asked: make(chan struct{}, 1), known: make(map[string]*folder),
		active: make(map[string]*folder), parents: make(map[string]int), said: make(map[string]bool),
	}
	src, err := o.open()
	if err != nil {
		o.Logger.Warn("folders are not watched, files are looked for when they are shown", slog.Any("error", err))
		return w
	}
	w.src = src
	return w
}

// Watch starts watching a folder, soon, if that is not done already. keep says that it does not make room for others.
// It may not exist yet. It never waits.
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

// Forget stops watching a folder.
func (w *Watcher) Forget(path string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.known, filepath.Clean(path))
	select {
	case w.asked <- struct{}{}:
	default:
	}
}

// Watches reports whether Changed is called for what happens in a folder.
func (w *Watcher) Watches(path string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	f := w.known[filepath.Clean(path)]
	return f != nil && f.seen
}

// Run watches until ctx ends, and returns nil. It may be called once.
func (w *Watcher) Run(ctx context.Context) error {
	if w.src == nil {
		<-ctx.Done()
		return nil
	}
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
			return nil
		case <-w.asked:
			w.admit()
		case e, ok := <-events:
			if !ok {
				return nil
			}
			w.note(e)
		case err := <-errs:
			w.trouble(err)
		case <-w.timer.C:
			w.report(ctx)
		case <-ticker.C:
			w.sweep()
		}
	}
}

// admit starts with the folders that were asked for, and drops those that are too many.
func (w *Watcher) admit() {
	w.mu.Lock()
	w.evict()
	var added, dropped []*folder
	for path, f := range w.known {
		if w.active[path] != f {
			added = append(added, f)
		}
	}
	for path, f := range w.active {
		if w.known[path] != f {
			dropped = append(dropped, f)
		}
	}
	w.mu.Unlock()
	for _, f := range dropped {
		w.leave(f)
		delete(w.active, f.path)
	}
	for _, f := range added {
		w.active[f.path] = f
		w.watch(f)
		w.mark(f, "") // it may have changed since it was looked at
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

// watch starts watching a folder, or the one above it until it exists.
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
		err = w.look(f)
		if isMissing(err) { // the folder above was removed just now
			continue
		}
		if err != nil {
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
	f.parent = above
	w.parents[above]++
	return nil
}

// leave stops what is watched for a folder.
func (w *Watcher) leave(f *folder) {
	path := f.path
	if f.state == missing {
		path = f.parent
		if w.parents[path]--; w.parents[path] <= 0 {
			delete(w.parents, path)
		}
	}
	was := f.state
	w.set(f, fresh)
	other := w.active[path]
	if was == fresh || was == blind || w.parents[path] > 0 || other != nil && other.state == watched {
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

// note handles an event.
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
	if w.parents[dir] == 0 && w.parents[path] == 0 {
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

// report calls Changed for the folders that have become quiet.
func (w *Watcher) report(ctx context.Context) {
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

// trouble handles an error of the system: events may have been lost.
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

// sweep tries again what could not be watched, and what ended without an event, as a disk does that is taken out.
func (w *Watcher) sweep() {
	list := w.src.WatchList()
	for _, f := range w.active {
		switch {
		case f.state == watched && slices.Contains(list, f.path) && f.same(),
			f.state == missing && slices.Contains(list, f.parent):
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

// same reports whether what is watched is still what its path names: a folder above it may have been renamed, for which
// there is no event.
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
	w.o.Logger.Warn("a folder is not watched, its files are looked for when they are shown",
		slog.String("reason", why), slog.Any("error", err))
}

// reason names the kind of an error.
func reason(err error) string {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
		return "the system watches no more folders"
	}
	return "it cannot be watched"
}
