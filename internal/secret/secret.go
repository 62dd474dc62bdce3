// Package secret keeps access tokens: in the system's keyring, or if there is none, in a file that only its owner can
// read.
package secret

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/zalando/go-keyring"
)

// service is the name under which the keyring lists our entries.
const service = "Parley"

// ErrNotFound is returned by Get when there is no secret of that name.
var ErrNotFound = errors.New("no secret of this name")

// Store keeps the secrets of one data folder. Its methods may wait for the user to unlock the keyring: do not call
// them on the goroutine of the user interface.
type Store struct {
	dir string
	log *slog.Logger
}

// New returns a store that keeps its files, if it needs any, in dir.
func New(dir string, log *slog.Logger) *Store { return &Store{dir: dir, log: log} }

func (s *Store) file(name string) string { return filepath.Join(s.dir, name+".secret") }

// Set stores a secret under a name, which must be a valid file name.
func (s *Store) Set(name, value string) error {
	err := keyring.Set(service, name, value)
	if err == nil {
		return s.removeFile(name)
	}
	s.log.Info("no keyring, the token is kept in a file", slog.Any("error", err))
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return fmt.Errorf("keep secret: %w", err)
	}
	if err := writeFile(s.file(name), []byte(value)); err != nil {
		return fmt.Errorf("keep secret: %w", err)
	}
	return nil
}

// writeFile replaces a file so that after a crash either the old or the new content is there.
func writeFile(path string, data []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*") // mode 0600
	if err != nil {
		return err //nolint:wrapcheck // Set wraps it
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name()) // best effort
		}
	}()
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path) //nolint:wrapcheck // Set wraps it
}

// InFile reports whether a secret is kept in a file, because there was no keyring.
func (s *Store) InFile(name string) bool {
	_, err := os.Stat(s.file(name))
	return err == nil
}

// Get returns a secret; ErrNotFound when there is none.
func (s *Store) Get(name string) (string, error) {
	data, err := os.ReadFile(s.file(name))
	if err == nil {
		return string(data), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read secret: %w", err)
	}
	value, err := keyring.Get(service, name)
	if errors.Is(err, keyring.ErrNotFound) {
		return "", ErrNotFound
	}
	if err != nil {
		return "", fmt.Errorf("read secret from the keyring: %w", err)
	}
	return value, nil
}

// Delete deletes a secret; a missing one is no error.
func (s *Store) Delete(name string) error {
	if err := keyring.Delete(service, name); err != nil && !errors.Is(err, keyring.ErrNotFound) {
		s.log.Info("keyring not reached", slog.Any("error", err))
	}
	return s.removeFile(name)
}

func (s *Store) removeFile(name string) error {
	if err := os.Remove(s.file(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove secret: %w", err)
	}
	return nil
}
