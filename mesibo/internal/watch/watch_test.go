package watch_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/parley-chat/parley/internal/goroutine/leaktest"
	"github.com/parley-chat/parley/mesibo/internal/watch"
)

// TestMain fails the run when goroutines are left at its end.
func TestMain(m *testing.M) { os.Exit(leaktest.Main(m)) }

// told collects what a Watcher tells.
type told struct {
	mu    sync.Mutex
	calls []string
	more  chan struct{}
}

func newTold() *told { return &told{more: make(chan struct{}, 1000)} }

func (w *told) changed(_ context.Context, folder string, names []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	line := filepath.Base(folder) + " " + strings.Join(names, " ")
	if names == nil {
		line = filepath.Base(folder) + " *"
	}
	w.calls = append(w.calls, line)
	w.more <- struct{}{}
}

func (w *told) lines() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.calls)
}

// await waits until something was told that holds, of what was told since the last call.
func (w *told) await(t *testing.T, what string, holds func(line string) bool) {
	t.Helper()
	timeout := time.After(30 * time.Second)
	for {
		w.mu.Lock()
		for len(w.calls) > 0 {
			line := w.calls[0]
			w.calls = w.calls[1:]
			if holds(line) {
				w.mu.Unlock()
				return
			}
		}
		w.mu.Unlock()
		select {
		case <-w.more:
		case <-timeout:
			t.Fatalf("%s: not told", what)
		}
	}
}

// take is lines, and forgets them.
func (w *told) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	calls := w.calls
	w.calls = nil
	return calls
}

func quietly() *slog.Logger { return slog.New(slog.DiscardHandler) }

func do(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

func about(name string) func(string) bool {
	return func(line string) bool { return strings.Contains(line, name) || strings.HasSuffix(line, "*") }
}

func exactly(want string) func(string) bool { return func(line string) bool { return line == want } }

// run runs a Watcher until the returned function is called, which waits for its end.
func run(t testing.TB, w *watch.Watcher) (end func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }() // end waits for it
	return func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("ended: %v", err)
		}
	}
}

func TestWatcher_real_files(t *testing.T) {
	base := t.TempDir()
	files := filepath.Join(base, "deep", "files")
	got := newTold()
	w := watch.New(watch.Options{
		Changed: got.changed, Logger: quietly(), Most: 4,
		Ignore: func(name string) bool { return strings.HasPrefix(name, ".") },
	})
	defer run(t, w)()
	w.Watch(files, false) // does not exist yet
	got.await(t, "begun", exactly("files *"))
	do(t, os.MkdirAll(files, 0o700))
	got.await(t, "made", exactly("files *"))
	one := filepath.Join(files, "one")
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"written", func() error { return os.WriteFile(one, []byte("1"), 0o600) }},
		{"other time", func() error { return os.Chtimes(one, time.Time{}, time.Unix(1e9, 0)) }},
		{"moved away", func() error { return os.Rename(one, filepath.Join(base, "one")) }},
		{"moved back", func() error { return os.Rename(filepath.Join(base, "one"), one) }},
		{"deleted", func() error { return os.Remove(one) }},
	} {
		do(t, os.WriteFile(filepath.Join(files, ".hidden"), nil, 0o600), step.do())
		got.await(t, step.name, exactly("files one"))
	}
	for range 2 { // the folder is removed and made again
		do(t, os.RemoveAll(filepath.Join(base, "deep")))
		got.await(t, "folder removed", exactly("files *"))
		do(t, os.MkdirAll(files, 0o700))
		got.await(t, "folder made again", exactly("files *"))
	}
	do(t, os.Rename(files, files+"2"))
	got.await(t, "folder renamed", exactly("files *"))
	do(t, os.Rename(files+"2", files))
	got.await(t, "folder renamed back", exactly("files *"))
	do(t, os.WriteFile(one, nil, 0o600))
	got.await(t, "file in it", about("one"))
	if !w.Watches(files) {
		t.Error("it says that it does not watch")
	}
}

// stand stands for the system: it knows which folders are watched, and may refuse.
type stand struct {
	mu      sync.Mutex
	folders []string
	refuse  error
	adds    int
}

func (s *stand) Add(folder string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.adds++
	if s.refuse != nil {
		return s.refuse
	}
	if !slices.Contains(s.folders, folder) {
		s.folders = append(s.folders, folder)
	}
	return nil
}

func (s *stand) Remove(folder string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.folders = slices.DeleteFunc(s.folders, func(f string) bool { return f == folder })
	return nil
}

func (s *stand) WatchList() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.folders)
}

func (s *stand) Close() error { return nil }

func (s *stand) set(refuse error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = refuse
}

// bubble runs a test with a Watcher whose events the test sends, where time is the test's.
func bubble(
	t *testing.T, log *slog.Logger, most int,
	test func(w *watch.Watcher, s *stand, got *told, events chan fsnotify.Event, errs chan error),
) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		events, errs := make(chan fsnotify.Event), make(chan error)
		s, got := &stand{}, newTold()
		w := watch.On(watch.Options{Changed: got.changed, Logger: log, Most: most}, s, events, errs)
		defer run(t, w)()
		test(w, s, got, events, errs)
	})
}

func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func TestWatcher_waits_until_it_is_quiet(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Base(dir)
	bubble(t, quietly(), 4, func(w *watch.Watcher, _ *stand, got *told, events chan fsnotify.Event, errs chan error) {
		w.Watch(dir, true)
		pass(watch.Longest)
		if lines := got.take(); !slices.Equal(lines, []string{name + " *"}) {
			t.Errorf("at first: %q", lines)
		}
		for _, file := range []string{"b", "a", "b"} {
			events <- fsnotify.Event{Name: filepath.Join(dir, file), Op: fsnotify.Write}
			pass(watch.Quiet / 2)
		}
		if lines := got.lines(); len(lines) != 0 {
			t.Errorf("told too early: %q", lines)
		}
		pass(watch.Quiet)
		if lines := got.lines(); !slices.Equal(lines, []string{name + " a b"}) {
			t.Errorf("got %q", lines)
		}
		// A flood does not keep it back for ever, costs few calls, and loses its names.
		begin := time.Now()
		for i := range 10_000 {
			events <- fsnotify.Event{Name: filepath.Join(dir, fmt.Sprint(i)), Op: fsnotify.Create}
			if i%10 == 0 {
				pass(3 * time.Millisecond)
			}
		}
		pass(watch.Longest)
		took := time.Since(begin)
		lines := got.lines()[1:]
		if n := len(lines); n < 2 || n > int(took/watch.Longest)+1 || lines[0] != name+" *" {
			t.Errorf("%d calls in %v: %.100q", n, took, lines)
		}
		before := len(got.lines())
		errs <- fsnotify.ErrEventOverflow
		pass(watch.Longest)
		if lines := got.lines()[before:]; !slices.Equal(lines, []string{name + " *"}) {
			t.Errorf("after an overflow: %q", lines)
		}
	})
}

func TestWatcher_bound(t *testing.T) {
	base := t.TempDir()
	var dirs []string
	for i := range 6 {
		dirs = append(dirs, filepath.Join(base, fmt.Sprint(i)))
		do(t, os.Mkdir(dirs[i], 0o700))
	}
	bubble(t, quietly(), 2, func(w *watch.Watcher, s *stand, _ *told, _ chan fsnotify.Event, _ chan error) {
		w.Watch(dirs[0], true)
		for _, d := range []string{dirs[1], dirs[2], dirs[1], dirs[3], dirs[1], filepath.Join(base, "missing", "too")} {
			w.Watch(d, false)
			synctest.Wait()
		}
		list := s.WatchList()
		slices.Sort(list)
		if want := []string{base, dirs[0], dirs[1]}; !slices.Equal(list, want) {
			t.Errorf("watched: %q, want %q", list, want)
		}
		w.Forget(dirs[0])
		w.Forget(filepath.Join(base, "missing", "too"))
		synctest.Wait()
		if list := s.WatchList(); !slices.Equal(list, dirs[1:2]) || w.Watches(dirs[0]) || !w.Watches(dirs[1]) {
			t.Errorf("at last: %q", list)
		}
	})
}

func TestWatcher_the_system_watches_no_more(t *testing.T) {
	var log bytes.Buffer
	dir, other := t.TempDir(), t.TempDir()
	logger := slog.New(slog.NewTextHandler(&log, nil))
	bubble(t, logger, 4, func(w *watch.Watcher, s *stand, got *told, events chan fsnotify.Event, _ chan error) {
		s.set(fmt.Errorf("add: %w", syscall.ENOSPC))
		w.Watch(dir, true)
		w.Watch(other, false)
		pass(watch.Longest)
		if w.Watches(dir) || w.Watches(other) {
			t.Error("it says that it watches")
		}
		pass(watch.Sweep)
		n := strings.Count(log.String(), "level=WARN")
		if n != 1 || !strings.Contains(log.String(), "watches no more folders") {
			t.Errorf("the log:\n%s", log.String())
		}
		s.set(nil) // another program has ended
		before := len(got.lines())
		pass(watch.Sweep + watch.Longest)
		if !w.Watches(dir) || len(got.lines()) != before+2 {
			t.Errorf("tried again: %q", got.lines())
		}
		do(t, s.Remove(dir)) // as when its disk is taken out
		pass(watch.Sweep + watch.Longest)
		if !w.Watches(dir) || len(got.lines()) != before+3 {
			t.Errorf("ended without a word: %q", got.lines())
		}
		events <- fsnotify.Event{Name: filepath.Join(dir, "a"), Op: fsnotify.Remove}
		pass(watch.Longest)
		if lines := got.lines(); lines[len(lines)-1] != filepath.Base(dir)+" a" {
			t.Errorf("got %q", lines)
		}
	})
}

func TestWatcher_folder_above_renamed(t *testing.T) {
	base := t.TempDir()
	dir := filepath.Join(base, "above", "files")
	do(t, os.MkdirAll(dir, 0o700))
	bubble(t, quietly(), 4, func(w *watch.Watcher, s *stand, got *told, _ chan fsnotify.Event, _ chan error) {
		w.Watch(dir, true)
		pass(watch.Longest)
		do(t, os.Rename(filepath.Dir(dir), filepath.Dir(dir)+"2"))
		got.take()
		pass(watch.Sweep + watch.Longest)
		lines := got.take()
		if !slices.Equal(lines, []string{"files *"}) || w.Watches(dir) || !slices.Equal(s.WatchList(), []string{base}) {
			t.Errorf("renamed: %q, watched %q", lines, s.WatchList())
		}
		pass(watch.Sweep + watch.Longest)
		if lines := got.take(); len(lines) != 0 {
			t.Errorf("told again: %q", lines)
		}
	})
}

func TestWatcher_without_a_system(t *testing.T) {
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(io.MultiWriter(&log, t.Output()), nil))
	w := watch.Without(watch.Options{Logger: logger}, syscall.EMFILE)
	end := run(t, w)
	w.Watch(t.TempDir(), true)
	end()
	if w.Watches("a") || strings.Count(log.String(), "level=WARN") != 1 {
		t.Errorf("the log:\n%s", log.String())
	}
}

// BenchmarkWatcher_flood unpacks 10,000 files into a folder.
func BenchmarkWatcher_flood(b *testing.B) {
	dir := b.TempDir()
	calls := 0
	w := watch.New(watch.Options{
		Logger: quietly(), Most: 1,
		Changed: func(context.Context, string, []string) { calls++ },
	})
	end := run(b, w)
	w.Watch(dir, true)
	for b.Loop() {
		for i := range 10_000 {
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), []byte("x"), 0o600); err != nil {
				b.Fatal(err)
			}
		}
	}
	end()
	b.ReportMetric(float64(calls), "calls")
}
