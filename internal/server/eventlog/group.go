package eventlog

import (
	"slices"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/wire"
)

// group is a snapshot of a group. It is shared and immutable; a change is made to a clone.
type group struct {
	gid, creator uint32
	nonce        []byte
	name, status string
	flags        uint32
	expiry       int32 // default expiry of its messages; negative: the server's
	picture      []byte
	pictureURL   string
	created      int64
	changed      int64
	deleted      bool

	members []groupMember  // by place, oldest first
	index   map[uint32]int // uid to index in members
}

// groupMember is one member of a group.
type groupMember struct {
	accounts.UserRef
	permissions

	joined   int64 // ms
	place    int64
	disabled bool
}

// permissions are a member's MEMBER_* flags and ADMIN_* rights.
type permissions struct{ flags, admin uint32 }

func permissionsOf(p *wire.Permissions) *permissions {
	if p == nil {
		return nil
	}
	return &permissions{flags: p.GetFlags(), admin: p.GetAdminFlags() & wire.AdminOwnerAll}
}

func (p permissions) wire() *wire.Permissions {
	return &wire.Permissions{Flags: p.flags, AdminFlags: p.admin}
}

func (m *groupMember) wire() *wire.Member {
	return &wire.Member{Address: m.Address, Permissions: m.permissions.wire()}
}

// clone returns a copy that may be changed.
func (g *group) clone() *group {
	c := *g
	c.members = slices.Clone(g.members)
	c.reindex()
	return &c
}

func (g *group) reindex() {
	g.index = make(map[uint32]int, len(g.members))
	for i := range g.members {
		g.index[g.members[i].UID] = i
	}
}

// find returns nil if the user is not a member.
func (g *group) find(uid uint32) *groupMember {
	i, ok := g.index[uid]
	if !ok {
		return nil
	}
	return &g.members[i]
}

// add appends a user as the newest member.
func (g *group) add(p accounts.UserRef, perms permissions, now int64) *groupMember {
	place := int64(1)
	if n := len(g.members); n > 0 {
		place = g.members[n-1].place + 1
	}
	g.members = append(g.members, groupMember{UserRef: p, permissions: perms, joined: now, place: place})
	g.index[p.UID] = len(g.members) - 1
	return &g.members[len(g.members)-1]
}

func (g *group) remove(uids []uint32) {
	g.members = slices.DeleteFunc(g.members, func(m groupMember) bool { return slices.Contains(uids, m.UID) })
	g.reindex()
}

func (g *group) hasOwner() bool {
	return slices.ContainsFunc(g.members, func(m groupMember) bool { return m.admin&wire.AdminOwner != 0 })
}

// successor returns the member who becomes the owner of a group without one: the oldest admin, or else the oldest
// member.
func (g *group) successor() *groupMember {
	i := slices.IndexFunc(g.members, func(m groupMember) bool { return m.admin != 0 })
	switch {
	case i >= 0:
		return &g.members[i]
	case len(g.members) > 0:
		return &g.members[0]
	}
	return nil
}

func (m *groupMember) makeOwner() {
	m.permissions = permissions{m.flags | wire.MemberAll, wire.AdminOwnerAll}
}

// pick returns the members with these uids, each once, oldest first.
func (g *group) pick(uids []uint32) []groupMember {
	var list []groupMember
	for i := range g.members {
		if slices.Contains(uids, g.members[i].UID) {
			list = append(list, g.members[i])
		}
	}
	return list
}

// sendStatus returns SENT, or the status with which a message of the user is refused. Users who cannot know of the group
// get the same whether or not there is one, unless the application's backend sends for them (trusted). g is nil if it has
// never existed.
func (g *group) sendStatus(uid uint32, trusted bool) uint32 {
	exists := g != nil && !g.deleted
	switch {
	case !exists && (trusted || g.has(uid)):
		return wire.StatusInvalidDest
	case !exists:
		return wire.StatusNotMember
	case !g.has(uid) && !g.open():
		return wire.StatusNotMember
	}
	if g.flags&wire.GroupPause != 0 {
		return wire.StatusGroupPaused
	}
	if !g.maySend(uid) {
		return wire.StatusNotMember
	}
	return wire.StatusSent
}

// maySend reports whether a user has the right to send, ignoring a pause.
func (g *group) maySend(uid uint32) bool {
	if g.flags&wire.GroupSendByAnyone != 0 {
		return true
	}
	m := g.find(uid)
	return m != nil && (g.flags&wire.GroupSendBySelected == 0 || m.flags&wire.MemberSend != 0)
}

// modifies reports whether a user may change the group.
func (g *group) modifies(uid uint32) bool {
	m := g.find(uid)
	return m != nil && m.admin&wire.AdminModify != 0
}

// receives reports whether a member gets the group's messages.
func (g *group) receives(m *groupMember) bool {
	return !m.disabled && (g.flags&wire.GroupRecvBySelected == 0 || m.flags&wire.MemberRecv != 0)
}

// holds reports whether a member may not leave. Only the application's backend makes such groups.
func (g *group) holds(m *groupMember) bool {
	return g.creator == 0 && (g.flags&wire.GroupNoSelfDelete != 0 || m.flags&wire.MemberNoSelfDelete != 0)
}

// newestMember returns when the newest member joined, in ms.
func (g *group) newestMember() int64 {
	var newest int64
	for i := range g.members {
		newest = max(newest, g.members[i].joined)
	}
	return newest
}

// mayList reports whether a user may list the members.
func (g *group) mayList(uid uint32) bool {
	if g.flags&wire.GroupListByAnyone != 0 {
		return true
	}
	m := g.find(uid)
	return m != nil && (g.flags&wire.GroupListBySelected == 0 || m.flags&wire.MemberList != 0 || m.admin != 0)
}

func (g *group) info() *wire.GroupInfo {
	return &wire.GroupInfo{
		GroupId: g.gid, Name: g.name, Status: g.status, Flags: g.flags, Expiry: g.expiry, Picture: g.picture,
		PictureUrl: g.pictureURL, Created: uint64(g.created), Members: uint32(len(g.members)), Changed: uint64(g.changed),
		Deleted: g.deleted,
	}
}

func (g *group) memberUIDs() []uint32 {
	uids := make([]uint32, len(g.members))
	for i := range g.members {
		uids[i] = g.members[i].UID
	}
	return uids
}
