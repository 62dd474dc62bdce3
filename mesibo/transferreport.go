package mesibo

import (
	"context"
	"errors"
	"os"

	"github.com/parley-chat/parley/mesibo/internal/store"
)

// UpdateFileTransferProgress is how the handler reports (mesibo-api 1.4, 7; the seed's one parameter, later versions also pass
// progress and status). It first sets Progress and Status of the FileInfo it was given, and at the end URL or Path:
//
//   - 0 to 99 percent with FileStatusInProgress: listeners are told when it is more than before, in percent or in bytes
//     (Transferred); less counts as what was before.
//   - 100 percent: the end, when the URL (upload) or Path (download) is set; until then it counts as 99. Messages that
//     waited for an upload go out, behind those sent meanwhile; those with a download
//     get FlagFileTransferred. Listeners then see 100 percent and FileStatusIdle.
//   - FileStatusFailed, or a negative percentage: the end. Messages that waited get MsgStatusFail, or FlagFileFailed.
//   - FileStatusRetryLater: the end for now. Messages go on waiting, for StartFileTransfer or the next Start.
//
// A relative Path is below GetBasePath. An upload whose file changed on the way, and a download whose file is not there, count as failed. It does its work on the
// calling goroutine and may wait for the disk and for listeners that are far behind. Errors: ResultBadRequest with
// ErrTransferEnded when it was stopped or had ended, nothing changes then; ResultFail when what became of it could not be
// stored: messages then go on waiting.
func (m *Mesibo) UpdateFileTransferProgress(f *FileInfo) error {
	const op = "UpdateFileTransferProgress"
	if f == nil {
		return opError(op, ResultBadRequest, errors.New("file is nil"))
	}
	t := m.runningTransfer(f)
	if t == nil {
		return opError(op, ResultBadRequest, ErrTransferEnded)
	}
	c := f.snapshot()
	if path, err := m.absolute(c.Path); c.Path != "" && err == nil {
		c.Path = path
	}
	r := t.result(c)
	var err error
	if r.over {
		err = m.finish(t, r)
	} else {
		err = m.progress(t, r.step)
	}
	switch {
	case errors.Is(err, ErrTransferEnded):
		return opError(op, ResultBadRequest, err)
	case err != nil:
		return opError(op, ResultFail, err)
	}
	return nil
}

// result is what a handler's report means.
type result struct {
	step

	over      bool
	status    FileStatus
	url, path string
	cause     error // why it failed, nil when the handler does not say
}

func (t *transfer) result(f *FileInfo) result {
	switch {
	case f.Status == FileStatusRetryLater:
		return result{over: true, status: FileStatusRetryLater}
	case f.Status == FileStatusFailed || f.Progress < 0:
		return result{over: true, status: FileStatusFailed, cause: f.Err}
	case f.Progress < 100:
		return result{step: step{f.Progress, max(f.Transferred, f.share(f.Progress))}}
	case t.mode == FileModeUpload && f.URL == "" || t.mode == FileModeDownload && f.Path == "":
		return result{step: step{99, f.share(99)}}
	}
	r := result{over: true, step: step{100, f.Size}, url: f.URL, path: f.Path}
	if r.cause = t.check(f); r.cause != nil {
		r.status, r.step = FileStatusFailed, step{}
	}
	return r
}

// check tells what is wrong with a transfer that is complete.
func (t *transfer) check(f *FileInfo) error {
	if t.mode == FileModeDownload {
		_, err := regularFile(f.Path)
		return err
	}
	if err := t.changed(); err != nil {
		return err
	}
	return checkURL(f.URL)
}

// progress notes how far a transfer is and tells it, unless it is not news.
func (m *Mesibo) progress(t *transfer, s step) error {
	m.transfers.mu.Lock()
	if t.ended {
		m.transfers.mu.Unlock()
		return ErrTransferEnded
	}
	if t.told && s.percent <= t.reached.percent && s.bytes <= t.reached.bytes {
		m.transfers.mu.Unlock()
		return nil
	}
	t.told, t.reached = true, step{max(s.percent, t.reached.percent), max(s.bytes, t.reached.bytes)}
	s = t.reached
	attached := append([]attachment(nil), t.attached...)
	m.transfers.mu.Unlock()
	m.tellProgress(attached, s, FileStatusInProgress, nil)
	return nil
}

// finish ends a transfer and stores what became of it before anybody is told.
func (m *Mesibo) finish(t *transfer, r result) error {
	attached, ok := m.end(t)
	if !ok {
		return ErrTransferEnded
	}
	if r.cause != nil {
		m.log.Warn("file transfer failed", errAttr(r.cause))
	}
	if r.status == FileStatusRetryLater {
		r.bytes = t.reached.bytes // nobody changes it any more
	}
	var err error
	if rows := rowsOf(attached); len(rows) > 0 {
		if t.mode == FileModeUpload {
			err = m.uploaded(t, rows, r)
		} else {
			err = m.downloaded(t, rows, r)
		}
	}
	if err != nil {
		m.log.Error("store the end of a file transfer", errAttr(err))
		m.tellUnstored(t, attached, r, err)
		return err
	}
	for i, a := range attached {
		fileMu.Lock()
		if r.status == FileStatusIdle {
			a.file.URL, a.file.Path = r.url, r.path
		}
		fileMu.Unlock()
		attached[i].params = marked(a.params, t.mode, r.status)
	}
	m.tellProgress(attached, r.step, r.status, r.cause)
	for _, a := range attached {
		if a.done == nil || r.status != FileStatusIdle {
			continue
		}
		if err := a.done(r.url); err != nil {
			m.log.Error("use a transferred file", errAttr(err))
		}
	}
	return nil
}

// tellUnstored tells of a transfer whose end the database could not take. Messages with an upload go on waiting; a download has failed.
func (m *Mesibo) tellUnstored(t *transfer, attached []attachment, r result, err error) {
	if t.mode == FileModeUpload || r.status == FileStatusRetryLater {
		m.tellProgress(attached, step{}, FileStatusRetryLater, nil)
		return
	}
	cause := r.cause
	switch {
	case r.status == FileStatusIdle && errors.Is(err, ErrDiskFull):
		cause = ErrDiskFull
	case r.status == FileStatusIdle:
		cause = err
	}
	if r.status == FileStatusIdle && m.moved(t) && t.path == "" { // nobody would find it
		if err := os.Remove(r.path); err != nil {
			m.log.Warn("remove a file that cannot be noted", errAttr(err))
		}
	}
	m.transfers.mu.Lock()
	if m.transfers.unstored == nil {
		m.transfers.unstored = make(map[int64]error)
	}
	for _, row := range rowsOf(attached) {
		m.transfers.unstored[row] = cause
	}
	m.transfers.mu.Unlock()
	m.tellProgress(attached, step{}, FileStatusFailed, cause)
}

// marked gives the parameters of a message with the flags that tell what became of its download.
func marked(p *MessageParams, mode FileMode, status FileStatus) *MessageParams {
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

// uploaded lets the messages that waited go, or fail.
func (m *Mesibo) uploaded(t *transfer, rows []int64, r result) error {
	switch r.status {
	case FileStatusIdle:
		released, err := t.db.Release(rows, r.url, now())
		if released > 0 {
			m.wakeOutbox()
		}
		return err
	case FileStatusFailed:
		return m.failHeld(t.db, rows, r.cause)
	case FileStatusInProgress, FileStatusRetryLater:
	}
	err := t.db.SetFile(rows, store.FileResult{State: int(r.status), Done: r.bytes})
	if err == nil && !m.moved(t) { // the mover goes on by itself, at the latest after the next Start
		err = m.holdUp(t.db, rows)
	}
	return err
}

// moved tells whether the default handler has a transfer.
func (m *Mesibo) moved(t *transfer) bool {
	m.transfers.mu.Lock()
	defer m.transfers.mu.Unlock()
	return t.handler == FileTransferHandler(m.mover)
}

func (m *Mesibo) downloaded(t *transfer, rows []int64, r result) error {
	out := store.FileResult{State: int(r.status), Failure: failureName(r.cause)}
	switch r.status {
	case FileStatusIdle:
		out.Path, out.Set, out.Clear = r.path, int64(FlagFileTransferred), int64(FlagFileFailed)
		if info, err := os.Stat(r.path); err == nil {
			out.Length, out.Modified = info.Size(), info.ModTime().UnixNano()
		}
		m.lookout.fetched(rows)
	case FileStatusFailed:
		out.Set, out.Clear = int64(FlagFileFailed), int64(FlagFileTransferred)
	case FileStatusInProgress, FileStatusRetryLater:
		out.Done = r.bytes
	}
	return t.db.SetFile(rows, out)
}

// tellProgress notes the state of a transfer in the files of those who wait, and tells listeners.
func (m *Mesibo) tellProgress(attached []attachment, s step, status FileStatus, cause error) {
	told := make([]*FileInfo, 0, len(attached))
	for _, a := range attached {
		a.file.settle(s, status, cause)
		f := a.file.snapshot()
		f.Mid, f.Params, f.row = a.mid, a.params, a.row
		told = append(told, f)
	}
	m.calls.post(context.Background(), func(l *listeners) {
		for _, f := range told {
			l.fileProgress(f)
		}
	})
}

// fileProgress tells the listeners of one file, and the file's own.
func (ls *listeners) fileProgress(f *FileInfo) {
	ownToo := f.Listener != nil
	each(ls, func(l FileTransferListener) {
		ownToo = ownToo && !same(l, f.Listener)
		l.OnFileTransferProgress(f.given())
	})
	if ownToo {
		ls.guard(func() { f.Listener.OnFileTransferProgress(f.given()) })
	}
}

// given copies a snapshot for one listener.
func (f *FileInfo) given() *FileInfo {
	own := *f
	if f.Params != nil {
		p := *f.Params
		own.Params = &p
	}
	return &own
}
