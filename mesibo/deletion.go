package mesibo

import (
	"context"
	"errors"
	"time"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/internal/store"
	"github.com/parley-chat/parley/models"
)

// defaultRetraction is how long a message can be changed and taken back, unless SetMessageRetractionInterval says otherwise.
const defaultRetraction = 3600 // seconds

// policy is what may be deleted where.
type policy struct {
	interval int        // seconds in which own messages can be taken back, 0 without limit
	deletion DeleteType // what DeleteDefault means
	remote   Retract    // what others may do
	server   int        // seconds that the server allows, 0 without limit
}

func defaultPolicy() policy {
	return policy{interval: defaultRetraction, deletion: DeleteRecall, remote: RetractDefault}
}

// DeletePolicy sets in how many seconds after sending a message can be taken back, 0 for ever, and what DeleteDefault means; a negative
// value leaves what is. It returns what holds then (mesibo-api 1.2). At first: 3600 seconds, DeleteRecall. The server's own limit
// holds as well.
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

// SetMessageRetractionInterval sets in how many seconds after sending a message can be changed and taken back, 0 for ever (mesibo-api 5.11). At
// first 3600. The server's own limit holds as well.
func (m *Mesibo) SetMessageRetractionInterval(seconds int) { m.DeletePolicy(max(0, seconds), -1) }

// SetRemoteRetractionPolicy sets what others may do here to messages they sent (mesibo-api 5.11). At first RetractDefault: all.
// What is not allowed is ignored: the message stays as it was.
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

// mayRecall tells whether the sender of an incoming message may take it back here.
func (m *Mesibo) mayRecall(row *models.Message) bool {
	allowed := m.remotePolicy()
	if allowed&(RetractWipe|RetractDelete) == 0 || row.Kind == models.KindFile && allowed&RetractDelMedia == 0 {
		return false
	}
	if MsgStatus(row.Status) == MsgStatusReceivedNew {
		return allowed&RetractDelUnread != 0
	}
	return allowed&RetractDelRead != 0
}

// mayModify tells whether the sender of an incoming message may change it here.
func (m *Mesibo) mayModify(*models.Message) bool { return m.remotePolicy()&RetractModify != 0 }

// DeleteMessage deletes one message (mesibo-api 1.3); mid is its 64-bit id, or the id given to SendMessage while it waits.
//
// DeleteLocal removes it from this device, and it does not come back. DeleteRecall takes an own message back everywhere and leaves a mark: the
// others' OnMessageStatus is called with IsDeleted, and the one here. DeleteRemove does the same and leaves nothing here.
// In a group whoever may modify it can take back everybody's messages. DeleteDefault is what DeletePolicy says, or DeleteLocal for
// a message that cannot be taken back. A message that was not sent yet is withdrawn, whatever the type.
//
// Errors: ErrNotFound with ResultBadRequest; ErrTooLate with ResultDenied when it is too old to be taken back; ResultDenied when it is
// somebody else's; ResultReqInProgress while it is being sent.
func (m *Mesibo) DeleteMessage(mid uint64, t DeleteType) error {
	return m.deleteMessages("DeleteMessage", []uint64{mid}, t)
}

// DeleteMessagesByID is DeleteMessage for several. Either all are deleted or, on an error, none (mesibo-api 1.3).
func (m *Mesibo) DeleteMessagesByID(mids []uint64, t DeleteType) error {
	return m.deleteMessages("DeleteMessagesByID", mids, t)
}

func (m *Mesibo) deleteMessages(op string, mids []uint64, t DeleteType) error {
	db, target, err := m.open("", 0)
	if err != nil {
		return opError(op, ResultFail, err)
	}
	var local, remote []uint64
	kind := t
	if t == DeleteDefault {
		_, kind = m.DeletePolicy(-1, -1)
	}
	for _, mid := range mids {
		row, err := db.Message(context.Background(), target.Account, mid)
		if err != nil {
			return storeError(op, err)
		}
		if row.Status == int64(MsgStatusOutbox) && row.Tried {
			return opError(op, ResultReqInProgress, errors.New("the message is being sent"))
		}
		err = m.canRecall(&row)
		switch {
		case kind == DeleteLocal, row.Status == int64(MsgStatusOutbox), MsgStatus(row.Status).IsFailed(),
			Flag(row.Flags)&FlagDeleted != 0, t == DeleteDefault && err != nil:
			local = append(local, mid)
		case err != nil:
			return opError(op, ResultDenied, err)
		default:
			remote = append(remote, mid)
		}
	}
	if err := m.delete(db, target.Account, store.Deletion{Mids: local}); err != nil {
		return opError(op, ResultFail, err)
	}
	d := store.Deletion{Mids: remote, Mark: kind == DeleteRecall, Op: recallRequest}
	if err := m.delete(db, target.Account, d); err != nil {
		return opError(op, ResultFail, err)
	}
	return nil
}

func recallRequest(peer string, group uint32, mids []uint64) ([]byte, error) {
	return operation(&wire.Request{Op: &wire.Request_Recall{Recall: &wire.Recall{Peer: peer, GroupId: group, Ids: mids}}})
}

// canRecall tells why a message cannot be taken back, nil when it can.
func (m *Mesibo) canRecall(row *models.Message) error {
	own := row.Sender == "" && row.Nonce != nil && row.Status <= int64(MsgStatusRead)
	switch {
	case !own && (row.GroupID == 0 || row.Sender == "" || row.Kind == models.KindGroup || !m.GetGroupProfile(uint32(row.GroupID)).CanModify()):
		return errors.New("the message is somebody else's")
	case m.tooLate(row):
		return ErrTooLate
	}
	return nil
}

func (m *Mesibo) delete(db *store.Store, account int64, d store.Deletion) error {
	if len(d.Mids) == 0 {
		return nil
	}
	gone, withdrawn, err := db.Delete(account, d)
	if err != nil {
		return err
	}
	m.outbox.Add(-int64(withdrawn))
	m.dropTransfers()
	if d.Op != nil {
		m.wakeOperations()
	}
	if d.Mark {
		m.calls.post(context.Background(), func(l *listeners) {
			for i := range gone {
				l.messageStatus(m.statusParams(&gone[i]))
			}
		})
	}
	return nil
}

// DeleteMessages removes a conversation's messages from this device: those with p.Peer, or of the group p.GroupID
// (mesibo-api 1.3). A message of the outbox that may be on its way stays until it has arrived. What was deleted does not come back.
func (m *Mesibo) DeleteMessages(p MessageParams) error { return m.deleteBefore("DeleteMessages", p, 0) }

// DeleteMessagesBefore is DeleteMessages for those that are older than ts, ms since the Unix epoch; 0 for all (mesibo-api 1.3).
func (m *Mesibo) DeleteMessagesBefore(p MessageParams, ts uint64) error {
	return m.deleteBefore("DeleteMessagesBefore", p, ts)
}

func (m *Mesibo) deleteBefore(op string, p MessageParams, ts uint64) error {
	if err := checkParams(&p); err != nil {
		return opError(op, ResultBadRequest, err)
	}
	db, target, err := m.open(p.Peer, p.GroupID)
	if err != nil {
		return opError(op, ResultFail, err)
	}
	if err := db.DeleteBefore(target, ts); err != nil {
		return opError(op, ResultFail, err)
	}
	totals, err := db.Count(context.Background(), target.Account)
	if err != nil {
		return opError(op, ResultFail, err)
	}
	m.outbox.Store(int64(totals.Outbox))
	m.dropTransfers()
	return nil
}
