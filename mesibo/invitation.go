package mesibo

import (
	"context"
	"fmt"
	"time"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

// GroupInvitation asks this user to become a member of a group, because the one who wants it may not simply add this
// user: see SetGroupPrivacy.
type GroupInvitation struct {
	GroupID uint32
	Name    string       // of the group
	From    *UserProfile // who invites
	Members int          // how many there were
	Time    time.Time
}

// InvitationListener is called with invitations to groups.
type InvitationListener interface {
	// OnGroupInvitation: this user is invited to a group. over: an invitation was answered on any device, or taken back;
	// then only the number of the group is set.
	OnGroupInvitation(invitation *GroupInvitation, over bool)
	// OnGroupMembersInvited: the users that this one wanted in a group were invited instead of added.
	OnGroupMembersInvited(profile *UserProfile, invited []*UserProfile)
}

// SetGroupPrivacy sets who may add this user to groups: all others can only invite. It holds for all devices, and is
// kept until the server knows it. Errors: ResultBadRequest for another number; ResultFail without a token or when the
// disk fails.
func (m *Mesibo) SetGroupPrivacy(v Visibility) error {
	const op = "SetGroupPrivacy"
	if v != VisibilityNone && v != VisibilityPublic && v != VisibilityContact {
		return opError(op, ResultBadRequest, fmt.Errorf("no such visibility: %d", v))
	}
	db, target, err := m.open("", 0)
	if err != nil {
		return opError(op, ResultFail, err)
	}
	body, err := operation(&wire.Request{Op: &wire.Request_SetSelf{SetSelf: &wire.SetSelf{GroupAdds: new(uint32(v))}}})
	if err == nil {
		err = db.SetGroupAdds(target.Account, int(v), body)
	}
	if err != nil {
		return opError(op, ResultFail, err)
	}
	m.mu.Lock()
	m.account.GroupAdds = int64(v)
	m.mu.Unlock()
	m.wakeOperations()
	return nil
}

// GetGroupPrivacy returns who may add this user to groups, as the server said when this device last connected, or as
// SetGroupPrivacy has set it since.
func (m *Mesibo) GetGroupPrivacy() Visibility {
	m.mu.Lock()
	defer m.mu.Unlock()
	return Visibility(m.account.GroupAdds)
}

// GetGroupInvitations returns the invitations that are not answered, the newest first.
func (m *Mesibo) GetGroupInvitations() []GroupInvitation {
	db, target, err := m.open("", 0)
	if err != nil {
		return nil
	}
	rows, err := db.Invitations(context.Background(), target.Account)
	if err != nil {
		m.log.Error("list invitations", errAttr(err))
		return nil
	}
	list := make([]GroupInvitation, len(rows))
	for i := range rows {
		list[i] = m.groupInvitation(&rows[i])
	}
	return list
}

func (m *Mesibo) groupInvitation(row *models.Invitation) GroupInvitation {
	return GroupInvitation{
		GroupID: uint32(row.GroupID), Name: row.Name, From: m.profiles.complete(row.Inviter, 0),
		Members: int(row.Members), Time: moment(row.Ts),
	}
}

// AcceptInvitation makes this user a member of the group; OnGroupJoined is called, OnGroupError when the invitation was
// taken back. Errors: ResultFail without a token or when the disk fails.
func (g *GroupProfile) AcceptInvitation() error { return g.answerInvitation("AcceptInvitation", true) }

// DeclineInvitation refuses an invitation; who has invited is not told. Errors: as AcceptInvitation.
func (g *GroupProfile) DeclineInvitation() error {
	return g.answerInvitation("DeclineInvitation", false)
}

func (g *GroupProfile) answerInvitation(op string, accept bool) error {
	db, target, err := g.m.open("", 0)
	if err != nil {
		return opError(op, ResultFail, err)
	}
	body, err := operation(&wire.Request{Op: &wire.Request_GroupAnswer{GroupAnswer: &wire.GroupAnswer{
		GroupId: g.id, Accept: accept,
	}}})
	if err == nil {
		err = db.AnswerInvitation(target.Account, g.id, body)
	}
	if err != nil {
		return opError(op, ResultFail, err)
	}
	g.m.wakeOperations()
	return nil
}

// storeInvitation converts an event of the log.
func storeInvitation(v *wire.GroupInvitation) *store.Invitation {
	return &store.Invitation{
		Row: models.Invitation{
			GroupID: int64(v.GetGroupId()), Inviter: v.GetFrom(), Name: v.GetName(), Members: int64(v.GetMembers()),
			Ts: int64(v.GetTime()),
		},
		Profile: models.Profile{
			GroupID: int64(v.GetGroupId()), Name: v.GetName(), Picture: v.GetPicture(), UpdatedAt: int64(v.GetTime()),
		},
		Over: v.GetOver(),
	}
}

// notifyInvitation calls InvitationListeners with an invitation that was made or is over.
func (m *Mesibo) notifyInvitation(l *snapshot, v *store.Invitation) {
	invitation := GroupInvitation{GroupID: uint32(v.Row.GroupID)}
	if !v.Over {
		m.profiles.publish(v.Profile)
		invitation = m.groupInvitation(&v.Row)
	}
	each(l, func(il InvitationListener) {
		own := invitation
		il.OnGroupInvitation(&own, v.Over)
	})
}

// notifyInvited calls InvitationListeners with the users who were invited instead of added.
func (m *Mesibo) notifyInvited(group uint32, addresses []string) {
	profile, _ := m.GetProfile("", group)
	users := make([]*UserProfile, 0, len(addresses))
	for _, address := range addresses {
		users = append(users, m.profiles.complete(address, 0))
	}
	m.listeners.post(context.Background(), func(l *snapshot) {
		each(l, func(il InvitationListener) { il.OnGroupMembersInvited(profile, users) })
	})
}
