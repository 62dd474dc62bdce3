package admin

import (
	"context"
	"time"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/refusal"
)

type inviteAddRequest struct {
	requestHead

	Address string `json:"addr"`
	GID     uint32 `json:"gid"`
	Uses    int    `json:"uses"`
	Expiry  int    `json:"expiry"`
}

// inviteAdd creates an invite of the operator.
func (a *API) inviteAdd(ctx context.Context, q *inviteAddRequest) (replyFields, error) {
	if q.Expiry < 0 || q.Expiry > int(accounts.MaxInviteLife/time.Minute) {
		return nil, refusal.Bad("the expiry must be between 0 and %d minutes", accounts.MaxInviteLife/time.Minute)
	}
	opts := accounts.InviteOptions{Address: q.Address, Group: q.GID, Uses: q.Uses}
	if q.Expiry != 0 {
		opts.Expires = a.c.Clock().Add(time.Duration(q.Expiry) * time.Minute)
	}
	made, err := a.c.Accounts.NewInvite(ctx, opts)
	if err != nil {
		return nil, err
	}
	return replyFields{"invite": map[string]any{"inviteid": made.ID(), "link": made.Link(), "page": made.Page()}}, nil
}

type invitesGetRequest struct{ requestHead }

// invitesGet lists all invites, newest first.
func (a *API) invitesGet(ctx context.Context, _ *invitesGetRequest) (replyFields, error) {
	infos, err := a.c.Accounts.Invites(ctx, 0)
	if err != nil {
		return nil, err
	}
	list := make([]map[string]any, len(infos))
	for i, info := range infos {
		list[i] = map[string]any{
			"inviteid": info.ID, "creator": info.Creator.Address, "addr": info.Address, "gid": info.Group,
			"created": info.Created.UnixMilli(), "expires": info.Expires.UnixMilli(), "left": info.Left, "used": info.Used,
		}
	}
	return replyFields{"invites": list}, nil
}

type inviteDelRequest struct {
	requestHead

	ID string `json:"inviteid"`
}

// inviteDel withdraws an invite of anyone.
func (a *API) inviteDel(ctx context.Context, q *inviteDelRequest) (replyFields, error) {
	if q.ID == "" {
		return nil, refusal.Bad("inviteid must be given")
	}
	return replyFields{"inviteid": q.ID}, a.c.Accounts.RevokeInvite(ctx, 0, q.ID)
}
