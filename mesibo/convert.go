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

func errAttr(err error) slog.Attr            { return slog.Any("error", err) }
func intAttr(key string, n uint32) slog.Attr { return slog.Int64(key, int64(n)) }
func textAttr(key, text string) slog.Attr    { return slog.String(key, text) }

func params(row *models.Message) MessageParams {
	p := MessageParams{
		Mid:     uint64(row.Mid),
		Peer:    row.Peer,
		GroupID: uint32(row.GroupID),
		Flag:    Flag(row.Flags),
		Expiry:  int(row.Expiry),
		Type:    int(row.Type),
		Ts:      uint64(row.Ts),
		RefID:   uint64(row.RefID),
		Status:  MsgStatus(row.Status),
	}
	if p.GroupID != 0 && row.Sender != "" {
		p.Peer = row.Sender
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

func storeEvents(events []*wire.Event, self string) []store.Event {
	out := make([]store.Event, len(events))
	for i, e := range events {
		out[i] = storeEvent(e, self)
	}
	return out
}

func storeEvent(e *wire.Event, self string) store.Event {
	out := store.Event{Seq: e.GetSeq()}
	switch body := e.GetBody().(type) {
	case *wire.Event_Message:
		m := body.Message
		in := &store.Incoming{Peer: m.GetFrom(), Group: m.GetGroupId(), Own: strings.EqualFold(m.GetFrom(), self)}
		in.Row = models.Message{
			Mid: int64(m.GetId()), Flags: int64(Flag(m.GetFlags()) & travelling), Type: int64(m.GetType()), Ts: int64(m.GetTime()),
			RefID: int64(m.GetRefId()), Nonce: m.GetNonce(), Sender: m.GetFrom(),
		}
		setContent(&in.Row, m.GetContent())
		if in.Own {
			in.Peer, in.Row.Sender = m.GetPeer(), ""
		}
		out.Message = in
	case *wire.Event_Status:
		s := body.Status
		out.Status = &store.Status{
			Peer: s.GetPeer(), Group: s.GetGroupId(), Status: int(s.GetStatus()), UpTo: s.GetUpTo(), Mid: s.GetId(), Ts: s.GetTime(),
		}
	case *wire.Event_Read:
		r := body.Read
		out.Read = &store.ReadMark{Peer: r.GetPeer(), Group: r.GetGroupId(), UpTo: r.GetUpTo()}
	}
	return out
}
