package mesibo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"unicode/utf8"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/internal/files"
	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

// SendFile is SendMessage for a file (mesibo-api 1.2, 7): f.Path is what to send, f.Message its caption. MimeType is told from the
// content when it is empty, of a picture Width, Height and Thumbnail, and of a sound Duration and Waveform (WAV, Ogg Opus, MP3
// and FLAC; see MakeWaveform), which for a large one takes a part of a second. A
// picture (FileTypeImage) is sent without what its file says of place, time, camera and author: then f.Path is a copy below
// GetFilePath, drawn again if need be. What cannot be read as a JPEG, PNG, GIF or WebP, or has more than 32 MiB or 40 million
// pixels, is sent as it is, as FileTypeOther unless it has a Thumbnail; and so is FileTypeOther. The message is stored at once and
// waits until the FileTransferHandler has uploaded the file; only then it goes out, while messages queued later do not wait for it. It survives the end of the process: the next Start begins the upload again.
// Messages with the same file share one upload. A file with a URL is not uploaded, the message goes out at once. f.Mid and
// f.Params are set, and f.Title is what recipients get: without folders and what cannot be seen; recipients get OnFile.
//
// What becomes of it: FileTransferListeners see the upload, OnMessageStatus the message. When the handler says not now, or to
// try later, the message goes on waiting for StartFileTransfer or the next Start. When the upload fails it gets MsgStatusFail,
// and Resend or StartFileTransfer tries again. Cancel and DeleteMessage withdraw it and stop the upload.
//
// Errors: as SendMessage; ResultBadRequest when the file is not there, is no regular file, or its name, type, URL or thumbnail
// is too long (ErrTooLarge), when it holds something else than its size says (ErrFileUnreadable), and for a transient message that would have to wait; ResultFail with ErrNoFileHandler. On error
// nothing was queued.
func (m *Mesibo) SendFile(p MessageParams, id uint32, f *FileInfo) error {
	return m.sendFile("SendFile", p, id, f, nil)
}

// sendFile is SendFile with another way into the outbox, nil for the usual one.
func (m *Mesibo) sendFile(op string, p MessageParams, id uint32, f *FileInfo, put intoOutbox) error {
	if f == nil {
		return opError(op, ResultBadRequest, errors.New("file is nil"))
	}
	if id == 0 {
		id = m.Random()
	}
	held := f.GetURL() == ""
	switch {
	case held && !m.IsFileTransferEnabled():
		return opError(op, ResultFail, ErrNoFileHandler)
	case held && p.Flag&FlagTransient != 0:
		return opError(op, ResultBadRequest, errors.New("a transient message cannot wait for its file"))
	case held:
		m.beginSending()
		defer m.endSending()
		fileMu.Lock()
		f.Mode = FileModeUpload
		fileMu.Unlock()
		if err := m.complete(f); err != nil {
			return fileError(op, err)
		}
	}
	row, err := fileRow(f)
	if err != nil {
		return opError(op, ResultBadRequest, err)
	}
	fileMu.Lock()
	f.Title, f.MimeType = row.Content.File.Name, row.Content.File.MIME
	fileMu.Unlock()
	row.Held = held
	row.Content.File.Modified = modified(row.Content.File.Path)
	if err := m.sendBy(op, p, id, row, put); err != nil {
		return err
	}
	own := p
	own.Mid, own.Status = uint64(id), MsgStatusOutbox
	fileMu.Lock()
	f.Mid, f.Params, f.row = uint64(id), &own, 0
	fileMu.Unlock()
	if held {
		m.startHeld(p, id, f)
	}
	return nil
}

// fileRow makes what a message with a file carries.
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
	case !fits(f.Width, f.Height, f.Duration, int(f.Type)) || f.Size < 0:
		return models.Message{}, errors.New("a size of the file is negative or too large")
	}
	if err := checkURL(f.URL); err != nil {
		return models.Message{}, err
	}
	return models.Message{Data: []byte(f.Message), Kind: models.KindFile, Content: &models.Content{File: &models.File{
		URL: f.URL, Name: safeName(f.Title), Size: f.Size, MIME: safeMIME(f.MimeType), Type: int(f.Type), Thumbnail: f.Thumbnail,
		Width: f.Width, Height: f.Height, Duration: f.Duration, Waveform: f.Waveform, Path: f.Path,
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

// startHeld begins the upload that a message waits for. f is nil or the application's file. When it does not begin, the message waits.
func (m *Mesibo) startHeld(p MessageParams, id uint32, f *FileInfo) {
	db, target, err := m.open(p.Peer, p.GroupID)
	if err != nil {
		m.log.Error("begin upload", errAttr(err))
		return
	}
	row, err := db.HeldFile(context.Background(), target, id)
	if errors.Is(err, store.ErrNotFound) {
		return // it does not wait: a filter dropped it, or it is only kept here
	}
	if err != nil {
		m.log.Error("begin upload", errAttr(err))
		return
	}
	m.upload(db, &row, f)
}

// holdUp notes that the uploads of messages wait until somebody begins them again, and lets those go that waited behind them.
func (m *Mesibo) holdUp(db *store.Store, rows []int64) error {
	if err := db.SetStopped(rows, true); err != nil {
		return err
	}
	return m.releaseNext(db)
}

// releaseNext lets messages go whose file was uploaded, and that waited for the file of an earlier one that is not on its way any more.
func (m *Mesibo) releaseNext(db *store.Store) error {
	released, err := db.ReleaseNext(context.Background(), now())
	if released > 0 {
		m.wakeOutbox()
	}
	return err
}

// upload begins the upload that a held row waits for.
func (m *Mesibo) upload(db *store.Store, row *models.Message, f *FileInfo) {
	if f == nil {
		p := params(row)
		m.profiles.attach(&p)
		f = m.fileOf(row, &p)
	}
	fileMu.Lock()
	f.row = row.ID
	fileMu.Unlock()
	err := unchanged(row)
	if err == nil {
		err = m.goOn(db, row)
	}
	if err == nil {
		err = m.start(f, attachmentOf(f), false)
	}
	switch {
	case err == nil:
		return
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, ErrFileChanged), errors.Is(err, files.ErrKind):
		m.log.Warn("the file of a message is no longer what was to be sent", errAttr(err))
		if err := m.failHeld(db, []int64{row.ID}, err); err != nil {
			m.log.Error("fail message", errAttr(err))
			return
		}
		m.tellProgress([]attachment{attachmentOf(f)}, step{}, FileStatusFailed, err)
		return
	case errors.Is(err, ResultRetryLater), errors.Is(err, ErrNoFileHandler), errors.Is(err, errHandlerPanicked):
	default:
		m.log.Error("begin upload", errAttr(err))
	}
	if err := m.holdUp(db, []int64{row.ID}); err != nil {
		m.log.Error("begin upload", errAttr(err))
	}
}

// goOn notes that the upload of a message does not wait for anybody any more.
func (m *Mesibo) goOn(db *store.Store, row *models.Message) error {
	if !row.Content.File.Stopped {
		return nil
	}
	return db.SetStopped([]int64{row.ID}, false)
}

// unchanged tells whether the file of a message is still what was to be sent.
func unchanged(row *models.Message) error {
	c := row.Content.File
	info, err := os.Stat(c.Path)
	switch {
	case err != nil:
		return nil //nolint:nilerr // who wants to read it says so
	case info.Size() != c.Size, c.Modified != 0 && info.ModTime().UnixNano() != c.Modified:
		return ErrFileChanged
	}
	return nil
}

// modified gives when a file was last changed, 0 when that is not known.
func modified(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.ModTime().UnixNano()
}

// failHeld makes messages fail that waited for an upload.
func (m *Mesibo) failHeld(db *store.Store, rows []int64, cause error) error {
	if err := db.SetFile(rows, store.FileResult{State: int(FileStatusFailed), Failure: failureName(cause)}); err != nil {
		return err
	}
	failed := make([]store.Settled, 0, len(rows))
	for _, row := range rows {
		failed = append(failed, store.Settled{Row: row, Status: int(MsgStatusFail)})
	}
	changed, err := db.Settle(models.Account{}, failed)
	m.settled(context.Background(), changed)
	if err != nil {
		return err
	}
	return m.releaseNext(db)
}

// resumeFiles begins the uploads for which messages waited at Start, newest being the last of them, and downloads that were not finished.
// Called on the goroutine of the listeners: what was queued since then has begun by itself, and may have been stopped again.
func (m *Mesibo) resumeFiles(newest int64) {
	db, target, err := m.open("", 0)
	if err != nil {
		m.log.Error("resume uploads", errAttr(err))
		return
	}
	rows, err := db.HeldFiles(context.Background(), target.Account, newest)
	if err != nil {
		m.log.Error("resume uploads", errAttr(err))
		return
	}
	for i := range rows {
		if rows[i].Content.File.URL == "" {
			m.upload(db, &rows[i], nil)
		}
	}
	if err := m.releaseNext(db); err != nil {
		m.log.Error("resume uploads", errAttr(err))
	}
	m.removeCopies(db)
	if m.moves() {
		m.mover.resumeDownloads()
	}
}

// claim makes sure that the message of a file waits for it, when there is one: a failed one waits again.
func (m *Mesibo) claim(f *FileInfo) error {
	a := attachmentOf(f)
	if f.snapshot().Mode != FileModeUpload {
		return m.stillThere(a.row)
	}
	if a.params == nil || a.mid == 0 {
		return nil
	}
	db, target, err := m.open(conversation(a.params))
	if err != nil {
		return err
	}
	ctx := context.Background()
	row, err := db.OwnMessage(ctx, target, uint32(a.mid))
	if err != nil {
		return err
	}
	switch {
	case row.Kind != models.KindFile || !row.Held:
		return store.ErrNotFound
	case errors.Is(here(row.Content.File.Path, 0, 0), ErrFileMissing):
		return ErrFileMissing
	case unchanged(&row) != nil:
		return ErrFileChanged
	case MsgStatus(row.Status).IsFailed():
		if row.ID, err = db.Rehold(row.ID, newNonce(), now()); err != nil {
			return err
		}
		m.outbox.Add(1)
	}
	if err := m.goOn(db, &row); err != nil {
		return err
	}
	fileMu.Lock()
	f.row = row.ID
	fileMu.Unlock()
	return nil
}

// fetchBack makes a file that was sent, and is not here any more, one that is to be fetched.
func (m *Mesibo) fetchBack(f *FileInfo) error {
	a := attachmentOf(f)
	row := int64(0)
	if a.params != nil && a.mid != 0 {
		db, target, err := m.open(conversation(a.params))
		if err != nil {
			return err
		}
		found, err := db.OwnMessage(context.Background(), target, uint32(a.mid))
		if err != nil {
			return err
		}
		row = found.ID
	}
	fileMu.Lock()
	defer fileMu.Unlock()
	f.Mode, f.Path, f.row = FileModeDownload, "", row
	return nil
}

// stillThere tells whether the message of a file that is to be fetched was not deleted; row 0 is no message.
func (m *Mesibo) stillThere(row int64) error {
	if row == 0 {
		return nil
	}
	db, _, err := m.open("", 0)
	if err != nil {
		return err
	}
	rows, err := db.WithFile(context.Background(), []int64{row})
	if err == nil && len(rows) == 0 {
		err = store.ErrNotFound
	}
	return err
}

func conversation(p *MessageParams) (peer string, group uint32) {
	if p.GroupID != 0 {
		return "", p.GroupID
	}
	return p.Peer, 0
}

// fileOf gives the file that a row carries, with the state of its transfer. p are the row's parameters.
func (m *Mesibo) fileOf(row *models.Message, p *MessageParams) *FileInfo {
	own := *p
	f := &FileInfo{Mid: uint64(row.Mid), Message: string(row.Data), Params: &own, row: row.ID}
	if row.Content == nil || row.Content.File == nil {
		return f
	}
	c := row.Content.File
	f.Type, f.URL, f.Path, f.Size, f.Title, f.MimeType = FileType(c.Type), c.URL, c.Path, c.Size, c.Name, c.MIME
	f.Thumbnail, f.Width, f.Height = c.Thumbnail, c.Width, c.Height
	f.Duration, f.Waveform, f.Played = c.Duration, c.Waveform, c.Played && row.Sender != ""
	f.Status = FileStatus(c.State)
	switch f.Status {
	case FileStatusFailed:
		f.Err = failureOf(c.Failure)
	case FileStatusRetryLater:
		f.Transferred = c.Done
	case FileStatusIdle, FileStatusInProgress:
	}
	switch {
	case row.Sender == "" && row.Held && c.URL == "":
		f.Mode = FileModeUpload
		m.lookout.watch(c.Path)
	case c.Path != "": // when it was moved, deleted or changed it can be fetched again
		m.lookout.look(f, c, row.Sender == "" && Flag(row.Flags)&FlagFileTransferred == 0)
	}
	m.transfers.show(f)
	return f
}

// show gives a file the progress of the transfer that runs for its message.
func (ts *transfers) show(f *FileInfo) {
	if f.row == 0 {
		return
	}
	ts.mu.Lock()
	defer ts.mu.Unlock()
	for _, t := range ts.active {
		for _, a := range t.attached {
			if a.row == f.row {
				f.Progress, f.Transferred, f.Status, f.Err = t.reached.percent, t.reached.bytes, FileStatusInProgress, nil
				return
			}
		}
	}
	if why := ts.unstored[f.row]; why != nil && f.Progress < 100 {
		f.Status, f.Err = FileStatusFailed, why
	}
}

// autoDownload asks the handler to fetch the file of a message that has just come. Called after OnFile.
func (m *Mesibo) autoDownload(row *models.Message) {
	p := params(row)
	m.profiles.attach(&p)
	f := m.fileOf(row, &p)
	if f.Mode != FileModeDownload || f.URL == "" || f.Progress == 100 || m.moves() && !m.mover.wants(f.Type, f.Size) {
		return
	}
	err := m.start(f, attachmentOf(f), false)
	if err != nil && !errors.Is(err, ResultRetryLater) && !errors.Is(err, ErrNoFileHandler) && !errors.Is(err, errHandlerPanicked) {
		m.log.Error("begin download", errAttr(err))
	}
}

// dropTransfers stops the transfers that nobody waits for any more, after messages were deleted.
func (m *Mesibo) dropTransfers() {
	m.sender.poke()
	m.dropUnwanted()
	db, _, err := m.open("", 0)
	if err != nil {
		return // then there are no messages
	}
	if err := m.releaseNext(db); err != nil {
		m.log.Error("send what waited for a message that was deleted", errAttr(err))
	}
	m.removeCopies(db)
	if run := m.mover.running(); run != nil {
		run.tidyLoose(db)
	}
}

// dropUnwanted stops the transfers of messages that do not carry the file any more, when nobody else wants it.
func (m *Mesibo) dropUnwanted() {
	for t, rows := range m.transfers.waiting() {
		there, err := t.stillWaiting(rows)
		if err != nil {
			m.log.Error("stop file transfers", errAttr(err))
			continue
		}
		gone, idle := m.transfers.detach(t, there)
		m.tellProgress(gone, step{}, FileStatusIdle, nil)
		if !idle {
			continue
		}
		if err := m.stopTransfer(t); err != nil {
			m.log.Warn("stop file transfer", errAttr(err))
		}
	}
}

// waiting gives the rows that wait for each transfer.
func (ts *transfers) waiting() map[*transfer][]int64 {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	out := make(map[*transfer][]int64)
	for _, t := range ts.active {
		for _, a := range t.attached {
			if a.row != 0 {
				out[t] = append(out[t], a.row)
			}
		}
	}
	return out
}

func (t *transfer) stillWaiting(rows []int64) (map[int64]bool, error) {
	list := t.db.WithFile
	if t.mode == FileModeUpload {
		list = t.db.StillHeld
	}
	ids, err := list(context.Background(), rows)
	there := make(map[int64]bool, len(ids))
	for _, id := range ids {
		there[id] = true
	}
	return there, err
}

// detach takes messages that are not there any more off a transfer, gives them, and tells whether nobody is left who wants the file. The
// application that asked for the file itself stays.
func (ts *transfers) detach(t *transfer, there map[int64]bool) (gone []attachment, idle bool) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	var left []attachment
	for _, a := range t.attached {
		if a.row == 0 || there[a.row] {
			left = append(left, a)
			continue
		}
		if t.own { // the file goes on, without the message
			kept := a
			kept.row, kept.params, kept.mid = 0, nil, 0
			left = append(left, kept)
			a.file = a.file.snapshot()
		}
		gone = append(gone, a)
	}
	t.attached = left
	return gone, len(left) == 0 && !t.own
}
