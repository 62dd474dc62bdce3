package workspace

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"

	"github.com/parley-chat/parley/app"
	"github.com/parley-chat/parley/internal/localserver"
	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo"
)

// mover implements app.Move.
type mover struct{ r *running }

// Moving implements app.Move.
func (m mover) Moving() bool {
	return m.r.saved.Kind == kindLocal && localserver.IsMoved(m.Folder())
}

// Folder implements app.Move.
func (m mover) Folder() string { return filepath.Join(m.r.k.dir, serverFolder) }

// Begin implements app.Move.
func (m mover) Begin(ctx context.Context) error {
	m.r.mu.Lock()
	defer m.r.mu.Unlock()
	if m.r.saved.Kind != kindLocal {
		return errNotRunning
	}
	err := m.r.pause(ctx)
	if err == nil {
		err = localserver.SetMoved(m.Folder(), true)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("begin to move: %w", err), m.r.goOn(ctx))
	}
	return nil
}

// Undo implements app.Move.
func (m mover) Undo(ctx context.Context) error {
	m.r.mu.Lock()
	defer m.r.mu.Unlock()
	if err := localserver.SetMoved(m.Folder(), false); err != nil {
		return err
	}
	return m.r.run(ctx)
}

// SetServer implements app.Move. The tokens keep their secrets: they belong to the logs, which the new server has. The
// account changes as a whole, when its new tokens are stored.
func (m mover) SetServer(ctx context.Context, address string) error {
	server, pin, err := wire.ParseServer(address)
	if err != nil {
		return fmt.Errorf("%w: %w", app.ErrServerAddress, err)
	}
	m.r.mu.Lock()
	defer m.r.mu.Unlock()
	token, err := retarget(m.r.getToken(), server, pin)
	if err == nil {
		err = m.knows(ctx, token)
	}
	if err != nil {
		return err
	}
	now := *m.r.saved
	now.Kind, now.Server, now.Key = kindServer, server, newKey()
	secrets := m.r.k.secret
	if err := secrets.Set(now.Key, token); err != nil {
		return err
	}
	if now.Echo {
		second, err := secrets.Get(m.r.saved.echoKey())
		if err == nil {
			second, err = retarget(second, server, pin)
		}
		if err == nil {
			err = secrets.Set(now.echoKey(), second)
		}
		if err != nil {
			return fmt.Errorf("move Echo: %w", err)
		}
	}
	if err := m.r.k.save(&now); err != nil {
		return err
	}
	if err := errors.Join(secrets.Delete(m.r.saved.Key), secrets.Delete(m.r.saved.echoKey())); err != nil {
		m.r.k.log.Info("old tokens not removed", slog.Any("error", err)) // the new ones are the same to the server
	}
	return nil
}

// knows asks a server whether it accepts a token, without a connection that would sign in with it.
func (m mover) knows(ctx context.Context, token string) error {
	asking, err := mesibo.New(mesibo.Options{Logger: m.r.k.log, Proxy: m.r.k.proxy, AccessToken: token})
	if err != nil {
		return err
	}
	_, err = asking.GetDevices(ctx)
	return errors.Join(err, asking.Reset())
}

// retarget puts the address of a server into a token. The secret stays the same, and so does the device.
func retarget(token, server string, pin []byte) (string, error) {
	t, err := wire.ParseToken(token)
	if err != nil {
		return "", fmt.Errorf("retarget: %w", err)
	}
	t.URL, t.Pin = server, pin
	return t.String(), nil
}
