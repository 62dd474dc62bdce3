package server

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/parley-chat/parley/internal/wire"
)

const (
	// defaultTokenLife is how long tokens made by the backend API are valid when it does not say.
	defaultTokenLife = 365 * 24 * time.Hour
	// maxTokenMinutes bounds what it may say.
	maxTokenMinutes = 100 * 365 * 24 * 60
	// maxUsersGet is how many users one answer of usersget holds.
	maxUsersGet = 20
)

// whoRequest names a user by number or address.
type whoRequest struct {
	UID     uint32 `json:"uid"`
	Address string `json:"addr"`
}

// find returns an error that wraps ErrNoUser when there is none.
func (q *whoRequest) find(db *gorm.DB) (userRow, error) {
	switch {
	case (q.UID == 0) == (q.Address == ""):
		return userRow{}, badRequest("either uid or addr has to be given")
	case q.Address != "":
		return findUser(db, q.Address)
	}
	var rows []userRow
	if err := db.Where("uid = ?", q.UID).Limit(1).Find(&rows).Error; err != nil {
		return userRow{}, errors.Join(errors.New("find user"), err)
	}
	if len(rows) == 0 {
		return userRow{}, ErrNoUser
	}
	return rows[0], nil
}

func userReply(u *userRow) map[string]any {
	return map[string]any{"uid": u.UID, "address": u.Address, "name": u.Name, "active": !u.Disabled}
}

type userAddRequest struct {
	backendHead

	Address string  `json:"addr"`
	Name    *string `json:"name"`
	App     string  `json:"appid"`
	Expiry  int     `json:"expiry"`
	Active  *bool   `json:"active"`
}

// backendUserAdd makes a user, if there is none, and a token. A user that exists keeps the name unless one is given, and
// is let in again unless active says otherwise.
func (s *Server) backendUserAdd(ctx context.Context, q *userAddRequest) (backendReply, error) {
	expires, err := tokenExpires(q.Expiry)
	if err != nil {
		return nil, err
	}
	defer s.refresh()
	u, err := findUser(s.reader.WithContext(ctx), q.Address)
	if errors.Is(err, ErrNoUser) {
		name := q.Address
		if q.Name != nil {
			name = *q.Name
		}
		if err := cmp.Or(wire.ValidAddress(q.Address), validName(name)); err != nil {
			return nil, badRequest("%v", err)
		}
		if err := s.accounts.AddUser(ctx, q.Address, name); err != nil && !errors.Is(err, ErrUserExists) {
			return nil, err
		}
		u, err = findUser(s.reader.WithContext(ctx), q.Address)
	}
	if err != nil {
		return nil, err
	}
	active := q.Active == nil || *q.Active
	if u, err = s.changeUser(ctx, u, ProfileUpdate{Name: q.Name}, &active); err != nil {
		return nil, err
	}
	t, err := s.accounts.NewToken(ctx, u.Address, TokenOptions{App: q.App, Label: "backend", Expires: expires})
	if err != nil {
		return nil, err
	}
	user := userReply(&u)
	user["token"], user["tokenid"] = t.String(), TokenID(t)
	return backendReply{"user": user}, nil
}

func tokenExpires(minutes int) (time.Time, error) {
	switch {
	case minutes < 0 || minutes > maxTokenMinutes:
		return time.Time{}, badRequest("the expiry is not between 0 and %d minutes", maxTokenMinutes)
	case minutes == 0:
		return time.Now().Add(defaultTokenLife), nil
	default:
		return time.Now().Add(time.Duration(minutes) * time.Minute), nil
	}
}

// changeUser writes what differs and returns the user as it is then.
func (s *Server) changeUser(ctx context.Context, u userRow, up ProfileUpdate, active *bool) (userRow, error) {
	if err := up.check(); err != nil {
		return u, badRequest("%v", err)
	}
	if _, err := s.accounts.updateProfile(ctx, 0, u.UID, up); err != nil {
		if refused, ok := errors.AsType[pictureError](err); ok {
			return u, badRequest("%v", refused)
		}
		return u, err
	}
	if up.Visibility != nil {
		s.presence.setVisibility(u.UID, *up.Visibility)
	}
	if active != nil && *active == u.Disabled {
		if err := s.accounts.DisableUser(ctx, u.Address, !*active); err != nil {
			return u, err
		}
	}
	return findUser(s.reader.WithContext(ctx), u.Address)
}

type userSetRequest struct {
	backendHead
	whoRequest

	Name       *string `json:"name"`
	Active     *bool   `json:"active"`
	Status     *string `json:"status"`
	Picture    []byte  `json:"picture"`
	PictureURL *string `json:"picture_url"`
	Visibility *uint32 `json:"visibility"`
}

// backendUserSet changes what is given and nothing else.
func (s *Server) backendUserSet(ctx context.Context, q *userSetRequest) (backendReply, error) {
	u, err := q.find(s.reader.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	defer s.refresh()
	u, err = s.changeUser(ctx, u, ProfileUpdate{
		Name: q.Name, Status: q.Status, Picture: q.Picture, PictureURL: q.PictureURL, Visibility: q.Visibility,
	}, q.Active)
	if err != nil {
		return nil, err
	}
	return backendReply{"user": userReply(&u)}, nil
}

type userRequest struct {
	backendHead
	whoRequest
}

// backendUserDel shuts a user out, with all tokens, and takes the user out of all groups. The address stays taken: what
// the user has written is still from somebody.
func (s *Server) backendUserDel(ctx context.Context, q *userRequest) (backendReply, error) {
	u, err := q.find(s.reader.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	defer s.refresh()
	if err := s.accounts.DisableUser(ctx, u.Address, true); err != nil {
		return nil, err
	}
	if err := s.accounts.revokeAll(ctx, u.UID); err != nil {
		return nil, err
	}
	gids, err := groupsOf(readFrom(s.reader.WithContext(ctx)), u.UID)
	if err != nil {
		return nil, err
	}
	for _, gid := range gids {
		remove := &editMembers{gid: gid, users: []party{{u.UID, u.Address}}, remove: true}
		if _, err := s.runGroupOp(remove); err != nil && refusedBy(err) == nil {
			return nil, err
		}
	}
	u.Disabled = true
	return backendReply{"user": userReply(&u)}, nil
}

type usersGetRequest struct {
	backendHead

	Address addressPattern `json:"addr"`
	After   string         `json:"after"`
	Count   int            `json:"count"`
}

// backendUsersGet lists users by a pattern in which * stands for anything.
func (s *Server) backendUsersGet(ctx context.Context, q *usersGetRequest) (backendReply, error) {
	count := q.Count
	switch {
	case count < 0 || count > maxUsersGet:
		return nil, badRequest("the count is not between 0 and %d", maxUsersGet)
	case count == 0:
		count = maxUsersGet
	}
	pattern := "%"
	if q.Address != "" {
		pattern = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`, `*`, `%`).Replace(fold(string(q.Address)))
	}
	var rows []userRow
	err := s.reader.WithContext(ctx).Where(`folded LIKE ? ESCAPE '\' AND folded > ?`, pattern, fold(q.After)).
		Order("folded").Limit(count + 1).Find(&rows).Error
	if err != nil {
		return nil, errors.Join(errors.New("list users"), err)
	}
	more := len(rows) > count
	rows = rows[:min(len(rows), count)]
	users := make([]map[string]any, len(rows))
	for i := range rows {
		users[i] = userReply(&rows[i])
	}
	return backendReply{"users": users, "more": more}, nil
}

type userTokenRequest struct {
	backendHead
	whoRequest

	App    string `json:"appid"`
	Label  string `json:"label"`
	Expiry int    `json:"expiry"`
}

// backendUserToken makes another token of a user, who must not be shut out: the token would open nothing.
func (s *Server) backendUserToken(ctx context.Context, q *userTokenRequest) (backendReply, error) {
	expires, err := tokenExpires(q.Expiry)
	if err != nil {
		return nil, err
	}
	u, err := q.find(s.reader.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	if u.Disabled {
		return nil, &backendError{http.StatusConflict, "USERDISABLED", "the user is shut out"}
	}
	t, err := s.accounts.NewToken(ctx, u.Address, TokenOptions{App: q.App, Label: q.Label, Expires: expires})
	if err != nil {
		return nil, err
	}
	user := userReply(&u)
	user["token"], user["tokenid"] = t.String(), TokenID(t)
	return backendReply{"user": user}, nil
}

type tokenDelRequest struct {
	backendHead

	UserToken string `json:"usertoken"`
	ID        string `json:"tokenid"`
}

// backendTokenDel makes a user's token invalid.
func (s *Server) backendTokenDel(ctx context.Context, q *tokenDelRequest) (backendReply, error) {
	if (q.UserToken == "") == (q.ID == "") {
		return nil, badRequest("either usertoken or tokenid has to be given")
	}
	id := q.ID
	if q.UserToken != "" {
		t, err := wire.ParseToken(q.UserToken)
		if err != nil {
			return nil, badRequest("%v", err)
		}
		id = TokenID(t)
	}
	return backendReply{"tokenid": id}, s.RevokeToken(ctx, id)
}
