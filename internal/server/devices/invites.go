package devices

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/audit"
	"github.com/parley-chat/parley/internal/server/door"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

// Inviters says which users may invite others. Everyone may invite further devices of their own.
type Inviters string

// The inviters.
const (
	Nobody  Inviters = "nobody" // only the operator
	Admins  Inviters = "admins"
	Members Inviters = "members"
)

const (
	maxBody     = 4 << 10 // bytes of a request
	maxInvites  = 100     // valid ones of one user
	bodyTimeout = 10 * time.Second
)

var (
	errNoInviter = refusal.HTTP(http.StatusForbidden, "denied", "you may not invite others to this server")
	errMany      = refusal.HTTP(http.StatusTooManyRequests, "rate", "too many requests; try again in a minute")
	errInvites   = refusal.HTTP(http.StatusConflict, "full", "you have %d invites that were not used; withdraw some", maxInvites)
)

// invite is one invite of the list. Times are ms since the Unix epoch.
type invite struct {
	ID      string `json:"id"`
	Creator string `json:"creator,omitempty"`
	Address string `json:"address,omitempty"`
	Group   uint32 `json:"group,omitempty"`
	Created int64  `json:"created"`
	Expires int64  `json:"expires"`
	Left    int    `json:"left"`
	Used    int    `json:"used"`
	// Link and Page are in the answer to the request that made it.
	Link string `json:"link,omitempty"`
	Page string `json:"page,omitempty"`
}

// newInvite is a request for an invite; what is left out is the default.
type newInvite struct {
	Address string `json:"address"`
	Group   uint32 `json:"group"`
	Uses    int    `json:"uses"`
	Valid   int    `json:"valid"` // seconds
}

// ServeInvites responds with the invites of the user, or with those into a group, and whether the user may invite others
// to the server.
func (s *Service) ServeInvites(w http.ResponseWriter, r *http.Request) {
	s.serve(w, r, func(ctx context.Context, own *accounts.Device) (any, error) {
		user, err := s.c.Accounts.FindUID(ctx, own.UID)
		if err != nil {
			return nil, err
		}
		var list []invite
		if group := r.URL.Query().Get("group"); group != "" {
			list, err = s.intoGroup(ctx, own, group)
		} else {
			list, err = s.valid(ctx, own)
		}
		if err != nil {
			return nil, err
		}
		return map[string]any{"may_invite": s.MayInvite(user.Admin), "invites": list}, nil
	})
}

func inviteOf(i *accounts.InviteInfo) invite {
	return invite{
		ID: i.ID, Creator: i.Creator.Address, Address: i.Address, Group: i.Group,
		Created: i.Created.UnixMilli(), Expires: i.Expires.UnixMilli(), Left: i.Left, Used: i.Used,
	}
}

// MayInvite reports whether a user, who is an administrator or not, may invite others.
func (s *Service) MayInvite(admin bool) bool {
	inviters := *s.inviters.Load()
	return inviters == Members || inviters == Admins && admin
}

// ServeInvite makes an invite.
func (s *Service) ServeInvite(w http.ResponseWriter, r *http.Request) {
	s.serve(w, r, func(ctx context.Context, own *accounts.Device) (any, error) {
		var q newInvite
		if err := readBody(w, r, &q); err != nil {
			return nil, err
		}
		return s.invite(ctx, own, &q)
	})
}

func (s *Service) invite(ctx context.Context, own *accounts.Device, q *newInvite) (*invite, error) {
	if err := s.checkInvite(ctx, own, q); err != nil {
		return nil, err
	}
	if list, err := s.valid(ctx, own); err != nil || len(list) >= maxInvites {
		return nil, cmp.Or[error](err, errInvites)
	}
	opts := accounts.InviteOptions{Creator: own.UID, Address: q.Address, Group: q.Group, Uses: q.Uses}
	if q.Valid != 0 {
		opts.Expires = s.c.Clock().Add(time.Duration(q.Valid) * time.Second)
	}
	made, err := s.c.Accounts.NewInvite(ctx, opts)
	if err != nil {
		return nil, err
	}
	list, err := s.valid(ctx, own)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(list, func(i invite) bool { return i.ID == made.ID() })
	if at < 0 {
		return nil, errors.New("the new invite is not listed")
	}
	list[at].Link, list[at].Page = made.Link(), made.Page()
	return &list[at], nil
}

// checkInvite refuses an invite that the user may not make.
func (s *Service) checkInvite(ctx context.Context, own *accounts.Device, q *newInvite) error {
	if q.Valid < 0 || q.Valid > int(accounts.MaxInviteLife/time.Second) {
		return refusal.Bad("an invite is valid for at most %d seconds", accounts.MaxInviteLife/time.Second)
	}
	user, err := s.c.Accounts.FindUID(ctx, own.UID)
	switch {
	case err != nil:
		return err
	case q.Group != 0 && !s.addsTo(ctx, own, q.Group):
		return errNoAdder
	case q.Address != "" && accounts.Fold(q.Address) == user.Folded:
		return nil // another device of the user
	case q.Address == "" && q.Group != 0:
		return nil // who may not invite others lets in only users
	case !s.MayInvite(user.Admin):
		return errNoInviter
	case q.Address == "":
		return nil
	}
	// An invite for the address of another user would sign in as that user.
	switch _, err := s.c.Accounts.Find(ctx, q.Address); {
	case err == nil:
		return accounts.ErrTaken
	case errors.Is(err, accounts.ErrNoUser):
		return nil
	default:
		return err
	}
}

// valid returns the user's invites that can be redeemed.
func (s *Service) valid(ctx context.Context, own *accounts.Device) ([]invite, error) {
	infos, err := s.c.Accounts.Invites(ctx, own.UID)
	if err != nil {
		return nil, err
	}
	list := []invite{}
	for _, i := range infos {
		if i.Valid(s.c.Clock()) {
			list = append(list, inviteOf(&i))
		}
	}
	return list, nil
}

// ServeWithdraw withdraws the invite whose id is in the path: one of the user, or into a group to which the user may add
// members.
func (s *Service) ServeWithdraw(w http.ResponseWriter, r *http.Request) {
	s.serve(w, r, func(ctx context.Context, own *accounts.Device) (any, error) {
		info, err := s.c.Accounts.Invite(ctx, r.PathValue("id"))
		switch {
		case err != nil:
			return nil, err
		case info.Creator.UID != own.UID && (info.Group == 0 || !s.addsTo(ctx, own, info.Group)):
			return nil, accounts.ErrNoInvite
		}
		return nil, s.c.Accounts.RevokeInvite(ctx, info.Creator.UID, info.ID)
	})
}

// redeem is a request of a device that has an invite.
type redeem struct {
	Invite  string `json:"invite"` // as printed, or a link to it
	Token   string `json:"token"`  // hex SHA-256 of the secret of the device's new access token
	Address string `json:"address"`
	Name    string `json:"name"`
	Device  string `json:"device"`
}

// redeemedReply is the answer.
type redeemedReply struct {
	Address string `json:"address"`
	Name    string `json:"name"`
	Inviter string `json:"inviter,omitempty"`
	New     bool   `json:"new,omitempty"`
}

// enterStranger registers a request without a token, which may guess at invites, or refuses it.
func (s *Service) enterStranger(w http.ResponseWriter, r *http.Request) (release func(), ok bool) {
	if release, ok = s.c.Enter(); !ok {
		s.refuse(w, errStopping)
		return nil, false
	}
	if !s.guesses.allow(networkOf(r.RemoteAddr)) {
		release()
		s.refuse(w, errMany)
		return nil, false
	}
	return release, true
}

// ServeRedeem makes an access token for whoever has an invite.
func (s *Service) ServeRedeem(w http.ResponseWriter, r *http.Request) {
	release, ok := s.enterStranger(w, r)
	if !ok {
		return
	}
	defer release()
	var q redeem
	if err := readBody(w, r, &q); err != nil {
		s.refuse(w, err)
		return
	}
	ctx := audit.With(context.WithoutCancel(r.Context()), audit.Actor{Name: "invited", Place: door.HostOf(r.RemoteAddr)})
	reply, err := s.redeem(ctx, &q)
	if err != nil {
		if refused := refusal.Of(err); refused != nil {
			s.c.Logger.Info("invite refused", slog.String("remote", r.RemoteAddr), slog.String("reason", refused.Reason))
		}
		s.refuse(w, err)
		return
	}
	s.answer(w, reply)
}

func (s *Service) redeem(ctx context.Context, q *redeem) (*redeemedReply, error) {
	invite, err := wire.ParseInvite(q.Invite)
	if err != nil {
		return nil, refusal.Bad("%v", err)
	}
	r := &accounts.Redemption{Invite: invite.Hash(), Address: q.Address, Name: q.Name, Device: q.Device}
	if n, err := hex.Decode(r.Token[:], []byte(q.Token)); err != nil || n != len(r.Token) || len(q.Token) != 2*n {
		return nil, refusal.Bad("the token is no SHA-256 in hex")
	}
	if err := s.checkNewcomer(ctx, r.Invite); err != nil {
		return nil, err
	}
	done, err := s.c.Accounts.Redeem(ctx, r)
	if err != nil {
		return nil, err
	}
	s.c.Refresh()
	s.c.Logger.Info("invite redeemed", slog.String("invite", invite.ID()), slog.String("address", done.User.Address),
		slog.Bool("new_user", done.New))
	if done.Group != 0 {
		// The invite is used up already; who cannot be let into the group is a user without it.
		if _, err := s.c.JoinGroup(done.Inviter.UID, done.Group, done.User); err != nil {
			s.c.Logger.Info("not let into the group of the invite", slog.Any("error", err))
		}
	}
	return &redeemedReply{
		Address: done.User.Address, Name: done.Name, Inviter: done.Inviter.Address, New: done.New,
	}, nil
}

// readBody decodes the JSON of a request; fields that do not exist are refused.
func readBody(w http.ResponseWriter, r *http.Request, to any) error {
	// Set for this request only; net/http resets it. A recorder of a test has none.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTimeout))
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	d.DisallowUnknownFields()
	if err := d.Decode(to); err != nil {
		return refusal.Bad("the request is not as it should be: %v", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return refusal.Bad("there is something after the object of the request")
	}
	return nil
}
