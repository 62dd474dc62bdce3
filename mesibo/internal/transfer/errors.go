package transfer

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Why a transfer ends. All but ErrLater and ErrStopped are final: trying again is of no use while things are as
// they are.
var (
	// ErrChanged: the file was changed after it was given to be sent.
	ErrChanged = errors.New("the file has changed")
	// ErrUnreadable: the file holds more or less than its size says, like some that a system makes up.
	ErrUnreadable = errors.New("the file cannot be read: it is not as large as it says")
	// ErrTooLarge: the file is larger than the server accepts, or than this device wants.
	ErrTooLarge = errors.New("the file is too large")
	// ErrQuota: the server has no room left for this user's files.
	ErrQuota = errors.New("the server has no room left for your files")
	// ErrGone: the server does not have the file, or not any more, or this user may not have it.
	ErrGone = errors.New("the server does not have the file any more")
	// ErrDenied: the server does not allow it.
	ErrDenied = errors.New("the server does not allow this file transfer")
	// ErrNoService: the server accepts no files.
	ErrNoService = errors.New("the server takes no files")
	// ErrDamaged: what arrived is not what was sent, twice.
	ErrDamaged = errors.New("the file was damaged on its way")
	// ErrDiskFull: there is no room for the file on this device.
	ErrDiskFull = errors.New("the disk is full")
	// ErrURL: the URL is not one that files are fetched from.
	ErrURL = errors.New("files are not fetched from this address")
	// ErrRefused: the server does not accept the request, for a reason of its own.
	ErrRefused = errors.New("the server refused the file")
	// ErrLater: it failed several times in a row; later it may succeed.
	ErrLater = errors.New("the file transfer does not get further")
	// ErrStopped: the transfer was stopped.
	ErrStopped = errors.New("the file transfer was stopped")

	errStalled = errors.New("nothing arrived for too long")
)

// againError is a failure after which it is worth trying again.
type againError struct {
	err   error
	after time.Duration // at least
}

func (e *againError) Error() string { return e.err.Error() }
func (e *againError) Unwrap() error { return e.err }

func again(err error) error { return &againError{err: err} }

// statusChecksum is what tus answers to a chunk whose checksum is wrong.
const statusChecksum = 460

// maxReason is how much of the server's words is kept.
const maxReason = 300

// statusError says what an answer means that is not success.
func statusError(answer *http.Response) error {
	text, _ := io.ReadAll(io.LimitReader(answer.Body, maxReason)) // a part is as good as the whole
	reason := answer.Status
	if s := strings.TrimSpace(strings.ToValidUTF8(string(text), "")); s != "" {
		reason += ": " + s
	}
	kind := statusKind(answer.StatusCode)
	if kind == nil {
		return &againError{err: fmt.Errorf("the server answered %s", reason), after: retryAfter(answer)}
	}
	return fmt.Errorf("%w (%s)", kind, reason)
}

// statusKind returns the final error of a status, nil when it is worth trying again. A token that is refused may be
// renewed.
func statusKind(status int) error {
	switch status {
	case http.StatusRequestEntityTooLarge:
		return ErrTooLarge
	case http.StatusInsufficientStorage:
		return ErrQuota
	case http.StatusNotFound, http.StatusGone:
		return ErrGone
	case http.StatusForbidden:
		return ErrDenied
	case http.StatusUnauthorized, http.StatusRequestTimeout, http.StatusConflict, http.StatusLocked,
		http.StatusTooEarly,
		http.StatusTooManyRequests, statusChecksum, http.StatusMisdirectedRequest:
		return nil
	}
	if status >= http.StatusInternalServerError {
		return nil
	}
	return ErrRefused
}

// retryAfter reads the header in which a server says when it wants to be asked again, in seconds.
func retryAfter(answer *http.Response) time.Duration {
	const most = 600
	seconds, err := strconv.Atoi(answer.Header.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return time.Duration(min(seconds, most)) * time.Second
}
