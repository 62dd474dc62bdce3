// Package private makes files that only their owner can read, also in a folder that others may enter.
package private

import (
	"errors"
	"fmt"
	"os"
)

const mode = 0o600

// File makes the file if it is missing, and takes it away from everybody but its owner. SQLite gives the files it puts
// beside a database the database's own mode.
func File(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, mode)
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	if err := errors.Join(f.Chmod(mode), f.Close()); err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	return nil
}
