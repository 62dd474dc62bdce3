package mesibo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"time"
	"unicode/utf8"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/internal/files"
	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

// This file is about messages with files, and the uploads for which they wait.

// send is SendFile with another way into the outbox, nil for the usual one.
func (ts *fileTransfers) send(op string, p MessageParams, id uint32, f *FileInfo, put intoOutbox) error {
	if f == nil {
		return opError(op, ResultBadRequest, errors.New("file is nil"))
	}
	f.share()
	if id == 0 {
		id = ts.m.Random()
	}
	pending := f.GetURL() == ""
	switch {
	case pending && len(ts.handlers()) == 0:
		return opError(op, ResultFail, ErrNoFileHandler)
	case pending && p.Flag&FlagTransient != 0:
		return opError(op, ResultBadRequest, errors.New("a transient message cannot wait for its file"))
	case pending:
		ts.stripped.hold()
		defer ts.stripped.release()
		f.lock.Lock()
		f.Mode = FileModeUpload
		f.lock.Unlock()
		if err := ts.complete(f); err != nil {
			return fileError(op, err)
		}
	}
	row, err := fileRow(f)
	if err != nil {
		return opError(op, ResultBadRequest, err)
	}
	f.lock.Lock()
	f.Title, f.MimeType = row.Content.File.Name, row.Content.File.MIME
	f.lock.Unlock()
	row.PendingUpload = pending
	row.Content.File.Modified = modified(row.Content.File.Path)
	if err := ts.m.sendBy(op, p, id, row, put); err != nil {
		return err
	}
	own := p
	own.Mid, own.Status = uint64(id), MsgStatusOutbox
	f.lock.Lock()
	f.Mid, f.Params, f.row = uint64(id), &own, 0
	f.lock.Unlock()
	if pending {
		ts.startPending(p, id, f)
	}
	return nil
}

// fileRow makes the row of a message with a file.
func fileRow(f *FileInfo) (models.Message, error) {
	f = f.snapshot()
	switch {
	case len(f.Title) > wire.MaxName, len(f.MimeType) > wire.MaxName:
		return models.Message{}, fmt.Errorf("%w: name or type of the file", ErrTooLarge)
	case len(f.Thumbnail) > wire.MaxThumbnail:
		return models.Message{}, fmt.Errorf("%w: a thumbnail has up to %d bytes", ErrTooLarge, wire.MaxThumbnail)
	case len(f.Waveform) > wire.MaxWaveform:
		return models.Message{}, fmt.Errorf("%w: a waveform has up to %d values", ErrTooLarge, wire.MaxWaveform)
	case !utf8.ValidString(f.Title) || !utf8.ValidString(f.MimeType):
		return models.Message{}, errors.New("name or type of the file is no text")
	case !fits(f.Width, f.Height, int(f.Duration.Milliseconds()), int(f.Type)) || f.Duration < 0 || f.Size < 0:
		return models.Message{}, errors.New("a size of the file is negative or too large")
	}
	if err := checkURL(f.URL); err != nil {
		return models.Message{}, err
	}
	place, err := locationRow(f.Location)
	if err != nil {
		return models.Message{}, err
	}
	return models.Message{Data: []byte(f.Message), Kind: models.KindFile, Content: &models.Content{File: &models.File{
		URL: f.URL, Name: safeName(f.Title), Size: f.Size, MIME: safeMIME(f.MimeType), Type: int(f.Type),
		Thumbnail: f.Thumbnail, Width: f.Width, Height: f.Height, Duration: int(f.Duration.Milliseconds()),
		Waveform: f.Waveform, Path: f.Path, Place: place,
	}}}, nil
}

func fits(numbers ...int) bool {
	for _, n := range numbers {
		if n < 0 || n > math.MaxInt32 {
			return false
		}
	}
	return true
}

func checkURL(url string) error {
	if len(url) > wire.MaxURL {
		return fmt.Errorf("%w: a URL has up to %d bytes", ErrTooLarge, wire.MaxURL)
	}
	if !utf8.ValidString(url) {
		return errors.New("the URL is no text")
	}
	return nil
}

// fileOf returns the file that a row carries, with the state of its transfer. p are the row's parameters.
func (ts *fileTransfers) fileOf(row *models.Message, p *MessageParams) *FileInfo {
	own := *p
	f := &FileInfo{Mid: uint64(row.Mid), Message: string(row.Data), Params: &own, lock: &fileLock{}, row: row.ID}
	if row.Content == nil || row.Content.File == nil {
		return f
	}
	c := row.Content.File
	f.Type, f.URL, f.Path, f.Size, f.Title, f.MimeType = FileType(c.Type), c.URL, c.Path, c.Size, c.Name, c.MIME
	f.Thumbnail, f.Width, f.Height = c.Thumbnail, c.Width, c.Height
	f.Duration, f.Waveform, f.Played = time.Duration(c.Duration)*time.Millisecond, c.Waveform,
		c.Played && row.Sender != ""
	f.Location = placeOf(c.Place, row.Mid)
	f.Status = FileStatus(c.State)
	switch f.Status {
	case FileStatusFailed:
		f.Err = errorFromCode(c.Failure)
	case FileStatusRetryLater:
		f.Transferred = c.Done
	case FileStatusIdle, FileStatusInProgress:
	}
	switch {
	case row.Sender == "" && row.PendingUpload && c.URL == "":
		f.Mode = FileModeUpload
		ts.monitor.watch(c.Path)
	case c.Path != "": // when it was moved, deleted or changed it can be downloaded again
		ts.monitor.look(f, c, row.Sender == "" && Flag(row.Flags)&FlagFileTransferred == 0)
	}
	ts.show(f)
	return f
}

// fileOfRow is fileOf for a row whose parameters are not at hand.
func (ts *fileTransfers) fileOfRow(row *models.Message) *FileInfo {
	p := params(row)
	ts.m.profiles.attach(&p)
	return ts.fileOf(row, &p)
}

// startPending starts the upload that a message waits for. f is nil or the application's file. When it does not start,
// the message waits.
func (ts *fileTransfers) startPending(p MessageParams, id uint32, f *FileInfo) {
	db, target, err := ts.m.open(p.Peer, p.GroupID)
	if err != nil {
		ts.log.Error("start upload", errAttr(err))
		return
	}
	row, err := db.PendingUpload(context.Background(), target, id)
	if errors.Is(err, store.ErrNotFound) {
		return // it does not wait: a filter dropped it, or it is only kept here
	}
	if err != nil {
		ts.log.Error("start upload", errAttr(err))
		return
	}
	ts.startUpload(db, &row, f)
}

// startUpload starts the upload that a row waits for.
func (ts *fileTransfers) startUpload(db *store.Store, row *models.Message, f *FileInfo) {
	if f == nil {
		f = ts.fileOfRow(row)
	}
	f.setRow(row.ID)
	err := unchanged(row)
	if err == nil {
		err = resumeUpload(db, row)
	}
	if err == nil {
		err = ts.start(f, subscriberOf(f), false)
	}
	switch {
	case err == nil:
		return
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, ErrFileChanged), errors.Is(err, files.ErrKind):
		ts.log.Warn("the file of a message is no longer what was to be sent", errAttr(err))
		if err := ts.failUploads(db, []int64{row.ID}, err); err != nil {
			ts.log.Error("fail message", errAttr(err))
			return
		}
		ts.publish([]subscriber{subscriberOf(f)}, progress{}, FileStatusFailed, err)
		return
	case errors.Is(err, ResultRetryLater), errors.Is(err, ErrNoFileHandler), errors.Is(err, errHandlerPanicked):
	default:
		ts.log.Error("start upload", errAttr(err))
	}
	if err := ts.pauseUploads(db, []int64{row.ID}); err != nil {
		ts.log.Error("start upload", errAttr(err))
	}
}

// unchanged returns ErrFileChanged when the file of a message is not what was to be sent any more.
func unchanged(row *models.Message) error {
	c := row.Content.File
	info, err := os.Stat(c.Path)
	switch {
	case err != nil:
		return nil //nolint:nilerr // reading it fails with the reason
	case info.Size() != c.Size, c.Modified != 0 && info.ModTime().UnixNano() != c.Modified:
		return ErrFileChanged
	}
	return nil
}

// modified returns when a file was last changed, 0 when that is not known.
func modified(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.ModTime().UnixNano()
}

// pauseUploads notes that the uploads of messages wait until they are started again, and sends the messages that waited
// for their turn behind them.
func (ts *fileTransfers) pauseUploads(db *store.Store, rows []int64) error {
	if err := db.SetUploadsPaused(rows, true); err != nil {
		return err
	}
	return ts.releaseUploaded(db)
}

// pauseUploadsOf is pauseUploads for the messages among subscribers whose upload did not start.
func (ts *fileTransfers) pauseUploadsOf(subscribers ...subscriber) {
	rows := rowsOf(subscribers)
	if len(rows) == 0 {
		return
	}
	db, _, err := ts.m.open("", 0)
	if err == nil {
		err = ts.pauseUploads(db, rows)
	}
	if err != nil {
		ts.log.Error("start upload", errAttr(err))
	}
}

// resumeUpload notes that the upload of a message is not paused any more.
func resumeUpload(db *store.Store, row *models.Message) error {
	if !row.Content.File.Stopped {
		return nil
	}
	return db.SetUploadsPaused([]int64{row.ID}, false)
}

// releaseUploaded sends messages whose file was uploaded and that waited for the file of an earlier one, when that is
// not being uploaded any more.
func (ts *fileTransfers) releaseUploaded(db *store.Store) error {
	released, err := db.ReleaseUploaded(context.Background(), now())
	if released > 0 {
		ts.m.wakeOutbox()
	}
	return err
}

// failUploads makes messages fail that waited for an upload.
func (ts *fileTransfers) failUploads(db *store.Store, rows []int64, cause error) error {
	if err := db.SetFile(rows, store.FileResult{State: int(FileStatusFailed), Failure: errorCode(cause)}); err != nil {
		return err
	}
	failed := make([]store.SendResult, 0, len(rows))
	for _, row := range rows {
		failed = append(failed, store.SendResult{Row: row, Status: models.StatusFail})
	}
	changed, err := db.ApplySendResults(models.Account{}, failed)
	ts.m.notifySent(context.Background(), changed)
	if err != nil {
		return err
	}
	return ts.releaseUploaded(db)
}

// resume starts the uploads for which messages waited at Start, newest being the last of them, and the downloads that
// were not finished. Called on the goroutine of the listeners: what was queued since then has started already, and may
// have been stopped again.
func (ts *fileTransfers) resume(newest int64) {
	db, target, err := ts.m.open("", 0)
	if err != nil {
		ts.log.Error("resume uploads", errAttr(err))
		return
	}
	rows, err := db.PendingUploads(context.Background(), target.Account, newest)
	if err != nil {
		ts.log.Error("resume uploads", errAttr(err))
		return
	}
	for i := range rows {
		if rows[i].Content.File.URL == "" {
			ts.startUpload(db, &rows[i], nil)
		}
	}
	if err := ts.releaseUploaded(db); err != nil {
		ts.log.Error("resume uploads", errAttr(err))
	}
	ts.stripped.removeUnused(db)
	if ts.usesDefaultHandler() {
		ts.resumeDownloads(db, target.Account)
	}
}
