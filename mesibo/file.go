package mesibo

import "sync"

// FileInfo is a file sent as a message, or a picture of a profile, and its transfer (mesibo-api 3.2, 7). Before SendFile or
// StartFileTransfer the application fills in what it knows.
//
// Who may touch it when: until its transfer begins it belongs to the application. While the transfer runs, the functions of
// the instance change it; then Progress, Status, URL and Path are read with GetProgress, GetStatus, GetURL and GetPath. The
// handler gets a FileInfo of its own for each run, and listeners get copies: those belong to them.
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
	Title       string // the file's name, without folders; a peer's is made harmless, but may be that of a file that is here already
	Message     string // caption
	MimeType    string
	// Thumbnail is a small picture, JPEG or PNG, of at most 24 KiB.
	Thumbnail     []byte
	Width, Height int // pixels, 0 unknown
	Duration      int // ms, 0 unknown
	// Waveform is of a sound: how loud it is from its beginning to its end, at most 64 values from 0, silence, to 255. It is an
	// addition to the reference.
	Waveform []byte
	// Played tells of a sound that somebody else sent whether it was played on this device; see SetPlayed. It is an addition to
	// the reference.
	Played bool
	// UserInteraction is set when the user asked for this transfer: limits on automatic ones do not apply.
	UserInteraction bool
	// Err is why the transfer failed, nil when it did not or the handler does not say: ErrFileChanged, ErrDiskFull and others. Of a
	// file with FileStatusIdle that was here it says why Path is empty: ErrFileMissing, or ErrFileChanged when it was changed by
	// hand. StartFileTransfer fetches it again.
	Err error
	// Params are those of the message, nil for a picture of a profile.
	Params *MessageParams
	// Data is the application's own; it stays on this device.
	Data any
	// FileTransferContext is the handler's own: what it sets when it starts is there when it is asked to stop.
	FileTransferContext any
	// Listener is told of this transfer's progress, beside the registered FileTransferListeners.
	Listener FileTransferListener

	row int64     // of the message in the database, 0 for none
	run *transfer // of a handler's FileInfo: what it reports on
}

// fileMu guards Progress, Transferred, Status, Err, URL, Path and row of files that a transfer and the application share, for short moments. It
// is one for all, so that a FileInfo can be copied.
var fileMu sync.RWMutex

// IsTransferred tells whether nothing is left to be done: the file was uploaded, or downloaded and is there (mesibo-api 3.2).
// Safe while a transfer runs.
func (f *FileInfo) IsTransferred() bool {
	fileMu.RLock()
	defer fileMu.RUnlock()
	return f.Progress == 100 && f.Status != FileStatusFailed
}

// GetProgress gives the progress: 0 to 100 percent (mesibo-api 3.2). Safe while a transfer runs.
func (f *FileInfo) GetProgress() int {
	fileMu.RLock()
	defer fileMu.RUnlock()
	return f.Progress
}

// GetStatus gives the state of the transfer (mesibo-api 3.2). Safe while a transfer runs.
func (f *FileInfo) GetStatus() FileStatus {
	fileMu.RLock()
	defer fileMu.RUnlock()
	return f.Status
}

// GetURL gives the URL, empty before the upload has ended (mesibo-api 3.2). Safe while a transfer runs.
func (f *FileInfo) GetURL() string {
	fileMu.RLock()
	defer fileMu.RUnlock()
	return f.URL
}

// GetPath gives the path on this device, empty before the download has ended (mesibo-api 3.2). Safe while a transfer runs.
func (f *FileInfo) GetPath() string {
	fileMu.RLock()
	defer fileMu.RUnlock()
	return f.Path
}

// SetURL sets the URL: the handler's task at the end of an upload, before it reports 100 percent (mesibo-api 3.2, 7).
func (f *FileInfo) SetURL(url string) {
	fileMu.Lock()
	defer fileMu.Unlock()
	f.URL = url
}

// SetPath sets the path on this device: the handler's task at the end of a download, before it reports 100 percent (mesibo-api
// 3.2, 7).
func (f *FileInfo) SetPath(path string) {
	fileMu.Lock()
	defer fileMu.Unlock()
	f.Path = path
}

// SetProgress sets percent and status, for the report that follows with UpdateFileTransferProgress (mesibo-api 3.2, 7).
func (f *FileInfo) SetProgress(percent int, status FileStatus) {
	fileMu.Lock()
	defer fileMu.Unlock()
	f.Progress, f.Status = percent, status
}

// begin notes that a transfer begins, or is joined.
func (f *FileInfo) begin(s step) { f.settle(s, FileStatusInProgress, nil) }

// fail notes why a transfer failed.
func (f *FileInfo) fail(cause error) { f.settle(step{percent: -1}, FileStatusFailed, cause) }

// step is how far a transfer is.
type step struct {
	percent int
	bytes   int64
}

func (f *FileInfo) settle(s step, status FileStatus, cause error) {
	fileMu.Lock()
	defer fileMu.Unlock()
	f.Progress, f.Transferred, f.Status, f.Err = s.percent, s.bytes, status, cause
}

// share is what a percentage comes to in bytes.
func (f *FileInfo) share(percent int) int64 {
	const all = 100
	return int64(float64(f.Size) * float64(min(max(percent, 0), all)) / all)
}

// snapshot copies a file for somebody else. What is the handler's own is left out.
func (f *FileInfo) snapshot() *FileInfo {
	fileMu.RLock()
	defer fileMu.RUnlock()
	return &FileInfo{
		Mode: f.Mode, Type: f.Type, Source: f.Source, Status: f.Status, Progress: f.Progress, Transferred: f.Transferred,
		Mid: f.Mid, URL: f.URL, Path: f.Path, Size: f.Size,
		Title: f.Title, Message: f.Message, MimeType: f.MimeType, Thumbnail: f.Thumbnail, Width: f.Width, Height: f.Height, Duration: f.Duration,
		Waveform: f.Waveform, Played: f.Played,
		UserInteraction: f.UserInteraction, Err: f.Err, Params: f.Params, Data: f.Data, Listener: f.Listener, row: f.row,
	}
}

// FileTransferHandler moves the bytes of files, in whatever way the application likes (mesibo-api 7). It is registered with
// AddListener; of several the first that says true takes the file. While none is registered a default one moves them between
// this device and its server: what was cut off goes on where it was, also after the end of either side. See
// SetFileTransferLimits and EnableFileTransfer.
//
// Each run of a transfer has a FileInfo of its own, which belongs to the handler until it has reported the end. It sets
// Progress and Status, and Transferred if it likes, at the end of an upload URL, at the end of a download Path, and reports each change with
// UpdateFileTransferProgress, from one goroutine at a time. The end is 100 percent with FileStatusInProgress, or
// FileStatusFailed (for good), or FileStatusRetryLater (not now).
type FileTransferHandler interface {
	// OnStartFileTransfer begins a transfer and returns at once: true when it was started, false when not now; the application
	// may then call StartFileTransfer later. It is called on the goroutine that asks for the transfer, which for downloads of
	// new messages is the one that calls listeners.
	OnStartFileTransfer(file *FileInfo) bool
	// OnStopFileTransfer ends a transfer, true when it could: then reports on this FileInfo no longer count. It is called on
	// the goroutine that asks for it.
	OnStopFileTransfer(file *FileInfo) bool
}

// FileTransferListener is told of the progress of file transfers (mesibo-api 2): percent and bytes never fall while a transfer runs. It
// is called like all listeners, with a copy of its own; of a transfer that several messages share it is called for each, with
// the message's Mid and Params. While started it is also called when the file of a message is not here any more, because somebody
// has moved, deleted or changed it (0 percent, FileStatusIdle, Err says why), and when it is there again (100 percent).
type FileTransferListener interface {
	OnFileTransferProgress(file *FileInfo)
}

// FileTransferFuncs is a FileTransferHandler and a FileTransferListener made of functions; nil fields refuse and skip. Without
// Start it is no handler, only a listener. It is an addition to the reference.
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
