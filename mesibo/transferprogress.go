package mesibo

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/parley-chat/parley/mesibo/internal/transfer"
)

// report is UpdateFileTransferProgress.
func (ts *fileTransfers) report(f *FileInfo) error {
	t := ts.find(f)
	if t == nil {
		return ErrTransferEnded
	}
	c := f.snapshot()
	if path, err := ts.m.absolute(c.Path); c.Path != "" && err == nil {
		c.Path = path
	}
	r := t.interpret(c)
	if r.over {
		return ts.finish(t, r)
	}
	return ts.advance(t, r.progress)
}

// result is what a handler's report means.
type result struct {
	progress

	over      bool
	status    FileStatus
	url, path string
	cause     error // why it failed, nil when the handler does not say
}

// interpret decides what a handler's report means.
func (t *fileTransfer) interpret(f *FileInfo) result {
	switch {
	case f.Status == FileStatusRetryLater:
		return result{over: true, status: FileStatusRetryLater}
	case f.Status == FileStatusFailed || f.Progress < 0:
		return result{over: true, status: FileStatusFailed, cause: f.Err}
	case f.Progress < 100:
		return result{progress: progress{f.Progress, max(f.Transferred, f.bytesOf(f.Progress))}}
	case t.mode == FileModeUpload && f.URL == "" || t.mode == FileModeDownload && f.Path == "":
		return result{progress: progress{99, f.bytesOf(99)}}
	}
	r := result{over: true, progress: progress{100, f.Size}, url: f.URL, path: f.Path}
	if r.cause = t.checkComplete(f); r.cause != nil {
		r.status, r.progress = FileStatusFailed, progress{}
	}
	return r
}

// checkComplete returns what is wrong with a transfer that is complete.
func (t *fileTransfer) checkComplete(f *FileInfo) error {
	if t.mode == FileModeDownload {
		_, err := regularFile(f.Path)
		return err
	}
	if err := t.checkSource(); err != nil {
		return err
	}
	return checkURL(f.URL)
}

// advance notes how far a transfer is and publishes it, when it is further than before.
func (ts *fileTransfers) advance(t *fileTransfer, p progress) error {
	ts.mu.Lock()
	if t.ended {
		ts.mu.Unlock()
		return ErrTransferEnded
	}
	if t.reported && p.percent <= t.reached.percent && p.bytes <= t.reached.bytes {
		ts.mu.Unlock()
		return nil
	}
	t.reported, t.reached = true, progress{max(p.percent, t.reached.percent), max(p.bytes, t.reached.bytes)}
	p = t.reached
	subscribers := append([]subscriber(nil), t.subscribers...)
	ts.mu.Unlock()
	ts.publish(subscribers, p, FileStatusInProgress, nil)
	return nil
}

// publish notes the state of a transfer in the files of its subscribers, and calls listeners.
func (ts *fileTransfers) publish(subscribers []subscriber, p progress, status FileStatus, cause error) {
	states := make([]*FileInfo, 0, len(subscribers))
	for _, s := range subscribers {
		s.file.setState(p, status, cause)
		f := s.file.snapshot()
		f.Mid, f.Params, f.row = s.mid, s.params, s.row
		states = append(states, f)
	}
	ts.m.listeners.post(context.Background(), func(l *snapshot) {
		for _, f := range states {
			l.fileProgress(f)
		}
	})
}

// fileProgress calls the listeners with the state of one file, and the file's own listener.
func (ls *snapshot) fileProgress(f *FileInfo) {
	ownToo := f.Listener != nil
	each(ls, func(l FileTransferListener) {
		ownToo = ownToo && !same(l, f.Listener)
		l.OnFileTransferProgress(f.forListener())
	})
	if ownToo {
		ls.guard(func() { f.Listener.OnFileTransferProgress(f.forListener()) })
	}
}

// checkSource returns ErrFileMissing or ErrFileChanged when the file of an upload is not what it was at the start. It
// returns nil when that is not known: then reading the file fails with the reason.
func (t *fileTransfer) checkSource() error {
	info, err := os.Stat(t.path)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return ErrFileMissing
	case err != nil:
		return nil //nolint:nilerr // as said above
	case !info.Mode().IsRegular(), !os.SameFile(info, t.source), info.Size() != t.source.Size(),
		!info.ModTime().Equal(t.source.ModTime()):
		return ErrFileChanged
	}
	return nil
}

// checkSources ends the uploads of a folder's files that have changed; of all when no folder is given.
func (ts *fileTransfers) checkSources(folder string) {
	ts.mu.Lock()
	var uploads []*fileTransfer
	for _, t := range ts.active {
		if t.mode == FileModeUpload && (folder == "" || filepath.Dir(t.path) == folder) {
			uploads = append(uploads, t)
		}
	}
	ts.mu.Unlock()
	for _, t := range uploads {
		if err := t.checkSource(); err != nil {
			ts.failUpload(t, err)
		}
	}
}

// failUpload makes an upload fail. One that the handler has not started yet is checked when it starts.
func (ts *fileTransfers) failUpload(t *fileTransfer, cause error) {
	ts.mu.Lock()
	handler, file, runs := t.handler, t.handlerFile, t.running && !t.ended
	ts.mu.Unlock()
	if !runs {
		return
	}
	if j, ok := file.FileTransferContext.(*transfer.Job); ok && handler == FileTransferHandler(ts.handler) {
		j.Fail(ErrFileChanged) // the server gets this as the reason; cause says more
		return
	}
	if _, err := ts.callHandler(func() bool { return handler.OnStopFileTransfer(file) }); err != nil {
		ts.log.Error("stop the upload of a file that changed", errAttr(err))
	}
	if err := ts.finish(t, result{over: true, status: FileStatusFailed, cause: cause}); err != nil {
		ts.log.Error("end the upload of a file that changed", errAttr(err))
	}
}

// How often the file of an upload that runs is checked, whether the system reports changes or not; and every how many
// times those that wait are checked as well.
const (
	sourceEvery  = time.Second
	sourcesEvery = 5
)

// whileUnchanged calls work with a context that ends when the file of an upload changes.
func (ts *fileTransfers) whileUnchanged(
	ctx context.Context, t *fileTransfer, work func(ctx context.Context) error,
) error {
	ctx, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() { // waited for below
		defer close(done)
		ticker := time.NewTicker(sourceEvery)
		defer ticker.Stop()
		for n := 1; ; n++ {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
			if t.checkSource() != nil {
				cancel(ErrFileChanged)
				return
			}
			if n%sourcesEvery == 0 {
				ts.checkSources("")
			}
		}
	}()
	err := work(ctx)
	cancel(nil)
	<-done
	return err
}
