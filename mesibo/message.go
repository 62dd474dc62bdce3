package mesibo

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

// mostWaiting is how many messages the outbox holds.
const mostWaiting = 100_000

// NewMessageParams returns parameters for a message to a user that waits for its recipient as long as the server's
// default allows.
func NewMessageParams(peer string, flag Flag) MessageParams {
	return MessageParams{Peer: peer, Flag: flag, Expiry: ExpiryDefault}
}

// SendMessage queues a message for p.Peer, or for the group p.GroupID, under the caller's id.
//
// nil means accepted, not delivered: the message is stored in the outbox and survives the end of the process (with
// SetDatabase); MessageListener.OnMessageStatus gets what becomes of it. The id is the low half of the 64-bit
// Mid in those calls; use Random for it. Id 0 lets the SDK choose one, and no status can be matched. message is at
// most 64 KiB and is not kept after the call.
//
// Errors: ResultBadRequest for wrong parameters (with ErrTooLarge, ErrDuplicateID), ResultBufferFull when
// 100,000 messages wait, ResultDisconnected for a transient message while not online, ResultFail without a
// token or when the disk fails. On error nothing was queued.
func (m *Mesibo) SendMessage(p MessageParams, id uint32, message []byte) error {
	if p.Flag&FlagModify != 0 {
		return m.modify("SendMessage", p, id, message)
	}
	return m.send("SendMessage", p, id, models.Message{Data: message})
}

// send checks a message and queues it, or hands it over at once when it is transient. row holds what it carries.
func (m *Mesibo) send(op string, p MessageParams, id uint32, row models.Message) error {
	return m.sendBy(op, p, id, row, nil)
}

// intoOutbox puts a message into the outbox: Store.Queue, or something like it.
type intoOutbox func(s *store.Store, t store.Target, row *models.Message) error

// sendBy is send with another way into the outbox, nil for the usual one.
func (m *Mesibo) sendBy(op string, p MessageParams, id uint32, row models.Message, put intoOutbox) error {
	if err := m.made(); err != nil {
		return opError(op, ResultFail, err)
	}
	if err := checkParams(&p); err != nil {
		return opError(op, ResultBadRequest, err)
	}
	if err := checkContent(&p, &row); err != nil {
		return opError(op, ResultBadRequest, err)
	}
	if id == 0 {
		id = m.Random()
	}
	p.Mid = uint64(id)
	if has[MessageFilter](m.listeners) && !m.listeners.filter(p, FilterOutgoing, row.Data) {
		return nil
	}
	row.Mid, row.Flags, row.Type, row.Expiry, row.Ts = int64(id), int64(p.Flag&travelling), int64(p.Type),
		p.rowExpiry(), int64(now())
	row.RefID, row.Nonce, row.Peer, row.GroupID = int64(p.RefID), newNonce(), p.Peer, int64(p.GroupID)
	row.Age = int64(p.Age / time.Second)
	switch {
	case p.Flag&FlagTransient != 0:
		if !m.transmit(&row) {
			return opError(op, ResultDisconnected, nil)
		}
		return nil
	case p.Flag&FlagDontSend != 0:
		return m.save(op, p, row)
	}
	return m.queue(op, &row, p.Flag&FlagQueue != 0, put)
}

// checkContent checks what a message carries and puts what is in the parameters into it.
func checkContent(p *MessageParams, row *models.Message) error {
	if len(row.Data) > wire.MaxText {
		return fmt.Errorf("%w: %d bytes, the limit is %d", ErrTooLarge, len(row.Data), wire.MaxText)
	}
	if len(p.Mentions) > wire.MaxMentions {
		return fmt.Errorf("%w: %d mentions, the limit is %d", ErrTooLarge, len(p.Mentions), wire.MaxMentions)
	}
	if err := putLink(p.LinkPreview, row); err != nil {
		return err
	}
	if p.Album != 0 {
		if row.Content == nil {
			row.Content = &models.Content{}
		}
		row.Content.Album = p.Album
	}
	if len(p.Mentions) == 0 {
		return nil
	}
	for _, address := range p.Mentions {
		if err := wire.ValidAddress(address); err != nil {
			return fmt.Errorf("mention: %w", err)
		}
	}
	if row.Content == nil {
		row.Content = &models.Content{}
	}
	row.Content.Mentions = p.Mentions
	return nil
}

// SendMessageString is SendMessage for text.
func (m *Mesibo) SendMessageString(p MessageParams, id uint32, message string) error {
	return m.SendMessage(p, id, []byte(message))
}

func checkParams(p *MessageParams) error {
	switch {
	case p.Peer == "" && p.GroupID == 0:
		return errors.New("neither peer nor group is given")
	case p.Type < 0 || p.Type > math.MaxUint16:
		return fmt.Errorf("type %d is not between 0 and 65535", p.Type)
	case p.Age < 0 || p.Age > wire.MaxAge*time.Second:
		return fmt.Errorf("age of %v is not between 0 and ten years", p.Age)
	case p.Expiry > math.MaxInt32:
		return fmt.Errorf("expiry of %d seconds is too long", p.Expiry)
	}
	if p.GroupID != 0 { // parameters of a received message name its sender as well
		p.Peer = ""
		return nil
	}
	return wire.ValidAddress(p.Peer)
}

func newNonce() []byte {
	nonce := make([]byte, wire.NonceSize)
	_, _ = rand.Read(nonce) // never fails since Go 1.24
	return nonce
}

func (m *Mesibo) transmit(row *models.Message) bool {
	e := m.running()
	return e != nil && e.session.Transmit(sendFrame(row))
}

// queue puts a message into the outbox; later says that it may wait for the next one.
func (m *Mesibo) queue(op string, row *models.Message, later bool, put intoOutbox) error {
	db, target, err := m.open(row.Peer, uint32(row.GroupID))
	if err != nil {
		return opError(op, ResultFail, err)
	}
	if m.outbox.Load() >= mostWaiting {
		return opError(op, ResultBufferFull, nil)
	}
	e := m.running()
	m.outbox.Add(1)
	if put == nil {
		put = func(s *store.Store, t store.Target, row *models.Message) error {
			return s.Queue(t, row, !later && e != nil && e.session.IsOnline())
		}
	}
	switch err := put(db, target, row); {
	case errors.Is(err, store.ErrDuplicate):
		m.outbox.Add(-1)
		return opError(op, ResultBadRequest, ErrDuplicateID)
	case err != nil:
		m.outbox.Add(-1)
		return opError(op, ResultFail, err)
	}
	m.answered(row.Peer)
	if row.Age > 0 {
		m.fader.wake()
	}
	if !later {
		m.wakeOutbox()
	}
	return nil
}

// SendMessages sends what was queued with FlagQueue.
func (m *Mesibo) SendMessages() { m.wakeOutbox() }

func (m *Mesibo) wakeOutbox() {
	m.queued.Add(1)
	if e := m.running(); e != nil {
		e.session.Wake()
	}
}

// opened is open without making a database; false when there is none.
func (m *Mesibo) opened(peer string, group uint32) (*store.Store, store.Target, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.token == nil || m.db == nil {
		return nil, store.Target{}, false
	}
	if group != 0 {
		peer = ""
	}
	return m.db, store.Target{Account: m.account.ID, Peer: peer, Group: group}, true
}

// open returns the database and the name of a chat in it. Without SetDatabase one in memory is made.
func (m *Mesibo) open(peer string, group uint32) (*store.Store, store.Target, error) {
	if err := m.made(); err != nil {
		return nil, store.Target{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.token == nil {
		return nil, store.Target{}, errors.New("no access token is set")
	}
	if err := m.ensureDatabase(); err != nil {
		return nil, store.Target{}, err
	}
	if group != 0 {
		peer = ""
	}
	return m.db, store.Target{Account: m.account.ID, Peer: peer, Group: group}, nil
}

// Resend queues a failed message again, under its id. p names the chat by Peer or GroupID; id is the low
// half of the message's Mid. Errors: ErrNotFound with ResultBadRequest when no failed message has this id.
func (m *Mesibo) Resend(p MessageParams, id uint32) error {
	const op = "Resend"
	db, target, err := m.open(p.Peer, p.GroupID)
	if err != nil {
		return opError(op, ResultFail, err)
	}
	if err := db.Requeue(target, id, newNonce(), now()); err != nil {
		return storeError(op, err)
	}
	m.outbox.Add(1)
	m.wakeOutbox()
	m.files.startPending(p, id, nil)
	return nil
}

// Cancel withdraws a message that waits in the outbox and removes it; a failed one is removed too. One that was
// sent and is not known to be delivered is recalled, as DeleteMessage with DeleteRemove does: nothing of it stays
// here, and the recipient gets no more than the mark of a recalled message. p names the chat, id is the one
// given to SendMessage.
//
// Errors: ErrNotFound with ResultBadRequest when there is no such message or it was delivered; ResultReqInProgress
// while it is being sent; ErrTooLate with ResultDenied when it is too old to be recalled.
func (m *Mesibo) Cancel(p MessageParams, id uint32) error {
	const op = "Cancel"
	db, target, err := m.open(p.Peer, p.GroupID)
	if err != nil {
		return opError(op, ResultFail, err)
	}
	waited, err := db.Cancel(target, id)
	if errors.Is(err, store.ErrNotFound) {
		return m.cancelSent(op, db, target, id)
	}
	if err != nil {
		return storeError(op, err)
	}
	if waited {
		m.outbox.Add(-1)
	}
	m.files.messagesDeleted()
	return nil
}

// cancelSent recalls a message that was sent and not delivered.
func (m *Mesibo) cancelSent(op string, db *store.Store, target store.Target, id uint32) error {
	row, err := db.OwnMessage(context.Background(), target, id)
	switch {
	case err != nil:
		return storeError(op, err)
	case row.Status == models.StatusOutbox:
		return opError(op, ResultReqInProgress, errBeingSent)
	case row.Status != models.StatusSent || Flag(row.Flags)&FlagDeleted != 0:
		return opError(op, ResultBadRequest, ErrNotFound)
	}
	if err := m.canRecall(&row); err != nil {
		return opError(op, ResultDenied, err)
	}
	if _, err := m.delete(db, target.Account, store.Deletion{
		Mids: []uint64{uint64(row.Mid)},
		Op:   recallRequest,
	}); err != nil {
		return opError(op, ResultFail, err)
	}
	return nil
}

func storeError(op string, err error) error {
	switch {
	case errors.Is(err, store.ErrNotFound):
		return opError(op, ResultBadRequest, ErrNotFound)
	case errors.Is(err, store.ErrAmbiguous):
		return opError(op, ResultBadRequest, ErrAmbiguousID)
	}
	return opError(op, ResultFail, err)
}

// SendReadReceipt says that the user has read everything of a chat up to the message mid, a 64-bit id. It
// is marked here, the unread count falls, the user's other devices learn it, and so do senders who asked for it. p
// names the chat. Read sessions with EnableReadReceipt do this by themselves; this is for programs that
// know what was on the screen. Errors: ErrNotFound with ResultBadRequest when there is no such message; ResultFail
// without a token or when the disk fails.
func (m *Mesibo) SendReadReceipt(p MessageParams, mid uint64) error {
	const op = "SendReadReceipt"
	db, target, err := m.open(p.Peer, p.GroupID)
	if err != nil {
		return opError(op, ResultFail, err)
	}
	unread, changed, err := db.MarkRead(target, mid)
	if err != nil {
		return storeError(op, err)
	}
	if changed {
		m.wakeMarks()
		m.listeners.post(context.Background(), func(l *snapshot) { l.read(target.Peer, target.Group, unread) })
	}
	return nil
}

func (m *Mesibo) wakeMarks() {
	m.marks.Store(true)
	if e := m.running(); e != nil {
		e.session.Wake()
	}
}

// OutboxCount returns how many messages wait to be sent.
func (m *Mesibo) OutboxCount() int {
	db, target, err := m.open("", 0)
	if err != nil {
		return 0
	}
	totals, err := db.Count(context.Background(), target.Account)
	if err != nil {
		m.log.Error("count outbox", errAttr(err))
		return int(m.outbox.Load())
	}
	return totals.Outbox
}

// UnreadCount returns how many messages of all chats are unread.
func (m *Mesibo) UnreadCount() int {
	db, target, err := m.open("", 0)
	if err != nil {
		return 0
	}
	totals, err := db.Count(context.Background(), target.Account)
	if err != nil {
		m.log.Error("count unread", errAttr(err))
		return 0
	}
	return totals.Unread
}
