package login

import "context"

// Backend makes the account. Its methods may take seconds and are called on other goroutines.
type Backend interface {
	// StartLocal makes a server on this computer, for a user of this name.
	StartLocal(ctx context.Context, name string) error
	// Join signs in to the server that the invite or access token names. The name is that of a new user.
	Join(ctx context.Context, invite, name string) error
}

// Dispatcher brings work away from the user interface's goroutine and its result back.
type Dispatcher interface {
	Post(f func())
	Async(work func(ctx context.Context), done func())
}
