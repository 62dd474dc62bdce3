package library

import (
	"fmt"

	"golang.org/x/sys/windows"
)

func files(n Names) []string { return n.Windows }

// open looks beside the program and in the system's folder, never in the current folder.
func open(file string) (uintptr, error) {
	handle, err := windows.LoadLibraryEx(file, 0, windows.LOAD_LIBRARY_SEARCH_DEFAULT_DIRS)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", file, err)
	}
	return uintptr(handle), nil
}

// C returns the system's C library.
func C() (*Library, error) { return Open(Names{Windows: []string{"ucrtbase.dll", "msvcrt.dll"}}) }
