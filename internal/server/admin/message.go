package admin

import (
	"context"
	"net/http"
	"strconv"

	"github.com/parley-chat/parley/internal/server/eventlog"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/server/refusal"
	"github.com/parley-chat/parley/internal/wire"
)

type messageRequest struct {
	requestHead

	From    string `json:"from"`
	To      string `json:"to"`
	GID     uint32 `json:"gid"`
	ID      uint32 `json:"id"`
	Type    uint32 `json:"type"`
	Flags   uint32 `json:"flag"`
	Expiry  *int32 `json:"expiry"`
	RefID   string `json:"refid"`
	Message string `json:"msg"`
	Key     string `json:"key"`
}

// send converts the request into that of a client.
func (q *messageRequest) send() (*wire.Send, error) {
	var err error
	m := &wire.Send{
		Nonce: nonceOf(q.Key), Id: q.ID, Peer: q.To, GroupId: q.GID, Flags: q.Flags, Expiry: -1, Type: q.Type,
		Content: &wire.Content{Data: []byte(q.Message)},
	}
	if m.GetId() == 0 {
		m.Id = eventlog.RandomID()
	}
	if q.Expiry != nil {
		m.Expiry = *q.Expiry
	}
	if q.RefID != "" {
		if m.RefId, err = strconv.ParseUint(q.RefID, 10, 64); err != nil {
			return nil, refusal.Bad("the field refid must be a decimal 64-bit number")
		}
	}
	if !record.ValidText(q.From) || !record.ValidText(q.To) {
		return nil, refusal.Bad("an address contains a NUL character")
	}
	return m, eventlog.CheckSend(m)
}

// message sends a message from any user, like a client of that user.
func (a *API) message(ctx context.Context, q *messageRequest) (replyFields, error) {
	m, err := q.send()
	if err != nil {
		return nil, err
	}
	sender, err := a.c.Directory.Recipient(ctx, q.From)
	switch {
	case err != nil:
		return nil, err
	case sender == nil:
		return nil, refusal.HTTP(http.StatusNotFound, "NOSUCHUSER", "there is no active user with the sender's address")
	}
	send := &eventlog.Send{Message: m, Sender: *sender, Trusted: true}
	if m.GetGroupId() == 0 {
		if send.Peer, err = a.c.Directory.Recipient(ctx, m.GetPeer()); err != nil {
			return nil, err
		}
	}
	if m.GetFlags()&wire.FlagTransient != 0 {
		err = a.c.SendTransient(ctx, send)
	} else {
		err = a.c.Log.Commit(send)
	}
	switch {
	case err != nil:
		return nil, err
	case send.Refused != nil:
		return nil, send.Refused
	}
	status := send.Reply.GetStatus()
	a.c.Metrics.Message(status)
	if err := statusError(status); err != nil {
		return nil, err
	}
	return replyFields{
		"mid":    strconv.FormatUint(send.Reply.GetId(), 10),
		"time":   send.Reply.GetTime(),
		"status": status,
	}, nil
}

// statusError returns the refusal for the status of a message, nil for SENT.
func statusError(status uint32) error {
	switch status {
	case wire.StatusSent:
		return nil
	case wire.StatusUserOffline:
		return refusal.HTTP(http.StatusConflict, "USEROFFLINE", "the recipient is not connected")
	case wire.StatusInboxFull:
		return refusal.HTTP(http.StatusConflict, "INBOXFULL", "the recipient's inbox is full")
	case wire.StatusInvalidDest:
		return refusal.HTTP(http.StatusNotFound, "INVALIDDEST", "there is no such user or group")
	case wire.StatusBlocked:
		return refusal.HTTP(http.StatusForbidden, "BLOCKED", "the recipient has blocked the sender")
	case wire.StatusGroupPaused:
		return refusal.HTTP(http.StatusConflict, "GROUPPAUSED", "the group is paused")
	case wire.StatusNotMember:
		return refusal.HTTP(http.StatusForbidden, "NOTMEMBER", "the sender is not allowed to send messages to the group")
	default:
		return refusal.HTTP(http.StatusInternalServerError, "FAIL", "the message was refused")
	}
}
