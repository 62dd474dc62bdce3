package mesibo

import (
	"errors"
)

// SendFile is SendMessage for a file: f.Path is what to send, f.Message its caption. The message is stored at once
// and waits until the FileTransferHandler has uploaded the file; only then it is sent, while messages queued later
// do not wait for it. It survives the end of the process: the next Start resumes the upload. Messages with the same
// file share one upload. A file with a URL is not uploaded, its message is sent at once.
//
// What f does not say is read from the file: MimeType, of a picture Width, Height and Thumbnail, and of a sound
// Duration and Waveform (WAV, Ogg Opus, MP3 and FLAC; see MakeWaveform), which for a large one takes a part of a
// second. f.Mid and f.Params are set, and f.Title is what recipients get: without folders and characters that cannot be
// seen; recipients get OnFile.
//
// A picture (FileTypeImage) is sent without what its file says of place, time, camera and author: then f.Path is a copy
// below GetFilePath, drawn again if need be. What cannot be read as a JPEG, PNG, GIF or WebP, or has more than 32 MiB
// or 40 million pixels, is sent unchanged, as FileTypeOther unless it has a Thumbnail. FileTypeOther is always sent
// unchanged.
//
// FileTransferListeners are called with the progress of the upload, OnMessageStatus with the status of the message.
// When the handler says not now, or to try later, the message waits for StartFileTransfer or the next Start. When the
// upload fails it gets MsgStatusFail, and Resend or StartFileTransfer tries again. Cancel and DeleteMessage withdraw it
// and stop the upload.
//
// Errors: those of SendMessage; ResultBadRequest when the file does not exist, is not a regular file, or its name,
// type, URL or thumbnail is too long (ErrTooLarge), when its content does not match its size (ErrFileUnreadable), and
// for a transient message that would have to wait; ResultFail with ErrNoFileHandler. On error nothing was queued.
func (m *Mesibo) SendFile(p MessageParams, id uint32, f *FileInfo) error {
	return m.files.send("SendFile", p, id, f, nil)
}

// GetFileInstance returns the file of the transfer that runs already, or a new one. Without url it is an upload of
// filePath: the same path, size and time of change are the same file. With url it is a download, to filePath if
// that is not empty; the same URL is the same file. fileType FileTypeAuto is decided by the name. A new one starts
// with StartFileTransfer or SendFile. A relative path is below GetBasePath.
func (m *Mesibo) GetFileInstance(fileType FileType, url, filePath string) *FileInfo {
	return m.files.instance(fileType, url, filePath)
}

// StartFileTransfer asks the handler to start, or to try again. One that runs already goes on, and what was
// uploaded is not uploaded again. For the file of a message that failed the message waits again.
// FileTransferListeners are called with what becomes of it. Errors: ResultFail with ErrNoFileHandler, or when the
// handler panicked; ResultRetryLater when the handler says not now, the file is idle then; ResultBadRequest for
// nil, a file that does not exist or has no URL, with ErrNotFound when its message was deleted, and with
// ErrFileChanged when the file is not what was to be sent.
func (m *Mesibo) StartFileTransfer(f *FileInfo) error {
	const op = "StartFileTransfer"
	if f == nil {
		return opError(op, ResultBadRequest, errors.New("file is nil"))
	}
	return m.files.restart(op, f)
}

// StopFileTransfer asks the handler to stop, for all messages that share the file. A message that waits for its
// upload goes on waiting: StartFileTransfer starts again, and so does the next Start; Cancel withdraws it. It is no
// error when nothing runs. Errors: ResultFail when the handler says that it could not, or panicked;
// ResultBadRequest for nil.
func (m *Mesibo) StopFileTransfer(f *FileInfo) error {
	const op = "StopFileTransfer"
	if f == nil {
		return opError(op, ResultBadRequest, errors.New("file is nil"))
	}
	if err := m.files.stop(f); err != nil {
		return opError(op, ResultFail, err)
	}
	return nil
}

// UpdateFileTransferProgress is how the handler reports. It first sets Progress and Status of the FileInfo it was
// given, and at the end URL or Path:
//
//   - 0 to 99 percent with FileStatusInProgress: listeners are called when it is more than before, in percent or in
//     bytes (Transferred); less counts as what was before.
//   - 100 percent: the end, when the URL (upload) or Path (download) is set; until then it counts as 99. Messages that
//     waited for an upload are sent, behind those sent meanwhile; those with a download
//     get FlagFileTransferred. Listeners then see 100 percent and FileStatusIdle.
//   - FileStatusFailed, or a negative percentage: the end. Messages that waited get MsgStatusFail, or FlagFileFailed.
//   - FileStatusRetryLater: the end for now. Messages go on waiting, for StartFileTransfer or the next Start.
//
// A relative Path is below GetBasePath. An upload whose file changed on the way, and a download whose file does not
// exist, count as failed. It does its work on the calling goroutine and may wait for the disk and for listeners that
// are far behind. Errors: ResultBadRequest with ErrTransferEnded when it was stopped or had ended, nothing changes
// then; ResultFail when what became of it could not be stored: messages then go on waiting.
func (m *Mesibo) UpdateFileTransferProgress(f *FileInfo) error {
	const op = "UpdateFileTransferProgress"
	if f == nil {
		return opError(op, ResultBadRequest, errors.New("file is nil"))
	}
	switch err := m.files.report(f); {
	case errors.Is(err, ErrTransferEnded):
		return opError(op, ResultBadRequest, err)
	case err != nil:
		return opError(op, ResultFail, err)
	}
	return nil
}

// IsFileTransferEnabled reports whether files can be transferred: the default handler is on, or the application has
// registered one of its own.
func (m *Mesibo) IsFileTransferEnabled() bool { return len(m.files.handlers()) > 0 }

// EnableFileTransfer turns the default handler of file transfers on (the default) or off. A handler of the
// application's own is not affected, and takes its place anyway. Transfers that run go on.
func (m *Mesibo) EnableFileTransfer(enable bool) { m.files.handler.enable(enable) }
