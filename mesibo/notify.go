package mesibo

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

// This file calls listeners with what the store has applied.

func (m *Mesibo) notifyChange(l *snapshot, c *store.Change) {
	switch {
	case c.Read != nil:
		l.read(c.Read.Peer, c.Read.Group, c.Unread)
	case c.Chat != nil:
		m.notifyProfile(l, c.Chat.Peer, c.Chat.Group)
	case c.Block != nil:
		m.profiles.setFlag(c.Block.Address, UserFlagRemoteBlock, c.Block.Blocked)
		m.notifyProfile(l, c.Block.Address, 0)
	case c.Request != nil:
		m.profiles.setFlag(c.Request.Address, UserFlagRequest, c.Request.Open)
		m.notifyProfile(l, c.Request.Address, 0)
	case c.Invitation != nil:
		m.notifyInvitation(l, c.Invitation)
	case c.Notice != nil:
		m.notifyGroup(l, c.Notice)
		m.notifyMessage(l, c.Message)
	case c.Loopback:
		if c.New {
			m.notifyMessage(l, c.Message)
		}
		looped := *c.Message
		looped.Sender, looped.Status = m.GetAddress(), models.StatusReceivedNew
		m.notifyMessage(l, &looped)
	case c.New:
		if c.Message.Sender != "" {
			m.profiles.alive(c.Message.Sender, uint64(c.Message.Ts))
			m.presence.doings.wrote(c.Message.Sender, uint32(c.Message.GroupID))
		}
		if c.Message.Age > 0 {
			m.fader.wake()
		}
		m.notifyMessage(l, c.Message)
		m.notifyMissed(l, c.Message)
	case c.Updated:
		p := m.withReactions(c.Message)
		l.messageUpdate(p, c.Message.Data)
	default: // a status, or a recalled message
		l.messageStatus(m.statusParams(c.Message))
	}
}

// missedFor is how long after a call the user wants to be notified of having missed it.
const missedFor = 24 * time.Hour

// notifyMissed calls CallListeners with the record of a call that was missed.
func (m *Mesibo) notifyMissed(l *snapshot, row *models.Message) {
	c := callRecordOf(row)
	if row.Status == models.StatusCallMissed && c != nil && time.Since(c.Ended) < missedFor {
		peer := row.Peer
		if row.GroupID != 0 {
			peer = "" // it was the group's call
		}
		l.callNotify(CallNotifyMissed, m.profiles.complete(peer, uint32(row.GroupID)), row.Type&typeVideo != 0)
	}
}

// withReactions returns the parameters of a message with all reactions to it.
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
		out = append(out, Reaction{Address: r.Address, Emoji: r.Emoji, Ts: moment(r.Ts)})
	}
	return out
}

// notifyMessage passes a message that has just come to all listeners.
func (m *Mesibo) notifyMessage(l *snapshot, row *models.Message) {
	p := params(row)
	p.Origin = OriginRealtime
	m.profiles.attach(&p)
	m.callListener(l, nil, &p, row)
}

// callListener passes a message to one listener, or to all when to is nil.
func (m *Mesibo) callListener(l *snapshot, to MessageListener, p *MessageParams, row *models.Message) {
	if to != nil {
		m.deliverTo(to, p, row, func(call func()) { call() })
		return
	}
	for _, one := range l.all {
		m.deliverTo(one, p, row, l.guard)
	}
	if row.Kind == models.KindFile && p.IsIncoming() && row.ID != 0 {
		m.files.download(row)
	}
}

// deliverTo hands a message to a listener in the forms that it wants. guard makes each call.
func (m *Mesibo) deliverTo(to any, p *MessageParams, row *models.Message, guard func(call func())) {
	listener, listens := to.(MessageListener)
	receiver, receives := to.(MessageReceiver)
	if !listens && !receives {
		return
	}
	msg := m.message(*p, row)
	if row.Kind != models.KindGroup {
		msg.Data = bytes.Clone(row.Data)
	}
	if listens {
		guard(func() {
			switch row.Kind {
			case models.KindLocation:
				listener.OnLocation(&msg.MessageParams, msg.Location)
			case models.KindFile:
				listener.OnFile(&msg.MessageParams, msg.File)
			default:
				listener.OnMessage(&msg.MessageParams, msg.Data)
			}
		})
	}
	if receives {
		guard(func() { receiver.OnReceived(msg) })
	}
}

// nameOf returns what to call a user in a sentence.
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

// notifyProfile calls ProfileListeners after a change of a user, a group or their chat.
func (m *Mesibo) notifyProfile(l *snapshot, address string, group uint32) {
	if p, ok := m.GetProfile(address, group); ok {
		l.profileUpdated(p)
	}
}

// notifyGroup calls GroupListeners with what happened to a group.
func (m *Mesibo) notifyGroup(l *snapshot, n *store.GroupNotice) {
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
	notifyMembers(l, profile, kind, others)
	if kind == GroupSettingsSet || own && kind == GroupPermissions {
		settings, permissions, _ := m.GetGroupProfile(group).Settings()
		each(l, func(g GroupListener) { g.OnGroupSettings(profile, settings, permissions, nil) })
	}
	m.notifyProfile(l, "", group)
}

// notifyMembers calls GroupListeners with what happened to other members than this user.
func notifyMembers(l *snapshot, profile *UserProfile, kind GroupChangeKind, others []Member) {
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

// admit reports whether a message may come in: its sender is not blocked here, and no filter drops it.
func (m *Mesibo) admit(in *store.Incoming) bool {
	if in.Own || in.Notice != nil {
		return true
	}
	if m.profiles.flags(in.Peer, 0)&UserFlagBlockMessages != 0 ||
		in.Group != 0 && m.profiles.flags("", in.Group)&UserFlagBlockGroupMessages != 0 {
		return false
	}
	if !has[MessageFilter](m.listeners) {
		return true
	}
	row := in.Row
	row.Peer, row.GroupID, row.Status = in.Peer, int64(in.Group), models.StatusReceivedNew
	p := params(&row)
	p.Origin = OriginFilter
	m.profiles.attach(&p)
	return m.listeners.filter(p, FilterIncoming, row.Data)
}
