package mesibo

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

// SendLocation is SendMessage for a place (mesibo-api 1.2): the recipient's OnLocation is called. l.Lat and l.Lon are degrees.
// Errors: as SendMessage; ResultBadRequest for coordinates that are not on the earth.
func (m *Mesibo) SendLocation(p MessageParams, id uint32, l Location) error {
	const op = "SendLocation"
	if math.IsNaN(l.Lat) || math.IsNaN(l.Lon) || math.Abs(l.Lat) > 90 || math.Abs(l.Lon) > 180 {
		return opError(op, ResultBadRequest, fmt.Errorf("no such place: latitude %v, longitude %v", l.Lat, l.Lon))
	}
	if len(l.Title) > wire.MaxName || len(l.Message) > wire.MaxStatusText || len(l.URL) > wire.MaxURL || l.Zoom < 0 || l.Zoom > math.MaxUint8 {
		return opError(op, ResultBadRequest, fmt.Errorf("%w: name, postal address or URL of the place", ErrTooLarge))
	}
	return m.send(op, p, id, models.Message{Kind: models.KindLocation, Content: &models.Content{Location: &models.Location{
		Lat: l.Lat, Lon: l.Lon, Zoom: l.Zoom, Title: l.Title, Address: l.Message, URL: l.URL, Accuracy: l.Accuracy,
	}}})
}

// ForwardMessage sends a copy of a stored message, text, place or file, to p under the new id; mid is the 64-bit id of the message to
// forward (mesibo-api 1.2). The copy carries FlagForwarded. A file is not uploaded again.
// Errors: as SendMessage; ErrNotFound with ResultBadRequest when there is no such message, it was taken back, or its file has not
// been uploaded yet.
func (m *Mesibo) ForwardMessage(p MessageParams, id uint32, mid uint64) error {
	const op = "ForwardMessage"
	db, target, err := m.open("", 0)
	if err != nil {
		return opError(op, ResultFail, err)
	}
	row, err := db.Message(context.Background(), target.Account, mid)
	if err != nil {
		return storeError(op, err)
	}
	file := row.Content != nil && row.Content.File != nil
	if Flag(row.Flags)&FlagDeleted != 0 || row.Kind == models.KindGroup || file && row.Content.File.URL == "" {
		return opError(op, ResultBadRequest, ErrNotFound)
	}
	p.Flag |= FlagForwarded
	p.Type = int(row.Type)
	copied := models.Message{Data: row.Data, Kind: row.Kind}
	if row.Content != nil {
		c := *row.Content
		c.Mentions = nil
		if file { // what became of the transfer of the other message is not this one's
			f := *c.File
			f.State, f.Done, f.Failure, f.Played = 0, 0, "", false
			c.File = &f
		}
		copied.Content = &c
	}
	return m.send(op, p, id, copied)
}

// AddCustomMessage stores a message here that is never sent (mesibo-api 1.2): with MsgStatusCustom, or the record of a call when p.Status is
// one of the three call statuses (then bit 0 of p.Type is set for video). It belongs to the conversation that p names, stands behind what
// is there, and is handed to listeners. Errors: as SendMessage.
func (m *Mesibo) AddCustomMessage(p MessageParams, id uint32, data []byte) error {
	const op = "AddCustomMessage"
	if err := checkParams(&p); err != nil {
		return opError(op, ResultBadRequest, err)
	}
	row := models.Message{Data: data}
	if err := checkContent(&p, &row); err != nil {
		return opError(op, ResultBadRequest, err)
	}
	if id == 0 {
		id = m.Random()
	}
	row.Mid, row.Flags, row.Type, row.RefID, row.Nonce = int64(id), int64(p.Flag&travelling), int64(p.Type), int64(p.RefID), newNonce()
	return m.save(op, p, row)
}

// save stores a message that is not sent.
func (m *Mesibo) save(op string, p MessageParams, row models.Message) error {
	db, target, err := m.open(p.Peer, p.GroupID)
	if err != nil {
		return opError(op, ResultFail, err)
	}
	row.Status, row.Ts = int64(MsgStatusCustom), int64(now())
	if p.IsCall() {
		row.Status = int64(p.Status)
	}
	row.Flags |= int64(FlagSaveCustom)
	switch err := db.Save(target, &row); {
	case errors.Is(err, store.ErrDuplicate):
		return opError(op, ResultBadRequest, ErrDuplicateID)
	case err != nil:
		return opError(op, ResultFail, err)
	}
	row.Peer, row.GroupID = target.Peer, int64(target.Group)
	m.calls.post(context.Background(), func(l *listeners) { m.hand(l, &row) })
	return nil
}

// SendUpdate replaces the text of a message that this user sent; mid is its 64-bit id, or the id given to SendMessage while it waits (mesibo-api
// 5.11). It is changed here at once and reaches the others in time; their MessageUpdateListeners are told, and so are those here.
// A message that nobody can have seen yet simply changes, others carry FlagModify from then on.
// Errors: ErrNotFound with ResultBadRequest when there is no such message of this user, or it failed or was taken back; ErrTooLate with
// ResultDenied when it is older than SetMessageRetractionInterval or the server allows; ErrTooLarge.
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
	row, err := db.Message(context.Background(), target.Account, mid)
	if err != nil {
		return storeError(op, err)
	}
	if row.Status != int64(MsgStatusOutbox) && m.tooLate(&row) {
		return opError(op, ResultDenied, ErrTooLate)
	}
	changed := models.Message{Data: message, Kind: row.Kind}
	if row.Content != nil {
		c := *row.Content
		c.Mentions = nil
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

// updated tells listeners that a message changed: how it is when they are called, so that the last call is never out of date.
func (m *Mesibo) updated(row *models.Message) {
	m.calls.post(context.Background(), func(l *listeners) {
		now := *row
		if db, target, err := m.open("", 0); err == nil {
			if found, err := db.Message(context.Background(), target.Account, uint64(row.Mid)); err == nil {
				now = found
			}
		}
		l.messageUpdate(m.withReactions(&now), now.Data)
	})
}

// tooLate tells whether a message can no longer be changed or taken back.
func (m *Mesibo) tooLate(row *models.Message) bool {
	limit := m.retraction()
	return limit > 0 && time.Since(time.UnixMilli(row.Ts)) > limit
}

// SendReaction sets this user's reaction to a message, any one short text such as an emoji; empty takes it away. p names the conversation, mid is
// the message's 64-bit id. Everybody's MessageUpdateListeners are told, here at once. It is an addition to the reference.
// Errors: ResultBadRequest for a text of more than 32 bytes; ErrNotFound with it when there is no such message, or it was taken back.
func (m *Mesibo) SendReaction(p MessageParams, mid uint64, emoji string) error {
	const op = "SendReaction"
	if len(emoji) > wire.MaxEmoji || !utf8.ValidString(emoji) {
		return opError(op, ResultBadRequest, fmt.Errorf("%w: a reaction has up to %d bytes", ErrTooLarge, wire.MaxEmoji))
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

// FindMessage looks a stored message up by its 64-bit id, or while it waits by the id given to SendMessage. It is an addition to the reference.
// Errors: ErrNotFound with ResultBadRequest.
func (m *Mesibo) FindMessage(mid uint64) (*Message, error) {
	const op = "FindMessage"
	db, target, err := m.open("", 0)
	if err != nil {
		return nil, opError(op, ResultFail, err)
	}
	row, err := db.Message(context.Background(), target.Account, mid)
	if err != nil {
		return nil, storeError(op, err)
	}
	p := m.withReactions(&row)
	p.Origin = OriginDBMessage
	return m.message(p, &row), nil
}

// message joins a message and what it carries.
func (m *Mesibo) message(p MessageParams, row *models.Message) *Message {
	msg := &Message{MessageParams: p, Data: row.Data, Location: locationOf(row)}
	if row.Kind == models.KindFile {
		msg.File = m.fileOf(row, &p)
	}
	if row.Kind == models.KindGroup {
		msg.Data = []byte(m.noticeText(&p))
	}
	return msg
}

// GetReceipts tells who has received and read a message that this user sent, and when; one-to-one that is at most one. It is an addition to the
// reference, whose messages have getDeliveryTimestamp and getReadTimestamp. Errors: ErrNotFound with ResultBadRequest.
func (m *Mesibo) GetReceipts(mid uint64) ([]Receipt, error) {
	const op = "GetReceipts"
	db, target, err := m.open("", 0)
	if err != nil {
		return nil, opError(op, ResultFail, err)
	}
	row, err := db.Message(context.Background(), target.Account, mid)
	if err != nil {
		return nil, storeError(op, err)
	}
	if row.Sender != "" || row.Seq == 0 {
		return nil, nil
	}
	rows, err := db.Receipts(context.Background(), &row)
	if err != nil {
		return nil, opError(op, ResultFail, err)
	}
	out := make([]Receipt, 0, len(rows))
	for _, r := range rows {
		out = append(out, Receipt{Address: r.Address, Delivered: uint64(r.Delivered), Read: uint64(r.Read)})
	}
	return out, nil
}
