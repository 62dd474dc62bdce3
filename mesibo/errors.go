package mesibo

import (
	"errors"
	"fmt"

	"github.com/parley-chat/parley/mesibo/internal/store"
)

// Result is one of the reference's RESULT_* codes (mesibo-api 4.1). It is an error, and it is what errors.Is looks for:
//
//	if errors.Is(err, mesibo.ResultBadRequest) { … }
//
// Success is a nil error, never a Result.
type Result int

// The results.
const (
	ResultFail          Result = 0x80 // no database, not started, no token, or a local failure
	ResultGenError      Result = 0x81
	ResultNoSuchUser    Result = 0x83
	ResultInboxFull     Result = 0x84
	ResultBadRequest    Result = 0x85 // an argument is wrong
	ResultOverCapacity  Result = 0x86
	ResultRetryLater    Result = 0x87
	ResultRateLimit     Result = 0x8C
	ResultTimeout       Result = 0xB0
	ResultConnectFail   Result = 0xB1
	ResultDisconnected  Result = 0xB2 // not connected, and the call cannot wait
	ResultReqInProgress Result = 0xB3
	ResultBufferFull    Result = 0xB4 // too much waits in the outbox
	ResultAuthFail      Result = 0xC0
	ResultDenied        Result = 0xC1
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
	// ErrDuplicateID: SendMessage was given the id of a message that is known already; the message was discarded.
	ErrDuplicateID = errors.New("message id is in use already")
	// ErrTooLarge: a message is longer than 64 KiB. Send larger content as a file.
	ErrTooLarge = errors.New("message is too large")
	// ErrNoListener: AddListener was given a value that satisfies none of the listener interfaces.
	ErrNoListener = errors.New("value satisfies no listener interface")
	// ErrRunning: the call is only allowed before Start or after Stop.
	ErrRunning = errors.New("not allowed while started")
	// ErrDiskFull: there is no room on the disk; nothing was stored.
	ErrDiskFull = store.ErrFull
	// ErrTooLate: the message is too old to be changed or taken back.
	ErrTooLate = errors.New("the message is too old for that")
	// ErrNotFound: there is no such message.
	ErrNotFound = errors.New("not found")
)

// errText: a text is not UTF-8 and cannot be sent.
var errText = errors.New("a text is not valid UTF-8")

// Error is what the functions of this package return: the operation, the reference's result (mesibo-api 4.1), and the cause if
// there is one.
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

// Unwrap gives the result and the cause to errors.Is and errors.As.
func (e *Error) Unwrap() []error {
	if e.Cause != nil {
		return []error{e.Result, e.Cause}
	}
	return []error{e.Result}
}

// ResultOf gives the reference's number for an error of this package: 0 for nil, ResultFail for a foreign error. It is an
// addition to the reference.
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
