package devices

import (
	"context"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

var (
	errNoAdder = refusal.HTTP(http.StatusForbidden, "denied", "you may not add members to this group")
	errUsers   = refusal.HTTP(http.StatusForbidden, "denied", "this invite into a group is for users of this server")
)

// Group is a group as it is seen through an invite into it.
type Group struct {
	Name    string
	Members int
	Joined  bool // the user who looks is a member
}

// addsTo reports whether a user may add members to a group, and so make invites into it.
func (s *Service) addsTo(ctx context.Context, own *accounts.Device, gid uint32) bool {
	g, err := s.c.Group(ctx, own.UID, gid, own.UID)
	return err == nil && g.Joined
}

// intoGroup returns the invites into a group that let somebody in, for a user who may add members.
func (s *Service) intoGroup(ctx context.Context, own *accounts.Device, group string) ([]invite, error) {
	const base, bits = 10, 32
	gid, err := strconv.ParseUint(group, base, bits)
	if err != nil || !s.addsTo(ctx, own, uint32(gid)) {
		return nil, errNoAdder
	}
	infos, err := s.c.Accounts.GroupInvites(ctx, uint32(gid))
	if err != nil {
		return nil, err
	}
	list := []invite{}
	for _, i := range infos {
		if !i.Valid(s.c.Clock()) {
			continue
		}
		if _, err := s.c.Group(ctx, i.Creator.UID, i.Group, own.UID); err == nil {
			list = append(list, inviteOf(&i))
		}
	}
	return list, nil
}

// look is a question of who has an invite: what it is for. It has only the hash of the invite's secret, so that a server
// learns nothing that it could use when the invite is another server's.
type look struct {
	Hash string `json:"hash"`
}

// lookReply is the answer.
type lookReply struct {
	Inviter string `json:"inviter,omitempty"`
	Group   uint32 `json:"group,omitempty"`
	Name    string `json:"name,omitempty"` // of the group
	Members int    `json:"members,omitempty"`
	Joined  bool   `json:"joined,omitempty"`
	Users   bool   `json:"users,omitempty"` // it lets in only users of this server
}

// ServeLook responds with what a valid invite is for, to users and to who is none yet.
func (s *Service) ServeLook(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "" {
		s.serve(w, r, func(ctx context.Context, own *accounts.Device) (any, error) {
			if !s.joins.allow(own.UID) {
				return nil, errMany
			}
			return s.look(ctx, w, r, own.UID)
		})
		return
	}
	release, ok := s.enterStranger(w, r)
	if !ok {
		return
	}
	defer release()
	reply, err := s.look(context.WithoutCancel(r.Context()), w, r, 0)
	if err != nil {
		s.refuse(w, err)
		return
	}
	s.answer(w, reply)
}

func (s *Service) look(ctx context.Context, w http.ResponseWriter, r *http.Request, uid uint32) (*lookReply, error) {
	var (
		q    look
		hash [32]byte
	)
	if err := readBody(w, r, &q); err != nil {
		return nil, err
	}
	if n, err := hex.Decode(hash[:], []byte(q.Hash)); err != nil || n != len(hash) {
		return nil, refusal.Bad("the hash is no SHA-256 in hex")
	}
	info, err := s.c.Accounts.ValidInvite(ctx, hash)
	if err != nil {
		return nil, err
	}
	reply := &lookReply{Inviter: info.Creator.Address, Group: info.Group}
	if uid != 0 && info.Address != "" { // a device of someone, not a member
		reply.Group = 0
	}
	if reply.Group == 0 {
		return reply, nil
	}
	group, err := s.c.Group(ctx, info.Creator.UID, info.Group, uid)
	if err != nil {
		return nil, err
	}
	reply.Name, reply.Members, reply.Joined = group.Name, group.Members, group.Joined
	reply.Users, err = s.usersOnly(ctx, info)
	return reply, err
}

// usersOnly reports whether an invite into a group lets in only users of this server: its creator may not invite others.
func (s *Service) usersOnly(ctx context.Context, info *accounts.InviteInfo) (bool, error) {
	if info.Creator.UID == 0 {
		return false, nil
	}
	creator, err := s.c.Accounts.FindUID(ctx, info.Creator.UID)
	if err != nil {
		return false, err
	}
	return !s.MayInvite(creator.Admin), nil
}

// checkNewcomer refuses an invite into a group that lets no new user in. Whether the invite is valid is for
// Accounts.Redeem, which knows who asks again.
func (s *Service) checkNewcomer(ctx context.Context, hash [32]byte) error {
	info, err := s.c.Accounts.ValidInvite(ctx, hash)
	if errors.Is(err, accounts.ErrInvite) {
		err, info = nil, &accounts.InviteInfo{}
	}
	if err != nil || info.Group == 0 || info.Address != "" {
		return err
	}
	if _, err := s.c.Group(ctx, info.Creator.UID, info.Group, 0); err != nil {
		if refusal.Of(err) != nil {
			err = accounts.ErrInvite // also when the group is full
		}
		return err
	}
	only, err := s.usersOnly(ctx, info)
	if only {
		return errUsers
	}
	return err
}

// ServeJoin makes the user a member of the group of an invite.
func (s *Service) ServeJoin(w http.ResponseWriter, r *http.Request) {
	s.serve(w, r, func(ctx context.Context, own *accounts.Device) (any, error) {
		if !s.joins.allow(own.UID) {
			return nil, errMany
		}
		var q struct {
			Invite string `json:"invite"` // as printed, or a link to it
		}
		if err := readBody(w, r, &q); err != nil {
			return nil, err
		}
		invite, err := wire.ParseInvite(q.Invite)
		if err != nil {
			return nil, refusal.Bad("%v", err)
		}
		gid, err := s.join(ctx, own, invite.Hash())
		if err != nil {
			return nil, err
		}
		return map[string]any{"group": gid}, nil
	})
}

// join uses the invite up before the user joins, so that it lets in no more than it says, and returns it when the user
// could not join.
func (s *Service) join(ctx context.Context, own *accounts.Device, hash [32]byte) (uint32, error) {
	info, err := s.c.Accounts.ValidInvite(ctx, hash)
	if err != nil {
		return 0, err
	}
	group, err := s.c.Group(ctx, info.Creator.UID, info.Group, own.UID)
	if err != nil || group.Joined {
		return info.Group, err
	}
	if err := s.c.Accounts.UseInvite(ctx, hash, own.UserRef); err != nil {
		return 0, err
	}
	joined, err := s.c.JoinGroup(info.Creator.UID, info.Group, own.UserRef)
	if joined {
		s.c.Logger.Info("joined by invite", slog.String("invite", info.ID), slog.String("address", own.Address))
		return info.Group, nil
	}
	if back := s.c.Accounts.ReturnInvite(ctx, hash, own.UserRef); back != nil {
		s.c.Logger.Error("devices", slog.Any("error", back))
	}
	return info.Group, err
}
