package mesibo

import (
	"context"
	"errors"
	"fmt"

	"github.com/parley-chat/parley/mesibo/internal/store"
)

// The longest key and value of SetKey in bytes.
const (
	maxKey   = 1024
	maxValue = 1 << 20
)

// SetKey stores a value of the application under a key, replacing another. It belongs to this user, and is on the
// disk when the call returns; without SetDatabase it is kept in memory. A key has 1 to 1024 bytes, a value up to 1
// MiB. Errors: ResultBadRequest with ErrTooLarge or for an empty key, ResultFail without an access token or when
// the disk fails.
func (m *Mesibo) SetKey(key, value string) error {
	const op = "SetKey"
	switch {
	case key == "":
		return opError(op, ResultBadRequest, errors.New("key is empty"))
	case len(key) > maxKey || len(value) > maxValue:
		err := fmt.Errorf("%w: a key has up to %d bytes, a value up to %d", ErrTooLarge, maxKey, maxValue)
		return opError(op, ResultBadRequest, err)
	}
	db, target, err := m.open("", 0)
	if err == nil {
		err = db.SetKey(target.Account, key, value)
	}
	if err != nil {
		return opError(op, ResultFail, err)
	}
	return nil
}

// ReadKey returns the value of a key, false when there is none or no access token is set. A failure of the disk is
// logged.
func (m *Mesibo) ReadKey(key string) (string, bool) {
	db, target, err := m.open("", 0)
	if err != nil {
		return "", false
	}
	value, err := db.Key(context.Background(), target.Account, key)
	if err != nil {
		if !errors.Is(err, store.ErrNotFound) {
			m.log.Error("read key", errAttr(err))
		}
		return "", false
	}
	return value, true
}

// DeleteKey removes a key; one that is not there is no error. It is gone from the disk when the call returns.
// Errors: ResultFail without an access token or when the disk fails.
func (m *Mesibo) DeleteKey(key string) error {
	const op = "DeleteKey"
	db, target, err := m.open("", 0)
	if err == nil {
		err = db.DeleteKey(target.Account, key)
	}
	if err != nil {
		return opError(op, ResultFail, err)
	}
	return nil
}
