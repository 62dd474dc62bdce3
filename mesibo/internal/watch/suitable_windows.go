package watch

import (
	"path/filepath"

	"golang.org/x/sys/windows"
)

// unsuitable returns why a folder should not be watched, empty when nothing is wrong: network drives report changes
// late or not at all.
func unsuitable(path string) string {
	root, err := windows.UTF16PtrFromString(filepath.VolumeName(path) + `\`)
	if err == nil && windows.GetDriveType(root) == windows.DRIVE_REMOTE {
		return network
	}
	return ""
}
