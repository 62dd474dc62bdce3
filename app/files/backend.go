package files

import (
	"context"
	"image"
	"time"

	"github.com/parley-chat/parley/mesibo"
)

// Backend is what the screen needs of the SDK.
type Backend interface {
	sender
	folder
	FindMessage(mid uint64) (*mesibo.Message, error)
	// Cancel recalls a message that was not sent yet.
	Cancel(p mesibo.MessageParams, id uint32) error
	StopFileTransfer(f *mesibo.FileInfo) error
	SetFileTransferLimits(l mesibo.FileTransferLimits) error
}

// sender is the part of Backend that prepares and sends files. It is called on other goroutines.
type sender interface {
	SendFile(p mesibo.MessageParams, id uint32, f *mesibo.FileInfo) error
	MakeThumbnail(f *mesibo.FileInfo) error
	MakeWaveform(f *mesibo.FileInfo) error
	LoadImage(path string, maxSide int) (image.Image, error)
	GetFileType(path string) mesibo.FileType
	// GetFilePath is the folder for files of a type.
	GetFilePath(t mesibo.FileType) string
}

// folder is the part of Backend about the folder whose files are sent.
type folder interface {
	SetSendFolder(f mesibo.SendFolder) error
	GetSendFolder() mesibo.SendFolder
	GetSendFolderFiles() ([]mesibo.FolderFile, error)
}

// Chat is an open chat, as far as files are sent to it. Its methods are called on the user interface's goroutine.
type Chat interface {
	Peer() string
	GroupID() uint32
	Title() string
	Saved() bool
	// FilesRefused says why no files can be sent, empty when they can.
	FilesRefused() string
	// FileParams returns the parameters and the id of the next file's message. Only the first of several files carries a
	// caption and answers a message. FileSent or FileRefused must follow.
	FileParams(caption string, first bool) (p mesibo.MessageParams, id uint32)
	// FileSent shows the message of a file that is in the outbox.
	FileSent(p mesibo.MessageParams, id uint32, f *mesibo.FileInfo)
	// FileRefused forgets a file that could not be put into the outbox.
	FileRefused(id uint32)
	// StopFile does what a press on a file's ring does; it reports whether the chat shows the message.
	StopFile(f *mesibo.FileInfo) bool
}

// Clipboard is the system's clipboard beyond text. It is called on other goroutines.
type Clipboard interface {
	// Paste returns the files or the picture on the clipboard; nothing when there is only text.
	Paste(ctx context.Context) (files []string, image []byte, err error)
	// CopyImage puts a PNG on the clipboard.
	CopyImage(png []byte) error
}

// Preferences keeps settings between starts.
type Preferences interface {
	Bool(key string) bool
	SetBool(key string, value bool)
	Float(key string) float64
	FloatWithFallback(key string, fallback float64) float64
	SetFloat(key string, value float64)
}

// Dispatcher brings work to the user interface's goroutine and away from it.
type Dispatcher interface {
	Now() time.Time
	Post(f func())
	Async(work func(ctx context.Context), done func())
	After(delay time.Duration, f func()) (cancel func())
}
