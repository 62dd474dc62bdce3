package mesibo

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

// defaultRetraction is how long a message can be changed and recalled, unless SetMessageRetractionInterval says
// otherwise.
const defaultRetraction = 3600 // seconds

// policy is what may be deleted where.
type policy struct {
	interval int        // seconds in which own messages can be recalled, 0 without limit
	deletion DeleteType // what DeleteDefault means
	remote   Retract    // what others may do
	server   int        // seconds that the server allows, 0 without limit
}

func defaultPolicy() policy {
	return policy{interval: defaultRetraction, deletion: DeleteRecall, remote: RetractDefault}
}

// DeletePolicy sets in how many seconds after sending a message can be recalled, 0 for ever, and what DeleteDefault
// means; a negative value leaves what is. It returns what holds then. At first: 3600 seconds, DeleteRecall. The
// server's own limit holds as well.
func (m *Mesibo) DeletePolicy(maxRemoteDeleteInterval int, t DeleteType) (int, DeleteType) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if maxRemoteDeleteInterval >= 0 {
		m.policy.interval = maxRemoteDeleteInterval
	}
	if t >= 0 && t <= DeleteRemove {
		m.policy.deletion = t
	}
	return m.policy.interval, m.policy.deletion
}

// SetMessageRetractionInterval sets in how many seconds after sending a message can be changed and recalled, 0 for
// ever. At first 3600. The server's own limit holds as well.
func (m *Mesibo) SetMessageRetractionInterval(seconds int) { m.DeletePolicy(max(0, seconds), -1) }

// SetRemoteRetractionPolicy sets what others may do here to messages they sent. At first RetractDefault: all. What
// is not allowed is ignored: the message stays as it was.
func (m *Mesibo) SetRemoteRetractionPolicy(allowed Retract) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.policy.remote = allowed
}

func (m *Mesibo) retraction() time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	limit := m.policy.interval
	if s := m.policy.server; s > 0 && (limit == 0 || s < limit) {
		limit = s
	}
	return time.Duration(limit) * time.Second
}

func (m *Mesibo) remotePolicy() Retract {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.policy.remote
}

// mayRecall reports whether the sender of an incoming message may take it back here.
func (m *Mesibo) mayRecall(row *models.Message) bool {
	allowed := m.remotePolicy()
	if allowed&(RetractWipe|RetractDelete) == 0 || row.Kind == models.KindFile && allowed&RetractDelMedia == 0 {
		return false
	}
	if row.Status == models.StatusReceivedNew {
		return allowed&RetractDelUnread != 0
	}
	return allowed&RetractDelRead != 0
}

// mayModify reports whether the sender of an incoming message may change it here.
func (m *Mesibo) mayModify(*models.Message) bool { return m.remotePolicy()&RetractModify != 0 }

// DeleteMessage deletes one message; mid is its 64-bit id, or the id given to SendMessage.
//
// DeleteLocal removes it from this device, and it does not come back. DeleteRecall recalls an own message everywhere
// and leaves a mark: the others' OnMessageStatus is called with IsDeleted, and the one here. DeleteRemove does the
// same and leaves nothing here. In a group whoever may modify it can recall everybody's messages. DeleteDefault is
// what DeletePolicy says, or DeleteLocal for a message that cannot be recalled. A message that was not sent yet is
// withdrawn, whatever the type.
//
// Errors: ErrNotFound with ResultBadRequest; ErrAmbiguousID with it when several chats have a message with the id
// given to SendMessage; ErrTooLate with ResultDenied when the message is too old to be recalled; ResultDenied when
// it is another user's; ResultReqInProgress while it is being sent.
func (m *Mesibo) DeleteMessage(mid uint64, t DeleteType) error {
	return m.deleteMessages("DeleteMessage", []uint64{mid}, t)
}

// DeleteMessagesByID is DeleteMessage for several. Either all are deleted or, on an error, none.
func (m *Mesibo) DeleteMessagesByID(mids []uint64, t DeleteType) error {
	return m.deleteMessages("DeleteMessagesByID", mids, t)
}

func (m *Mesibo) deleteMessages(op string, mids []uint64, t DeleteType) error {
	db, target, err := m.open("", 0)
	if err != nil {
		return opError(op, ResultFail, err)
	}
	kind := m.resolve(t)
	var local, remote, waiting []uint64
	for _, mid := range mids {
		row, err := db.Message(context.Background(), target.Account, mid)
		if err != nil {
			return storeError(op, err)
		}
		mid = uint64(row.Mid)
		err = m.canRecall(&row)
		switch {
		case row.Status == models.StatusOutbox && row.Tried:
			return opError(op, ResultReqInProgress, errBeingSent)
		case row.Status == models.StatusOutbox:
			waiting = append(waiting, mid)
		case kind == DeleteLocal, row.Status.IsFailed(), Flag(row.Flags)&FlagDeleted != 0,
			t == DeleteDefault && err != nil:
			local = append(local, mid)
		case err != nil:
			return opError(op, ResultDenied, err)
		default:
			remote = append(remote, mid)
		}
	}
	switch withdrawn, err := m.delete(db, target.Account, store.Deletion{Mids: waiting}); {
	case err != nil:
		return opError(op, ResultFail, err)
	case withdrawn < len(waiting): // one of them was sent meanwhile
		return opError(op, ResultReqInProgress, errBeingSent)
	}
	recall := store.Deletion{Mids: remote, Mark: kind == DeleteRecall, Op: recallRequest}
	_, err = m.delete(db, target.Account, store.Deletion{Mids: local})
	if err == nil {
		_, err = m.delete(db, target.Account, recall)
	}
	if err != nil {
		return opError(op, ResultFail, err)
	}
	return nil
}

// resolve replaces DeleteDefault by what DeletePolicy says.
func (m *Mesibo) resolve(t DeleteType) DeleteType {
	if t == DeleteDefault {
		_, t = m.DeletePolicy(-1, -1)
	}
	return t
}

var errBeingSent = errors.New("the message is being sent")

func recallRequest(peer string, group uint32, mids []uint64) ([]byte, error) {
	return operation(
		&wire.Request{Op: &wire.Request_Recall{Recall: &wire.Recall{Peer: peer, GroupId: group, Ids: mids}}})
}

// canRecall returns why a message cannot be recalled, nil when it can.
func (m *Mesibo) canRecall(row *models.Message) error {
	own := row.Sender == "" && row.Nonce != nil && row.Status <= models.StatusRead
	switch {
	case store.IsImported(row.Mid):
		return errors.New("the message was never sent from here")
	case !own && (row.GroupID == 0 || row.Sender == "" || row.Kind == models.KindGroup ||
		!m.GetGroupProfile(uint32(row.GroupID)).CanModify()):
		return errors.New("the message is somebody else's")
	case m.tooLate(row):
		return ErrTooLate
	}
	return nil
}

// delete deletes messages and returns how many were there.
func (m *Mesibo) delete(db *store.Store, account int64, d store.Deletion) (int, error) {
	if len(d.Mids) == 0 {
		return 0, nil
	}
	gone, withdrawn, err := db.Delete(account, d)
	if err != nil {
		return 0, err
	}
	m.outbox.Add(-int64(withdrawn))
	m.files.messagesDeleted()
	if d.Op != nil {
		m.wakeOperations()
	}
	if d.Mark {
		m.listeners.post(context.Background(), func(l *snapshot) {
			for i := range gone {
				l.messageStatus(m.statusParams(&gone[i]))
			}
		})
	}
	return len(gone), nil
}

// DeleteMessages removes messages from this device that match p: those of the chat with p.Peer or in the group
// p.GroupID, of a group with both set only those that p.Peer has sent there, and of them those that have everything
// else that is not zero in p: Mid (64-bit, or the id given to SendMessage), Type, Ts, RefID, Status, and all of
// Flag. A zero value is no criterion, nor are a negative Expiry, Profile and GroupProfile. What was deleted does
// not come back. A message of the outbox that may be on its way stays until it has arrived.
//
// Errors: ResultBadRequest, and nothing is deleted, when neither peer nor group is given, or p has something that
// cannot be a criterion: Mentions, Reactions, GroupChange, LinkPreview, an Expiry, an Origin other than OriginRealtime
// and OriginDBMessage, or a flag that is not stored, such as FlagLastMessage; ErrNotFound and ErrAmbiguousID with it for
// Mid.
func (m *Mesibo) DeleteMessages(p MessageParams) error {
	return m.deleteMatching("DeleteMessages", p, 0)
}

// DeleteMessagesBefore is DeleteMessages for those that are older than ts, ms since the Unix epoch; 0 for all.
func (m *Mesibo) DeleteMessagesBefore(p MessageParams, ts uint64) error {
	return m.deleteMatching("DeleteMessagesBefore", p, ts)
}

// storedFlags are those that a stored message may have.
const storedFlags = travelling | FlagModify | FlagDeleted | FlagSaveCustom | FlagFileTransferred | FlagFileFailed

// criteria returns what p says of the messages to delete.
func (m *Mesibo) criteria(p *MessageParams) (store.Criteria, error) {
	c := store.Criteria{
		Mid: p.Mid, Type: int64(p.Type), Flags: int64(p.Flag), Ts: int64(p.Ts), RefID: int64(p.RefID),
		Status: int64(p.Status),
	}
	if err := checkCriteria(p); err != nil {
		return c, err
	}
	if p.Peer == "" {
		return c, nil
	}
	if err := wire.ValidAddress(p.Peer); err != nil {
		return c, err
	}
	if p.GroupID != 0 {
		sender := p.Peer
		if strings.EqualFold(sender, m.GetAddress()) {
			sender = ""
		}
		c.Sender = &sender
	}
	return c, nil
}

// checkCriteria returns what parameters say that no message can be found by.
func checkCriteria(p *MessageParams) error {
	switch {
	case p.Peer == "" && p.GroupID == 0:
		return errors.New("neither peer nor group is given")
	case p.Type < 0 || p.Type > math.MaxUint16:
		return fmt.Errorf("type %d is not between 0 and 65535", p.Type)
	case p.Flag&^storedFlags != 0:
		return fmt.Errorf("messages are not stored with the flags %#x", uint64(p.Flag&^storedFlags))
	case p.Expiry > 0 || p.Expiry == ExpiryOnline:
		return errors.New("messages cannot be found by their expiry")
	case p.Origin != OriginRealtime && p.Origin != OriginDBMessage:
		return errors.New("messages cannot be found by their origin")
	case len(p.Mentions) > 0 || len(p.Reactions) > 0 || p.GroupChange != nil || p.LinkPreview != nil:
		return errors.New("messages cannot be found by mentions, reactions, previews and changes of the group")
	}
	return nil
}

func (m *Mesibo) deleteMatching(op string, p MessageParams, ts uint64) error {
	c, err := m.criteria(&p)
	if err != nil {
		return opError(op, ResultBadRequest, err)
	}
	c.Before = ts
	db, target, err := m.open(p.Peer, p.GroupID)
	if err != nil {
		return opError(op, ResultFail, err)
	}
	if err := db.DeleteMatching(target, c); err != nil {
		return storeError(op, err)
	}
	totals, err := db.Count(context.Background(), target.Account)
	if err != nil {
		return opError(op, ResultFail, err)
	}
	m.outbox.Store(int64(totals.Outbox))
	m.files.messagesDeleted()
	return nil
}
