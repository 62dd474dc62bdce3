package mesibo

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/parley-chat/parley/mesibo/internal/store"
)

// end removes a transfer from the active ones and returns its subscribers; false when it had ended before.
func (ts *fileTransfers) end(t *fileTransfer) ([]subscriber, bool) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if t.ended {
		return nil, false
	}
	t.ended = true
	delete(ts.active, t.key)
	return t.subscribers, true
}

// idle ends a transfer before its file was moved: the file waits until it is started again.
func (ts *fileTransfers) idle(t *fileTransfer) []subscriber {
	subscribers, ok := ts.end(t)
	if ok {
		ts.publish(subscribers, progress{}, FileStatusIdle, nil)
	}
	return subscribers
}

// finish ends a transfer and stores what became of it before listeners are called.
func (ts *fileTransfers) finish(t *fileTransfer, r result) error {
	subscribers, ok := ts.end(t)
	if !ok {
		return ErrTransferEnded
	}
	if r.cause != nil {
		ts.log.Warn("file transfer failed", errAttr(r.cause))
	}
	if r.status == FileStatusRetryLater {
		r.bytes = t.reached.bytes // it has ended: nothing changes it any more
	}
	rows := rowsOf(subscribers)
	if t.mode == FileModeDownload && r.status == FileStatusIdle {
		ts.monitor.hold(rows)
		defer ts.m.listeners.post(context.Background(), func(*snapshot) {
			ts.monitor.release(rows, r.path)
			ts.lookAgain(context.Background(), filepath.Dir(r.path), []string{filepath.Base(r.path)})
		})
	}
	if err := ts.store(t, rows, r); err != nil {
		ts.log.Error("store the end of a file transfer", errAttr(err))
		ts.finishUnstored(t, subscribers, r, err)
		return err
	}
	for i, s := range subscribers {
		if r.status == FileStatusIdle {
			s.file.lock.Lock()
			s.file.URL, s.file.Path = r.url, r.path
			s.file.lock.Unlock()
		}
		subscribers[i].params = flagged(s.params, t.mode, r.status)
	}
	ts.publish(subscribers, r.progress, r.status, r.cause)
	for _, s := range subscribers {
		if s.done == nil || r.status != FileStatusIdle {
			continue
		}
		if err := s.done(r.url); err != nil {
			ts.log.Error("use a transferred file", errAttr(err))
		}
	}
	return nil
}

// store stores what became of the transfer for messages.
func (ts *fileTransfers) store(t *fileTransfer, rows []int64, r result) error {
	switch {
	case len(rows) == 0:
		return nil
	case t.mode == FileModeUpload:
		return ts.storeUpload(t, rows, r)
	}
	return ts.storeDownload(t, rows, r)
}

// storeUpload sends the messages that waited, or makes them fail.
func (ts *fileTransfers) storeUpload(t *fileTransfer, rows []int64, r result) error {
	switch r.status {
	case FileStatusIdle:
		released, err := t.db.Release(rows, r.url, now())
		if released > 0 {
			ts.m.wakeOutbox()
		}
		return err
	case FileStatusFailed:
		return ts.failUploads(t.db, rows, r.cause)
	case FileStatusInProgress, FileStatusRetryLater:
	}
	err := t.db.SetFile(rows, store.FileResult{State: int(r.status), Done: r.bytes})
	if err == nil && !ts.byDefaultHandler(t) { // that one goes on by itself, at the latest after the next Start
		err = ts.pauseUploads(t.db, rows)
	}
	return err
}

func (ts *fileTransfers) storeDownload(t *fileTransfer, rows []int64, r result) error {
	out := store.FileResult{State: int(r.status), Failure: errorCode(r.cause)}
	switch r.status {
	case FileStatusIdle:
		out.Path, out.Set, out.Clear = r.path, int64(FlagFileTransferred), int64(FlagFileFailed)
		if info, err := os.Stat(r.path); err == nil {
			out.Length, out.Modified = info.Size(), info.ModTime().UnixNano()
		}
	case FileStatusFailed:
		out.Set, out.Clear = int64(FlagFileFailed), int64(FlagFileTransferred)
	case FileStatusInProgress, FileStatusRetryLater:
		out.Done = r.bytes
	}
	return t.db.SetFile(rows, out)
}

// finishUnstored is for a transfer whose end the database could not store. Messages with an upload go on waiting; a
// download has failed.
func (ts *fileTransfers) finishUnstored(t *fileTransfer, subscribers []subscriber, r result, err error) {
	if t.mode == FileModeUpload || r.status == FileStatusRetryLater {
		ts.publish(subscribers, progress{}, FileStatusRetryLater, nil)
		return
	}
	cause := r.cause
	switch {
	case r.status == FileStatusIdle && errors.Is(err, ErrDiskFull):
		cause = ErrDiskFull
	case r.status == FileStatusIdle:
		cause = err
	}
	if r.status == FileStatusIdle && ts.byDefaultHandler(t) && t.path == "" { // no message would name it
		if err := os.Remove(r.path); err != nil {
			ts.log.Warn("remove a file that cannot be noted", errAttr(err))
		}
	}
	ts.mu.Lock()
	if ts.unstored == nil {
		ts.unstored = make(map[int64]error)
	}
	for _, row := range rowsOf(subscribers) {
		ts.unstored[row] = cause
	}
	ts.mu.Unlock()
	ts.publish(subscribers, progress{}, FileStatusFailed, cause)
}

// flagged returns the parameters of a message with the flags for what became of its download.
func flagged(p *MessageParams, mode FileMode, status FileStatus) *MessageParams {
	if p == nil || mode == FileModeUpload {
		return p
	}
	own := *p
	switch status {
	case FileStatusIdle:
		own.Flag = own.Flag&^FlagFileFailed | FlagFileTransferred
	case FileStatusFailed:
		own.Flag |= FlagFileFailed
	case FileStatusInProgress, FileStatusRetryLater:
	}
	return &own
}

// stop is StopFileTransfer.
func (ts *fileTransfers) stop(f *FileInfo) error {
	t := ts.find(f)
	if t == nil {
		return nil
	}
	if err := ts.stopTransfer(t); err != nil {
		return err
	}
	return ts.stayStopped(t)
}

// stayStopped keeps a download that was stopped from starting again at the next Start, and sends messages that waited
// for their turn behind an upload.
func (ts *fileTransfers) stayStopped(t *fileTransfer) error {
	ts.mu.Lock()
	rows := rowsOf(t.subscribers)
	ts.mu.Unlock()
	switch {
	case len(rows) == 0:
		return nil
	case t.mode == FileModeUpload:
		return ts.pauseUploads(t.db, rows)
	}
	return t.db.SetFile(rows, store.FileResult{State: int(FileStatusIdle)})
}

var errNotStopped = errors.New("the file transfer handler did not stop")

func (ts *fileTransfers) stopTransfer(t *fileTransfer) error {
	ts.mu.Lock()
	if t.ended || !t.running {
		t.stopping = true
		ts.mu.Unlock()
		return nil
	}
	handler, file := t.handler, t.handlerFile
	ts.mu.Unlock()
	stopped, err := ts.callHandler(func() bool { return handler.OnStopFileTransfer(file) })
	if err != nil {
		return err
	}
	if !stopped {
		return errNotStopped
	}
	ts.idle(t)
	return nil
}

// stopAll stops everything, as far as the handlers can.
func (ts *fileTransfers) stopAll() {
	ts.mu.Lock()
	all := make([]*fileTransfer, 0, len(ts.active))
	for _, t := range ts.active {
		all = append(all, t)
	}
	ts.unstored = nil
	ts.mu.Unlock()
	for _, t := range all {
		if err := ts.stopTransfer(t); err != nil {
			ts.log.Warn("stop file transfer", errAttr(err))
			ts.idle(t)
		}
	}
}

// messagesDeleted stops the transfers that were for deleted messages alone, and removes their files that nothing else
// needs.
func (ts *fileTransfers) messagesDeleted() {
	ts.m.folderSender.Wake()
	ts.stopUnwanted()
	db, _, err := ts.m.open("", 0)
	if err != nil {
		return // then there are no messages
	}
	if err := ts.releaseUploaded(db); err != nil {
		ts.log.Error("send what waited for a message that was deleted", errAttr(err))
	}
	ts.stripped.removeUnused(db)
	if service := ts.handler.running(); service != nil {
		service.removeLoose(db)
	}
}

// stopUnwanted stops the transfers of messages that do not carry the file any more, when the file is not wanted for
// anything else.
func (ts *fileTransfers) stopUnwanted() {
	for t, rows := range ts.waiting() {
		waiting, err := t.stillWaiting(rows)
		if err != nil {
			ts.log.Error("stop file transfers", errAttr(err))
			continue
		}
		gone, idle := ts.unsubscribe(t, waiting)
		ts.publish(gone, progress{}, FileStatusIdle, nil)
		if !idle {
			continue
		}
		if err := ts.stopTransfer(t); err != nil {
			ts.log.Warn("stop file transfer", errAttr(err))
		}
	}
}
