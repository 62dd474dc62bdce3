// Package private creates files that only their owner can read, even in a folder that others may enter.
package private

import (
	"errors"
	"fmt"
	"os"
)

const mode = 0o600

// File creates the file if it is missing, and removes the access of everyone but its owner. SQLite creates the files
// beside a database with the mode of the database.
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
