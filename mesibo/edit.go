package mesibo

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/models"
)

// SendUpdate replaces the text of a message that this user sent; mid is its 64-bit id, or the id given to
// SendMessage. It is changed here at once and reaches the others in time; their MessageUpdateListeners are called,
// and so are those here. A message that no device can have yet simply changes, others carry FlagModify from then
// on. Errors: ErrNotFound with ResultBadRequest when there is no such message of this user, or it failed or was
// recalled; ErrTooLate with ResultDenied when it is older than SetMessageRetractionInterval or the server allows;
// ErrTooLarge. A LinkPreview stays while its URL is in the text; p.LinkPreview replaces it, one without URL removes it.
func (m *Mesibo) SendUpdate(p MessageParams, mid uint64, message []byte) error {
	return m.update("SendUpdate", p, mid, message)
}

// modify is SendMessage with FlagModify: id names the own message to change.
func (m *Mesibo) modify(op string, p MessageParams, id uint32, message []byte) error {
	db, target, err := m.open(p.Peer, p.GroupID)
	if err != nil {
		return opError(op, ResultFail, err)
	}
	row, err := db.OwnMessage(context.Background(), target, id)
	if err != nil {
		return storeError(op, err)
	}
	return m.update(op, p, uint64(row.Mid), message)
}

func (m *Mesibo) update(op string, p MessageParams, mid uint64, message []byte) error {
	db, target, err := m.open(p.Peer, p.GroupID)
	if err != nil {
		return opError(op, ResultFail, err)
	}
	row, err := db.MessageOf(context.Background(), target, mid)
	if err != nil {
		return storeError(op, err)
	}
	if row.Status != models.StatusOutbox && m.tooLate(&row) {
		return opError(op, ResultDenied, ErrTooLate)
	}
	changed := models.Message{Data: message, Kind: row.Kind}
	if row.Content != nil {
		c := *row.Content
		c.Mentions = nil
		if c.Link != nil && (p.LinkPreview != nil || !hasLink(message, c.Link.URL)) {
			c.Link = nil
		}
		changed.Content = &c
	}
	if err := checkContent(&p, &changed); err != nil {
		return opError(op, ResultBadRequest, err)
	}
	body, err := operation(&wire.Request{Op: &wire.Request_Modify{Modify: &wire.Modify{
		Peer: row.Peer, GroupId: uint32(row.GroupID), Content: contentOf(&changed),
	}}})
	if err != nil {
		return opError(op, ResultFail, err)
	}
	after, err := db.Edit(target, mid, changed, body)
	if err != nil {
		return storeError(op, err)
	}
	m.updated(&after)
	m.wakeOperations()
	return nil
}

// updated calls listeners with a changed message as it is at the time of the call, so that the last one is never
// out of date.
func (m *Mesibo) updated(row *models.Message) {
	m.listeners.post(context.Background(), func(l *snapshot) {
		now := *row
		if db, target, err := m.open("", 0); err == nil {
			if found, err := db.Message(context.Background(), target.Account, uint64(row.Mid)); err == nil {
				now = found
			}
		}
		l.messageUpdate(m.withReactions(&now), now.Data)
	})
}

// tooLate reports whether a message can no longer be changed or recalled.
func (m *Mesibo) tooLate(row *models.Message) bool {
	limit := m.retraction()
	return limit > 0 && time.Since(time.UnixMilli(row.Ts)) > limit
}

// SendReaction sets this user's reaction to a message, any one short text such as an emoji; empty takes it away. p
// names the chat, mid is the message's 64-bit id. MessageUpdateListeners are called everywhere, here at
// once. Errors: ResultBadRequest for a text of more than 32 bytes; ErrNotFound with it when there is no such
// message, or it was recalled.
func (m *Mesibo) SendReaction(p MessageParams, mid uint64, emoji string) error {
	const op = "SendReaction"
	if len(emoji) > wire.MaxEmoji || !utf8.ValidString(emoji) {
		return opError(op, ResultBadRequest,
			fmt.Errorf("%w: a reaction has up to %d bytes", ErrTooLarge, wire.MaxEmoji))
	}
	for _, r := range emoji {
		if unicode.IsControl(r) {
			return opError(op, ResultBadRequest, errors.New("a reaction has no control characters"))
		}
	}
	db, target, err := m.open(p.Peer, p.GroupID)
	if err != nil {
		return opError(op, ResultFail, err)
	}
	body, err := operation(&wire.Request{Op: &wire.Request_React{React: &wire.React{
		Peer: target.Peer, GroupId: target.Group, Id: mid, Emoji: emoji,
	}}})
	if err != nil {
		return opError(op, ResultFail, err)
	}
	row, err := db.React(target, models.Reaction{
		AccountID: target.Account, Mid: int64(mid), Address: m.GetAddress(), Emoji: emoji, Ts: int64(now()),
	}, body)
	if err != nil {
		return storeError(op, err)
	}
	m.updated(&row)
	m.wakeOperations()
	return nil
}
