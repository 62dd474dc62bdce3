package mesibo

// FileInfo is a file sent as a message, or a picture of a profile, and its transfer (mesibo-api 3.2, 7). Before SendFile the
// application fills in what it knows. While a transfer runs, the functions of the instance are the way to change it.
type FileInfo struct {
	Mode     FileMode
	Type     FileType
	Source   FileSource
	Status   FileStatus
	Progress int // percent
	Mid      uint64
	URL      string // absolute, or anything else that the file handlers of both sides understand
	Path     string // on this device
	Size     int64  // bytes
	Title    string // the file's name
	Message  string // caption
	MimeType string
	// Thumbnail is a small picture, JPEG or PNG, of at most 24 KiB.
	Thumbnail     []byte
	Width, Height int // pixels, 0 unknown
	Duration      int // ms, 0 unknown
	// UserInteraction is set when the user asked for this transfer: limits on automatic ones do not apply.
	UserInteraction bool
	// Params are those of the message, nil for a picture of a profile.
	Params *MessageParams
	// Data is the application's own; it stays on this device.
	Data any
	// FileTransferContext is the handler's own.
	FileTransferContext any
	// Listener is told of this transfer's progress, beside the registered FileTransferListeners.
	Listener FileTransferListener
}

// IsTransferred tells whether nothing is left to be done: the file was uploaded, or downloaded.
func (f *FileInfo) IsTransferred() bool { return f.Progress == 100 && f.Status != FileStatusFailed }

// FileTransferHandler moves the bytes of files, in whatever way the application likes (mesibo-api 7).
type FileTransferHandler interface {
	// OnStartFileTransfer begins a transfer and returns at once: true when it was started, false when not now; the
	// application may then call StartFileTransfer later. It is called on the goroutine that asks for the transfer.
	OnStartFileTransfer(file *FileInfo) bool
	// OnStopFileTransfer ends a transfer, true when it could.
	OnStopFileTransfer(file *FileInfo) bool
}

// FileTransferListener is told of the progress of file transfers (mesibo-api 2).
type FileTransferListener interface {
	OnFileTransferProgress(file *FileInfo)
}
