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

// Suspension is why a server keeps a user out whose token it knows: the user was suspended or banned.
type Suspension struct {
	Until  time.Time // zero: for ever
	Reason string    // what the operator says about it; may be empty
}

// Error implements error.
func (s *Suspension) Error() string {
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
func (s *Suspension) Milli() int64 {
	if s.Until.IsZero() {
		return 0
	}
	return s.Until.UnixMilli()
}

// NewSuspension returns the suspension that ends at a time as it is transferred, 0 for never.
func NewSuspension(milli int64, reason string) *Suspension {
	s := &Suspension{Reason: strings.TrimSpace(reason)}
	if milli > 0 {
		s.Until = time.UnixMilli(milli)
	}
	return s
}

// ParseSuspension returns the suspension in a SuspensionHeader and a body. ok is false if there is none.
func ParseSuspension(header, body string) (s *Suspension, ok bool) {
	milli, err := strconv.ParseInt(header, 10, 64)
	if err != nil {
		return nil, false
	}
	return NewSuspension(milli, body), true
}
