package mesibo

import (
	"sync"
	"time"
)

// FileInfo is a file sent as a message, or a picture of a profile, and its transfer. Before SendFile or
// StartFileTransfer the application fills in what it knows.
//
// Until it is given to SendFile or StartFileTransfer it belongs to the application. While its transfer runs, read
// Progress, Status, URL and Path with GetProgress, GetStatus, GetURL and GetPath, which lock it. The handler gets a
// FileInfo of its own for each run, and listeners get copies: those belong to them.
type FileInfo struct {
	Mode     FileMode
	Type     FileType
	Source   FileSource
	Status   FileStatus
	Progress int // percent
	// Transferred is how many bytes were moved: as the handler says, or else what Progress comes to.
	Transferred int64
	Mid         uint64
	URL         string // absolute, or anything else that the file handlers of both sides understand
	Path        string // on this device
	Size        int64  // bytes
	// Title is the file's name, without folders; a peer's is made harmless, but a file of that name may exist already.
	Title    string
	Message  string // caption
	MimeType string
	// Thumbnail is a JPEG or PNG of at most 24 KiB.
	Thumbnail     []byte
	Width, Height int           // pixels, 0 unknown
	Duration      time.Duration // 0 unknown
	// Waveform is the loudness of a sound from its start to its end: at most 64 values from 0, silence, to 255.
	Waveform []byte
	// Played reports whether a received sound was played on this device; see SetPlayed.
	Played bool
	// Location is where the file belongs on the map, nil for nowhere: it goes with the message. Its Data stays on
	// this device. The reference has lat and lon.
	Location *Location
	// UserInteraction is set when the user asked for this transfer: limits on automatic ones do not apply.
	UserInteraction bool
	// Err is why the transfer failed, nil when it did not or the handler does not say: ErrFileChanged, ErrDiskFull and
	// others. With FileStatusIdle it says why Path is empty although the file was here: ErrFileMissing, or
	// ErrFileChanged when it was changed by hand. StartFileTransfer downloads it again.
	Err error
	// Params are those of the message, nil for a picture of a profile.
	Params *MessageParams
	// Data is the application's own; it stays on this device.
	Data any
	// FileTransferContext is the handler's own: what it sets when it starts is still set when it is asked to stop.
	FileTransferContext any
	// Listener is called with this transfer's progress, beside the registered FileTransferListeners.
	Listener FileTransferListener

	lock     *fileLock     // guards what a transfer changes: Progress, Transferred, Status, Err, URL, Path and row
	row      int64         // of the message in the database, 0 for none
	transfer *fileTransfer // of a handler's FileInfo: what it reports on
}

// fileLock is the lock of a FileInfo and of copies that are made of it by assignment. It is nil, and does nothing,
// while the FileInfo belongs to the application alone.
type fileLock struct{ mu sync.RWMutex }

func (l *fileLock) Lock() {
	if l != nil {
		l.mu.Lock()
	}
}

func (l *fileLock) Unlock() {
	if l != nil {
		l.mu.Unlock()
	}
}

func (l *fileLock) RLock() {
	if l != nil {
		l.mu.RLock()
	}
}

func (l *fileLock) RUnlock() {
	if l != nil {
		l.mu.RUnlock()
	}
}

// share prepares a FileInfo for a transfer, which changes it on other goroutines.
func (f *FileInfo) share() {
	if f.lock == nil {
		f.lock = &fileLock{}
	}
}

// IsTransferred reports whether nothing is left to be done: the file was uploaded, or was downloaded and exists.
// Safe while a transfer runs.
func (f *FileInfo) IsTransferred() bool {
	f.lock.RLock()
	defer f.lock.RUnlock()
	return f.Progress == 100 && f.Status != FileStatusFailed
}

// GetProgress returns the progress: 0 to 100 percent. Safe while a transfer runs.
func (f *FileInfo) GetProgress() int {
	f.lock.RLock()
	defer f.lock.RUnlock()
	return f.Progress
}

// GetStatus returns the state of the transfer. Safe while a transfer runs.
func (f *FileInfo) GetStatus() FileStatus {
	f.lock.RLock()
	defer f.lock.RUnlock()
	return f.Status
}

// GetURL returns the URL, empty before the upload has ended. Safe while a transfer runs.
func (f *FileInfo) GetURL() string {
	f.lock.RLock()
	defer f.lock.RUnlock()
	return f.URL
}

// GetPath returns the path on this device, empty before the download has ended. Safe while a transfer runs.
func (f *FileInfo) GetPath() string {
	f.lock.RLock()
	defer f.lock.RUnlock()
	return f.Path
}

// SetURL sets the URL: the handler's task at the end of an upload, before it reports 100 percent.
func (f *FileInfo) SetURL(url string) {
	f.lock.Lock()
	defer f.lock.Unlock()
	f.URL = url
}

// SetPath sets the path on this device: the handler's task at the end of a download, before it reports 100 percent.
func (f *FileInfo) SetPath(path string) {
	f.lock.Lock()
	defer f.lock.Unlock()
	f.Path = path
}

// SetProgress sets percent and status, for the report that follows with UpdateFileTransferProgress.
func (f *FileInfo) SetProgress(percent int, status FileStatus) {
	f.lock.Lock()
	defer f.lock.Unlock()
	f.Progress, f.Status = percent, status
}

// progress is how far a transfer is.
type progress struct {
	percent int
	bytes   int64
}

func (f *FileInfo) setState(p progress, status FileStatus, cause error) {
	f.lock.Lock()
	defer f.lock.Unlock()
	f.Progress, f.Transferred, f.Status, f.Err = p.percent, p.bytes, status, cause
}

func (f *FileInfo) setRow(row int64) {
	f.lock.Lock()
	defer f.lock.Unlock()
	f.row = row
}

// bytesOf returns how many bytes a percentage is.
func (f *FileInfo) bytesOf(percent int) int64 {
	const all = 100
	return int64(float64(f.Size) * float64(min(max(percent, 0), all)) / all)
}

// snapshot returns a copy without what is the handler's own.
func (f *FileInfo) snapshot() *FileInfo {
	f.lock.RLock()
	defer f.lock.RUnlock()
	return &FileInfo{
		lock: &fileLock{},
		Mode: f.Mode, Type: f.Type, Source: f.Source, Status: f.Status, Progress: f.Progress,
		Transferred: f.Transferred, Mid: f.Mid, URL: f.URL, Path: f.Path, Size: f.Size, Title: f.Title,
		Message: f.Message, MimeType: f.MimeType, Thumbnail: f.Thumbnail, Width: f.Width, Height: f.Height,
		Duration: f.Duration, Waveform: f.Waveform, Played: f.Played, Location: f.Location,
		UserInteraction: f.UserInteraction, Err: f.Err, Params: f.Params, Data: f.Data, Listener: f.Listener,
		row: f.row,
	}
}

// forListener returns a copy for one listener.
func (f *FileInfo) forListener() *FileInfo {
	own := f.snapshot()
	if f.Params != nil {
		p := *f.Params
		own.Params = &p
	}
	return own
}

// FileTransferHandler moves the bytes of files, in whatever way the application likes. It is registered with
// AddListener; of several the first that returns true takes the file. While none is registered a default one moves
// them between this device and its server: it resumes a transfer where it was cut off, also after the end of either
// process. See SetFileTransferLimits and EnableFileTransfer.
//
// Each run of a transfer has a FileInfo of its own, which belongs to the handler until it has reported the end. It sets
// Progress and Status, and Transferred if it likes, at the end of an upload URL, at the end of a download Path, and
// reports each change with UpdateFileTransferProgress, from one goroutine at a time. The end is 100 percent with
// FileStatusInProgress, or FileStatusFailed (for good), or FileStatusRetryLater (not now).
type FileTransferHandler interface {
	// OnStartFileTransfer starts a transfer and returns at once: true when it was started, false when not now; the
	// application may then call StartFileTransfer later. It is called on the goroutine that asks for the transfer,
	// which for downloads of new messages is the one that calls listeners.
	OnStartFileTransfer(file *FileInfo) bool
	// OnStopFileTransfer ends a transfer, true when it could: then reports on this FileInfo no longer count. It is
	// called on the goroutine that asks for it.
	OnStopFileTransfer(file *FileInfo) bool
}

// FileTransferListener is called with the progress of file transfers: percent and bytes never fall while a transfer
// runs. It gets a copy of its own; of a transfer that several messages share it is called for each, with the
// message's Mid and Params. While started it is also called when the file of a message has disappeared, because it
// was moved, deleted or changed (0 percent, FileStatusIdle, Err says why), and when it is back (100 percent).
type FileTransferListener interface {
	OnFileTransferProgress(file *FileInfo)
}

// FileTransferFuncs is a FileTransferHandler and a FileTransferListener made of functions; nil fields refuse and
// skip. Without Start it is only a listener, not a handler.
type FileTransferFuncs struct {
	Start    func(file *FileInfo) bool
	Stop     func(file *FileInfo) bool
	Progress func(file *FileInfo)
}

var (
	_ FileTransferHandler  = (*FileTransferFuncs)(nil)
	_ FileTransferListener = (*FileTransferFuncs)(nil)
)

// OnStartFileTransfer calls Start.
func (l *FileTransferFuncs) OnStartFileTransfer(file *FileInfo) bool {
	return l.Start != nil && l.Start(file)
}

// OnStopFileTransfer calls Stop.
func (l *FileTransferFuncs) OnStopFileTransfer(file *FileInfo) bool {
	return l.Stop != nil && l.Stop(file)
}

// OnFileTransferProgress calls Progress.
func (l *FileTransferFuncs) OnFileTransferProgress(file *FileInfo) {
	if l.Progress != nil {
		l.Progress(file)
	}
}
