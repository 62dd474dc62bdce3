package mesibo

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/internal/transport"
)

var (
	// ErrInviteUsed is in the error of RedeemInvite when the invite is unknown, used up, expired or withdrawn.
	ErrInviteUsed = errors.New("the invite is not valid any more")
	// ErrAddressTaken is in the error of RedeemInvite when another user has the address.
	ErrAddressTaken = errors.New("the address is taken")
)

// Invite lets a new device in, of a new user or of this one.
type Invite struct {
	ID      string
	Creator string // the address of who has made it; empty: the operator of the server
	Address string // of the user who is let in; empty: a new one who chooses it
	GroupID uint32 // a group that the user joins; 0: none
	Created time.Time
	Expires time.Time
	Left    int // how often it can be used
	Used    int
	// Link opens it in the program, Page is the server's page that does, if browsers trust the server. Only CreateInvite
	// returns them.
	Link, Page string
}

// InviteParams are what a new invite is for. The zero value lets in one new user within seven days.
type InviteParams struct {
	// Address is this user's own, for another device, or that of a new user. Default: who is let in chooses it.
	Address string
	GroupID uint32
	Uses    int           // default: 1
	Valid   time.Duration // default: seven days
}

// IsInvite reports whether a text claims to be an invite, or a link to one, which is for RedeemInvite and not for
// SetAccessToken.
func IsInvite(text string) bool { return wire.IsInvite(text) }

// inviteRow is an invite in an answer.
type inviteRow struct {
	ID, Address      string
	Creator          string
	Group            uint32
	Created, Expires int64
	Left, Used       int
	Link, Page       string
}

func (r *inviteRow) invite() Invite {
	return Invite{
		ID: r.ID, Creator: r.Creator, Address: r.Address, GroupID: r.Group, Created: time.UnixMilli(r.Created),
		Expires: time.UnixMilli(r.Expires), Left: r.Left, Used: r.Used, Link: r.Link, Page: r.Page,
	}
}

// GetInvites asks the server for the invites of this user that are still valid, newest first, and whether this user may
// invite others. Errors are those of GetDevices.
func (m *Mesibo) GetInvites(ctx context.Context) (list []Invite, mayInvite bool, err error) {
	return m.invites(ctx, "GetInvites", wire.InvitesPath)
}

// invites asks for a list of invites.
func (m *Mesibo) invites(ctx context.Context, op, path string) (list []Invite, mayInvite bool, err error) {
	body, err := m.askHTTP(ctx, op, http.MethodGet, path, nil)
	if err != nil {
		return nil, false, err
	}
	var answer struct {
		MayInvite bool `json:"may_invite"`
		Invites   []inviteRow
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, false, opError(op, ResultFail, fmt.Errorf("read the answer: %w", err))
	}
	for i := range answer.Invites {
		list = append(list, answer.Invites[i].invite())
	}
	return list, answer.MayInvite, nil
}

// MayInvite reports whether this user may invite others to the server, as of the last connection; false before.
func (m *Mesibo) MayInvite() bool { return m.mayInvite.Load() }

// CreateInvite makes an invite. One into a group needs the right to add members there (AdminFlagAddUser); of a user who
// may not invite others to the server it lets in users of the server only. Errors are those of GetDevices, and
// ResultDenied when this user may not make it.
func (m *Mesibo) CreateInvite(ctx context.Context, p InviteParams) (Invite, error) {
	const op = "CreateInvite"
	body, err := m.askHTTP(ctx, op, http.MethodPost, wire.InvitesPath, map[string]any{
		"address": p.Address, "group": p.GroupID, "uses": p.Uses, "valid": int(p.Valid / time.Second),
	})
	if err != nil {
		return Invite{}, err
	}
	var row inviteRow
	if err := json.Unmarshal(body, &row); err != nil {
		return Invite{}, opError(op, ResultFail, fmt.Errorf("read the answer: %w", err))
	}
	return row.invite(), nil
}

// RevokeInvite withdraws an invite of this user, or into a group to which this user may add members. Errors are those of
// GetDevices, and ResultBadRequest when there is none.
func (m *Mesibo) RevokeInvite(ctx context.Context, id string) error {
	_, err := m.askHTTP(ctx, "RevokeInvite", http.MethodDelete, wire.InvitesPath+"/"+id, nil)
	return err
}

// RedeemParams are what a new user and device are called.
type RedeemParams struct {
	// Address and Name are those of a new user. An invite for a user has its own.
	Address, Name string
	// Device is what the device is called in lists.
	Device string
}

// RedeemInvite exchanges an invite for an access token, and sets it as SetAccessToken does. It waits for the server. The
// token is returned because it is this device's for good. Errors: ErrInvalidToken for no complete invite, ErrInviteUsed,
// ErrAddressTaken, ResultDenied for an invite that is for users only, ResultRateLimit, ResultBadRequest, and
// ResultConnectFail when the server does not answer.
func (m *Mesibo) RedeemInvite(ctx context.Context, invite string, p RedeemParams) (token string, err error) {
	const op, tries = "RedeemInvite", 3
	i, err := wire.ParseInvite(invite)
	if err != nil {
		return "", opError(op, ResultAuthFail, errors.Join(ErrInvalidToken, err))
	}
	t := wire.NewToken(i.URL, p.Address, i.Pin)
	hash := t.Hash()
	var (
		status int
		answer []byte
	)
	// An answer may be lost on the way: the same request again does nothing twice.
	for range tries {
		status, answer, err = m.requestHTTP(ctx, op, transport.Endpoint{URL: i.URL, Pin: i.Pin}, http.MethodPost, wire.RedeemPath,
			map[string]any{
				"invite": i.String(), "token": hex.EncodeToString(hash[:]), "address": p.Address, "name": p.Name,
				"device": p.Device,
			})
		if err == nil || ctx.Err() != nil {
			break
		}
	}
	if err != nil {
		return "", err
	}
	if status == http.StatusConflict {
		return "", opError(op, ResultBadRequest, ErrAddressTaken)
	}
	if err := inviteError(op, status, answer); err != nil {
		return "", err
	}
	var user struct{ Address string }
	if err := json.Unmarshal(answer, &user); err != nil {
		return "", opError(op, ResultFail, fmt.Errorf("read the answer: %w", err))
	}
	t.Address = user.Address
	return t.String(), m.SetAccessToken(t.String())
}
