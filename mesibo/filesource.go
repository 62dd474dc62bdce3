package mesibo

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	carrier "github.com/parley-chat/parley/mesibo/internal/transfer"
)

// This file is about files that change before they are uploaded.

// changed tells whether the file of an upload is another one than at its beginning, nil when it is not, or when nobody knows: then
// reading it tells what is wrong.
func (t *transfer) changed() error {
	info, err := os.Stat(t.path)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return ErrFileMissing
	case err != nil:
		return nil //nolint:nilerr // as said above
	case !info.Mode().IsRegular(), !os.SameFile(info, t.source), info.Size() != t.source.Size(), !info.ModTime().Equal(t.source.ModTime()):
		return ErrFileChanged
	}
	return nil
}

// checkSources ends the uploads of a folder's files that have changed; of all when no folder is given.
func (m *Mesibo) checkSources(folder string) {
	m.transfers.mu.Lock()
	var uploads []*transfer
	for _, t := range m.transfers.active {
		if t.mode == FileModeUpload && (folder == "" || filepath.Dir(t.path) == folder) {
			uploads = append(uploads, t)
		}
	}
	m.transfers.mu.Unlock()
	for _, t := range uploads {
		if err := t.changed(); err != nil {
			m.breakOff(t, err)
		}
	}
}

// breakOff makes a transfer fail. One that the handler has not begun yet is found out when it begins.
func (m *Mesibo) breakOff(t *transfer, cause error) {
	m.transfers.mu.Lock()
	handler, given, runs := t.handler, t.given, t.running && !t.ended
	m.transfers.mu.Unlock()
	if !runs {
		return
	}
	if j, ok := given.FileTransferContext.(*carrier.Job); ok && handler == FileTransferHandler(m.mover) {
		j.Fail(ErrFileChanged) // the server is told so; cause says more
		return
	}
	if _, err := m.guarded(func() bool { return handler.OnStopFileTransfer(given) }); err != nil {
		m.log.Error("stop the upload of a file that changed", errAttr(err))
	}
	if err := m.finish(t, result{over: true, status: FileStatusFailed, cause: cause}); err != nil {
		m.log.Error("end the upload of a file that changed", errAttr(err))
	}
}

// How often the file of an upload that runs is looked at, whether the system tells of changes or not; and every so many times those
// that wait as well.
const (
	sourceEvery  = time.Second
	sourcesEvery = 5
)

// guard gives a context that ends when the file of an upload changes. release has to be called.
func (m *Mesibo) guard(ctx context.Context, t *transfer) (guarded context.Context, release func()) {
	guarded, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() { // release waits for it
		defer close(done)
		ticker := time.NewTicker(sourceEvery)
		defer ticker.Stop()
		for n := 1; ; n++ {
			select {
			case <-guarded.Done():
				return
			case <-ticker.C:
			}
			if t.changed() != nil {
				cancel(ErrFileChanged)
				return
			}
			if n%sourcesEvery == 0 {
				m.checkSources("")
			}
		}
	}()
	return guarded, func() {
		cancel(nil)
		<-done
	}
}
