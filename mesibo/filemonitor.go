package mesibo

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/mesibo/internal/watch"
	"github.com/parley-chat/parley/models"
)

// fileMonitor reports when files of messages disappear, change or reappear.
type fileMonitor struct {
	m *Mesibo // immutable

	mu      sync.Mutex
	watcher *watch.Watcher      // nil while stopped
	shown   map[int64]shownFile // by row: what was reported last
	held    map[int64]int       // by row: how many ends of downloads are stored, but not reported yet
}

// shownFile is the file of a message as it was reported.
type shownFile struct {
	path   string
	reason error // why it is not there, nil when it is
}

const (
	watchedFolders = 48     // beside those of this instance
	mostShown      = 50_000 // files of which it is remembered what was shown
)

func newFileMonitor(m *Mesibo) *fileMonitor {
	return &fileMonitor{m: m, shown: make(map[int64]shownFile), held: make(map[int64]int)}
}

// open makes the monitor accept folders to watch, until Run ends: those of this instance, and those of files that are
// shown.
func (fm *fileMonitor) open() {
	w := watch.New(watch.Options{
		Changed: fm.m.files.filesChanged, Ignore: unfinished, Logger: fm.m.log, Most: watchedFolders,
	})
	for _, t := range []FileType{FileTypeImage, FileTypeVideo, FileTypeAudio, FileTypeOther} {
		w.Watch(fm.m.GetFilePath(t), true)
	}
	w.Watch(fm.m.files.stripped.folder(), true)
	fm.setWatcher(w)
}

// Run watches until ctx ends, and returns nil. Called after open.
func (fm *fileMonitor) Run(ctx context.Context) error {
	defer fm.setWatcher(nil)
	return fm.running().Run(ctx)
}

func (fm *fileMonitor) setWatcher(w *watch.Watcher) {
	fm.mu.Lock()
	defer fm.mu.Unlock()
	fm.watcher = w
}

// running returns the watcher, nil while stopped.
func (fm *fileMonitor) running() *watch.Watcher {
	fm.mu.Lock()
	defer fm.mu.Unlock()
	return fm.watcher
}

// forget forgets what was shown of another database.
func (fm *fileMonitor) forget() {
	fm.mu.Lock()
	defer fm.mu.Unlock()
	clear(fm.shown)
}

// watch watches the folder of a file that is shown.
func (fm *fileMonitor) watch(path string) {
	if w := fm.running(); w != nil && filepath.IsAbs(path) {
		w.Watch(filepath.Dir(path), false)
	}
}

// unfinished reports whether a name is that of a file which this package is still writing.
func unfinished(name string) bool {
	return strings.HasPrefix(name, ".") && (strings.HasSuffix(name, ".part") || strings.HasSuffix(name, ".tmp"))
}

// checkPath returns why the file of a message is not on this device unchanged, nil when it is.
func checkPath(path string, length, modified int64) error {
	info, err := os.Stat(path)
	switch {
	case err != nil, !info.Mode().IsRegular():
		return ErrFileMissing
	case modified != 0 && (info.Size() != length || !sameTime(info.ModTime().UnixNano(), modified)):
		return ErrFileChanged
	}
	return nil
}

// sameTime compares times of change in ns. A memory stick may store them rounded to even seconds.
func sameTime(a, b int64) bool {
	const coarse = int64(2 * time.Second)
	if a > b {
		a, b = b, a
	}
	return a == b || a%int64(time.Second) == 0 && b-a < coarse
}

// lengthOf returns how many bytes the file of a message has on this device.
func lengthOf(c *models.File) int64 {
	if c.Length != 0 {
		return c.Length
	}
	return c.Size
}

// look notes in the file of a row whether it is on this device. upload says that it was sent from this device.
func (fm *fileMonitor) look(f *FileInfo, c *models.File, upload bool) {
	fm.watch(c.Path)
	reason := checkPath(c.Path, lengthOf(c), c.Modified)
	fm.show(f.row, shownFile{c.Path, reason})
	if reason != nil {
		f.Path, f.Progress, f.Status = "", 0, FileStatusIdle
		f.Transferred, f.Err = 0, reason
		return
	}
	if upload {
		f.Mode = FileModeUpload
	}
	f.Progress, f.Status = 100, FileStatusIdle
	f.Transferred, f.Err = c.Size, nil
}

// show notes what the application sees. What was noted of the same file before stays: a change is reported to the
// application.
func (fm *fileMonitor) show(row int64, f shownFile) {
	if row == 0 {
		return
	}
	fm.mu.Lock()
	defer fm.mu.Unlock()
	if before, known := fm.shown[row]; known && before.path == f.path {
		return
	}
	if len(fm.shown) >= mostShown {
		clear(fm.shown)
	}
	fm.shown[row] = f
}

// hold makes the monitor silent about rows whose download has ended, until release: what happens to the file is
// reported after the end of the download.
func (fm *fileMonitor) hold(rows []int64) {
	fm.mu.Lock()
	defer fm.mu.Unlock()
	for _, row := range rows {
		fm.held[row]++
	}
}

// release ends hold, and notes that the application has seen the files of rows at a path.
func (fm *fileMonitor) release(rows []int64, path string) {
	fm.mu.Lock()
	defer fm.mu.Unlock()
	for _, row := range rows {
		if fm.held[row]--; fm.held[row] <= 0 {
			delete(fm.held, row)
		}
		fm.shown[row] = shownFile{path: path}
	}
}

// news returns the rows whose file is not in the state that was shown. A place that is not the shown one is out of
// date.
func (fm *fileMonitor) news(places []store.FilePlace) (rows []int64) {
	for _, p := range places {
		now := checkPath(p.Path, lengthOf(&models.File{Size: p.Size, Length: p.Length}), p.Modified)
		fm.mu.Lock()
		before, known := fm.shown[p.ID]
		if known && fm.held[p.ID] == 0 && before.path == p.Path && !errors.Is(now, before.reason) {
			rows = append(rows, p.ID)
			fm.shown[p.ID] = shownFile{p.Path, now}
		}
		fm.mu.Unlock()
	}
	return rows
}

func (fm *fileMonitor) nothingShown() bool {
	fm.mu.Lock()
	defer fm.mu.Unlock()
	return len(fm.shown) == 0
}

// filesChanged is called by the Watcher when something happened in a folder.
func (ts *fileTransfers) filesChanged(ctx context.Context, folder string, names []string) {
	ts.checkSources(folder)
	ts.m.folderSender.Changed(folder)
	ts.lookAgain(ctx, folder, names)
}

// lookAgain calls listeners with the files of a folder that are not what was shown; all of them without names.
func (ts *fileTransfers) lookAgain(ctx context.Context, folder string, names []string) {
	db, target, err := ts.m.open("", 0)
	if err != nil || ts.monitor.nothingShown() {
		return
	}
	var places []store.FilePlace
	if names == nil {
		places, err = db.FilesIn(ctx, target.Account, folder)
	} else {
		paths := make([]string, len(names))
		for i, name := range names {
			paths[i] = filepath.Join(folder, name)
		}
		places, err = db.FilesAt(ctx, target.Account, paths)
	}
	for part := range slices.Chunk(ts.monitor.news(places), 100) {
		if err == nil {
			err = ts.publishFiles(ctx, db, part)
		}
	}
	if err != nil && ctx.Err() == nil {
		ts.log.Error("look at changed files", errAttr(err))
	}
}

// publishFiles calls listeners with the files of rows, apart from those that are being transferred: their transfer does
// it.
func (ts *fileTransfers) publishFiles(ctx context.Context, db *store.Store, rows []int64) error {
	found, err := db.MessagesByRow(ctx, rows)
	if err != nil {
		return err
	}
	ts.m.listeners.post(ctx, func(l *snapshot) {
		for i := range found {
			if f := ts.fileOfRow(&found[i]); f.Status != FileStatusInProgress {
				l.fileProgress(f)
			}
		}
	})
	return nil
}
