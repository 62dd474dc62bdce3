package mesibo

import (
	"context"
	"errors"

	"github.com/parley-chat/parley/internal/wire"
)

// LookupProfile asks the server for the profile of a user whose exact address is known, and stores it: a server may be
// set so that a device gets only the profiles of those with whom its user has to do. It waits for the answer. The profile
// has only an address where the server does not show more of it. Errors: ResultNoSuchUser when there is no such user,
// ResultRateLimit, ResultDisconnected without a connection, ResultTimeout after ctx.
func (m *Mesibo) LookupProfile(ctx context.Context, address string) (*UserProfile, error) {
	const op = "LookupProfile"
	r := m.running()
	if r == nil {
		return nil, opError(op, ResultDisconnected, nil)
	}
	type outcome struct {
		found *UserProfile
		err   error
	}
	answered := make(chan outcome, 1)
	request := &wire.Request{Op: &wire.Request_ProfileGet{ProfileGet: &wire.ProfileGet{Addresses: []string{address}}}}
	if !r.session.Ask(request, func(answer *wire.Response) {
		found, err := r.lookedUp(answer)
		answered <- outcome{found, err}
	}) {
		return nil, opError(op, ResultDisconnected, nil)
	}
	select {
	case o := <-answered:
		if o.err != nil {
			return nil, opError(op, ResultOf(o.err), o.err)
		}
		return o.found, nil
	case <-ctx.Done():
		return nil, opError(op, ResultTimeout, ctx.Err())
	}
}

// lookedUp stores the answer to a ProfileGet for one address. It runs on the session's goroutine, as Profiles does.
func (r *run) lookedUp(answer *wire.Response) (*UserProfile, error) {
	switch {
	case answer == nil:
		return nil, ResultDisconnected
	case answer.GetResult() != wire.ResultOK:
		return nil, errors.Join(Result(answer.GetResult()), errors.New(answer.GetReason()))
	}
	list := answer.GetProfileGet().GetProfiles()
	if len(list) == 0 {
		return nil, ResultNoSuchUser
	}
	if list[0].GetName() == "" { // not shown
		return &UserProfile{Address: list[0].GetAddress()}, nil
	}
	if err := r.Profiles(&wire.ProfileSyncReply{Profiles: list, Revision: r.ProfileRevision()}); err != nil {
		return nil, err
	}
	if p, ok := r.m.GetProfile(list[0].GetAddress(), 0); ok {
		return p, nil
	}
	return &UserProfile{Address: list[0].GetAddress()}, nil
}
