package watch

import (
	"errors"

	"golang.org/x/sys/windows"
)

// Written reports whether a program has a file open to write to it: then it cannot be opened without letting others
// write.
func Written(path string) bool {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return false
	}
	h, err := windows.CreateFile(name, windows.GENERIC_READ, windows.FILE_SHARE_READ|windows.FILE_SHARE_DELETE, nil,
		windows.OPEN_EXISTING, windows.FILE_ATTRIBUTE_NORMAL, 0)
	if err == nil {
		_ = windows.CloseHandle(h) // nothing was done with it
	}
	return errors.Is(err, windows.ERROR_SHARING_VIOLATION)
}
