package mesibo

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"runtime/debug"
	"sync"

	"github.com/parley-chat/parley/mesibo/internal/store"
)

// fileTransfers owns the transfers of files: those that run, the default handler that moves them, and the files on the
// disk that messages need.
type fileTransfers struct {
	m        *Mesibo // immutable, as is what follows up to mu
	log      *slog.Logger
	handler  *defaultFileHandler
	monitor  *fileMonitor
	stripped *strippedPictures

	mu     sync.Mutex
	active map[transferKey]*fileTransfer
	// unstored is why the downloads of messages failed, by row, when the database could not store it.
	unstored map[int64]error
}

func newFileTransfers(m *Mesibo, handlerEnabled bool) *fileTransfers {
	t := &fileTransfers{
		m: m, log: m.log, monitor: newFileMonitor(m), stripped: &strippedPictures{m: m},
		active: make(map[transferKey]*fileTransfer),
	}
	t.handler = newDefaultFileHandler(t, handlerEnabled)
	return t
}

// fileTransfer is one run of moving a file. Several messages may wait for it.
type fileTransfer struct {
	key    transferKey
	mode   FileMode
	path   string       // of an upload; of a download: where the application wants it
	source fs.FileInfo  // of an upload: the file as it was at the start
	db     *store.Store // of the messages

	// What follows is guarded by fileTransfers.mu.
	handler     FileTransferHandler
	handlerFile *FileInfo
	running     bool // the handler has said that it started
	stopping    bool // to be stopped as soon as it runs
	ended       bool
	reported    bool
	wanted      bool // the application wants the file itself, not only for messages with it
	asked       bool // the user has asked for it: limits on automatic downloads do not apply
	reached     progress
	subscribers []subscriber
}

// subscriber is a message, or the application, that waits for a transfer.
type subscriber struct {
	file   *FileInfo
	row    int64 // of the message, 0 for none
	mid    uint64
	params *MessageParams
	done   func(url string) error // called after it ended well, nil for nothing
}

func subscriberOf(f *FileInfo) subscriber {
	f.lock.RLock()
	defer f.lock.RUnlock()
	return subscriber{file: f, row: f.row, mid: f.Mid, params: f.Params}
}

// rowsOf returns the rows of the subscribers that are messages.
func rowsOf(subscribers []subscriber) []int64 {
	var rows []int64
	for _, s := range subscribers {
		if s.row != 0 {
			rows = append(rows, s.row)
		}
	}
	return rows
}

// subscribe adds a subscriber once. Under fileTransfers.mu.
func (t *fileTransfer) subscribe(s subscriber) {
	for i, other := range t.subscribers {
		switch {
		case s.row != 0 && s.row == other.row:
			return
		case s.file == other.file && other.row == 0:
			t.subscribers[i] = s
			return
		case s.file == other.file && s.row == 0:
			return
		}
	}
	t.subscribers = append(t.subscribers, s)
}

// handlers returns the application's own handlers, or the default one when there are none.
func (ts *fileTransfers) handlers() []FileTransferHandler {
	own := ts.m.listeners.handlers()
	if len(own) == 0 && ts.handler.isEnabled() {
		return []FileTransferHandler{ts.handler}
	}
	return own
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

// onlyListens reports whether a handler has nothing to start with.
func onlyListens(h FileTransferHandler) bool {
	l, ok := h.(*FileTransferFuncs)
	return ok && l.Start == nil
}

// usesDefaultHandler reports whether the default handler gets the files.
func (ts *fileTransfers) usesDefaultHandler() bool {
	handlers := ts.handlers()
	return len(handlers) > 0 && handlers[0] == FileTransferHandler(ts.handler)
}

// byDefaultHandler reports whether the default handler has a transfer.
func (ts *fileTransfers) byDefaultHandler(t *fileTransfer) bool {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	return t.handler == FileTransferHandler(ts.handler)
}

var errHandlerPanicked = errors.New("the file transfer handler panicked")

// callHandler calls a handler; a panic is logged and an error.
func (ts *fileTransfers) callHandler(call func() bool) (said bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			ts.log.Error("file transfer handler panicked", slog.Any("panic", p),
				slog.String("stack", string(debug.Stack())))
			said, err = false, errHandlerPanicked
		}
	}()
	return call(), nil
}

// demand is what a transfer is for.
type demand struct {
	any      bool // the file is wanted at all
	asked    bool // the user asked for it
	messages bool // it is for messages alone
}

func (ts *fileTransfers) demandFor(t *fileTransfer) demand {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	return demand{
		any: t.wanted || len(t.subscribers) > 0, asked: t.asked, messages: !t.wanted && len(rowsOf(t.subscribers)) > 0,
	}
}

// instance is GetFileInstance.
func (ts *fileTransfers) instance(fileType FileType, url, path string) *FileInfo {
	f := &FileInfo{Type: fileType, URL: url, Path: path, lock: &fileLock{}}
	if url == "" {
		f.Mode = FileModeUpload
	}
	d, err := ts.describe(f)
	if err != nil {
		return f // StartFileTransfer says what is wrong with it
	}
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if t := ts.active[d.key]; t != nil && len(t.subscribers) > 0 {
		return t.subscribers[0].file
	}
	return f
}

// find returns the transfer that a file belongs to, nil when none runs.
func (ts *fileTransfers) find(f *FileInfo) *fileTransfer {
	row := subscriberOf(f).row
	ts.mu.Lock()
	if f.transfer != nil {
		defer ts.mu.Unlock()
		if f.transfer.handlerFile != f { // the handler refused, and another one took the file
			return nil
		}
		return f.transfer
	}
	for _, t := range ts.active {
		for _, s := range t.subscribers {
			if s.file == f || row != 0 && s.row == row {
				ts.mu.Unlock()
				return t
			}
		}
	}
	ts.mu.Unlock()
	d, err := ts.describe(f.snapshot())
	if err != nil {
		return nil
	}
	ts.mu.Lock()
	defer ts.mu.Unlock()
	return ts.active[d.key]
}

// show sets a file to the progress of the transfer that runs for its message.
func (ts *fileTransfers) show(f *FileInfo) {
	if f.row == 0 {
		return
	}
	ts.mu.Lock()
	defer ts.mu.Unlock()
	for _, t := range ts.active {
		for _, s := range t.subscribers {
			if s.row == f.row {
				f.Progress, f.Transferred = t.reached.percent, t.reached.bytes
				f.Status, f.Err = FileStatusInProgress, nil
				return
			}
		}
	}
	if why := ts.unstored[f.row]; why != nil && f.Progress < 100 {
		f.Status, f.Err = FileStatusFailed, why
	}
}

// waiting returns the rows that wait for each transfer.
func (ts *fileTransfers) waiting() map[*fileTransfer][]int64 {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	out := make(map[*fileTransfer][]int64)
	for _, t := range ts.active {
		if rows := rowsOf(t.subscribers); len(rows) > 0 {
			out[t] = rows
		}
	}
	return out
}

// stillWaiting returns which of the rows still exist and wait for the transfer.
func (t *fileTransfer) stillWaiting(rows []int64) (map[int64]bool, error) {
	list := t.db.WithFile
	if t.mode == FileModeUpload {
		list = t.db.StillPending
	}
	ids, err := list(context.Background(), rows)
	waiting := make(map[int64]bool, len(ids))
	for _, id := range ids {
		waiting[id] = true
	}
	return waiting, err
}

// unsubscribe removes the messages from a transfer that do not wait for it any more and returns them; idle reports
// whether the file is not wanted any more. The application that asked for the file itself stays.
func (ts *fileTransfers) unsubscribe(t *fileTransfer, waiting map[int64]bool) (gone []subscriber, idle bool) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	var left []subscriber
	for _, s := range t.subscribers {
		if s.row == 0 || waiting[s.row] {
			left = append(left, s)
			continue
		}
		if t.wanted { // the file goes on, without the message
			application := s
			application.row, application.params, application.mid = 0, nil, 0
			left = append(left, application)
			s.file = s.file.snapshot()
		}
		gone = append(gone, s)
	}
	t.subscribers = left
	return gone, len(left) == 0 && !t.wanted
}
