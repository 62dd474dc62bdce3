package mesibo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
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

// ErrFileMissing says that a file which was here was moved or deleted.
var ErrFileMissing = fmt.Errorf("the file is not on this device any more: %w", fs.ErrNotExist)

// lookout notices when files of messages are moved, deleted or changed by hand, and when they are there again.
type lookout struct {
	m *Mesibo

	mu    sync.Mutex
	run   *watch.Watcher  // nil while stopped
	shown map[int64]error // by row: why somebody was told that its file is not here, nil: that it is
}

const (
	watchedFolders = 48     // beside those of this instance
	mostShown      = 50_000 // files of which it is remembered what was shown
)

func newLookout(m *Mesibo) *lookout { return &lookout{m: m, shown: make(map[int64]error)} }

// begin watches the folders of this instance, and those of files that somebody looks at, until the function that it gives is called.
func (l *lookout) begin() (end func()) {
	w := watch.New(watch.Options{Changed: l.m.filesChanged, Ignore: unfinished, Logger: l.m.log, Most: watchedFolders})
	for _, t := range []FileType{FileTypeImage, FileTypeVideo, FileTypeAudio, FileTypeOther} {
		w.Watch(l.m.GetFilePath(t), true)
	}
	w.Watch(filepath.Join(l.m.GetFilePath(FileTypeImage), sentFolder), true)
	l.mu.Lock()
	l.run = w
	l.mu.Unlock()
	return func() {
		l.mu.Lock()
		l.run = nil
		l.mu.Unlock()
		w.Close()
	}
}

func (l *lookout) watcher() *watch.Watcher {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.run
}

// forget forgets what was shown of another database.
func (l *lookout) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.shown)
}

// watch watches the folder of a file that somebody looks at.
func (l *lookout) watch(path string) {
	if w := l.watcher(); w != nil && filepath.IsAbs(path) {
		w.Watch(filepath.Dir(path), false)
	}
}

// unfinished tells whether a name is that of a file which this package is still writing.
func unfinished(name string) bool {
	return strings.HasPrefix(name, ".") && (strings.HasSuffix(name, ".part") || strings.HasSuffix(name, ".tmp"))
}

// here tells why the file of a message is not on this device as it was, nil when it is.
func here(path string, length, modified int64) error {
	info, err := os.Stat(path)
	switch {
	case err != nil, !info.Mode().IsRegular():
		return ErrFileMissing
	case modified != 0 && (info.Size() != length || !sameTime(info.ModTime().UnixNano(), modified)):
		return ErrFileChanged
	}
	return nil
}

// sameTime compares times of change in ns. A memory stick that was taken out and put in again may have forgotten all but even seconds.
func sameTime(a, b int64) bool {
	const coarse = int64(2 * time.Second)
	if a > b {
		a, b = b, a
	}
	return a == b || a%int64(time.Second) == 0 && b-a < coarse
}

// lengthOf gives how many bytes the file of a message has here.
func lengthOf(c *models.File) int64 {
	if c.Length != 0 {
		return c.Length
	}
	return c.Size
}

// look notes in the file of a row whether it is on this device. upload says that it was sent from here.
func (l *lookout) look(f *FileInfo, c *models.File, upload bool) {
	l.watch(c.Path)
	reason := here(c.Path, lengthOf(c), c.Modified)
	l.show(f.row, reason)
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

// show notes what somebody sees. What was told before stays: whoever was told it is told when it changes.
func (l *lookout) show(row int64, reason error) {
	if row == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, known := l.shown[row]; known {
		return
	}
	if len(l.shown) >= mostShown {
		clear(l.shown)
	}
	l.shown[row] = reason
}

// fetched notes that the files of rows are here, which is told otherwise.
func (l *lookout) fetched(rows []int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, row := range rows {
		l.shown[row] = nil
	}
}

// news gives the rows of which somebody was told something else than what is now.
func (l *lookout) news(places []store.FilePlace) (rows []int64) {
	for _, p := range places {
		l.mu.Lock()
		before, known := l.shown[p.ID]
		l.mu.Unlock()
		if !known {
			continue // nobody has seen it
		}
		now := here(p.Path, lengthOf(&models.File{Size: p.Size, Length: p.Length}), p.Modified)
		if errors.Is(now, before) {
			continue
		}
		rows = append(rows, p.ID)
		l.mu.Lock()
		l.shown[p.ID] = now
		l.mu.Unlock()
	}
	return rows
}

func (l *lookout) nothingShown() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.shown) == 0
}

// filesChanged is told by the Watcher that something happened in a folder.
func (m *Mesibo) filesChanged(ctx context.Context, folder string, names []string) {
	m.checkSources(folder)
	m.sender.changed(folder)
	db, target, err := m.open("", 0)
	if err != nil || m.lookout.nothingShown() {
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
	for part := range slices.Chunk(m.lookout.news(places), 100) {
		if err == nil {
			err = m.tellFiles(ctx, db, part)
		}
	}
	if err != nil && ctx.Err() == nil {
		m.log.Error("look at changed files", errAttr(err))
	}
}

// tellFiles tells listeners how it stands with the files of rows. A file that is being fetched tells of itself.
func (m *Mesibo) tellFiles(ctx context.Context, db *store.Store, rows []int64) error {
	found, err := db.MessagesByRow(ctx, rows)
	if err != nil {
		return err
	}
	m.calls.post(ctx, func(l *listeners) {
		for i := range found {
			p := params(&found[i])
			m.profiles.attach(&p)
			if f := m.fileOf(&found[i], &p); f.Status != FileStatusInProgress {
				l.fileProgress(f)
			}
		}
	})
	return nil
}
