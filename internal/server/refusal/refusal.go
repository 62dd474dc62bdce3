// Package refusal has the error type for refused requests. The gateway translates it into a response, the backend API
// and the file server into an HTTP status. All other errors are failures of the server.
package refusal

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/parley-chat/parley/internal/wire"
)

// Error is a refusal. It is immutable.
type Error struct {
	// Result is the Result* of package wire for a client's request.
	Result uint32
	// GroupError is the GroupError* of package wire for a request about a group.
	GroupError uint32
	// Status is the status of an HTTP response.
	Status int
	// Name identifies the reason in metrics and in replies of the backend API.
	Name string
	// Reason is a sentence for users.
	Reason string
	// After is when the same request may be accepted; 0: unknown.
	After time.Duration
}

func (e *Error) Error() string { return e.Reason }

// Of returns the refusal in an error's chain, nil if there is none.
func Of(err error) *Error {
	e, _ := errors.AsType[*Error](err)
	return e
}

// Bad refuses a malformed request.
func Bad(format string, args ...any) *Error {
	return &Error{
		Result: wire.ResultBadRequest, GroupError: wire.GroupErrorGeneral, Status: http.StatusBadRequest, Name: "BADREQ",
		Reason: fmt.Sprintf(format, args...),
	}
}

// Denied refuses a request that the user has no right to make.
func Denied(groupError uint32, format string, args ...any) *Error {
	return &Error{
		Result: wire.ResultDenied, GroupError: groupError, Status: http.StatusForbidden, Name: "DENIED",
		Reason: fmt.Sprintf(format, args...),
	}
}

// Later refuses a request for the time being; it may be repeated after some time.
func Later(after time.Duration, reason string) *Error {
	return &Error{
		Result: wire.ResultRetryLater, GroupError: wire.GroupErrorGeneral, Status: http.StatusServiceUnavailable,
		Name: "RETRYLATER", Reason: reason, After: max(after, time.Second),
	}
}

// diskRetry is when to try again while the disk is full.
const diskRetry = time.Minute

// HTTP refuses an HTTP request.
func HTTP(status int, name, format string, args ...any) *Error {
	return &Error{Result: wire.ResultDenied, Status: status, Name: name, Reason: fmt.Sprintf(format, args...)}
}

// Refusals of several packages.
var (
	// ErrNoUser refuses an address without a user.
	ErrNoUser = &Error{
		Result: wire.ResultNoSuchUser, Status: http.StatusNotFound, Name: "NOSUCHUSER", Reason: "there is no such user",
	}
	// ErrNoGroup refuses a group that has never existed.
	ErrNoGroup = &Error{
		Result: wire.ResultNoSuchUser, GroupError: wire.GroupErrorGeneral, Status: http.StatusNotFound, Name: "NOSUCHGROUP",
		Reason: "there is no such group",
	}
	// ErrGroupDeleted refuses a deleted group.
	ErrGroupDeleted = &Error{
		Result: wire.ResultNoSuchUser, GroupError: wire.GroupErrorDeleted, Status: http.StatusNotFound, Name: "NOSUCHGROUP",
		Reason: "the group has been deleted",
	}
	// ErrDiskFull puts off what would add to the database while the disk is nearly full.
	ErrDiskFull = Later(diskRetry, "the server's disk is full")
)
