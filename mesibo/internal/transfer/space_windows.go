package transfer

import (
	"errors"
	"fmt"

	"golang.org/x/sys/windows"
)

// freeSpace returns how many bytes this user may still write in a folder.
func freeSpace(folder string) (uint64, error) {
	name, err := windows.UTF16PtrFromString(folder)
	if err != nil {
		return 0, fmt.Errorf("look up free space: %w", err)
	}
	var free uint64
	if err := windows.GetDiskFreeSpaceEx(name, &free, nil, nil); err != nil {
		return 0, fmt.Errorf("look up free space: %w", err)
	}
	return free, nil
}

// isFull reports whether a file could not be written because there is no room.
func isFull(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL)
}
