package libopus

import (
	"errors"

	"golang.org/x/sys/windows"
)

// open looks beside the program and in the system's folder, never in the current one.
func open() (uintptr, error) {
	var all []error
	for _, name := range []string{"opus.dll", "libopus-0.dll", "libopus.dll"} {
		handle, err := windows.LoadLibraryEx(name, 0, windows.LOAD_LIBRARY_SEARCH_DEFAULT_DIRS)
		if err == nil {
			return uintptr(handle), nil
		}
		all = append(all, err)
	}
	return 0, errors.Join(all...)
}
