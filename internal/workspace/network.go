package workspace

import (
	"context"
	"errors"

	"github.com/parley-chat/parley/app"
	"github.com/parley-chat/parley/internal/localserver"
)

// network implements app.Network for a local workspace.
type network struct{ r *running }

var errNotRunning = errors.New("the server on this computer does not run")

// with calls do with the server.
func (n network) with(do func(server *localserver.Workspace) error) error {
	n.r.mu.Lock()
	defer n.r.mu.Unlock()
	if n.r.server == nil {
		return errNotRunning
	}
	return do(n.r.server)
}

// State implements app.Network.
func (n network) State(context.Context) (state app.NetworkState, err error) {
	err = n.with(func(server *localserver.Workspace) error {
		now := server.Network()
		state = app.NetworkState{Open: now.Open, Host: now.Host, Port: now.Port, Problem: now.Err}
		state.Hosts, err = localserver.Addresses()
		return err
	})
	return state, err
}

// Open implements app.Network.
func (n network) Open(ctx context.Context, host string) error {
	return n.with(func(server *localserver.Workspace) error { return server.OpenNetwork(ctx, host, n.r.saved.Address) })
}

// Close implements app.Network.
func (n network) Close(ctx context.Context) error {
	return n.with(func(server *localserver.Workspace) error { return server.CloseNetwork(ctx) })
}
