package mesibo

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

// This file tells listeners what the store has taken in.

func (m *Mesibo) tell(l *listeners, c *store.Change) {
	switch {
	case c.Read != nil:
		l.read(c.Read.Peer, c.Read.Group, c.Unread)
	case c.Chat != nil:
		m.tellProfile(l, c.Chat.Peer, c.Chat.Group)
	case c.Block != nil:
		m.profiles.setFlag(c.Block.Address, UserFlagRemoteBlock, c.Block.Blocked)
		m.tellProfile(l, c.Block.Address, 0)
	case c.Notice != nil:
		m.tellGroup(l, c.Notice)
		m.hand(l, c.Message)
	case c.Loopback:
		if c.New {
			m.hand(l, c.Message)
		}
		looped := *c.Message
		looped.Sender, looped.Status = m.GetAddress(), int64(MsgStatusReceivedNew)
		m.hand(l, &looped)
	case c.New:
		if c.Message.Sender != "" {
			m.profiles.alive(c.Message.Sender, uint64(c.Message.Ts))
		}
		m.hand(l, c.Message)
	case c.Updated:
		p := m.withReactions(c.Message)
		l.messageUpdate(p, c.Message.Data)
	default: // a status, or taken back
		l.messageStatus(m.statusParams(c.Message))
	}
}

// withReactions gives the parameters of a message with all reactions to it.
func (m *Mesibo) withReactions(row *models.Message) MessageParams {
	p := params(row)
	m.profiles.attach(&p)
	db, target, err := m.open("", 0)
	if err != nil {
		return p
	}
	reactions, err := db.Reactions(context.Background(), target.Account, []int64{row.Mid})
	if err != nil {
		m.log.Error("read reactions", errAttr(err))
	}
	p.Reactions = reactionsOf(reactions[row.Mid])
	return p
}

func reactionsOf(rows []models.Reaction) []Reaction {
	var out []Reaction
	for _, r := range rows {
		out = append(out, Reaction{Address: r.Address, Emoji: r.Emoji, Ts: uint64(r.Ts)})
	}
	return out
}

// hand gives a message that has just come to the listeners: to OnMessage, OnFile or OnLocation.
func (m *Mesibo) hand(l *listeners, row *models.Message) {
	p := params(row)
	p.Origin = OriginRealtime
	m.profiles.attach(&p)
	m.deliver(l, nil, &p, row)
}

// deliver gives a message to one listener, or to all when to is nil.
func (m *Mesibo) deliver(l *listeners, to MessageListener, p *MessageParams, row *models.Message) {
	call := func(one MessageListener) {
		own := *p
		switch row.Kind {
		case models.KindLocation:
			one.OnLocation(&own, locationOf(row))
		case models.KindFile:
			one.OnFile(&own, m.fileOf(row, &own))
		case models.KindGroup:
			one.OnMessage(&own, []byte(m.noticeText(&own)))
		default:
			one.OnMessage(&own, bytes.Clone(row.Data))
		}
	}
	if to != nil {
		call(to)
		return
	}
	each(l, call)
	if row.Kind == models.KindFile && p.IsIncoming() && row.ID != 0 {
		m.autoDownload(row)
	}
}

// nameOf gives what to call a user in a sentence.
func (m *Mesibo) nameOf(address string) string {
	switch {
	case address == "":
		return "The server"
	case strings.EqualFold(address, m.GetAddress()):
		return "You"
	}
	if p, ok := m.profiles.get(address, 0); ok && p.Name != "" {
		return p.Name
	}
	return address
}

// noticeText says in English what happened to a group.
func (m *Mesibo) noticeText(p *MessageParams) string {
	c, who := p.GroupChange, m.nameOf(p.Peer)
	return groupSentence(c, who, m.namesOf(c.Members, p.Peer))
}

// namesOf lists members, without the one who acts, as a part of a sentence.
func (m *Mesibo) namesOf(addresses []string, actor string) string {
	const most = 3
	var names []string
	for _, address := range addresses {
		if strings.EqualFold(address, actor) {
			continue
		}
		name := m.nameOf(address)
		if name == "You" {
			name = "you"
		}
		names = append(names, name)
	}
	switch {
	case len(names) == 0:
		return ""
	case len(names) == 1:
		return names[0]
	case len(names) > most+1:
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d others", len(names)-most)
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

func groupSentence(c *GroupChange, who, whom string) string {
	switch c.Kind {
	case GroupCreated:
		return who + " created the group “" + c.Name + "”"
	case GroupSettingsSet:
		return who + " changed the group"
	case GroupJoined:
		if whom == "" {
			return who + " joined"
		}
		return who + " added " + whom
	case GroupRemoved:
		if whom == "" {
			return who + " left"
		}
		return who + " removed " + whom
	case GroupLeft:
		return who + " left"
	case GroupPermissions:
		switch whom {
		case "":
			return who + " got other rights"
		case "you":
			return who + " changed your rights"
		}
		return who + " changed the rights of " + whom
	case GroupDeleted:
		return who + " deleted the group"
	}
	return who + " changed the group"
}

// tellProfile tells that something about a user, a group or the conversation with them is otherwise.
func (m *Mesibo) tellProfile(l *listeners, address string, group uint32) {
	if p, ok := m.GetProfile(address, group); ok {
		l.profileUpdated(p)
	}
}

// tellGroup tells GroupListeners what happened to a group.
func (m *Mesibo) tellGroup(l *listeners, n *store.GroupNotice) {
	m.profiles.publish(n.Profile)
	group := uint32(n.Group.GroupID)
	profile, _ := m.GetProfile("", group)
	self := m.GetAddress()
	var others []Member
	own := false
	for _, row := range n.Members {
		if strings.EqualFold(row.Address, self) {
			own = true
			continue
		}
		others = append(others, m.member(row))
	}
	kind := GroupChangeKind(n.Kind)
	switch {
	case kind == GroupDeleted, own && (kind == GroupRemoved || kind == GroupLeft):
		each(l, func(g GroupListener) { g.OnGroupLeft(profile) })
	case own && kind == GroupJoined, own && kind == GroupCreated && !strings.EqualFold(n.Actor, self):
		each(l, func(g GroupListener) { g.OnGroupJoined(profile) })
	}
	tellMembers(l, profile, kind, others)
	if kind == GroupSettingsSet || own && kind == GroupPermissions {
		settings, permissions, _ := m.GetGroupProfile(group).Settings()
		each(l, func(g GroupListener) { g.OnGroupSettings(profile, settings, permissions, nil) })
	}
	m.tellProfile(l, "", group)
}

// tellMembers tells what happened to other members than this user.
func tellMembers(l *listeners, profile *UserProfile, kind GroupChangeKind, others []Member) {
	if len(others) == 0 {
		return
	}
	switch kind {
	case GroupJoined, GroupPermissions:
		each(l, func(g GroupListener) { g.OnGroupMembersJoined(profile, others) })
	case GroupRemoved, GroupLeft:
		each(l, func(g GroupListener) { g.OnGroupMembersRemoved(profile, others) })
	case GroupCreated, GroupSettingsSet, GroupDeleted:
	}
}

func (m *Mesibo) member(row models.GroupMember) Member {
	profile, _ := m.profiles.get(row.Address, 0)
	return Member{
		Address: row.Address, Profile: profile,
		Permissions: MemberPermissions{Flags: MemberFlag(row.Flags), AdminFlags: AdminFlag(row.AdminFlags)},
	}
}

// admit tells whether a message may come in: it is not from somebody who is blocked here, and no filter drops it.
func (m *Mesibo) admit(in *store.Incoming) bool {
	if in.Own || in.Notice != nil {
		return true
	}
	if m.profiles.flags(in.Peer, 0)&UserFlagBlockMessages != 0 ||
		in.Group != 0 && m.profiles.flags("", in.Group)&UserFlagBlockGroupMessages != 0 {
		return false
	}
	if !m.calls.hasFilters() {
		return true
	}
	row := in.Row
	row.Peer, row.GroupID, row.Status = in.Peer, int64(in.Group), int64(MsgStatusReceivedNew)
	p := params(&row)
	p.Origin = OriginFilter
	m.profiles.attach(&p)
	return m.calls.filter(p, FilterIncoming, row.Data)
}
