package store

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"gorm.io/gorm"

	"github.com/parley-chat/parley/models"
)

// This file applies events other than messages, statuses and read marks.

// Recalled says that messages were recalled.
type Recalled struct {
	By   string // address of who did
	Mids []uint64
	Ts   uint64
	// Allowed decides whether a message of another user may be recalled here; nil allows all.
	Allowed func(m *models.Message) bool
}

// Modified says what a message carries now.
type Modified struct {
	By      string // address of its sender
	Mid     uint64
	Row     models.Message // Data, Kind, Content
	Ts      uint64
	Allowed func(m *models.Message) bool // as in Recalled
}

// ChatSettings say how a chat is treated.
type ChatSettings struct {
	Peer       string
	Group      uint32
	Pinned     bool
	Archived   bool
	MutedUntil uint64 // ms since the Unix epoch
	Unread     bool   // marked as unread
}

// Block says that a user is blocked, or is not any more.
type Block struct {
	Address string
	Blocked bool
}

// GroupNotice says what happened to a group and how it is now.
type GroupNotice struct {
	Kind    int
	Group   models.Group   // without account and own rights
	Profile models.Profile // without account
	Members []models.GroupMember
	Actor   string
	Deleted bool
}

// The kinds of notices: those of the protocol.
const (
	noticeCreated     = 1
	noticeSettings    = 2
	noticeJoined      = 3
	noticeRemoved     = 4
	noticeLeft        = 5
	noticePermissions = 6
	noticeDeleted     = 7
)

// blockFlag marks the profile of a user whose messages the server refuses.
const blockFlag = 0x40000

// isRemoved reports whether a message of a log that is read again was deleted here.
func (a *applier) isRemoved(m *models.Message) (bool, error) {
	if a.account.Base == 0 && !a.replay {
		return false, nil
	}
	return removed(a.tx, m)
}

func removed(tx *gorm.DB, m *models.Message) (bool, error) {
	var n int64
	err := tx.Raw(`SELECT (SELECT count(*) FROM removed WHERE account_id = ? AND mid = ?) +
		(SELECT count(*) FROM chats WHERE id = ? AND cleared_ts >= ?)`,
		m.AccountID, m.Mid, m.ChatID, m.Ts).Scan(&n).Error
	if err != nil {
		return false, fmt.Errorf("look up deleted message: %w", err)
	}
	return n > 0, nil
}

// noteReceipt stores that a user has received or read, and reports whether that is new.
func (a *applier) noteReceipt(chat int64, st *Status, position int64) (bool, error) {
	done := a.tx.Exec(
		`INSERT INTO receipts(chat_id, address, status, position, ts) SELECT ?, ?, ?, ?, ? WHERE NOT EXISTS (
		SELECT 1 FROM receipts WHERE chat_id = ? AND address = ? AND status = ? AND position >= ?)`,
		chat, st.Peer, st.Status, position, int64(st.Ts), chat, st.Peer, st.Status, position)
	if done.Error != nil {
		return false, fmt.Errorf("store receipt: %w", done.Error)
	}
	return done.RowsAffected > 0, nil
}

func (a *applier) lookUp(mid uint64) (models.Message, bool, error) {
	m, err := byMid(a.tx.Table("messages").Select("messages.*, chats.peer, chats.group_id").
		Joins("JOIN chats ON chats.id = messages.chat_id"), a.account.ID, mid)
	return m, m.ID != 0, err
}

func (a *applier) isFrom(m *models.Message, address string) bool {
	if m.Sender == "" {
		return strings.EqualFold(address, a.account.Address)
	}
	return strings.EqualFold(m.Sender, address)
}

func (a *applier) recall(r *Recalled) error {
	for _, mid := range r.Mids {
		m, found, err := a.lookUp(mid)
		if err != nil {
			return err
		}
		if !found || m.Flags&flagDeleted != 0 {
			continue
		}
		own := strings.EqualFold(r.By, a.account.Address)
		if !own && (m.GroupID == 0 && !a.isFrom(&m, r.By) || r.Allowed != nil && !r.Allowed(&m)) {
			continue
		}
		unread := isUnread(&m)
		if err := wipe(a.tx, &m); err != nil {
			return err
		}
		m.Ts, a.erased = int64(r.Ts), true
		a.changes = append(a.changes, Change{Message: &m, Recalled: true})
		if unread {
			if err := a.uncount(&m); err != nil {
				return err
			}
		}
	}
	return nil
}

// uncount takes a recalled message out of the unread ones of its chat.
func (a *applier) uncount(m *models.Message) error {
	if err := a.summarise(); err != nil { // or its unread count would be added to the new one
		return err
	}
	left, err := refreshUnread(a.tx, m.ChatID)
	if err != nil {
		return err
	}
	a.changes = append(a.changes, Change{Read: &ReadMark{Peer: m.Peer, Group: uint32(m.GroupID)}, Unread: left})
	return nil
}

// wipe removes what a message carries; the row stays as a mark. Whether the message was edited before is not to be
// seen any more: devices that learn of the edit too late would not know.
func wipe(tx *gorm.DB, m *models.Message) error {
	m.Data, m.Kind, m.Content = nil, models.KindPlain, nil
	m.Flags = m.Flags&^flagModified | flagDeleted
	err := errors.Join(
		tx.Exec("UPDATE messages SET data = NULL, kind = ?, content = NULL, flags = ? WHERE id = ?", m.Kind, m.Flags,
			m.ID).
			Error,
		tx.Exec("DELETE FROM reactions WHERE account_id = ? AND mid = ?", m.AccountID, m.Mid).Error,
		reindex(tx, m),
	)
	if err != nil {
		return fmt.Errorf("wipe message: %w", err)
	}
	return nil
}

func (a *applier) modify(c *Modified) error {
	m, found, err := a.lookUp(c.Mid)
	if err != nil || !found || m.Flags&flagDeleted != 0 || !a.isFrom(&m, c.By) {
		return err
	}
	if m.Sender != "" && c.Allowed != nil && !c.Allowed(&m) {
		return nil
	}
	newer, err := a.changedSince(&m, c.By, models.OperationModify)
	if err != nil {
		return err
	}
	if newer { // what was written here stays, but others see that it was changed
		c.Row.Data, c.Row.Kind, c.Row.Content = m.Data, m.Kind, m.Content
	}
	if m.Flags&flagModified != 0 && sameMessage(&m, &c.Row) {
		return nil // this device's own change
	}
	if err := replace(a.tx, &m, &c.Row); err != nil {
		return err
	}
	a.erased = true
	a.changes = append(a.changes, Change{Message: &m, Updated: true})
	return nil
}

func sameMessage(a, b *models.Message) bool {
	return bytes.Equal(a.Data, b.Data) && sameContent(a.Content, b.Content)
}

// sameContent compares contents, apart from what is this device's own of a file.
func sameContent(a, b *models.Content) bool {
	return reflect.DeepEqual(withFile(a, models.File{}), withFile(b, models.File{}))
}

// withFile returns a content with what is this device's own of another file.
func withFile(c *models.Content, own models.File) *models.Content {
	if c == nil || c.File == nil {
		return c
	}
	out, f := *c, *c.File
	f.Played, f.Path, f.State, f.Length, f.Modified, f.Done, f.Failure, f.Stopped = own.Played, own.Path, own.State,
		own.Length, own.Modified,
		own.Done, own.Failure, own.Stopped
	out.File = &f
	return &out
}

// replace sets what a message carries to that of another, and the mark of an edit.
func replace(tx *gorm.DB, m, by *models.Message) error {
	carried := by.Content
	if m.Content != nil && m.Content.File != nil && carried != nil && carried.File != nil &&
		carried.File.URL == m.Content.File.URL {
		carried = withFile(carried, *m.Content.File)
	}
	content, err := contentColumn(carried)
	if err != nil {
		return err
	}
	m.Data, m.Kind, m.Content = by.Data, by.Kind, carried
	m.Flags |= flagModified
	err = errors.Join(
		tx.Exec("UPDATE messages SET data = ?, kind = ?, content = ?, flags = ? WHERE id = ?", m.Data, m.Kind, content,
			m.Flags, m.ID).Error,
		reindex(tx, m),
	)
	if err != nil {
		return fmt.Errorf("change message: %w", err)
	}
	return nil
}

func (a *applier) react(r models.Reaction) error {
	r.AccountID = a.account.ID
	m, found, err := a.lookUp(uint64(r.Mid))
	if err != nil || !found || m.Flags&flagDeleted != 0 {
		return err
	}
	if newer, err := a.changedSince(&m, r.Address, models.OperationReact); err != nil || newer {
		return err
	}
	var emoji string
	err = a.tx.Raw("SELECT emoji FROM reactions WHERE account_id = ? AND mid = ? AND address = ?", r.AccountID, r.Mid,
		r.Address).
		Scan(&emoji).Error
	if err != nil {
		return fmt.Errorf("read reaction: %w", err)
	}
	if err := setReaction(a.tx, r); err != nil {
		return err
	}
	if emoji == r.Emoji {
		return nil // this device's own: only its time is the server's now
	}
	a.changes = append(a.changes, Change{Message: &m, Updated: true})
	return nil
}

// changedSince reports whether this user has changed a message here in a way that the server has not answered yet:
// what the log says of this user's own earlier changes is out of date then.
func (a *applier) changedSince(m *models.Message, by string, kind int) (bool, error) {
	if !strings.EqualFold(by, a.account.Address) {
		return false, nil
	}
	var n int64
	err := a.tx.Raw("SELECT count(*) FROM operations WHERE message_id = ? AND message_id > 0 AND kind = ?", m.ID, kind).
		Scan(&n).Error
	if err != nil {
		return false, fmt.Errorf("look up requests: %w", err)
	}
	return n > 0, nil
}

// setReaction stores a user's reaction, or removes it when it is empty.
func setReaction(tx *gorm.DB, r models.Reaction) error {
	var err error
	if r.Emoji == "" {
		err = tx.Exec("DELETE FROM reactions WHERE account_id = ? AND mid = ? AND address = ?", r.AccountID, r.Mid,
			r.Address).Error
	} else {
		err = tx.Exec(`INSERT INTO reactions(account_id, mid, address, emoji, ts) VALUES(?,?,?,?,?)
			ON CONFLICT(account_id, mid, address) DO UPDATE SET emoji = excluded.emoji, ts = excluded.ts`,
			r.AccountID, r.Mid, r.Address, r.Emoji, r.Ts).Error
	}
	if err != nil {
		return fmt.Errorf("store reaction: %w", err)
	}
	return nil
}

func (a *applier) settings(c *ChatSettings) error {
	chat, err := a.s.chat(a.tx, a.target(c.Peer, c.Group))
	if err != nil {
		return err
	}
	changed, err := setChat(a.tx, chat, c)
	if changed {
		a.changes = append(a.changes, Change{Chat: c})
	}
	return err
}

func setChat(tx *gorm.DB, chat int64, c *ChatSettings) (changed bool, err error) {
	until := int64(min(c.MutedUntil, 1<<63-1))
	done := tx.Exec(`UPDATE chats SET pinned = ?, archived = ?, muted_until = ?, marked_unread = ? WHERE id = ?
		AND (pinned, archived, muted_until, marked_unread) <> (?, ?, ?, ?)`,
		c.Pinned, c.Archived, until, c.Unread, chat, c.Pinned, c.Archived, until, c.Unread)
	if done.Error != nil {
		return false, fmt.Errorf("store conversation: %w", done.Error)
	}
	return done.RowsAffected > 0, nil
}

func (a *applier) block(b *Block) error {
	if err := setBlock(a.tx, a.account.ID, b); err != nil {
		return err
	}
	a.changes = append(a.changes, Change{Block: b})
	return nil
}

func setBlock(tx *gorm.DB, account int64, b *Block) error {
	return setProfileFlag(tx, account, b.Address, blockFlag, b.Blocked)
}

// setProfileFlag sets or removes a flag of a user.
func setProfileFlag(tx *gorm.DB, account int64, address string, flag int64, on bool) error {
	set := int64(0)
	if on {
		set = flag
	}
	err := tx.Exec(`INSERT INTO profiles(account_id, address, group_id, flags) VALUES(?, ?, 0, ?)
		ON CONFLICT(account_id, address, group_id) DO UPDATE SET flags = flags & ~? | excluded.flags`,
		account, address, set, flag).Error
	if err != nil {
		return fmt.Errorf("store flag of a user: %w", err)
	}
	return nil
}

// notice brings what is known of a group up to date.
func (a *applier) notice(group uint32, n *GroupNotice) error {
	n.Group.AccountID, n.Group.GroupID = a.account.ID, int64(group)
	n.Profile.AccountID, n.Profile.GroupID = a.account.ID, int64(group)
	if err := putGroup(a.tx, &n.Group, &n.Profile); err != nil {
		return err
	}
	for i := range n.Members {
		n.Members[i].AccountID, n.Members[i].GroupID = a.account.ID, int64(group)
	}
	switch n.Kind {
	case noticeCreated, noticeJoined, noticePermissions:
		if err := putMembers(a.tx, n.Members); err != nil {
			return err
		}
	case noticeRemoved, noticeLeft:
		if err := dropMembers(a.tx, n.Members); err != nil {
			return err
		}
	}
	return a.ownPart(n)
}

// ownPart notes what a notice means for this user.
func (a *applier) ownPart(n *GroupNotice) error {
	left := n.Kind == noticeDeleted || n.Deleted
	for _, m := range n.Members {
		if !strings.EqualFold(m.Address, a.account.Address) {
			continue
		}
		switch n.Kind {
		case noticeCreated, noticeJoined, noticePermissions:
			err := a.tx.Exec(
				`UPDATE groups SET joined = 1, own_flags = ?, own_admin_flags = ?
				WHERE account_id = ? AND group_id = ?`,
				m.Flags, m.AdminFlags, n.Group.AccountID, n.Group.GroupID).Error
			if err != nil {
				return fmt.Errorf("store membership: %w", err)
			}
		case noticeRemoved, noticeLeft:
			left = true
		}
	}
	if !left {
		return nil
	}
	err := a.tx.Exec(
		"UPDATE groups SET joined = 0, own_flags = 0, own_admin_flags = 0 WHERE account_id = ? AND group_id = ?",
		n.Group.AccountID, n.Group.GroupID).Error
	if err != nil {
		return fmt.Errorf("store membership: %w", err)
	}
	return nil
}
