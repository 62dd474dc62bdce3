package wire

import (
	"strconv"
	"strings"
	"time"
)

// SuspensionHeader is in the response to an upgrade that is refused because the user was suspended or banned. It is
// when that ends, in ms since the Unix epoch, 0 for never; the body is the reason.
const SuspensionHeader = "Parley-Suspended"

// MaxReason is the maximum length of the reason of a suspension in bytes.
const MaxReason = 250

// SuspendedError is why a server keeps a user out whose token it knows: the user was suspended or banned.
type SuspendedError struct {
	Until  time.Time // zero: for ever
	Reason string    // what the operator says about it; may be empty
}

// Error implements error.
func (s *SuspendedError) Error() string {
	text := "banned"
	if !s.Until.IsZero() {
		text = "suspended until " + s.Until.UTC().Format(time.RFC3339)
	}
	if s.Reason != "" {
		text += ": " + s.Reason
	}
	return text
}

// Milli returns when it ends as it is transferred.
func (s *SuspendedError) Milli() int64 {
	if s.Until.IsZero() {
		return 0
	}
	return s.Until.UnixMilli()
}

// NewSuspendedError returns the error of a suspension that ends at milli, in ms since the Unix epoch, 0 for never.
func NewSuspendedError(milli int64, reason string) *SuspendedError {
	s := &SuspendedError{Reason: strings.TrimSpace(reason)}
	if milli > 0 {
		s.Until = time.UnixMilli(milli)
	}
	return s
}

// ParseSuspendedError returns the error in a SuspensionHeader and a body. ok is false if there is none.
func ParseSuspendedError(header, body string) (s *SuspendedError, ok bool) {
	milli, err := strconv.ParseInt(header, 10, 64)
	if err == nil {
		s, ok = NewSuspendedError(milli, body), true
	}
	return s, ok
}
