package files

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// MarkForeign marks a file as one that came over the network, so that the system warns before it runs or trusts it.
func MarkForeign(path string) error {
	const downloaded = "0081" // by an application, not opened yet
	mark := fmt.Sprintf("%s;%08x;Parley;", downloaded, time.Now().Unix())
	if err := unix.Setxattr(path, "com.apple.quarantine", []byte(mark), 0); err != nil {
		return fmt.Errorf("mark file as foreign: %w", err)
	}
	return nil
}
