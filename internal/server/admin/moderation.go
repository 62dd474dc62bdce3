package admin

import (
	"context"
	"time"

	"github.com/parley-chat/parley/internal/server/refusal"
)

type userSuspendRequest struct {
	requestHead
	whoRequest

	Expiry int    `json:"expiry"`
	Reason string `json:"reason"`
}

// userSuspend keeps a user from connecting for some minutes.
func (a *API) userSuspend(ctx context.Context, q *userSuspendRequest) (replyFields, error) {
	if q.Expiry < 1 || q.Expiry > maxTokenMinutes {
		return nil, refusal.Bad("the expiry must be between 1 and %d minutes", maxTokenMinutes)
	}
	until := a.c.Clock().Add(time.Duration(q.Expiry) * time.Minute)
	return a.moderate(ctx, &q.whoRequest, func(address string) error {
		return a.c.Accounts.SuspendUser(ctx, address, until, q.Reason)
	})
}

type userBanRequest struct {
	requestHead
	whoRequest

	Reason string `json:"reason"`
}

// userBan disables a user for ever and revokes all tokens.
func (a *API) userBan(ctx context.Context, q *userBanRequest) (replyFields, error) {
	return a.moderate(ctx, &q.whoRequest, func(address string) error {
		return a.c.Accounts.BanUser(ctx, address, q.Reason)
	})
}

// userRestore ends a suspension or a ban, and enables a disabled user.
func (a *API) userRestore(ctx context.Context, q *userRequest) (replyFields, error) {
	return a.moderate(ctx, &q.whoRequest, func(address string) error {
		return a.c.Accounts.RestoreUser(ctx, address)
	})
}

type noticeRequest struct {
	requestHead

	Address string `json:"addr"`
	All     bool   `json:"all"`
	Message string `json:"msg"`
}

// notice queues a message from the server.
func (a *API) notice(ctx context.Context, q *noticeRequest) (replyFields, error) {
	if (q.Address == "") != q.All {
		return nil, refusal.Bad("either addr or all must be given")
	}
	defer a.c.Refresh()
	return nil, a.c.Accounts.AddNotice(ctx, q.Address, q.Message)
}

// moderate changes whether a user may connect; connections end at once.
func (a *API) moderate(ctx context.Context, who *whoRequest, change func(address string) error) (replyFields, error) {
	u, err := who.find(ctx, a.c.Accounts)
	if err != nil {
		return nil, err
	}
	defer a.c.Refresh()
	if err := change(u.Address); err != nil {
		return nil, err
	}
	if u, err = a.c.Accounts.FindUID(ctx, u.UID); err != nil {
		return nil, err
	}
	return replyFields{"user": a.userReply(&u)}, nil
}
