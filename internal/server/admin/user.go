package admin

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/eventlog"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

const (
	// defaultTokenLife is the default validity of tokens created with the backend API.
	defaultTokenLife = 365 * 24 * time.Hour
	// maxTokenMinutes is the maximum validity in a request.
	maxTokenMinutes = 100 * 365 * 24 * 60
	// maxUsersGet is the maximum number of users in a reply to usersget.
	maxUsersGet = 20
)

// whoRequest identifies a user by number or address.
type whoRequest struct {
	UID     uint32 `json:"uid"`
	Address string `json:"addr"`
}

// find returns an error that wraps accounts.ErrNoUser if the user does not exist.
func (q *whoRequest) find(ctx context.Context, a *accounts.Accounts) (accounts.UserRow, error) {
	switch {
	case (q.UID == 0) == (q.Address == ""):
		return accounts.UserRow{}, refusal.Bad("either uid or addr must be given")
	case q.Address != "":
		return a.Find(ctx, q.Address)
	}
	return a.FindUID(ctx, q.UID)
}

func (a *API) userReply(u *accounts.UserRow) map[string]any {
	suspended := u.SuspendedUntil(a.c.Clock())
	reply := map[string]any{
		"uid": u.UID, "address": u.Address, "name": u.Name, "active": !u.Disabled && suspended.IsZero(), "banned": u.Banned,
	}
	if !suspended.IsZero() {
		reply["suspended"] = suspended.UnixMilli()
	}
	if u.Banned || !suspended.IsZero() {
		reply["reason"] = u.Reason
	}
	return reply
}

var errUserBanned = refusal.HTTP(http.StatusConflict, "USERBANNED", "the user is banned; userrestore ends that")

type userAddRequest struct {
	requestHead

	Address string  `json:"addr"`
	Name    *string `json:"name"`
	App     string  `json:"appid"`
	Expiry  int     `json:"expiry"`
	Active  *bool   `json:"active"`
}

// userAdd creates a user, if it does not exist, and a token. An existing user keeps the name unless one is given, and
// is enabled unless active is false.
func (a *API) userAdd(ctx context.Context, q *userAddRequest) (replyFields, error) {
	expires, err := a.tokenExpires(q.Expiry)
	if err != nil {
		return nil, err
	}
	defer a.c.Refresh()
	u, err := a.c.Accounts.Find(ctx, q.Address)
	if errors.Is(err, accounts.ErrNoUser) {
		name := q.Address
		if q.Name != nil {
			name = *q.Name
		}
		if err := cmp.Or(wire.ValidAddress(q.Address), accounts.ValidName(name)); err != nil {
			return nil, refusal.Bad("%v", err)
		}
		if err := a.c.Accounts.AddUser(ctx, q.Address, name); err != nil && !errors.Is(err, accounts.ErrUserExists) {
			return nil, err
		}
		u, err = a.c.Accounts.Find(ctx, q.Address)
	}
	if err != nil {
		return nil, err
	}
	active := q.Active == nil || *q.Active
	if u, err = a.changeUser(ctx, u, accounts.ProfileUpdate{Name: q.Name}, &active); err != nil {
		return nil, err
	}
	t, err := a.c.Accounts.NewToken(ctx, u.Address, accounts.TokenOptions{App: q.App, Label: "backend", Expires: expires})
	if err != nil {
		return nil, err
	}
	user := a.userReply(&u)
	user["token"], user["tokenid"] = t.String(), t.ID()
	return replyFields{"user": user}, nil
}

func (a *API) tokenExpires(minutes int) (time.Time, error) {
	switch {
	case minutes < 0 || minutes > maxTokenMinutes:
		return time.Time{}, refusal.Bad("the expiry must be between 0 and %d minutes", maxTokenMinutes)
	case minutes == 0:
		return a.c.Clock().Add(defaultTokenLife), nil
	default:
		return a.c.Clock().Add(time.Duration(minutes) * time.Minute), nil
	}
}

// changeUser stores the fields that differ and returns the changed user.
func (a *API) changeUser(
	ctx context.Context, u accounts.UserRow, up accounts.ProfileUpdate, active *bool,
) (accounts.UserRow, error) {
	if err := up.Check(); err != nil {
		return u, err
	}
	if active != nil && *active && u.Banned {
		return u, errUserBanned
	}
	ch := &eventlog.SetProfile{UID: u.UID, Update: up}
	if err := a.c.Log.Commit(ch); err != nil {
		return u, err
	}
	if ch.Refused != nil {
		return u, ch.Refused
	}
	if ch.Visible {
		a.c.ProfileChanged(u.UID)
	}
	if up.Visibility != nil {
		a.c.SetVisibility(u.UID, *up.Visibility)
	}
	if active != nil && *active == u.Disabled {
		if err := a.c.Accounts.DisableUser(ctx, u.Address, !*active); err != nil {
			return u, err
		}
	}
	return a.c.Accounts.Find(ctx, u.Address)
}

type userSetRequest struct {
	requestHead
	whoRequest

	Name       *string `json:"name"`
	Active     *bool   `json:"active"`
	Status     *string `json:"status"`
	Picture    []byte  `json:"picture"`
	PictureURL *string `json:"picture_url"`
	Visibility *uint32 `json:"visibility"`
}

// userSet changes the given fields of a user.
func (a *API) userSet(ctx context.Context, q *userSetRequest) (replyFields, error) {
	u, err := q.find(ctx, a.c.Accounts)
	if err != nil {
		return nil, err
	}
	defer a.c.Refresh()
	u, err = a.changeUser(ctx, u, accounts.ProfileUpdate{
		Name: q.Name, Status: q.Status, Picture: q.Picture, PictureURL: q.PictureURL, Visibility: q.Visibility,
	}, q.Active)
	if err != nil {
		return nil, err
	}
	return replyFields{"user": a.userReply(&u)}, nil
}

type userRequest struct {
	requestHead
	whoRequest
}

// userDel disables a user, revokes all tokens and removes the user from all groups. The row stays, because messages
// still refer to the user.
func (a *API) userDel(ctx context.Context, q *userRequest) (replyFields, error) {
	u, err := q.find(ctx, a.c.Accounts)
	if err != nil {
		return nil, err
	}
	defer a.c.Refresh()
	if err := a.c.Accounts.DisableUser(ctx, u.Address, true); err != nil {
		return nil, err
	}
	if err := a.c.Accounts.RevokeAll(ctx, u.UID); err != nil {
		return nil, err
	}
	gids, err := a.c.Log.GroupsOf(ctx, u.UID)
	if err != nil {
		return nil, err
	}
	for _, gid := range gids {
		remove := &eventlog.EditMembers{GID: gid, Users: []accounts.UserRef{{UID: u.UID, Address: u.Address}}, Remove: true}
		if _, err := a.runGroupOp(ctx, "group.members", remove); err != nil && refusedBy(err) == nil {
			return nil, err
		}
	}
	u.Disabled = true
	return replyFields{"user": a.userReply(&u)}, nil
}

type usersGetRequest struct {
	requestHead

	Address addressPattern `json:"addr"`
	After   string         `json:"after"`
	Count   int            `json:"count"`
}

// usersGet lists users whose addresses match a pattern with * as a wildcard.
func (a *API) usersGet(ctx context.Context, q *usersGetRequest) (replyFields, error) {
	count := q.Count
	switch {
	case count < 0 || count > maxUsersGet:
		return nil, refusal.Bad("the count is not between 0 and %d", maxUsersGet)
	case count == 0:
		count = maxUsersGet
	}
	pattern := "%"
	if q.Address != "" {
		pattern = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`, `*`, `%`).Replace(accounts.Fold(string(q.Address)))
	}
	rows, err := a.c.Accounts.Search(ctx, pattern, q.After, count+1)
	if err != nil {
		return nil, err
	}
	more := len(rows) > count
	rows = rows[:min(len(rows), count)]
	users := make([]map[string]any, len(rows))
	for i := range rows {
		users[i] = a.userReply(&rows[i])
	}
	return replyFields{"users": users, "more": more}, nil
}

// userGet returns a user with the devices, that is the tokens, and what the user has on the server.
func (a *API) userGet(ctx context.Context, q *userRequest) (replyFields, error) {
	u, err := q.find(ctx, a.c.Accounts)
	if err != nil {
		return nil, err
	}
	infos, err := a.c.Accounts.Tokens(ctx, u.Address)
	if err != nil {
		return nil, err
	}
	usage, err := a.c.Log.Usage(ctx, u.UID)
	if err != nil {
		return nil, err
	}
	tokens := make([]map[string]any, len(infos))
	for i, t := range infos {
		tokens[i] = map[string]any{
			"tokenid": t.ID, "label": t.Label, "appid": t.App, "created": t.Created.UnixMilli(), "revoked": t.Revoked,
			"from": t.Place,
		}
		if !t.Expires.IsZero() {
			tokens[i]["expires"] = t.Expires.UnixMilli()
		}
		if !t.Seen.IsZero() {
			tokens[i]["seen"] = t.Seen.UnixMilli()
		}
	}
	return replyFields{
		"user": a.userReply(&u), "tokens": tokens, "messagebytes": usage.Messages, "filebytes": usage.Files,
	}, nil
}

type userTokenRequest struct {
	requestHead
	whoRequest

	App    string `json:"appid"`
	Label  string `json:"label"`
	Expiry int    `json:"expiry"`
}

// userToken creates another token of a user, who must not be disabled.
func (a *API) userToken(ctx context.Context, q *userTokenRequest) (replyFields, error) {
	expires, err := a.tokenExpires(q.Expiry)
	if err != nil {
		return nil, err
	}
	u, err := q.find(ctx, a.c.Accounts)
	if err != nil {
		return nil, err
	}
	if u.Disabled {
		return nil, refusal.HTTP(http.StatusConflict, "USERDISABLED", "the user is disabled")
	}
	t, err := a.c.Accounts.NewToken(ctx, u.Address, accounts.TokenOptions{App: q.App, Label: q.Label, Expires: expires})
	if err != nil {
		return nil, err
	}
	user := a.userReply(&u)
	user["token"], user["tokenid"] = t.String(), t.ID()
	return replyFields{"user": user}, nil
}

type tokenDelRequest struct {
	requestHead

	UserToken string `json:"usertoken"`
	ID        string `json:"tokenid"`
}

// tokenDel revokes a user's token.
func (a *API) tokenDel(ctx context.Context, q *tokenDelRequest) (replyFields, error) {
	if (q.UserToken == "") == (q.ID == "") {
		return nil, refusal.Bad("either usertoken or tokenid must be given")
	}
	id := q.ID
	if q.UserToken != "" {
		t, err := wire.ParseToken(q.UserToken)
		if err != nil {
			return nil, refusal.Bad("%v", err)
		}
		if id, err = a.c.Accounts.DeviceOf(ctx, t); err != nil {
			return nil, err
		}
	}
	return replyFields{"tokenid": id}, a.revokeToken(ctx, id)
}

// revokeToken revokes a token; the connection that uses it is closed.
func (a *API) revokeToken(ctx context.Context, id string) error {
	defer a.c.Refresh()
	return a.c.Accounts.RevokeToken(ctx, id)
}
