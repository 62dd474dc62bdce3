package mesibo

import (
	"bytes"
	"log/slog"

	"github.com/parley-chat/parley/internal/wire"
)

// GetConnectionError returns why the last attempt to connect has failed, nil after one that has not. An error that wraps
// ErrCertificate does not pass by itself: the address of the server, as its operator writes it, has to be set in a new
// access token.
func (m *Mesibo) GetConnectionError() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.dialError
}

func (m *Mesibo) noteDial(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.dialError = err
}

// pins returns the pins by which the server is known now.
func (m *Mesibo) pins() []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.token == nil {
		return nil
	}
	return m.token.Pin
}

// renewPins stores what the server, which was known by its pin, says of its certificate and the next one.
func (m *Mesibo) renewPins(announced []byte) {
	m.saving.Lock()
	defer m.saving.Unlock()
	m.mu.Lock()
	if m.token == nil {
		m.mu.Unlock()
		return
	}
	next := *m.token
	next.Pin = wire.RenewPins(next.Pin, announced)
	changed, save := !bytes.Equal(next.Pin, m.token.Pin), m.saveToken
	if changed {
		m.token = &next // the secret is the same
	}
	m.mu.Unlock()
	if !changed || save == nil {
		return
	}
	if err := save(next.String()); err != nil { // it is announced again at the next Hello after a start
		m.log.Warn("the next certificate of the server is not remembered", slog.Any("error", err))
	}
}
