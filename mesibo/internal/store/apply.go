package store

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"github.com/parley-chat/parley/models"
)

// Event is one entry of the user's log, as the store needs it. Exactly one of the pointers is set, or none for
// an entry that only has a number.
type Event struct {
	Seq      uint64
	Mark     int64 // models.Account.CursorMark
	Message  *Incoming
	Status   *Status
	Read     *ReadMark
	Recalled *Recalled
	Modified *Modified
	Reaction *models.Reaction // without account
	Chat     *ChatSettings
	Block    *Block
	// Invitation was made, or is over.
	Invitation *Invitation
	// Request was accepted, on another device.
	Request *Request
}

// Incoming is a message received, or a copy of an own one.
type Incoming struct {
	Peer  string // the chat's: the sender, or for an own copy the recipient
	Group uint32
	Own   bool
	// Loopback says that the group delivers its messages to their sender as well.
	Loopback bool
	Row      models.Message // Mid, Sender, Flags, Type, Ts, RefID, Nonce, Data, Kind, Content
	// Call is the status of the record of a call, 0 for messages; Seen says that it needs not be counted as unread.
	Call models.Status
	Seen bool
	// Request says that the sender has to be accepted.
	Request bool
	// Notice is what a notice about a group says beside the message.
	Notice *GroupNotice
}

// Status is about own messages: those up to a number, or the one with Mid for a failure.
type Status struct {
	Peer   string
	Group  uint32
	Status models.Status
	UpTo   uint64
	Mid    uint64
	Ts     uint64
}

// ReadMark says that incoming messages were read on another device.
type ReadMark struct {
	Peer  string
	Group uint32
	UpTo  uint64
}

// Change is what an event changed here; events that changed nothing leave none.
type Change struct {
	// Message is new when New is set; it carries something else, or other reactions, when Updated is set; it was
	// recalled when Recalled is set. Otherwise it is an own message with a new status.
	Message  *models.Message
	New      bool
	Updated  bool
	Recalled bool
	// Loopback says that a new own message is to be handed to this user as if it were from another user.
	Loopback bool
	// Read is set when messages of this chat became read; Unread is the count left.
	Read   *ReadMark
	Unread int
	// Notice is set, with the new message of it, when something happened to a group.
	Notice *GroupNotice
	// Chat is set when a chat is to be treated differently, Block when a user was blocked or allowed on
	// another device.
	Chat       *ChatSettings
	Block      *Block
	Invitation *Invitation
	Request    *Request
}

// Apply stores events and the cursor in one transaction and returns what changed, in order. Events that are stored
// already are skipped. ErrGap: the first event does not follow the cursor.
func (s *Store) Apply(account *models.Account, events []Event) ([]Change, error) {
	for len(events) > 0 && events[0].Seq <= uint64(account.Cursor) {
		events = events[1:]
	}
	if len(events) == 0 {
		return nil, nil
	}
	for i, e := range events {
		if e.Seq != uint64(account.Cursor)+uint64(i)+1 {
			return nil, fmt.Errorf("%w: got event %d, expected %d", ErrGap, e.Seq, uint64(account.Cursor)+uint64(i)+1)
		}
	}
	if len(events) == 1 && s.isNoNews(account, events[0]) {
		account.Cursor, account.CursorMark = int64(events[0].Seq), events[0].Mark // stored with the next event that is
		return nil, nil
	}
	var a *applier
	quiet := !slices.ContainsFunc(events, func(e Event) bool { return e.Status == nil })
	err := s.do(&writeOp{quiet: quiet, run: func(tx *gorm.DB) error {
		a = &applier{s: s, tx: tx, account: *account, tallies: make(map[int64]tally)}
		return a.run(events)
	}})
	if err != nil {
		return nil, err
	}
	last := &events[len(events)-1]
	account.Cursor, account.CursorMark = int64(last.Seq), last.Mark
	s.indexSoon()
	if a.erased {
		s.tidySoon()
	}
	return a.changes, nil
}

// isNoNews reports whether an event is the copy of a message that this device sent itself and has the answer to. It
// is by far the most common event of a device that sends, and not worth a transaction.
func (s *Store) isNoNews(account *models.Account, e Event) bool {
	if e.Message == nil || !e.Message.Own || e.Message.Loopback || e.Message.Notice != nil {
		return false
	}
	var n int64
	err := s.r.Raw(numbered(`SELECT count(*) FROM messages WHERE nonce = ? AND status <> {Outbox}
		AND account_id = ? AND seq = ?`),
		e.Message.Row.Nonce, account.ID, int64(e.Seq)).Scan(&n).Error
	return err == nil && n == 1
}

// ErrGap is returned by Apply when an event is missing.
var ErrGap = errors.New("gap in the log")

type applier struct {
	s       *Store
	tx      *gorm.DB
	account models.Account
	replay  bool // messages may have been deleted here
	erased  bool // content was removed
	changes []Change
	pending []insert        // messages not yet written
	tallies map[int64]tally // written, not yet in their chat's row
}

type insert struct {
	in   *Incoming
	chat int64
	row  models.Message
}

func (a *applier) run(events []Event) error {
	for i := range events {
		if err := a.event(&events[i]); err != nil {
			return err
		}
	}
	if err := errors.Join(a.flush(), a.summarise()); err != nil {
		return err
	}
	last := &events[len(events)-1]
	err := a.tx.Exec("UPDATE accounts SET cursor = ?, cursor_mark = ? WHERE id = ?", int64(last.Seq), last.Mark,
		a.account.ID).Error
	if err != nil {
		return fmt.Errorf("store cursor: %w", err)
	}
	return nil
}

// event applies one event.
func (a *applier) event(e *Event) error {
	if e.Message != nil {
		return errors.Join(a.request(e.Message), a.message(e.Seq, e.Message))
	}
	if err := a.flush(); err != nil {
		return err
	}
	switch {
	case e.Status != nil:
		return a.status(e.Status)
	case e.Read != nil:
		return a.read(e.Read)
	case e.Recalled != nil:
		return a.recall(e.Recalled)
	case e.Modified != nil:
		return a.modify(e.Modified)
	case e.Reaction != nil:
		return a.react(*e.Reaction)
	case e.Chat != nil:
		return a.settings(e.Chat)
	case e.Block != nil:
		return a.block(e.Block)
	case e.Invitation != nil:
		return a.invitation(e.Invitation)
	case e.Request != nil:
		return a.setRequest(e.Request)
	}
	return nil
}

func (a *applier) target(peer string, group uint32) Target {
	if group != 0 {
		peer = ""
	}
	return Target{Account: a.account.ID, Peer: peer, Group: group}
}

func (a *applier) message(seq uint64, in *Incoming) error {
	chat, err := a.s.chat(a.tx, a.target(in.Peer, in.Group))
	if err != nil {
		return err
	}
	row := in.Row
	row.ChatID, row.AccountID, row.Seq = chat, a.account.ID, int64(seq)
	row.Position = (a.account.Base + row.Seq) << positionShift
	row.Peer, row.GroupID = in.Peer, int64(in.Group)
	row.Status = models.StatusReceivedNew
	if gone, err := a.isRemoved(&row); err != nil || gone {
		return err
	}
	switch {
	case in.Notice != nil:
		row.Status, row.Nonce = models.StatusCustom, nil
		if err := a.notice(in.Group, in.Notice); err != nil {
			return err
		}
	case in.Call != 0:
		in.setCall(&row)
	case in.Own:
		row.Status = models.StatusSent
		if strings.EqualFold(in.Peer, a.account.Address) {
			row.Status = models.StatusRead
		}
		if known, err := a.ownCopy(&row, in.Loopback); err != nil || known {
			return err
		}
	default:
		if known, err := a.received(&row); err != nil || known {
			return err
		}
	}
	a.pending = append(a.pending, insert{in: in, chat: chat, row: row})
	if len(a.pending) == insertRows {
		return a.flush()
	}
	return nil
}

// received completes the row of a message of another user, and reports whether the message is here already.
func (a *applier) received(row *models.Message) (known bool, err error) {
	row.Nonce = nil
	if IsControl(row.Type) {
		row.Status = models.StatusReceivedRead
	}
	return a.twin(row)
}

// setCall makes a row the record of a call.
func (in *Incoming) setCall(row *models.Message) {
	row.Status, row.Nonce = in.Call, nil
	if in.Seen {
		row.Flags |= flagSeen
	}
}

// ownCopy settles the message this device sent itself, if it did.
func (a *applier) ownCopy(row *models.Message, loopback bool) (known bool, err error) {
	var here models.Message
	err = a.tx.Select("id", "mid", "status", "seq").Where("nonce = ?", row.Nonce).Limit(1).Find(&here).Error
	if err != nil {
		return false, fmt.Errorf("look up own copy: %w", err)
	}
	if here.ID == 0 {
		// The event may have been skipped as no news, and its message deleted, before the cursor was stored.
		return removed(a.tx, row)
	}
	if loopback {
		looped := *row
		a.changes = append(a.changes, Change{Message: &looped, Loopback: true})
	}
	if here.Status != models.StatusOutbox {
		switch {
		case here.Seq == row.Seq:
			return true, nil
		case here.Mid != row.Mid: // another device of this user has sent it once more
			return true, a.rename(here.Mid, row)
		}
		return true, a.renumber(row)
	}
	m, changed, err := applySendResult(a.tx, a.account, SendResult{
		Row: here.ID, Status: row.Status, Mid: uint64(row.Mid), Ts: uint64(row.Ts), Seq: uint64(row.Seq),
	})
	if changed {
		a.changes = append(a.changes, Change{Message: &m})
	}
	return true, err
}

const (
	insertRows = 64
	insertCols = "(chat_id,account_id,mid,position,seq,sender,status,flags,type,ts,age,ref_id,nonce,data,kind,content)"
	insertArgs = 16
)

// flush writes the pending messages in one statement; what is here already is left out.
func (a *applier) flush() error {
	if len(a.pending) == 0 {
		return nil
	}
	args := make([]any, 0, len(a.pending)*insertArgs)
	for i := range a.pending {
		m := &a.pending[i].row
		content, err := contentColumn(m.Content)
		if err != nil {
			return err
		}
		args = append(args, m.ChatID, m.AccountID, m.Mid, m.Position, m.Seq, m.Sender, m.Status, m.Flags, m.Type,
			m.Ts, m.Age, m.RefID, m.Nonce, m.Data, m.Kind, content)
	}
	// The rows go straight to the transaction: GORM's own parsing would cost as much as the insert.
	rows, err := a.tx.Statement.ConnPool.QueryContext(a.tx.Statement.Context, insertStatement(len(a.pending)), args...)
	if err != nil {
		return fmt.Errorf("store messages: %w", err)
	}
	ids, err := scanIDs(rows)
	if err != nil {
		return err
	}
	pending := a.pending
	a.pending = a.pending[:0]
	return a.inserted(pending, ids)
}

func insertStatement(n int) string {
	const row = "(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
	return "INSERT INTO messages" + insertCols + " VALUES " + row + strings.Repeat(","+row, n-1) +
		" ON CONFLICT DO NOTHING RETURNING id, mid"
}

func scanIDs(rows *sql.Rows) (map[int64]int64, error) {
	ids := make(map[int64]int64, insertRows)
	for rows.Next() {
		var id, mid int64
		if err := rows.Scan(&id, &mid); err != nil {
			return nil, errors.Join(fmt.Errorf("store messages: %w", err), rows.Close())
		}
		ids[mid] = id
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, fmt.Errorf("store messages: %w", err)
	}
	return ids, nil
}

// tally is what new messages mean for the summary row of their chat.
type tally struct {
	last   *models.Message
	unread int64
}

// inserted notes the changes of new messages.
func (a *applier) inserted(pending []insert, ids map[int64]int64) error {
	for i := range pending {
		m := pending[i].row
		id, isNew := ids[m.Mid]
		if !isNew {
			if err := a.renumber(&m); err != nil {
				return err
			}
			continue
		}
		delete(ids, m.Mid)
		m.ID = id
		if err := setAge(a.tx, &m); err != nil {
			return err
		}
		a.changes = append(a.changes, Change{
			Message: &m, New: true, Notice: pending[i].in.Notice,
			Loopback: pending[i].in.Own && pending[i].in.Loopback,
		})
		t := a.tallies[m.ChatID]
		t.last = &m
		if isUnread(&m) {
			t.unread++
		}
		a.tallies[m.ChatID] = t
	}
	return nil
}

// summarise brings the chats up to date with the new messages.
func (a *applier) summarise() error {
	for chat, t := range a.tallies {
		// An archived chat comes back with a new message, unless it is muted.
		err := a.tx.Exec(`UPDATE chats SET unread = unread + ?, archived = archived AND NOT (? > 0 AND muted_until < ?),
			last_id = CASE WHEN last_position < ? THEN ? ELSE last_id END, last_position = max(last_position, ?)
			WHERE id = ?`,
			t.unread, t.unread, t.last.Ts, t.last.Position, t.last.ID, t.last.Position, chat).Error
		if err != nil {
			return fmt.Errorf("update conversation: %w", err)
		}
	}
	clear(a.tallies)
	return nil
}

func (a *applier) status(st *Status) error {
	chat, err := a.s.chat(a.tx, a.target(st.Peer, st.Group))
	if err != nil {
		return err
	}
	switch {
	case st.Status == models.StatusDelivered, st.Status == models.StatusRead:
		return a.receipt(chat, st)
	case st.Status.IsFailed():
		return a.fail(st)
	}
	return nil // a status of a later server
}

// receipt takes note of who has received or read, and moves the messages on. In a group the first member to report
// does that; the others are told with their newest message.
func (a *applier) receipt(chat int64, st *Status) error {
	position, err := a.position(chat, st.UpTo)
	if err != nil {
		return err
	}
	fresh, err := a.noteReceipt(chat, st, position)
	if err != nil {
		return err
	}
	before := len(a.changes)
	if err := a.advance(chat, st, models.StatusDelivered, flagDelivery, models.StatusSent); err != nil {
		return err
	}
	if st.Status == models.StatusRead {
		if err := a.advance(chat, st, models.StatusRead, flagRead, models.StatusDelivered); err != nil {
			return err
		}
		if err := a.advance(chat, st, models.StatusRead, flagRead, models.StatusSent); err != nil {
			return err
		}
	}
	if st.Group == 0 || !fresh || len(a.changes) > before {
		return nil
	}
	flag := flagDelivery
	if st.Status == models.StatusRead {
		flag = flagRead
	}
	var m models.Message
	err = a.tx.Raw(fmt.Sprintf(`SELECT * FROM messages WHERE chat_id = ? AND position <= ? AND nonce IS NOT NULL
		AND flags & %d <> 0 AND seq > 0 ORDER BY position DESC LIMIT 1`, flag),
		chat, position).Scan(&m).Error
	if err != nil {
		return fmt.Errorf("find message of receipt: %w", err)
	}
	if m.ID != 0 {
		m.Peer, m.GroupID, m.Ts, m.Status = st.Peer, int64(st.Group), int64(st.Ts), st.Status
		a.changes = append(a.changes, Change{Message: &m})
	}
	return nil
}

// advance moves own messages up to a number from one status to the next, if they asked for it.
func (a *applier) advance(chat int64, st *Status, to models.Status, flag int, from models.Status) error {
	var ms []models.Message
	// The status is part of the statement, so that SQLite uses the partial index for it.
	err := a.tx.Raw(fmt.Sprintf(`UPDATE messages SET status = %d WHERE chat_id = ? AND status = %d
		AND seq BETWEEN 1 AND ? AND flags & %d <> 0 AND nonce IS NOT NULL RETURNING *`, to, from, flag),
		chat, int64(st.UpTo)).Scan(&ms).Error
	if err != nil {
		return fmt.Errorf("update status: %w", err)
	}
	sortBySeq(ms)
	for i := range ms {
		ms[i].Peer, ms[i].GroupID, ms[i].Ts = st.Peer, int64(st.Group), int64(st.Ts)
		a.changes = append(a.changes, Change{Message: &ms[i]})
	}
	return nil
}

func (a *applier) fail(st *Status) error {
	var m models.Message
	err := a.tx.Raw(numbered(`UPDATE messages SET status = ? WHERE account_id = ? AND mid = ?
		AND mid >= {FirstServer} AND status IN ({Sent}, {Delivered}) RETURNING *`),
		st.Status, a.account.ID, int64(st.Mid)).Scan(&m).Error
	if err != nil {
		return fmt.Errorf("update status: %w", err)
	}
	if m.ID != 0 {
		m.Peer, m.GroupID, m.Ts = st.Peer, int64(st.Group), int64(st.Ts)
		a.changes = append(a.changes, Change{Message: &m})
	}
	return nil
}

func (a *applier) read(r *ReadMark) error {
	if err := a.summarise(); err != nil { // or its unread count would be added to the new one
		return err
	}
	chat, err := a.s.chat(a.tx, a.target(r.Peer, r.Group))
	if err != nil {
		return err
	}
	position, err := a.position(chat, r.UpTo)
	if err != nil {
		return err
	}
	unread, changed, err := markRead(a.tx, chat, position)
	if err != nil {
		return err
	}
	err = a.tx.Exec("UPDATE chats SET read_seq = max(read_seq, ?), read_sent = max(read_sent, ?) WHERE id = ?",
		int64(r.UpTo), int64(r.UpTo), chat).Error
	if err != nil {
		return fmt.Errorf("store read mark: %w", err)
	}
	if changed {
		a.changes = append(a.changes, Change{Read: r, Unread: unread})
	}
	return nil
}
