package mesibo

import (
	"context"
	"errors"

	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

// restart is StartFileTransfer.
func (ts *fileTransfers) restart(op string, f *FileInfo) error {
	f.share()
	c := f.snapshot()
	sent := c.Mode == FileModeUpload && c.URL != ""
	if f.transfer != nil || sent && checkPath(c.Path, 0, 0) == nil {
		return nil
	}
	var err error
	if sent {
		err = ts.turnIntoDownload(f)
	} else {
		err = ts.requeue(f)
	}
	switch {
	case errors.Is(err, ErrFileChanged), errors.Is(err, ErrFileMissing):
		return opError(op, ResultBadRequest, err)
	case err != nil:
		return storeError(op, err)
	}
	err = ts.start(f, subscriberOf(f), true)
	if err != nil && c.Mode == FileModeUpload {
		ts.pauseUploadsOf(subscriberOf(f))
	}
	return transferError(op, err)
}

func transferError(op string, err error) error {
	switch {
	case errors.Is(err, ResultRetryLater):
		return opError(op, ResultRetryLater, nil)
	case errors.Is(err, ErrNoFileHandler), errors.Is(err, errHandlerPanicked):
		return opError(op, ResultFail, err)
	}
	return fileError(op, err)
}

// requeue makes the message of a file, when there is one, wait for it: a failed one waits again.
func (ts *fileTransfers) requeue(f *FileInfo) error {
	s := subscriberOf(f)
	if f.snapshot().Mode != FileModeUpload {
		return ts.checkMessage(s.row)
	}
	if s.params == nil || s.mid == 0 {
		return nil
	}
	db, target, err := ts.m.open(conversation(s.params))
	if err != nil {
		return err
	}
	row, err := db.OwnMessage(context.Background(), target, uint32(s.mid))
	if err != nil {
		return err
	}
	switch {
	case row.Kind != models.KindFile || !row.PendingUpload:
		return store.ErrNotFound
	case errors.Is(checkPath(row.Content.File.Path, 0, 0), ErrFileMissing):
		return ErrFileMissing
	case unchanged(&row) != nil:
		return ErrFileChanged
	case MsgStatus(row.Status).IsFailed():
		if row.ID, err = db.RequeueUpload(row.ID, newNonce(), now()); err != nil {
			return err
		}
		ts.m.outbox.Add(1)
	}
	if err := resumeUpload(db, &row); err != nil {
		return err
	}
	f.setRow(row.ID)
	return nil
}

// checkMessage returns store.ErrNotFound when the message of a file was deleted; row 0 is no message.
func (ts *fileTransfers) checkMessage(row int64) error {
	if row == 0 {
		return nil
	}
	db, _, err := ts.m.open("", 0)
	if err != nil {
		return err
	}
	rows, err := db.WithFile(context.Background(), []int64{row})
	if err == nil && len(rows) == 0 {
		err = store.ErrNotFound
	}
	return err
}

// turnIntoDownload is for a file that was sent and is not on this device any more.
func (ts *fileTransfers) turnIntoDownload(f *FileInfo) error {
	s := subscriberOf(f)
	row := int64(0)
	if s.params != nil && s.mid != 0 {
		db, target, err := ts.m.open(conversation(s.params))
		if err != nil {
			return err
		}
		found, err := db.OwnMessage(context.Background(), target, uint32(s.mid))
		if err != nil {
			return err
		}
		row = found.ID
	}
	f.lock.Lock()
	defer f.lock.Unlock()
	f.Mode, f.Path, f.row = FileModeDownload, "", row
	return nil
}

func conversation(p *MessageParams) (peer string, group uint32) {
	if p.GroupID != 0 {
		return "", p.GroupID
	}
	return p.Peer, 0
}

// start starts a transfer, or joins one that runs. asked says that the user has asked for just this file.
func (ts *fileTransfers) start(f *FileInfo, s subscriber, asked bool) error {
	handlers := ts.handlers()
	if len(handlers) == 0 {
		return ErrNoFileHandler
	}
	d, err := ts.describe(f)
	if err != nil {
		return err
	}
	db, _, err := ts.m.open("", 0)
	if err != nil {
		if s.row != 0 {
			return err
		}
		db = nil // a file alone needs no database
	}
	t, joined := ts.join(d, db, s, asked)
	if joined {
		if d.file.UserInteraction {
			ts.handler.raise(t)
		}
		return nil
	}
	if t.mode == FileModeUpload {
		ts.monitor.watch(t.path)
	}
	return ts.askHandlers(t, f, handlers)
}

// join subscribes to the transfer with the file's key, which it adds when there is none.
func (ts *fileTransfers) join(d description, db *store.Store, s subscriber, asked bool) (t *fileTransfer, joined bool) {
	wanted := asked && s.row == 0
	ts.mu.Lock()
	delete(ts.unstored, s.row)
	if other := ts.active[d.key]; other != nil && other.db != db {
		d.key.db = db // messages of different databases do not share
	}
	t = ts.active[d.key]
	if joined = t != nil; joined {
		t.subscribe(s)
		t.wanted, t.asked = t.wanted || wanted, t.asked || asked
	} else {
		t = &fileTransfer{
			key: d.key, mode: d.file.Mode, path: d.file.Path, source: d.source, db: db, wanted: wanted, asked: asked,
			subscribers: []subscriber{s},
		}
		ts.active[d.key] = t
	}
	reached := t.reached
	ts.mu.Unlock()
	s.file.setState(reached, FileStatusInProgress, nil)
	return t, joined
}

// askHandlers asks the handlers to start, until one takes the file.
func (ts *fileTransfers) askHandlers(t *fileTransfer, f *FileInfo, handlers []FileTransferHandler) error {
	refused := error(ResultRetryLater)
	for _, h := range handlers {
		own := f.snapshot()
		own.transfer, own.Listener = t, nil
		ts.mu.Lock()
		t.handler, t.handlerFile = h, own
		ts.mu.Unlock()
		took, err := ts.callHandler(func() bool { return h.OnStartFileTransfer(own) })
		if err != nil {
			refused = err
		}
		ts.mu.Lock()
		if t.ended { // it has reported the end already
			ts.mu.Unlock()
			return nil
		}
		if took {
			t.running = true
			stop := t.stopping
			ts.mu.Unlock()
			if stop {
				return ts.stopTransfer(t)
			}
			return nil
		}
		ts.mu.Unlock()
	}
	if subscribers := ts.idle(t); t.mode == FileModeUpload {
		ts.pauseUploadsOf(subscribers...)
	}
	return refused
}

// markAutomatic marks a received file that will be downloaded automatically, so that this is not forgotten when the
// process ends before.
func (ts *fileTransfers) markAutomatic(in *store.Incoming) {
	c := in.Row.Content
	if in.Own || c == nil || c.File == nil || c.File.URL == "" {
		return
	}
	if ts.usesDefaultHandler() && ts.handler.downloads(FileType(c.File.Type), c.File.Size) {
		c.File.State = int(FileStatusRetryLater)
	}
}

// download asks the handler for the file of a message that has just arrived. Called after OnFile.
func (ts *fileTransfers) download(row *models.Message) {
	f := ts.fileOfRow(row)
	if f.Mode != FileModeDownload || f.URL == "" || f.Progress == 100 ||
		ts.usesDefaultHandler() && !ts.handler.downloads(f.Type, f.Size) {
		return
	}
	err := ts.start(f, subscriberOf(f), false)
	switch {
	case err == nil, errors.Is(err, ResultRetryLater):
	case errors.Is(err, ErrNoFileHandler), errors.Is(err, errHandlerPanicked):
	default:
		ts.log.Error("start download", errAttr(err))
	}
}

// resumeDownloads starts the downloads of the default handler that were not finished.
func (ts *fileTransfers) resumeDownloads(db *store.Store, account int64) {
	service := ts.handler.running()
	if service == nil {
		return
	}
	rows, err := db.FilesToFetch(context.Background(), account)
	if err != nil {
		ts.log.Error("resume downloads", errAttr(err))
		return
	}
	for i := range rows {
		f := ts.fileOfRow(&rows[i])
		if f.Mode != FileModeDownload || f.URL == "" || f.Progress == 100 {
			continue
		}
		f.UserInteraction = !ts.handler.downloads(f.Type, f.Size) // then the user has asked for it
		if err := ts.start(f, subscriberOf(f), false); err != nil && !errors.Is(err, ResultRetryLater) {
			ts.log.Error("resume download", errAttr(err))
		}
	}
	service.removeLoose(db)
	service.removeOld(db)
}
