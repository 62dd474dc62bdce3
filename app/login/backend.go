package login

import (
	"context"
	"errors"
)

// ErrOwn is returned by Look for an invite into a group that one of the accounts in the window can join.
var ErrOwn = errors.New("an account of this user can join the group")

// Offer is what an invite is for.
type Offer struct {
	Group   string // the name of the group to join; empty: none
	Members int
}

// Backend makes the account. Its methods may take seconds and are called on other goroutines.
type Backend interface {
	// StartLocal makes a server on this computer, for a user of this name.
	StartLocal(ctx context.Context, name string) error
	// Look asks what an invite is for. It returns an error when nobody can join with it.
	Look(ctx context.Context, invite string) (Offer, error)
	// Join signs in to the server that the invite or access token names. The name is that of a new user.
	Join(ctx context.Context, invite, name string) error
}

// Dispatcher brings work away from the user interface's goroutine and its result back.
type Dispatcher interface {
	Post(f func())
	Async(work func(ctx context.Context), done func())
}
