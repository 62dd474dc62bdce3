package e2e_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo"
)

// fileNames has the names that the SDK chooses for database files, by address.
var fileNames sync.Map

// emptyDatabase returns the content of a database with all tables and no rows. Copying it is cheap; under the race
// detector, creating the tables takes longer than most of what tests do after it.
var emptyDatabase = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "e2e")
	if err != nil {
		return nil, err
	}
	m, err := mesibo.New(mesibo.Options{Path: dir, Database: "empty.db"})
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	file := m.GetDatabasePath()
	err = m.Reset()
	data, readErr := os.ReadFile(file)
	return data, errors.Join(err, readErr, os.RemoveAll(dir))
})

// openDatabase is mesibo.New, on a copy of the empty database where no database exists. The first device of an address
// creates its own tables, which shows the name of the file.
func openDatabase(t testing.TB, opts mesibo.Options) *mesibo.Mesibo {
	t.Helper()
	token, err := wire.ParseToken(opts.AccessToken)
	if err != nil {
		t.Fatal(err)
	}
	if name, ok := fileNames.Load(token.Address); ok {
		if err := putEmptyDatabase(filepath.Join(opts.Path, name.(string))); err != nil {
			t.Fatal(err)
		}
	}
	m, err := mesibo.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	fileNames.Store(token.Address, filepath.Base(m.GetDatabasePath()))
	return m
}

func putEmptyDatabase(path string) error {
	data, err := emptyDatabase()
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}
