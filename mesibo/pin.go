package mesibo

import (
	"context"
	"errors"
	"math"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

// Types of messages that are about the chat: MessageParams.Type of what PinMessage and SetDisappearing send. They are read
// when they arrive. RefID is the message that is pinned; the data of TypeAge are seconds in decimal. An application's own types are below TypeReserved.
const (
	TypeReserved = wire.TypeReserved
	TypePin      = wire.TypePin
	TypeUnpin    = wire.TypeUnpin
	TypeAge      = wire.TypeAge // of what SetDisappearing sends
	// TypePoll is a poll, which any user sends: the first line of its data is the question, each further one an option.
	// A vote is a reaction with the number of the option, from 1.
	TypePoll = wire.TypePoll
)

// The database has the same numbers.
var _ = [1]struct{}{}[(models.TypePin-wire.TypePin)|(models.TypeUnpin-wire.TypeUnpin)|(models.TypeAge-wire.TypeAge)]

// PinMessage pins a message for everyone in its chat, or with pin false unpins it, by a message under the new id. p names
// the chat and mid the message, by its 64-bit id. In a group that is for those who may modify it. Errors: as SendMessage;
// ErrNotFound with ResultBadRequest when there is no such message in this chat, or it was not sent yet; ResultDenied
// without the right.
func (m *Mesibo) PinMessage(p MessageParams, id uint32, mid uint64, pin bool) error {
	const op = "PinMessage"
	db, target, err := m.open(p.Peer, p.GroupID)
	if err != nil {
		return opError(op, ResultFail, err)
	}
	row, err := db.MessageOf(context.Background(), target, mid)
	switch {
	case err != nil:
		return storeError(op, err)
	case row.Status == models.StatusOutbox || row.Status.IsFailed() || store.IsImported(row.Mid) || Flag(row.Flags)&FlagDeleted != 0 && pin:
		return opError(op, ResultBadRequest, ErrNotFound)
	case p.GroupID != 0 && !m.GetGroupProfile(p.GroupID).CanModify():
		return opError(op, ResultDenied, GroupErrorPermission)
	}
	p.Flag, p.Mentions, p.LinkPreview, p.RefID, p.Type = 0, nil, nil, uint64(row.Mid), TypeUnpin
	if pin {
		p.Type = TypePin
	}
	p.Expiry = math.MaxInt32 // who was away for long learns of it, too
	return m.send(op, p, id, models.Message{})
}

// PinnedMessages returns the messages that are pinned in a chat, the one pinned last first. Errors: ResultFail without a
// token or when the disk fails.
func (m *Mesibo) PinnedMessages(peer string, groupID uint32) ([]*Message, error) {
	const op = "PinnedMessages"
	db, target, err := m.open(peer, groupID)
	if err != nil {
		return nil, opError(op, ResultFail, err)
	}
	mids, err := db.Pinned(context.Background(), target)
	if err != nil {
		return nil, opError(op, ResultFail, err)
	}
	var list []*Message
	for _, mid := range mids {
		row, err := db.MessageOf(context.Background(), target, mid)
		switch {
		case errors.Is(err, store.ErrNotFound), err == nil && Flag(row.Flags)&FlagDeleted != 0:
			continue
		case err != nil:
			return nil, opError(op, ResultFail, err)
		}
		p := m.withReactions(&row)
		p.Origin = OriginDBMessage
		list = append(list, m.message(p, &row))
	}
	return list, nil
}
