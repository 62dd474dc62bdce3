package mesibo

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/internal/transport"
)

// What is in the errors of GetInviteDetails and JoinByInvite.
var (
	// ErrOtherServer: the invite is another server's.
	ErrOtherServer = errors.New("the invite is of another server")
	// ErrRemoved: this user was removed from the group, and has to be added by a member.
	ErrRemoved = errors.New("removed from the group")
	// ErrGroupFull: the group has as many members as it may have.
	ErrGroupFull = errors.New("the group is full")
)

// InviteDetails are what the server says of an invite before it is used.
type InviteDetails struct {
	From      string // the address of who invites; empty: the operator of the server
	GroupID   uint32 // the group to join; 0: none
	GroupName string
	Members   int  // of the group
	Joined    bool // this user is a member of the group
	UsersOnly bool // it lets in only who is a user of the server
}

// GetInviteDetails asks what an invite is for. It waits for the server: with an access token for that of this user,
// which learns nothing of an invite of another one but a hash; without a token for the server that the invite names.
// Errors: ErrInvalidToken for no complete invite; ErrInviteUsed when it is unknown, used up, expired or withdrawn, when
// its group is deleted, and when who has made it may not add members any more; ErrOtherServer;
// ErrRemoved; ErrGroupFull; ResultRateLimit; ResultAuthFail; ResultConnectFail when the server does not answer.
func (m *Mesibo) GetInviteDetails(ctx context.Context, invite string) (InviteDetails, error) {
	const op = "GetInviteDetails"
	i, err := wire.ParseInvite(invite)
	if err != nil {
		return InviteDetails{}, opError(op, ResultAuthFail, errors.Join(ErrInvalidToken, err))
	}
	to, err := m.ownEndpoint(op)
	if err != nil {
		to = transport.Endpoint{URL: i.URL, Pin: i.Pin}
	}
	hash := i.Hash()
	var answer struct {
		Inviter, Name string
		Group         uint32
		Members       int
		Joined, Users bool
	}
	if err := m.askInvite(ctx, op, to, &i, wire.LookPath, map[string]any{"hash": hex.EncodeToString(hash[:])}, &answer); err != nil {
		return InviteDetails{}, err
	}
	return InviteDetails{
		From: answer.Inviter, GroupID: answer.Group, GroupName: answer.Name, Members: answer.Members, Joined: answer.Joined,
		UsersOnly: answer.Users,
	}, nil
}

// JoinByInvite makes this user a member of the group of an invite, and returns its number; GroupListener.OnGroupJoined
// brings the group. It waits for the server. Who is a member already does not use the invite up. Errors are those of
// GetInviteDetails, and ResultBadRequest for an invite into no group.
func (m *Mesibo) JoinByInvite(ctx context.Context, invite string) (groupID uint32, err error) {
	const op = "JoinByInvite"
	i, err := wire.ParseInvite(invite)
	if err != nil {
		return 0, opError(op, ResultAuthFail, errors.Join(ErrInvalidToken, err))
	}
	// The secret is for the server that has made the invite: GetInviteDetails asks this user's whether it has.
	details, err := m.GetInviteDetails(ctx, invite)
	switch {
	case err != nil:
		return 0, err
	case details.GroupID == 0:
		return 0, opError(op, ResultBadRequest, errors.New("the invite is into no group"))
	case details.Joined:
		return details.GroupID, nil
	}
	to, err := m.ownEndpoint(op)
	if err != nil {
		return 0, err
	}
	var answer struct{ Group uint32 }
	err = m.askInvite(ctx, op, to, &i, wire.JoinPath, map[string]any{"invite": i.String()}, &answer)
	return answer.Group, err
}

// askInvite asks a server about an invite.
func (m *Mesibo) askInvite(
	ctx context.Context, op string, to transport.Endpoint, i *wire.Invite, path string, body, answer any,
) error {
	status, text, err := m.requestHTTP(ctx, op, to, http.MethodPost, path, body)
	switch {
	case err != nil:
	case status == http.StatusForbidden:
		err = opError(op, ResultDenied, ErrRemoved)
	case status == http.StatusConflict:
		err = opError(op, ResultOverCapacity, ErrGroupFull)
	default:
		err = inviteError(op, status, text)
	}
	here := to.URL == i.URL || len(i.Pin) > 0 && bytes.Equal(to.Pin, i.Pin)
	switch {
	case err != nil && !here && (errors.Is(err, ErrInviteUsed) || errors.Is(err, ResultConnectFail)):
		return opError(op, ResultAuthFail, ErrOtherServer)
	case err != nil:
		return err
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return opError(op, ResultFail, fmt.Errorf("read the answer: %w", err))
	}
	return nil
}

// inviteError returns what an answer to a request about an invite says, nil for success.
func inviteError(op string, status int, answer []byte) error {
	switch status {
	case http.StatusOK:
		return nil
	case http.StatusGone:
		return opError(op, ResultAuthFail, ErrInviteUsed)
	case http.StatusUnauthorized:
		return opError(op, ResultAuthFail, errors.New(http.StatusText(status)))
	case http.StatusForbidden:
		return opError(op, ResultDenied, errors.New(string(answer)))
	case http.StatusTooManyRequests:
		return opError(op, ResultRateLimit, errors.New(http.StatusText(status)))
	case http.StatusBadRequest:
		return opError(op, ResultBadRequest, errors.New(string(answer)))
	default:
		return opError(op, ResultConnectFail, errors.New(http.StatusText(status)))
	}
}

// GetInvites asks the server for the invites into the group that let users in, whoever has made them, newest first. Errors
// are those of GetDevices, and ResultDenied when this user may not add members. CreateInvite makes one, RevokeInvite
// withdraws one.
func (g *GroupProfile) GetInvites(ctx context.Context) ([]Invite, error) {
	path := wire.InvitesPath + "?group=" + strconv.FormatUint(uint64(g.id), 10)
	list, _, err := g.m.invites(ctx, "GetInvites", path)
	return list, err
}
