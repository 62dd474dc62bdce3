package files

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// sync makes a folder's entries last. Windows has no such call, and does not need it for what is renamed.
func sync(dir *os.File) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	if err := dir.Sync(); err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	return nil
}

// Replace moves a file that is complete and on the disk over another of the same folder, and makes that last.
func Replace(from, to string) error {
	p, err := Open("", to)
	if err != nil {
		return err
	}
	defer func() { _ = p.Close() }() // nothing was written through it
	if err := p.root.Rename(filepath.Base(from), p.name); err != nil {
		return fmt.Errorf("rename file: %w", err)
	}
	return p.syncFolder()
}
