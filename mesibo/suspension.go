package mesibo

import (
	"time"

	"github.com/parley-chat/parley/internal/wire"
)

// Suspension is why the server keeps this user out: the user was suspended for some time, or banned.
type Suspension struct { //nolint:errname // it is a state, which GetSuspension returns, before it is an error
	Until  time.Time // zero: banned, for ever
	Reason string    // what the operator says about it; may be empty
}

// Error implements error.
func (s *Suspension) Error() string {
	return (&wire.SuspendedError{Until: s.Until, Reason: s.Reason}).Error()
}

// GetSuspension returns why the server keeps this user out, nil while it does not. It is known from StatusSuspended on,
// until StatusOnline or the next SetAccessToken.
func (m *Mesibo) GetSuspension() *Suspension { return m.suspension.Load() }

// IsAccountSuspended reports whether the server keeps this user out; GetSuspension says why.
func (m *Mesibo) IsAccountSuspended() bool { return m.suspension.Load() != nil }

// Suspended implements session.Host.
func (r *run) Suspended(why *wire.SuspendedError) {
	r.m.suspension.Store(&Suspension{Until: why.Until, Reason: why.Reason})
}
