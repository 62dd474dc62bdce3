package watch

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// Written reports whether a program has a file open to write to it, as far as the system says: a lease for reading is
// refused then.
func Written(path string) bool {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOFOLLOW, 0)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }() // which ends the lease, too
	_, err = unix.FcntlInt(f.Fd(), unix.F_SETLEASE, unix.F_RDLCK)
	return errors.Is(err, unix.EAGAIN)
}
