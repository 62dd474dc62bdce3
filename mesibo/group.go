package mesibo

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/models"
)

// CreateGroup makes a group that belongs to this user, with the members named; GroupListener.OnGroupCreated brings
// it, with the same request id, OnGroupError a refusal. The same request id again makes no second group: it brings
// the first. Use Random for it. Members get all rights but administration. Without a connection the group is made
// when there is one. Errors: ResultBadRequest for a name that is empty or too long, a wrong address, or a picture
// that is none.
func (m *Mesibo) CreateGroup(s GroupSettings, members []string, requestID uint32) error {
	const op = "CreateGroup"
	if err := checkGroup(s.Name, s.Status); err != nil {
		return opError(op, ResultBadRequest, err)
	}
	if s.Name == "" {
		return opError(op, ResultBadRequest, errors.New("a group needs a name"))
	}
	if err := checkMembers(members); err != nil {
		return opError(op, ResultBadRequest, err)
	}
	var picture []byte
	if s.PicturePath != "" {
		var err error
		if picture, err = m.smallPicture(s.PicturePath); err != nil {
			return opError(op, ResultBadRequest, err)
		}
	}
	expiry := s.Expiry
	if expiry == 0 {
		expiry = ExpiryDefault
	}
	return m.perform(op, &wire.Request{Op: &wire.Request_GroupCreate{GroupCreate: &wire.GroupCreate{
		Nonce: groupNonce(m.GetAddress(), requestID), Name: s.Name, Status: s.Status, Flags: uint32(s.Flags),
		Expiry:  int32(expiry),
		Picture: picture, Members: members,
	}}})
}

// groupNonce makes the nonce of a request; its last bytes are the request's id.
func groupNonce(address string, requestID uint32) []byte {
	sum := sha256.Sum256([]byte("group " + address + "\x00" + fmt.Sprint(requestID)))
	return binary.BigEndian.AppendUint32(sum[:wire.NonceSize-4:wire.NonceSize-4], requestID)
}

func checkGroup(name, status string) error {
	if len(name) > wire.MaxName || len(status) > wire.MaxStatusText {
		return fmt.Errorf("%w: a name has up to %d bytes, a status up to %d", ErrTooLarge, wire.MaxName,
			wire.MaxStatusText)
	}
	return nil
}

func checkMembers(addresses []string) error {
	if len(addresses) > wire.MaxGroupEdit {
		return fmt.Errorf("%w: %d members at once, the limit is %d", ErrTooLarge, len(addresses), wire.MaxGroupEdit)
	}
	for _, address := range addresses {
		if err := wire.ValidAddress(address); err != nil {
			return fmt.Errorf("member: %w", err)
		}
	}
	return nil
}

// JoinGroup joins the group whose pin has this code; GroupListener.OnGroupJoined brings it, OnGroupError a refusal.
func (m *Mesibo) JoinGroup(code string) error {
	const op = "JoinGroup"
	if code == "" || len(code) > wire.MaxName {
		return opError(op, ResultBadRequest, GroupErrorBadPin)
	}
	return m.perform(op, &wire.Request{Op: &wire.Request_GroupJoin{GroupJoin: &wire.GroupJoin{Code: code}}})
}

// GroupProfile is a group as its members see and change it. What its methods ask of the server is told to
// GroupListeners; changes are kept until the server has answered, also over the end of the process.
type GroupProfile struct {
	m  *Mesibo
	id uint32
}

// GetGroupProfile returns access to a group, whether it is known or not. groupID is its number.
func (m *Mesibo) GetGroupProfile(groupID uint32) *GroupProfile {
	return &GroupProfile{m: m, id: groupID}
}

func (g *GroupProfile) row() (models.Group, bool) {
	db, target, err := g.m.open("", g.id)
	if err != nil {
		return models.Group{}, false
	}
	row, err := db.Group(context.Background(), target.Account, g.id)
	return row, err == nil
}

// Settings returns what is known here of the group and of this user's rights in it; false when nothing is.
// GetSettings asks the server.
func (g *GroupProfile) Settings() (GroupSettings, MemberPermissions, bool) {
	row, ok := g.row()
	if !ok {
		return GroupSettings{}, MemberPermissions{}, false
	}
	profile, _ := g.m.profiles.row("", g.id)
	settings := GroupSettings{
		Name: profile.Name, Status: profile.Status, Flags: GroupFlag(row.Flags), Expiry: int(row.Expiry),
		Members: int(row.Members),
		Created: moment(row.Created),
	}
	return settings, MemberPermissions{Flags: MemberFlag(row.OwnFlags), AdminFlags: AdminFlag(row.OwnAdminFlags)}, true
}

// GetSettings asks the server for settings, this user's rights, and the pins that they may see; OnGroupSettings
// answers, OnGroupError for a group that is not there. Errors: ResultDisconnected when not online.
func (g *GroupProfile) GetSettings() error {
	request := &wire.Request{Op: &wire.Request_GroupGet{GroupGet: &wire.GroupGet{GroupId: g.id}}}
	return g.m.askGroup("GetSettings", request)
}

// askGroup asks for something that a GroupReply answers.
func (m *Mesibo) askGroup(op string, request *wire.Request) error {
	r := m.running()
	if r == nil || !r.session.Ask(request, func(answer *wire.Response) {
		if answer == nil {
			return // the connection ended: who still wants to know asks again
		}
		if err := r.storeGroup(answer.GetGroup()); err != nil {
			m.log.Error("store group", errAttr(err))
		}
		r.notifyGroupAnswer(request, answer)
	}) {
		return opError(op, ResultDisconnected, nil)
	}
	return nil
}

// Members returns the members that are known here: those that GetMembers brought, kept up to date. Those with
// rights come first.
func (g *GroupProfile) Members() []Member {
	db, target, err := g.m.open("", g.id)
	if err != nil {
		return nil
	}
	rows, err := db.Members(context.Background(), target.Account, g.id)
	if err != nil {
		g.m.log.Error("list members", errAttr(err))
		return nil
	}
	out := make([]Member, 0, len(rows))
	for _, row := range rows {
		out = append(out, g.m.member(row))
	}
	return out
}

// GetMembers asks the server for up to count members, 0 for all: from the beginning with restart, else those that
// follow on the last call's. OnGroupMembers answers, page by page when there are more than 1,000, OnGroupError when
// this user may not list them. Ask for the next when the answer has come. Errors: ResultDisconnected when not
// online.
func (g *GroupProfile) GetMembers(count int, restart bool) error {
	g.m.mu.Lock()
	after := g.m.members[g.id]
	if restart {
		after = ""
	}
	g.m.mu.Unlock()
	if !g.askMembers(after, count) {
		return opError("GetMembers", ResultDisconnected, nil)
	}
	return nil
}

// askMembers asks for one page, and for the next when it has come. left is how many are wanted, 0 for all.
func (g *GroupProfile) askMembers(after string, left int) bool {
	count := wire.MaxGroupEdit
	if left > 0 {
		count = min(count, left)
	}
	request := &wire.Request{Op: &wire.Request_GroupMembers{GroupMembers: &wire.GroupMembers{
		GroupId: g.id, After: after, Count: uint32(count),
	}}}
	return g.m.ask(request, func(answer *wire.Response) {
		reply := answer.GetGroupMembers()
		switch {
		case answer == nil:
			return
		case answer.GetResult() != wire.ResultOK:
			g.m.notifyGroupError(g.id, GroupError(max(reply.GetError(), uint32(GroupErrorPermission))))
			return
		}
		g.gotMembers(after, reply)
		if reply.GetMore() && (left == 0 || left > count) && len(reply.GetMembers()) > 0 {
			if left > 0 {
				left -= count
			}
			g.askMembers(reply.GetMembers()[len(reply.GetMembers())-1].GetAddress(), left)
		}
	})
}

func (g *GroupProfile) gotMembers(after string, reply *wire.GroupMembersReply) {
	rows := make([]models.GroupMember, 0, len(reply.GetMembers()))
	members := make([]Member, 0, len(rows))
	for _, member := range reply.GetMembers() {
		row := memberRow(member)
		rows, members = append(rows, row), append(members, g.m.member(row))
	}
	db, target, err := g.m.open("", g.id)
	if err == nil {
		err = db.PutMembers(target.Account, g.id, rows, after == "")
	}
	if err != nil {
		g.m.log.Error("store members", errAttr(err))
	}
	g.m.mu.Lock()
	delete(g.m.members, g.id)
	if reply.GetMore() && len(rows) > 0 {
		g.m.members[g.id] = rows[len(rows)-1].Address
	}
	g.m.mu.Unlock()
	profile, _ := g.m.GetProfile("", g.id)
	g.m.listeners.post(context.Background(), func(l *snapshot) {
		each(l, func(gl GroupListener) { gl.OnGroupMembers(profile, members, reply.GetMore()) })
	})
}

// SetProperties changes the group; a nil field stays unchanged. members get OnGroupSettings, this user OnGroupError a
// refusal. It is kept until the server has answered. Errors: ResultBadRequest for texts that are too long, an empty
// name or a picture that is none; ResultFail without a token or when the disk fails.
func (g *GroupProfile) SetProperties(p GroupProperties) error {
	const op = "SetProperties"
	set := &wire.GroupSet{GroupId: g.id, Name: p.Name, Status: p.Status}
	if err := checkGroup(set.GetName(), set.GetStatus()); err != nil {
		return opError(op, ResultBadRequest, err)
	}
	if p.Name != nil && *p.Name == "" {
		return opError(op, ResultBadRequest, errors.New("a group needs a name"))
	}
	if p.Flags != nil {
		set.Flags = new(uint32(*p.Flags))
	}
	if p.Expiry != nil {
		set.Expiry = new(int32(*p.Expiry))
	}
	if p.PicturePath != nil {
		picture, err := g.m.pictureOf(*p.PicturePath)
		if err != nil {
			return opError(op, ResultBadRequest, err)
		}
		set.Picture, set.PictureUrl = picture, new("")
	}
	if err := g.m.perform(op, &wire.Request{Op: &wire.Request_GroupSet{GroupSet: set}}); err != nil {
		return err
	}
	if p.PicturePath != nil && *p.PicturePath != "" {
		g.m.uploadPicture(*p.PicturePath, func(url string) error {
			set := &wire.GroupSet{GroupId: g.id, PictureUrl: &url}
			return g.m.perform(op, &wire.Request{Op: &wire.Request_GroupSet{GroupSet: set}})
		})
	}
	return nil
}

// AddMembers adds users to the group, or changes the rights of members. Zero permissions are, for new members, all
// rights but administration, and leave others' as they are. members get OnGroupMembersJoined, this user OnGroupError a
// refusal. Errors: ResultBadRequest for no addresses, wrong ones, or more than 1,000; ResultFail without a token or
// when the disk fails.
func (g *GroupProfile) AddMembers(addresses []string, p MemberPermissions) error {
	const op = "AddMembers"
	if err := checkMembers(addresses); err != nil {
		return opError(op, ResultBadRequest, err)
	}
	edit := &wire.GroupEditMembers{GroupId: g.id, Addresses: addresses}
	if p != (MemberPermissions{}) {
		edit.Permissions = permissionsFrame(p)
	}
	return g.m.perform(op, &wire.Request{Op: &wire.Request_GroupEditMembers{GroupEditMembers: edit}})
}

func permissionsFrame(p MemberPermissions) *wire.Permissions {
	return &wire.Permissions{Flags: uint32(p.Flags), AdminFlags: uint32(p.AdminFlags)}
}

// RemoveMembers removes users from the group. Members get OnGroupMembersRemoved, this user OnGroupError after a
// refusal. Errors: as AddMembers.
func (g *GroupProfile) RemoveMembers(addresses []string) error {
	const op = "RemoveMembers"
	if err := checkMembers(addresses); err != nil {
		return opError(op, ResultBadRequest, err)
	}
	return g.m.perform(op, &wire.Request{Op: &wire.Request_GroupEditMembers{GroupEditMembers: &wire.GroupEditMembers{
		GroupId: g.id, Addresses: addresses, Remove: true,
	}}})
}

// Leave ends this user's membership; OnGroupLeft is called, OnGroupError when it is not allowed. When the owner
// leaves, an administrator becomes the owner. Errors: ResultFail without a token or when the disk fails.
func (g *GroupProfile) Leave() error {
	return g.m.perform(
		"Leave", &wire.Request{Op: &wire.Request_GroupLeave{GroupLeave: &wire.GroupLeave{GroupId: g.id}}})
}

// DeleteGroup ends the group for everyone; members get OnGroupLeft, this user OnGroupError after a refusal.
// Messages stay with their readers. Errors: as Leave.
func (g *GroupProfile) DeleteGroup() error {
	del := &wire.GroupDelete{GroupId: g.id}
	return g.m.perform("DeleteGroup", &wire.Request{Op: &wire.Request_GroupDelete{GroupDelete: del}})
}

// AddPin makes a code by which others may join, with what p says of rights, expiry and uses; OnGroupSettings brings
// it, OnGroupError a refusal. p.Code is not used. Errors: as Leave.
func (g *GroupProfile) AddPin(p GroupPin) error {
	p.Code = ""
	return g.editPin("AddPin", p, false)
}

// EditPin changes what the pin with p.Code says; OnGroupSettings answers, OnGroupError a refusal. Errors: as Leave.
func (g *GroupProfile) EditPin(p GroupPin) error { return g.editPin("EditPin", p, false) }

// RemovePin makes a code worthless; OnGroupSettings answers, OnGroupError a refusal. Errors: as Leave.
func (g *GroupProfile) RemovePin(code string) error {
	return g.editPin("RemovePin", GroupPin{Code: code}, true)
}

func (g *GroupProfile) editPin(op string, p GroupPin, remove bool) error {
	if op != "AddPin" && p.Code == "" {
		return opError(op, ResultBadRequest, GroupErrorBadPin)
	}
	if p.Uses < 0 || p.Uses > math.MaxInt32 {
		return opError(op, ResultBadRequest, fmt.Errorf("a code cannot be used %d times", p.Uses))
	}
	pin := &wire.GroupPin{Code: p.Code, Expires: millis(p.Expires), Uses: uint32(p.Uses)}
	if p.Permissions != (MemberPermissions{}) {
		pin.Permissions = permissionsFrame(p.Permissions)
	}
	return g.m.perform(op, &wire.Request{Op: &wire.Request_GroupEditPin{GroupEditPin: &wire.GroupEditPin{
		GroupId: g.id, Nonce: newNonce(), Pin: pin, Remove: remove,
	}}})
}

// IsMember reports whether this user belongs to the group, as far as is known here.
func (g *GroupProfile) IsMember() bool {
	row, ok := g.row()
	return ok && row.Joined
}

// CanSend reports whether this user may send to the group.
func (g *GroupProfile) CanSend() bool {
	row, ok := g.row()
	flags := GroupFlag(row.Flags)
	switch {
	case !ok, flags&GroupFlagPause != 0:
		return false
	case !row.Joined:
		return flags&GroupFlagSendByAnyone != 0
	}
	return flags&GroupFlagSendBySelected == 0 || MemberFlag(row.OwnFlags)&MemberFlagSend != 0
}

func (g *GroupProfile) can(flag AdminFlag) bool {
	row, ok := g.row()
	return ok && row.Joined && AdminFlag(row.OwnAdminFlags)&flag != 0
}

// IsOwner reports whether the group belongs to this user.
func (g *GroupProfile) IsOwner() bool { return g.can(AdminFlagOwner) }

// CanModify reports whether this user may change name, picture and settings, and take back others' messages.
func (g *GroupProfile) CanModify() bool { return g.can(AdminFlagModify) }

// CanAddMembers reports whether this user may add members.
func (g *GroupProfile) CanAddMembers() bool { return g.can(AdminFlagAddUser) }

// CanRemoveMembers reports whether this user may remove members.
func (g *GroupProfile) CanRemoveMembers() bool { return g.can(AdminFlagRemUser) }

// CanAddAdmins reports whether this user may make members administrators.
func (g *GroupProfile) CanAddAdmins() bool { return g.can(AdminFlagAddAdmin) }

// CanRemoveAdmins reports whether this user may take administration from members.
func (g *GroupProfile) CanRemoveAdmins() bool { return g.can(AdminFlagRemAdmin) }

// CanRemoveOwner reports whether this user may remove the owner.
func (g *GroupProfile) CanRemoveOwner() bool { return g.can(AdminFlagRemOwner) }

// CanRemoveGroup reports whether this user may delete the group.
func (g *GroupProfile) CanRemoveGroup() bool { return g.can(AdminFlagRemGroup) }

// CanEditPins reports whether this user may make and remove codes to join by.
func (g *GroupProfile) CanEditPins() bool { return g.can(AdminFlagAddPin) }

// storeGroup stores what the server answered of a group.
func (r *run) storeGroup(reply *wire.GroupReply) error {
	if reply.GetGroup() == nil {
		return nil
	}
	group, profile := groupRows(reply.GetGroup())
	account := r.account.Load().ID
	group.AccountID, profile.AccountID = account, account
	group.Joined = reply.GetOwn() != nil && !reply.GetGroup().GetDeleted()
	group.OwnFlags, group.OwnAdminFlags = int64(reply.GetOwn().GetFlags()), int64(reply.GetOwn().GetAdminFlags())
	if err := r.db.PutGroup(group, profile); err != nil {
		return err
	}
	r.m.profiles.publish(profile)
	return nil
}

// notifyGroupAnswer calls GroupListeners with what became of a request about a group.
func (r *run) notifyGroupAnswer(request *wire.Request, answer *wire.Response) {
	id, isGroup := groupOf(request)
	reply := answer.GetGroup()
	switch {
	case !isGroup:
		return
	case answer.GetResult() != wire.ResultOK:
		code := GroupError(reply.GetError())
		if code == 0 {
			code = GroupErrorGeneral
		}
		r.m.notifyGroupError(id, code)
		return
	}
	id = reply.GetGroup().GetGroupId()
	profile, _ := r.m.GetProfile("", id)
	switch op := request.GetOp().(type) {
	case *wire.Request_GroupCreate:
		nonce := op.GroupCreate.GetNonce()
		requestID := binary.BigEndian.Uint32(nonce[len(nonce)-4:])
		r.m.listeners.post(context.Background(), func(l *snapshot) {
			each(l, func(gl GroupListener) { gl.OnGroupCreated(profile, requestID) })
		})
	case *wire.Request_GroupGet, *wire.Request_GroupEditPin:
		settings, own, _ := r.m.GetGroupProfile(id).Settings()
		pins := pinsOf(reply.GetPins())
		r.m.listeners.post(context.Background(), func(l *snapshot) {
			each(l, func(gl GroupListener) { gl.OnGroupSettings(profile, settings, own, pins) })
		})
	}
	if len(reply.GetInvited()) > 0 {
		r.m.notifyInvited(id, reply.GetInvited())
	}
	if len(reply.GetRefused()) > 0 {
		r.m.log.Warn("members refused", intAttr("count", uint32(len(reply.GetRefused()))))
		r.m.notifyGroupError(reply.GetGroup().GetGroupId(), GroupErrorNotMember)
	}
}

func pinsOf(pins []*wire.GroupPin) []GroupPin {
	out := make([]GroupPin, 0, len(pins))
	for _, p := range pins {
		out = append(out, GroupPin{
			Code: p.GetCode(), Expires: moment(int64(p.GetExpires())), Uses: int(p.GetUses()),
			Permissions: MemberPermissions{
				Flags:      MemberFlag(p.GetPermissions().GetFlags()),
				AdminFlags: AdminFlag(p.GetPermissions().GetAdminFlags()),
			},
		})
	}
	return out
}

// groupOf returns which group a request is about, 0 for one that is to be.
func groupOf(request *wire.Request) (id uint32, isGroup bool) {
	switch op := request.GetOp().(type) {
	case *wire.Request_GroupCreate, *wire.Request_GroupJoin:
		return 0, true
	case *wire.Request_GroupSet:
		return op.GroupSet.GetGroupId(), true
	case *wire.Request_GroupDelete:
		return op.GroupDelete.GetGroupId(), true
	case *wire.Request_GroupEditMembers:
		return op.GroupEditMembers.GetGroupId(), true
	case *wire.Request_GroupLeave:
		return op.GroupLeave.GetGroupId(), true
	case *wire.Request_GroupAnswer:
		return op.GroupAnswer.GetGroupId(), true
	case *wire.Request_GroupEditPin:
		return op.GroupEditPin.GetGroupId(), true
	case *wire.Request_GroupGet:
		return op.GroupGet.GetGroupId(), true
	}
	return 0, false
}

func (m *Mesibo) notifyGroupError(id uint32, code GroupError) {
	var profile *UserProfile
	if id != 0 {
		profile, _ = m.GetProfile("", id)
	}
	m.listeners.post(context.Background(), func(l *snapshot) {
		each(l, func(gl GroupListener) { gl.OnGroupError(profile, code) })
	})
}
