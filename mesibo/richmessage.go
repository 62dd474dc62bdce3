package mesibo

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

// SendLocation is SendMessage for a place: the recipient's OnLocation is called. l.Lat and l.Lon are degrees.
// Errors: as SendMessage; ResultBadRequest for coordinates that are not on the earth.
func (m *Mesibo) SendLocation(p MessageParams, id uint32, l Location) error {
	const op = "SendLocation"
	place, err := locationRow(&l)
	if err != nil {
		return opError(op, ResultBadRequest, err)
	}
	return m.send(op, p, id, models.Message{Kind: models.KindLocation, Content: &models.Content{Location: place}})
}

// locationRow checks a location and makes what is stored of it; nil for none.
func locationRow(l *Location) (*models.Location, error) {
	switch {
	case l == nil:
		return nil, nil
	case math.IsNaN(l.Lat) || math.IsNaN(l.Lon) || math.Abs(l.Lat) > 90 || math.Abs(l.Lon) > 180:
		return nil, fmt.Errorf("no such place: latitude %v, longitude %v", l.Lat, l.Lon)
	case len(l.Title) > wire.MaxName || len(l.Message) > wire.MaxStatusText || len(l.URL) > wire.MaxURL || l.Zoom < 0 ||
		l.Zoom > math.MaxUint8:
		return nil, fmt.Errorf("%w: name, postal address or URL of the place", ErrTooLarge)
	}
	return &models.Location{
		Lat: l.Lat, Lon: l.Lon, Zoom: l.Zoom, Title: l.Title, Address: l.Message, URL: l.URL, Accuracy: l.Accuracy,
	}, nil
}

// ForwardMessage sends a copy of a stored message, text, place or file, to p under the new id; mid is the 64-bit id
// of the message to forward, or of an own one the id given to SendMessage. The copy carries FlagForwarded. A file
// is not uploaded again. Errors: as SendMessage; ErrNotFound with ResultBadRequest when there is no such message,
// it was recalled, or its file has not been uploaded yet; ErrAmbiguousID with it as in DeleteMessage.
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
	if file && store.IsImported(row.Mid) {
		p.Flag |= FlagForwarded
		return m.files.send(op, p, id, copyToSend(&row), nil)
	}
	if Flag(row.Flags)&FlagDeleted != 0 || row.Kind == models.KindGroup || row.Kind == models.KindCall ||
		file && row.Content.File.URL == "" {
		return opError(op, ResultBadRequest, ErrNotFound)
	}
	p.Flag |= FlagForwarded
	p.Type = int(row.Type)
	copied := models.Message{Data: row.Data, Kind: row.Kind, Content: &models.Content{}}
	if row.Content != nil {
		*copied.Content = *row.Content
	}
	c := copied.Content
	c.Mentions, c.ForwardedFrom, c.Imported = nil, m.author(&row), nil
	if file { // what became of the transfer of the other message is not this one's
		f := *c.File
		f.State, f.Done, f.Failure, f.Played = 0, 0, "", false
		c.File = &f
	}
	return m.send(op, p, id, copied)
}

// copyToSend is the file of an imported message, which no server has.
func copyToSend(row *models.Message) *FileInfo {
	f := row.Content.File
	return &FileInfo{Path: f.Path, Type: FileType(f.Type), Title: f.Name, Message: string(row.Data), MimeType: f.MIME}
}

// author returns the address of who wrote a message, or the first one of which it is a copy.
func (m *Mesibo) author(row *models.Message) string {
	switch {
	case row.Content != nil && row.Content.ForwardedFrom != "":
		return row.Content.ForwardedFrom
	case Flag(row.Flags)&FlagForwarded != 0: // by a program that does not say from whom
		return ""
	case store.IsImported(row.Mid) && row.Sender == "" && row.Status != models.StatusRead: // by who has no address
		return ""
	case row.Sender != "":
		return row.Sender
	default:
		return m.GetAddress()
	}
}

// AddCustomMessage stores a message here that is never sent: with MsgStatusCustom, or the record of a call when
// p.Status is one of the three call statuses (then bit 0 of p.Type is set for video). It belongs to the
// conversation that p names, stands behind the others, and is handed to listeners. Errors: as SendMessage.
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
	row.Mid, row.Flags, row.Type = int64(id), int64(p.Flag&travelling), int64(p.Type)
	row.RefID, row.Nonce = int64(p.RefID), newNonce()
	return m.save(op, p, row)
}

// save stores a message that is not sent.
func (m *Mesibo) save(op string, p MessageParams, row models.Message) error {
	db, target, err := m.open(p.Peer, p.GroupID)
	if err != nil {
		return opError(op, ResultFail, err)
	}
	row.Status, row.Ts = models.StatusCustom, int64(now())
	if p.IsCall() {
		row.Status = models.Status(p.Status)
	}
	row.Flags |= int64(FlagSaveCustom)
	switch err := db.Save(target, &row); {
	case errors.Is(err, store.ErrDuplicate):
		return opError(op, ResultBadRequest, ErrDuplicateID)
	case err != nil:
		return opError(op, ResultFail, err)
	}
	row.Peer, row.GroupID = target.Peer, int64(target.Group)
	m.listeners.post(context.Background(), func(l *snapshot) { m.notifyMessage(l, &row) })
	return nil
}

// FindMessage looks a stored message up by its 64-bit id, or an own one by the id given to SendMessage. Errors:
// ErrNotFound with ResultBadRequest; ErrAmbiguousID with it as in DeleteMessage.
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
		msg.File = m.files.fileOf(row, &p)
	}
	if row.Kind == models.KindGroup {
		msg.Data = []byte(m.noticeText(&p))
	}
	return msg
}

// GetReceipts returns who has received and read a message that this user sent, and when; one-to-one that is at most
// one. Errors: ErrNotFound with ResultBadRequest.
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
		out = append(out, Receipt{Address: r.Address, Delivered: moment(r.Delivered), Read: moment(r.Read)})
	}
	return out, nil
}
