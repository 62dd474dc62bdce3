// Package localserver is the "this computer" workspace of the desktop app: a Parley server inside the program, reachable
// from this machine only, until it is opened to the network.
package localserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/backup"
	"github.com/parley-chat/parley/internal/server/devices"
	"github.com/parley-chat/parley/internal/wire"
)

// addressFile holds the last host and port, so that saved tokens stay valid.
const addressFile = "address"

// ErrMoved is returned by Open when the server of the folder has been moved elsewhere.
var ErrMoved = errors.New("the server of this folder has moved")

// ErrInUse is returned by Open when another program, most likely a second window, has the folder open.
var ErrInUse = server.ErrDirInUse

// Options configure a Workspace.
type Options struct {
	// Dir is the data folder. It is created if it does not exist.
	Dir string
	// Logger receives the server's log. Default: discarded.
	Logger *slog.Logger
}

// Workspace is a running server. Its methods are safe for concurrent use.
type Workspace struct {
	srv    *server.Server // immutable, like all up to served
	url    string
	dir    string
	log    *slog.Logger
	served chan error

	mu   sync.Mutex
	open *opening // nil: not open to the network
}

// Open starts the server on 127.0.0.1, on the port stored in the folder. If there is none, or another program uses
// that port, it chooses a free one; earlier tokens then need Retarget. The server runs until Close, even after ctx
// has ended.
func Open(ctx context.Context, opts Options) (*Workspace, error) {
	if backup.IsMoved(opts.Dir) {
		return nil, fmt.Errorf("open workspace: %w", ErrMoved)
	}
	file := filepath.Join(opts.Dir, addressFile)
	remembered := readAddress(file)
	ln, err := listen(ctx, remembered)
	if err != nil {
		return nil, fmt.Errorf("open workspace: %w", err)
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	w := &Workspace{
		url: "http://" + ln.Addr().String(), dir: opts.Dir, log: opts.Logger, served: make(chan error, 1),
	}
	w.srv, err = server.Open(ctx, server.Options{
		Dir: opts.Dir, Logger: opts.Logger, PublicURL: w.url, SmallCache: true, Inviters: devices.Admins,
	})
	if err != nil {
		_ = ln.Close()
		return nil, fmt.Errorf("open workspace: %w", err)
	}
	go func() { w.served <- w.srv.Serve(context.WithoutCancel(ctx), ln) }() // Close waits for it
	if now := ln.Addr().String(); now != remembered {
		if err := os.WriteFile(file, []byte(now+"\n"), 0o600); err != nil {
			return nil, errors.Join(fmt.Errorf("open workspace: remember the port: %w", err), w.Close(ctx))
		}
	}
	if err := w.resumeNetwork(ctx); err != nil { // the user of this computer goes on chatting
		opts.Logger.Error("not open to the network", slog.Any("error", err))
	}
	return w, nil
}

// readAddress returns an address of 127.0.0.1, or an empty string.
func readAddress(file string) string {
	b, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	address := strings.TrimSpace(string(b))
	if host, _, err := net.SplitHostPort(address); err != nil || host != "127.0.0.1" {
		return ""
	}
	return address
}

func listen(ctx context.Context, remembered string) (net.Listener, error) {
	var lc net.ListenConfig
	if remembered != "" {
		if ln, err := lc.Listen(ctx, "tcp", remembered); err == nil {
			return ln, nil
		}
	}
	ln, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	return ln, nil
}

// IsMoved reports whether the server of a folder has been moved elsewhere, or is about to be.
func IsMoved(dir string) bool { return backup.IsMoved(dir) }

// SetMoved notes that the server of a folder, which does not run, moves elsewhere, or that it does not.
func SetMoved(dir string, moved bool) error { return backup.SetMoved(dir, moved) }

// URL is the server's current address for programs on this machine.
func (w *Workspace) URL() string { return w.url }

// CreateUser creates a user. It does nothing when the user exists with that name, and fails when the name differs.
func (w *Workspace) CreateUser(ctx context.Context, address, name string) error {
	return w.srv.AddUser(ctx, address, name)
}

// RenameUser changes the name of a user.
func (w *Workspace) RenameUser(ctx context.Context, address, name string) error {
	return w.srv.SetUserName(ctx, address, name)
}

// DisableUser disables a user, or enables one again.
func (w *Workspace) DisableUser(ctx context.Context, address string, disabled bool) error {
	return w.srv.DisableUser(ctx, address, disabled)
}

// NewToken creates an access token, that is one device, for a user. The label says which device.
func (w *Workspace) NewToken(ctx context.Context, address, label string) (string, error) {
	t, err := w.srv.NewToken(ctx, address, accounts.TokenOptions{Label: label})
	if err != nil {
		return "", err
	}
	return t.String(), nil
}

// Retarget puts the server's current URL into a token. The secret stays the same, and so does the device.
func (w *Workspace) Retarget(token string) (string, error) {
	t, err := wire.ParseToken(token)
	if err != nil {
		return "", fmt.Errorf("retarget: %w", err)
	}
	t.URL, t.Pin = w.url, nil
	return t.String(), nil
}

// Close shuts the server down gracefully, or at once when ctx ends. It may be called again.
func (w *Workspace) Close(ctx context.Context) error {
	err := w.srv.Shutdown(ctx)
	w.mu.Lock()
	w.endNetwork()
	w.mu.Unlock()
	select {
	case e := <-w.served:
		w.served <- nil // for the next call
		err = errors.Join(err, e)
	case <-ctx.Done():
	}
	if err != nil {
		return fmt.Errorf("close workspace: %w", err)
	}
	return nil
}
