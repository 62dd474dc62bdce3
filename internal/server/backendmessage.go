package server

import (
	"context"
	"net/http"
	"strconv"

	"github.com/parley-chat/parley/internal/wire"
)

type messageRequest struct {
	backendHead

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

// send makes the request that a client would have sent.
func (q *messageRequest) send() (*wire.Send, error) {
	var err error
	m := &wire.Send{
		Nonce: nonceOf(q.Key), Id: q.ID, Peer: q.To, GroupId: q.GID, Flags: q.Flags, Expiry: -1, Type: q.Type,
		Content: &wire.Content{Data: []byte(q.Message)},
	}
	if m.GetId() == 0 {
		m.Id = random32()
	}
	if q.Expiry != nil {
		m.Expiry = *q.Expiry
	}
	if q.RefID != "" {
		if m.RefId, err = strconv.ParseUint(q.RefID, 10, 64); err != nil {
			return nil, badRequest("the field refid is not a decimal number of 64 bits")
		}
	}
	if reason := checkSend(m); reason != "" {
		return nil, badRequest("%s", reason)
	}
	return m, nil
}

// backendMessage sends a message from any user, the way that user's own go.
func (s *Server) backendMessage(_ context.Context, q *messageRequest) (backendReply, error) {
	m, err := q.send()
	if err != nil {
		return nil, err
	}
	sender, err := s.directory.recipient(q.From)
	switch {
	case err != nil:
		return nil, err
	case sender == nil:
		return nil, &backendError{http.StatusNotFound, "NOSUCHUSER", "nobody has the address of the sender"}
	}
	msg := &sendChange{send: m, sender: *sender}
	if m.GetGroupId() == 0 {
		if msg.peer, err = s.directory.recipient(m.GetPeer()); err != nil {
			return nil, err
		}
	}
	if m.GetFlags()&wire.FlagTransient != 0 {
		err = s.sendTransient(msg)
	} else {
		err = s.commit(func(done func(error)) change {
			msg.done = func(_ *sendChange, err error) { done(err) }
			return msg
		})
	}
	switch {
	case err != nil:
		return nil, err
	case msg.reason != "":
		return nil, badRequest("%s", msg.reason)
	}
	s.metrics.message(msg.reply.GetStatus())
	if err := statusError(msg.reply.GetStatus()); err != nil {
		return nil, err
	}
	return backendReply{
		"mid": strconv.FormatUint(msg.reply.GetId(), 10), "time": msg.reply.GetTime(), "status": msg.reply.GetStatus(),
	}, nil
}

// statusError turns a status that refuses a message into a refusal of the backend API's.
func statusError(status uint32) error {
	switch status {
	case wire.StatusSent:
		return nil
	case wire.StatusUserOffline:
		return &backendError{http.StatusConflict, "USEROFFLINE", "the recipient is not connected"}
	case wire.StatusInboxFull:
		return &backendError{http.StatusConflict, "INBOXFULL", "too much waits for the recipient"}
	case wire.StatusInvalidDest:
		return &backendError{http.StatusNotFound, "INVALIDDEST", "there is no such user or group"}
	case wire.StatusBlocked:
		return &backendError{http.StatusForbidden, "BLOCKED", "the recipient blocks the sender"}
	case wire.StatusGroupPaused:
		return &backendError{http.StatusConflict, "GROUPPAUSED", "the group is paused"}
	case wire.StatusNotMember:
		return &backendError{http.StatusForbidden, "NOTMEMBER", "the sender may not send to the group"}
	default:
		return &backendError{http.StatusInternalServerError, "FAIL", "the message was refused"}
	}
}
