// Package localserver is the "this computer" workspace of the desktop app: a Parley server inside the program, which
// only this machine can reach.
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

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/wire"
)

// addressFile keeps the host and port of the last time, so that saved tokens stay right.
const addressFile = "address"

// ErrInUse is returned by Open when another program, most likely a second window, has the folder open.
var ErrInUse = server.ErrDirInUse

// Options configure a Workspace.
type Options struct {
	// Dir is the data folder. It is made if it does not exist.
	Dir string
	// Logger: none.
	Logger *slog.Logger
}

// Workspace is a running server. Its methods may be called from any goroutine.
type Workspace struct {
	srv    *server.Server // immutable, like url
	url    string
	served chan error
}

// Open starts the server on 127.0.0.1, on the port that the folder remembers. The first time, and when something else
// has taken that port, it is a free one; tokens made earlier then need Retarget. The server runs until Close, whatever
// becomes of ctx.
func Open(ctx context.Context, opts Options) (*Workspace, error) {
	file := filepath.Join(opts.Dir, addressFile)
	remembered := readAddress(file)
	ln, err := listen(ctx, remembered)
	if err != nil {
		return nil, fmt.Errorf("open workspace: %w", err)
	}
	w := &Workspace{url: "http://" + ln.Addr().String(), served: make(chan error, 1)}
	w.srv, err = server.Open(ctx, server.Options{Dir: opts.Dir, Logger: opts.Logger, PublicURL: w.url})
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
	return w, nil
}

// readAddress returns an address of 127.0.0.1, or nothing.
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

// URL is where the server listens now.
func (w *Workspace) URL() string { return w.url }

// CreateUser makes a user. It does nothing when the user exists with that name, and fails when the name is another.
func (w *Workspace) CreateUser(ctx context.Context, address, name string) error {
	return w.srv.AddUser(ctx, address, name)
}

// RenameUser gives a user another name.
func (w *Workspace) RenameUser(ctx context.Context, address, name string) error {
	return w.srv.SetUserName(ctx, address, name)
}

// DisableUser shuts a user out, or in again.
func (w *Workspace) DisableUser(ctx context.Context, address string, disabled bool) error {
	return w.srv.DisableUser(ctx, address, disabled)
}

// NewToken makes an access token, that is one device, for a user. The label tells people which.
func (w *Workspace) NewToken(ctx context.Context, address, label string) (string, error) {
	t, err := w.srv.NewToken(ctx, address, server.TokenOptions{Label: label})
	if err != nil {
		return "", err
	}
	return t.String(), nil
}

// Retarget makes a token name the server's present URL. The secret stays, so it is the same device.
func (w *Workspace) Retarget(token string) (string, error) {
	t, err := wire.ParseToken(token)
	if err != nil {
		return "", fmt.Errorf("retarget: %w", err)
	}
	t.URL, t.Pin = w.url, nil
	return t.String(), nil
}

// Close shuts the server down in good order; when ctx ends first, at once. It may be called again.
func (w *Workspace) Close(ctx context.Context) error {
	err := w.srv.Shutdown(ctx)
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
