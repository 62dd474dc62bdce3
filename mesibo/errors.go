package mesibo

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/parley-chat/parley/internal/audio"
	"github.com/parley-chat/parley/mesibo/internal/files"
	"github.com/parley-chat/parley/mesibo/internal/picture"
	"github.com/parley-chat/parley/mesibo/internal/sendfolder"
	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/mesibo/internal/transfer"
	"github.com/parley-chat/parley/mesibo/internal/transport"
)

// Result is one of the reference's RESULT_* codes. It is an error, and it is what errors.Is looks for:
//
//	if errors.Is(err, mesibo.ResultBadRequest) { … }
//
// Success is a nil error, never a Result.
type Result int

// The results.
const (
	ResultFail          Result = 0x80 // no database, not started, no token, or a local failure
	ResultGenError      Result = 0x81 // unused
	ResultNoSuchUser    Result = 0x83 // no user or group has this address
	ResultInboxFull     Result = 0x84 // too much waits for the recipient
	ResultBadRequest    Result = 0x85 // an argument is wrong
	ResultOverCapacity  Result = 0x86 // a limit of the server is reached
	ResultRetryLater    Result = 0x87 // not now; the same call may succeed later
	ResultRateLimit     Result = 0x8C // too many calls in a short time
	ResultTimeout       Result = 0xB0 // no answer in time
	ResultConnectFail   Result = 0xB1 // the server cannot be reached
	ResultDisconnected  Result = 0xB2 // not connected, and the call cannot wait
	ResultReqInProgress Result = 0xB3 // not while something else is in progress
	ResultBufferFull    Result = 0xB4 // too much waits in the outbox
	ResultAuthFail      Result = 0xC0 // the access token is refused
	ResultDenied        Result = 0xC1 // this user may not do this
)

// Error says what the result means.
func (r Result) Error() string { //nolint:cyclop // a table
	switch r {
	case ResultFail:
		return "failed"
	case ResultGenError:
		return "general error"
	case ResultNoSuchUser:
		return "no such user"
	case ResultInboxFull:
		return "inbox full"
	case ResultBadRequest:
		return "bad request"
	case ResultOverCapacity:
		return "over capacity"
	case ResultRetryLater:
		return "try again later"
	case ResultRateLimit:
		return "rate limit reached"
	case ResultTimeout:
		return "timed out"
	case ResultConnectFail:
		return "cannot connect"
	case ResultDisconnected:
		return "not connected"
	case ResultReqInProgress:
		return "request in progress"
	case ResultBufferFull:
		return "buffer full"
	case ResultAuthFail:
		return "access token refused"
	case ResultDenied:
		return "denied"
	}
	return fmt.Sprintf("result 0x%x", int(r))
}

// Causes that an Error may wrap beside its Result.
var (
	// ErrInvalidToken: SetAccessToken was given something that is no access token, or a damaged one.
	ErrInvalidToken = errors.New("not a valid access token")
	// ErrCertificate: the server has neither the certificate that the access token or invite names, nor the next one that it
	// has announced. See GetConnectionError.
	ErrCertificate = transport.ErrPin
	// ErrDuplicateID: SendMessage was given the id of a message that is known already; the message was discarded.
	ErrDuplicateID = errors.New("message id is in use already")
	// ErrAmbiguousID: several messages, in different chats, were sent under this id; their 64-bit ids tell them
	// apart.
	ErrAmbiguousID = store.ErrAmbiguous
	// ErrTooLarge: a message is longer than 64 KiB. Send larger content as a file.
	ErrTooLarge = errors.New("message is too large")
	// ErrNoListener: AddListener was given a value that satisfies none of the listener interfaces.
	ErrNoListener = errors.New("value satisfies no listener interface")
	// ErrPartialListener: AddListener was given a value that has a method of a listener interface, but does not
	// satisfy it.
	ErrPartialListener = errors.New("value satisfies only a part of a listener interface")
	// ErrNotMade: the instance is a zero value; New and GetInstance make usable ones.
	ErrNotMade = errors.New("the instance was not made by New")
	// ErrRunning: the call is only allowed before Start or after Stop.
	ErrRunning = errors.New("not allowed while started")
	// ErrDiskFull: there is no room on the disk; nothing was stored.
	ErrDiskFull = store.ErrFull
	// ErrTooLate: the message is too old to be changed or recalled.
	ErrTooLate = errors.New("the message is too old for that")
	// ErrNotFound: there is no such message.
	ErrNotFound = errors.New("not found")
)

// ErrDatabaseDamaged means that the local database is damaged, as after a failure of the disk. Put the file aside, start
// with a new one, which the server fills, and see RescueOutbox.
var ErrDatabaseDamaged = store.ErrDamaged

// Why RestoreDatabase refuses a backup.
var (
	// ErrNotBackup: the file is no database of this package, or a damaged one.
	ErrNotBackup = store.ErrNotDatabase
	// ErrOtherUser: the backup does not hold this user's data.
	ErrOtherUser = store.ErrOtherAccount
	// ErrNewerBackup: a later version of this package made the backup.
	ErrNewerBackup = store.ErrNewer
)

// Why the functions for files refuse a path, beside fs.ErrExist, fs.ErrNotExist and fs.ErrPermission.
var (
	// ErrFileName: a path is empty, holds a NUL, or leads out of its folder.
	ErrFileName = files.ErrName
	// ErrFileKind: a folder or a device is where a regular file is expected.
	ErrFileKind = files.ErrKind
)

// Why a picture or a sound cannot be read.
var (
	// ErrImageTooLarge: a picture has more than 32 MiB, or would become more than 40 million pixels.
	ErrImageTooLarge = picture.ErrTooLarge
	// ErrImageFormat: a file is no JPEG, PNG, GIF or WebP picture, or a damaged one.
	ErrImageFormat = picture.ErrFormat
	// ErrSoundTooLarge: a sound has more than 512 MiB, or lasts longer than a day.
	ErrSoundTooLarge = audio.ErrTooLarge
	// ErrSoundFormat: a file is no WAV, Ogg, MP3 or FLAC, or a damaged one.
	ErrSoundFormat = audio.ErrFormat
)

// Why a file transfer is refused or fails; FileInfo.Err has it after a failure.
var (
	// ErrNoFileHandler: the default handler is switched off, and no other FileTransferHandler is registered.
	ErrNoFileHandler = errors.New("no file transfer handler is registered")
	// ErrTransferEnded: the transfer that is reported on no longer runs.
	ErrTransferEnded = errors.New("the transfer has ended")
	// ErrFileMissing: a file that was on this device was moved or deleted.
	ErrFileMissing = fmt.Errorf("the file is not on this device any more: %w", fs.ErrNotExist)
	// ErrFileChanged: a file was changed after it was given to be sent.
	ErrFileChanged = transfer.ErrChanged
	// ErrFileUnreadable: the content of a file does not match its size, as in /proc.
	ErrFileUnreadable = transfer.ErrUnreadable
	// ErrFileTooLarge: a file is larger than the server accepts.
	ErrFileTooLarge = transfer.ErrTooLarge
	// ErrFileQuota: the server has no room left for this user's files.
	ErrFileQuota = transfer.ErrQuota
	// ErrFileGone: the server no longer has the file, or this user may not have it.
	ErrFileGone = transfer.ErrGone
	// ErrFileDenied: the server does not allow the transfer.
	ErrFileDenied = transfer.ErrDenied
	// ErrFileRefused: the server refused the file for another reason.
	ErrFileRefused = transfer.ErrRefused
	// ErrFileDamaged: what arrived is not what was sent, twice.
	ErrFileDamaged = transfer.ErrDamaged
	// ErrFileURL: the URL of a file is not one from which the default handler fetches files.
	ErrFileURL = transfer.ErrURL
	// ErrNoFileService: the server accepts no files.
	ErrNoFileService = transfer.ErrNoService
)

// Why a file stays in the folder of SetSendFolder; FolderFile.Err has it.
var (
	// ErrFolderFileEmpty: the file has no content.
	ErrFolderFileEmpty = sendfolder.ErrEmpty
	// ErrFolderFileWithdrawn: the message of the file was withdrawn before it was sent.
	ErrFolderFileWithdrawn = sendfolder.ErrWithdrawn
	// ErrFolderFileNotMoved: the file was sent, but could not be moved to the folder for sent files.
	ErrFolderFileNotMoved = sendfolder.ErrNotMoved
)

// errText: a text is not UTF-8 and cannot be sent.
var errText = errors.New("a text is not valid UTF-8")

// Error is what the functions of this package return: the operation, the reference's result, and the cause if there
// is one.
type Error struct {
	Op     string // the function, such as "SendMessage"
	Result Result
	Cause  error
}

// Error joins operation and cause, or operation and result when there is no cause.
func (e *Error) Error() string {
	if e.Cause != nil {
		return e.Op + ": " + e.Cause.Error()
	}
	return e.Op + ": " + e.Result.Error()
}

// Unwrap returns the result and the cause to errors.Is and errors.As.
func (e *Error) Unwrap() []error {
	if e.Cause != nil {
		return []error{e.Result, e.Cause}
	}
	return []error{e.Result}
}

// ResultOf returns the reference's number for an error of this package: 0 for nil, ResultFail for a foreign error.
func ResultOf(err error) Result {
	if err == nil {
		return 0
	}
	if r, ok := errors.AsType[Result](err); ok {
		return r
	}
	return ResultFail
}

func opError(op string, r Result, cause error) error {
	if errors.Is(cause, errText) {
		r = ResultBadRequest
	}
	return &Error{Op: op, Result: r, Cause: cause}
}
