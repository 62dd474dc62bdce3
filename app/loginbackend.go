package app

import (
	"context"
	"errors"

	"github.com/parley-chat/parley/app/login"
	"github.com/parley-chat/parley/mesibo"
)

// errUsersOnly refuses a link into a group to who has no account on its server.
var errUsersOnly = errors.New("the link is for users of the server")

// loginBackend makes the session that the first-run card asks for.
type loginBackend struct {
	workspace Workspace
	session   *Session
	homes     []*home   // the accounts in the window
	own       foundLink // which of them can join the group of the invite
	invite    string
}

// StartLocal implements login.Backend.
func (e *loginBackend) StartLocal(ctx context.Context, name string) (err error) {
	e.session, err = e.workspace.StartLocal(ctx, name)
	return err
}

// Join implements login.Backend.
func (e *loginBackend) Join(ctx context.Context, invite, name string) (err error) {
	e.session, err = e.workspace.Join(ctx, invite, name)
	return err
}

// Look implements login.Backend.
func (e *loginBackend) Look(ctx context.Context, invite string) (login.Offer, error) {
	own := findLink(ctx, e.homes, invite)
	switch {
	case own.err != nil && linkProblem(own.err) != "": // a second account would go round it
		return login.Offer{}, own.err
	case own.err == nil && own.details.GroupID != 0:
		e.own, e.invite = own, invite
		return login.Offer{}, login.ErrOwn
	}
	d, err := e.workspace.Look(ctx, invite)
	if err != nil {
		if errors.Is(err, mesibo.ErrInvalidToken) || errors.Is(err, mesibo.ErrCertificate) || linkProblem(err) != "" {
			return login.Offer{}, err
		}
		err, d = nil, mesibo.InviteDetails{} // of a server that cannot say it, perhaps: joining says what is wrong
	}
	if d.UsersOnly {
		err = errUsersOnly
	}
	return login.Offer{Group: d.GroupName, Members: d.Members}, err
}
