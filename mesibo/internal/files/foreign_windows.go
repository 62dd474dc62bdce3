package files

import (
	"fmt"
	"os"
)

// MarkForeign marks a file as one that came over the network, so that the system warns before it runs or trusts it.
// The mark is a stream of the file's, which a file system other than NTFS has not; then there is an error.
func MarkForeign(path string) error {
	const internet = "[ZoneTransfer]\r\nZoneId=3\r\n"
	if err := os.WriteFile(path+":Zone.Identifier", []byte(internet), 0o600); err != nil {
		return fmt.Errorf("mark file as foreign: %w", err)
	}
	return nil
}
