package mesibo

import (
	"log/slog"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

// This file converts between frames, rows and the types of the API.

func now() uint64 { return uint64(time.Now().UnixMilli()) }

// moment is the time of milliseconds since the Unix epoch, the zero time for 0.
func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

// millis is the inverse of moment. A time before the epoch counts as its first moment.
func millis(t time.Time) uint64 {
	if t.IsZero() {
		return 0
	}
	return uint64(max(1, t.UnixMilli()))
}

func errAttr(err error) slog.Attr            { return slog.Any("error", err) }
func intAttr(key string, n uint32) slog.Attr { return slog.Int64(key, int64(n)) }
func textAttr(key, text string) slog.Attr    { return slog.String(key, text) }

func params(row *models.Message) MessageParams {
	p := MessageParams{
		Mid:     uint64(row.Mid),
		Peer:    row.Peer,
		GroupID: uint32(row.GroupID),
		Flag:    Flag(row.Flags) &^ flagSeen,
		Expiry:  int(row.Expiry),
		Type:    int(row.Type),
		Ts:      uint64(row.Ts),
		RefID:   uint64(row.RefID),
		Status:  MsgStatus(row.Status),
		Age:     time.Duration(row.Age) * time.Second,
	}
	if p.GroupID != 0 && row.Sender != "" {
		p.Peer = row.Sender
	}
	if row.Content != nil {
		p.Mentions, p.ForwardedFrom, p.Album = row.Content.Mentions, row.Content.ForwardedFrom, row.Content.Album
		p.GroupChange, p.LinkPreview = groupChangeOf(row), linkOf(row.Content.Link)
		p.Call = callRecordOf(row)
		if i := row.Content.Imported; i != nil {
			p.Imported = &Imported{Author: i.Author, Origin: i.Origin}
		}
	}
	return p
}

func sendFrame(row *models.Message) *wire.Send {
	return &wire.Send{
		Nonce:   row.Nonce,
		Id:      uint32(row.Mid),
		Peer:    row.Peer,
		GroupId: uint32(row.GroupID),
		Flags:   uint32(Flag(row.Flags) & travelling),
		Expiry:  remaining(row),
		Type:    uint32(row.Type),
		RefId:   uint64(row.RefID),
		Content: contentOf(row),
		Age:     uint32(row.Age),
	}
}

// remaining is what is left of a message's expiry in seconds.
func remaining(row *models.Message) int32 {
	if row.Expiry <= 0 {
		return int32(row.Expiry)
	}
	waited := (int64(now()) - row.Ts) / 1000
	return int32(max(1, row.Expiry-max(0, waited)))
}

func (r *run) storeEvents(events []*wire.Event) []store.Event {
	out := make([]store.Event, len(events))
	for i, event := range events {
		out[i] = r.storeEvent(event)
		in := out[i].Message
		if in == nil {
			continue
		}
		if !r.m.admit(in) {
			out[i].Message = nil // only its number is stored
			continue
		}
		r.m.files.markAutomatic(in)
	}
	return out
}

func (r *run) storeEvent(event *wire.Event) store.Event {
	self := r.account.Load().Address
	out := store.Event{Seq: event.GetSeq()}
	at := func(time uint64) { out.Mark = -int64(time) }
	switch body := event.GetBody().(type) {
	case *wire.Event_Message:
		out.Message = incoming(body.Message, self)
		out.Mark = int64(body.Message.GetId())
	case *wire.Event_Status:
		s := body.Status
		at(s.GetTime())
		out.Status = &store.Status{
			Peer: s.GetPeer(), Group: s.GetGroupId(), Status: models.Status(s.GetStatus()), UpTo: s.GetUpTo(),
			Mid: s.GetId(), Ts: s.GetTime(),
		}
	case *wire.Event_Read:
		c := body.Read
		at(c.GetTime())
		out.Read = &store.ReadMark{Peer: c.GetPeer(), Group: c.GetGroupId(), UpTo: c.GetUpTo()}
	case *wire.Event_Recalled:
		c := body.Recalled
		at(c.GetTime())
		out.Recalled = &store.Recalled{By: c.GetFrom(), Mids: c.GetIds(), Ts: c.GetTime(), Allowed: r.m.mayRecall}
	case *wire.Event_Modified:
		c := body.Modified
		at(c.GetTime())
		out.Modified = &store.Modified{By: c.GetFrom(), Mid: c.GetId(), Ts: c.GetTime(), Allowed: r.m.mayModify}
		setContent(&out.Modified.Row, c.GetContent())
	case *wire.Event_Reaction:
		c := body.Reaction
		at(c.GetTime())
		out.Reaction = &models.Reaction{
			Mid: int64(c.GetId()), Address: c.GetFrom(), Emoji: c.GetEmoji(), Ts: int64(c.GetTime()),
		}
	case *wire.Event_Block:
		out.Block = &store.Block{Address: body.Block.GetAddress(), Blocked: body.Block.GetBlocked()}
	case *wire.Event_Accept:
		out.Request = &store.Request{Address: body.Accept.GetAddress()}
	case *wire.Event_GroupInvitation:
		out.Invitation = storeInvitation(body.GroupInvitation)
	case *wire.Event_ChatSettings:
		c := body.ChatSettings
		out.Chat = &store.ChatSettings{
			Peer: c.GetPeer(), Group: c.GetGroupId(), Pinned: c.GetPinned(), Archived: c.GetArchived(),
			MutedUntil: c.GetMutedUntil(), Unread: c.GetUnread(),
		}
	}
	return out
}

// incoming converts a message of the log.
func incoming(m *wire.Message, self string) *store.Incoming {
	in := &store.Incoming{
		Peer: m.GetFrom(), Group: m.GetGroupId(), Own: strings.EqualFold(m.GetFrom(), self), Loopback: m.GetLoopback(),
		Request: m.GetRequest(),
	}
	in.Row = models.Message{
		Mid: int64(m.GetId()), Flags: int64(Flag(m.GetFlags()) & travelling), Type: int64(m.GetType()),
		Ts:    int64(m.GetTime()),
		RefID: int64(m.GetRefId()), Nonce: m.GetNonce(), Sender: m.GetFrom(), Age: int64(m.GetAge()),
	}
	setContent(&in.Row, m.GetContent())
	switch {
	case m.GetRecalled():
		in.Row.Flags |= int64(FlagDeleted)
	case m.GetModified() != 0:
		in.Row.Flags |= int64(FlagModify)
	}
	if g := m.GetContent().GetGroup(); g != nil {
		in.Notice = noticeOf(g, m)
		return in
	}
	if in.Own {
		in.Peer, in.Row.Sender, in.Request = m.GetPeer(), "", false
	}
	if c := in.Row.Content; c != nil && c.Call != nil {
		in.Call, in.Seen = callStatus(c.Call, in.Own)
	}
	return in
}

func noticeOf(g *wire.GroupChange, m *wire.Message) *store.GroupNotice {
	n := &store.GroupNotice{Kind: int(g.GetKind()), Actor: m.GetFrom(), Deleted: g.GetGroup().GetDeleted()}
	n.Group, n.Profile = groupRows(g.GetGroup())
	for _, member := range g.GetMembers() {
		n.Members = append(n.Members, memberRow(member))
	}
	return n
}

// groupRows returns what the server says of a group as rows without account and own rights.
func groupRows(g *wire.GroupInfo) (models.Group, models.Profile) {
	group := models.Group{
		GroupID: int64(g.GetGroupId()), Flags: int64(g.GetFlags()), Expiry: int64(g.GetExpiry()),
		Members: int64(g.GetMembers()),
		Created: int64(g.GetCreated()),
	}
	profile := models.Profile{
		GroupID: int64(g.GetGroupId()), Name: g.GetName(), Status: g.GetStatus(), Picture: g.GetPicture(),
		PictureURL: g.GetPictureUrl(),
		UpdatedAt:  int64(g.GetChanged()),
	}
	return group, profile
}

func memberRow(m *wire.Member) models.GroupMember {
	return models.GroupMember{
		Address: m.GetAddress(), Flags: int64(m.GetPermissions().GetFlags()),
		AdminFlags: int64(m.GetPermissions().GetAdminFlags()),
	}
}
