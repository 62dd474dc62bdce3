package relay

import (
	"errors"
	"syscall"
)

// isNotLocal reports whether an address could not be listened on because this machine does not have it.
func isNotLocal(err error) bool { return errors.Is(err, syscall.EADDRNOTAVAIL) }
