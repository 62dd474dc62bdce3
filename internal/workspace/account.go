package workspace

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// kind says where the account's server is.
type kind string

const (
	kindLocal  kind = "local"
	kindServer kind = "server"
)

// account is the content of account.json. It holds no token, only the name under which the token is stored.
type account struct {
	Kind    kind   `json:"kind"`
	Address string `json:"address"`
	Name    string `json:"name"`
	Server  string `json:"server,omitempty"`
	Key     string `json:"key"`
	Echo    bool   `json:"echo,omitempty"`
}

func (a *account) echoKey() string { return a.Key + "-echo" }

func newKey() string { return "parley-" + rand.Text() }

// accountName is the file of the account.
const accountName = "account.json"

func (k *Keeper) file() string { return filepath.Join(k.dir, accountName) }

// load reads the account, nil when there is none.
func (k *Keeper) load() (*account, error) {
	data, err := os.ReadFile(k.file())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // no account yet
	}
	if err != nil {
		return nil, fmt.Errorf("read the account: %w", err)
	}
	var a account
	if err := json.Unmarshal(data, &a); err != nil {
		return nil, fmt.Errorf("read the account: %w", err)
	}
	return &a, nil
}

// save replaces the file; after a crash either the old or the new account is there.
func (k *Keeper) save(a *account) (err error) {
	data, err := json.MarshalIndent(a, "", "  ")
	if err != nil {
		return fmt.Errorf("keep the account: %w", err)
	}
	if err := os.MkdirAll(k.dir, 0o700); err != nil {
		return fmt.Errorf("keep the account: %w", err)
	}
	f, err := os.CreateTemp(k.dir, ".account-*")
	if err != nil {
		return fmt.Errorf("keep the account: %w", err)
	}
	_, err = f.Write(append(data, '\n'))
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), k.file())
	}
	if err != nil {
		return fmt.Errorf("keep the account: %w", errors.Join(err, os.Remove(f.Name())))
	}
	return nil
}

func (k *Keeper) remove() error {
	if err := os.Remove(k.file()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("forget the account: %w", err)
	}
	return nil
}
