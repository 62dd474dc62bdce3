package server

import (
	"context"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/devices"
	"github.com/parley-chat/parley/internal/server/eventlog"
	"github.com/parley-chat/parley/internal/wire"
)

// NewInvite is Accounts.NewInvite.
func (s *Server) NewInvite(ctx context.Context, opts accounts.InviteOptions) (wire.Invite, error) {
	return s.accounts.NewInvite(ctx, opts)
}

// linkedGroup implements devices.Groups.
func (s *Server) linkedGroup(ctx context.Context, inviter, gid, uid uint32) (*devices.Group, error) {
	g, err := s.events.LinkedGroup(ctx, eventlog.GroupLink{GID: gid, Inviter: inviter}, uid)
	if err != nil {
		return nil, err
	}
	return &devices.Group{Name: g.Name, Members: g.Members, Joined: g.Joined}, nil
}

// joinGroup implements devices.Groups.
func (s *Server) joinGroup(inviter, gid uint32, user accounts.UserRef) (joined bool, err error) {
	join := &eventlog.JoinByLink{Link: eventlog.GroupLink{GID: gid, Inviter: inviter}}
	op := &eventlog.GroupOp{Actor: user, Action: join}
	if err := s.events.Commit(op); err != nil {
		return false, err
	}
	if op.Refused != nil {
		return false, op.Refused
	}
	return join.Joined, nil
}
