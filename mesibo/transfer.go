package mesibo

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/parley-chat/parley/mesibo/internal/files"
	"github.com/parley-chat/parley/mesibo/internal/store"
	carrier "github.com/parley-chat/parley/mesibo/internal/transfer"
)

// What a file transfer may be refused for.
var (
	// ErrNoFileHandler: the default handler is switched off, and no other FileTransferHandler is registered.
	ErrNoFileHandler = errors.New("no file transfer handler is registered")
	// ErrFileChanged: a file was changed after it was given to be sent.
	ErrFileChanged = carrier.ErrChanged
	// ErrFileUnreadable: a file holds more or less than its size says, like some that a system makes up.
	ErrFileUnreadable = carrier.ErrUnreadable
	// ErrTransferEnded: a report on a transfer that does not run any more.
	ErrTransferEnded = errors.New("the transfer has ended")

	// ErrFileTooLarge: a file is larger than the server takes.
	ErrFileTooLarge = carrier.ErrTooLarge
	// ErrFileQuota: the server has no room left for this user's files.
	ErrFileQuota = carrier.ErrQuota
	// ErrFileGone: the server does not have the file any more, or this user may not have it.
	ErrFileGone = carrier.ErrGone
	// ErrFileDenied: the server does not allow the transfer.
	ErrFileDenied = carrier.ErrDenied
	// ErrFileRefused: the server refused the file for another reason.
	ErrFileRefused = carrier.ErrRefused
	// ErrFileDamaged: what arrived is not what was sent, twice.
	ErrFileDamaged = carrier.ErrDamaged
	// ErrFileURL: the URL of a file is not one from which the default handler fetches files.
	ErrFileURL = carrier.ErrURL
	// ErrNoFileService: the server takes no files.
	ErrNoFileService = carrier.ErrNoService

	errHandlerPanicked = errors.New("the file transfer handler panicked")
)

// transfers are those that run.
type transfers struct {
	mu     sync.Mutex
	active map[string]*transfer // by key
	// unstored says of messages why their download failed, when the database could not take that.
	unstored map[int64]error
}

// use tells what a transfer is for: whether anybody wants its file at all, somebody asked for it, and it is for messages alone.
func (ts *transfers) use(t *transfer) (wanted, asked, messages bool) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	return t.own || len(t.attached) > 0, t.asked, !t.own && len(rowsOf(t.attached)) > 0
}

// transfer is one run of moving a file. Several messages may wait for it.
type transfer struct {
	key    string
	mode   FileMode
	path   string       // of an upload; of a download: where it was asked to be put
	source fs.FileInfo  // of an upload: the file as it was at the beginning
	db     *store.Store // of the messages

	// What follows is guarded by transfers.mu.
	handler  FileTransferHandler
	given    *FileInfo // the handler's
	running  bool      // the handler has said that it started
	stopping bool      // to be stopped as soon as it runs
	ended    bool
	told     bool
	own      bool // the application wants the file itself, not only for messages with it
	asked    bool // somebody has asked for it: limits on what is fetched unasked do not apply
	reached  step
	attached []attachment
}

// attachment is somebody who wants to know of a transfer: a message, or the application.
type attachment struct {
	file   *FileInfo
	row    int64 // of the message, 0 for none
	mid    uint64
	params *MessageParams
	done   func(url string) error // called after it ended well, nil for nothing
}

func attachmentOf(f *FileInfo) attachment {
	fileMu.RLock()
	defer fileMu.RUnlock()
	return attachment{file: f, row: f.row, mid: f.Mid, params: f.Params}
}

// IsFileTransferEnabled tells whether files can be transferred: the default handler is on, or the application has registered one
// of its own (mesibo-api 1.4).
func (m *Mesibo) IsFileTransferEnabled() bool { return len(m.handlers()) > 0 }

// handlers gives the application's own handlers, or the default one when there are none.
func (m *Mesibo) handlers() []FileTransferHandler {
	own := m.calls.handlers()
	if len(own) == 0 && m.mover.isEnabled() {
		return []FileTransferHandler{m.mover}
	}
	return own
}

// moves tells whether the default handler gets the files.
func (m *Mesibo) moves() bool {
	handlers := m.handlers()
	return len(handlers) > 0 && handlers[0] == FileTransferHandler(m.mover)
}

func (d *dispatcher) handlers() []FileTransferHandler {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []FileTransferHandler
	for _, l := range d.listeners {
		if h, ok := l.(FileTransferHandler); ok && !onlyListens(h) {
			out = append(out, h)
		}
	}
	return out
}

// onlyListens tells whether a handler has nothing to start with.
func onlyListens(h FileTransferHandler) bool {
	l, ok := h.(*FileTransferFuncs)
	return ok && l.Start == nil
}

// GetFileInstance gives the file of the transfer that runs already, or a new one (mesibo-api 1.4; the seed's three
// parameters). Without url it is an upload of filePath: the same path, size and time of change are the same file. With url it
// is a download, to filePath if that is not empty; the same URL is the same file. fileType FileTypeAuto is decided by the
// name. A new one begins with StartFileTransfer or SendFile. A relative path is below GetBasePath.
func (m *Mesibo) GetFileInstance(fileType FileType, url, filePath string) *FileInfo {
	f := &FileInfo{Type: fileType, URL: url, Path: filePath}
	if url == "" {
		f.Mode = FileModeUpload
	}
	_, key, _, err := m.describe(f)
	if err != nil {
		return f // StartFileTransfer says what is wrong with it
	}
	m.transfers.mu.Lock()
	defer m.transfers.mu.Unlock()
	if t := m.transfers.active[key]; t != nil && len(t.attached) > 0 {
		return t.attached[0].file
	}
	return f
}

// describe gives a copy of a file, the key of its transfer, and for an upload the file on the disk. It completes what that tells,
// in both.
func (m *Mesibo) describe(f *FileInfo) (c *FileInfo, key string, source fs.FileInfo, err error) {
	c = f.snapshot()
	if c.Path != "" {
		if c.Path, err = m.absolute(c.Path); err != nil {
			return nil, "", nil, err
		}
	}
	if c.Type == FileTypeAuto {
		name := c.Path
		if name == "" {
			name, _, _ = strings.Cut(c.URL, "?")
		}
		c.Type = fileTypeOf(name)
	}
	if c.Mode == FileModeDownload {
		if c.URL == "" {
			return nil, "", nil, fmt.Errorf("download: %w: the file has no URL", fs.ErrInvalid)
		}
		key = "download " + c.URL
	} else {
		if source, err = regularFile(c.Path); err != nil {
			return nil, "", nil, err
		}
		c.Size = source.Size()
		if c.Title == "" {
			c.Title = strings.ToValidUTF8(source.Name(), "�")
		}
		if c.MimeType == "" {
			c.MimeType = mimeType(c.Path)
		}
		key = fmt.Sprintf("upload %d %d %s", source.Size(), source.ModTime().UnixNano(), c.Path)
	}
	fileMu.Lock()
	defer fileMu.Unlock()
	f.Path, f.Type, f.Size, f.Title, f.MimeType = c.Path, c.Type, c.Size, c.Title, c.MimeType
	return c, key, source, nil
}

func regularFile(path string) (fs.FileInfo, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("look up file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, files.ErrKind
	}
	return info, nil
}

// StartFileTransfer asks the handler to begin, or to try again (mesibo-api 1.4, 7). One that runs already goes on, and what
// was uploaded is not uploaded again. For the file of a message that failed the message waits again. What becomes of it is
// told to FileTransferListeners. Errors: ResultFail with ErrNoFileHandler, or when the handler panicked; ResultRetryLater when
// the handler says not now, the file is idle then; ResultBadRequest for nil, a file that is not there or has no URL, with
// ErrNotFound when its message was deleted, and with ErrFileChanged when the file is not what was to be sent.
func (m *Mesibo) StartFileTransfer(f *FileInfo) error {
	const op = "StartFileTransfer"
	if f == nil {
		return opError(op, ResultBadRequest, errors.New("file is nil"))
	}
	c := f.snapshot()
	sent := c.Mode == FileModeUpload && c.URL != ""
	if f.run != nil || sent && here(c.Path, 0, 0) == nil {
		return nil
	}
	var err error
	if sent {
		err = m.fetchBack(f)
	} else {
		err = m.claim(f)
	}
	switch {
	case errors.Is(err, ErrFileChanged), errors.Is(err, ErrFileMissing):
		return opError(op, ResultBadRequest, err)
	case err != nil:
		return storeError(op, err)
	}
	err = m.start(f, attachmentOf(f), true)
	if err != nil && c.Mode == FileModeUpload {
		m.stillWaits(attachmentOf(f))
	}
	return transferError(op, err)
}

// stillWaits notes that the upload for messages did not begin.
func (m *Mesibo) stillWaits(attached ...attachment) {
	rows := rowsOf(attached)
	if len(rows) == 0 {
		return
	}
	db, _, err := m.open("", 0)
	if err == nil {
		err = m.holdUp(db, rows)
	}
	if err != nil {
		m.log.Error("begin upload", errAttr(err))
	}
}

// rowsOf gives the messages among those who wait.
func rowsOf(attached []attachment) []int64 {
	var rows []int64
	for _, a := range attached {
		if a.row != 0 {
			rows = append(rows, a.row)
		}
	}
	return rows
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

// start begins a transfer, or joins one that runs. asked says that somebody has asked for just this file.
func (m *Mesibo) start(f *FileInfo, a attachment, asked bool) error {
	handlers := m.handlers()
	if len(handlers) == 0 {
		return ErrNoFileHandler
	}
	c, key, source, err := m.describe(f)
	if err != nil {
		return err
	}
	db, _, err := m.open("", 0)
	if err != nil {
		if a.row != 0 {
			return err
		}
		db = nil // a file alone needs no database
	}
	m.transfers.mu.Lock()
	if running := m.transfers.active[key]; running != nil && running.db != db {
		key = fmt.Sprintf("%p %s", db, key) // messages of different databases do not share
	}
	own := asked && a.row == 0
	t := &transfer{key: key, mode: c.Mode, path: c.Path, source: source, db: db, own: own, asked: asked, attached: []attachment{a}}
	delete(m.transfers.unstored, a.row)
	if running := m.transfers.active[key]; running != nil {
		running.attach(a)
		running.own, running.asked = running.own || own, running.asked || asked
		reached := running.reached
		m.transfers.mu.Unlock()
		f.begin(reached)
		if c.UserInteraction {
			m.mover.raise(running)
		}
		return nil
	}
	if m.transfers.active == nil {
		m.transfers.active = make(map[string]*transfer)
	}
	m.transfers.active[key] = t
	m.transfers.mu.Unlock()
	f.begin(step{})
	if t.mode == FileModeUpload {
		m.lookout.watch(t.path)
	}
	return m.askHandlers(t, f, handlers)
}

// attach adds somebody who waits. Under transfers.mu.
func (t *transfer) attach(a attachment) {
	for i, b := range t.attached {
		switch {
		case a.row != 0 && a.row == b.row:
			return
		case a.file == b.file && b.row == 0:
			t.attached[i] = a
			return
		case a.file == b.file && a.row == 0:
			return
		}
	}
	t.attached = append(t.attached, a)
}

// askHandlers asks the handlers to start, until one takes the file.
func (m *Mesibo) askHandlers(t *transfer, f *FileInfo, handlers []FileTransferHandler) error {
	refused := error(ResultRetryLater)
	for _, h := range handlers {
		given := f.snapshot()
		given.run, given.Listener = t, nil
		m.transfers.mu.Lock()
		t.handler, t.given = h, given
		m.transfers.mu.Unlock()
		took, err := m.guarded(func() bool { return h.OnStartFileTransfer(given) })
		if err != nil {
			refused = err
		}
		m.transfers.mu.Lock()
		if t.ended { // it has reported the end already
			m.transfers.mu.Unlock()
			return nil
		}
		if took {
			t.running = true
			stop := t.stopping
			m.transfers.mu.Unlock()
			if stop {
				return m.stopTransfer(t)
			}
			return nil
		}
		m.transfers.mu.Unlock()
	}
	if attached := m.leave(t, FileStatusIdle); t.mode == FileModeUpload {
		m.stillWaits(attached...)
	}
	return refused
}

// guarded calls a handler; a panic is logged and an error.
func (m *Mesibo) guarded(call func() bool) (said bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			m.log.Error("file transfer handler panicked", slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
			said, err = false, errHandlerPanicked
		}
	}()
	return call(), nil
}

// end takes a transfer off the list and gives those who waited; false when it had ended before.
func (m *Mesibo) end(t *transfer) ([]attachment, bool) {
	m.transfers.mu.Lock()
	defer m.transfers.mu.Unlock()
	if t.ended {
		return nil, false
	}
	t.ended = true
	delete(m.transfers.active, t.key)
	return t.attached, true
}

// leave ends a transfer that did not come to its end: the file waits until somebody starts it again.
func (m *Mesibo) leave(t *transfer, status FileStatus) []attachment {
	attached, ok := m.end(t)
	if ok {
		m.tellProgress(attached, step{}, status, nil)
	}
	return attached
}

// StopFileTransfer asks the handler to stop (mesibo-api 1.4, 7), for all messages that share the file. A message that waits
// for its upload goes on waiting: StartFileTransfer begins again, and so does the next Start; Cancel withdraws it. What does
// not run is no error. Errors: ResultFail when the handler says that it could not, or panicked; ResultBadRequest for nil.
func (m *Mesibo) StopFileTransfer(f *FileInfo) error {
	const op = "StopFileTransfer"
	if f == nil {
		return opError(op, ResultBadRequest, errors.New("file is nil"))
	}
	t := m.runningTransfer(f)
	if t == nil {
		return nil
	}
	if err := m.stopTransfer(t); err != nil {
		return opError(op, ResultFail, err)
	}
	return m.stayAway(op, t)
}

// stayAway keeps a download that was stopped from beginning again at the next Start, and lets messages go that waited behind an upload.
func (m *Mesibo) stayAway(op string, t *transfer) error {
	m.transfers.mu.Lock()
	rows := rowsOf(t.attached)
	m.transfers.mu.Unlock()
	if len(rows) == 0 {
		return nil
	}
	var err error
	if t.mode == FileModeUpload {
		err = m.holdUp(t.db, rows)
	} else {
		err = t.db.SetFile(rows, store.FileResult{State: int(FileStatusIdle)})
	}
	if err != nil {
		return opError(op, ResultFail, err)
	}
	return nil
}

var errNotStopped = errors.New("the file transfer handler did not stop")

func (m *Mesibo) stopTransfer(t *transfer) error {
	m.transfers.mu.Lock()
	if t.ended || !t.running {
		t.stopping = true
		m.transfers.mu.Unlock()
		return nil
	}
	handler, given := t.handler, t.given
	m.transfers.mu.Unlock()
	stopped, err := m.guarded(func() bool { return handler.OnStopFileTransfer(given) })
	if err != nil {
		return err
	}
	if !stopped {
		return errNotStopped
	}
	m.leave(t, FileStatusIdle)
	return nil
}

// runningTransfer finds the transfer that a file belongs to, nil when none runs.
func (m *Mesibo) runningTransfer(f *FileInfo) *transfer {
	row := attachmentOf(f).row
	m.transfers.mu.Lock()
	if f.run != nil {
		defer m.transfers.mu.Unlock()
		if f.run.given != f { // the handler refused, and another one took the file
			return nil
		}
		return f.run
	}
	for _, t := range m.transfers.active {
		for _, a := range t.attached {
			if a.file == f || row != 0 && a.row == row {
				m.transfers.mu.Unlock()
				return t
			}
		}
	}
	m.transfers.mu.Unlock()
	_, key, _, err := m.describe(f.snapshot())
	if err != nil {
		return nil
	}
	m.transfers.mu.Lock()
	defer m.transfers.mu.Unlock()
	return m.transfers.active[key]
}

// stopTransfers stops everything, as far as the handlers can.
func (m *Mesibo) stopTransfers() {
	m.transfers.mu.Lock()
	all := make([]*transfer, 0, len(m.transfers.active))
	for _, t := range m.transfers.active {
		all = append(all, t)
	}
	m.transfers.unstored = nil
	m.transfers.mu.Unlock()
	for _, t := range all {
		if err := m.stopTransfer(t); err != nil {
			m.log.Warn("stop file transfer", errAttr(err))
			m.leave(t, FileStatusIdle)
		}
	}
}
