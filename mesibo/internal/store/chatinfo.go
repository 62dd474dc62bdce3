package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"

	"github.com/parley-chat/parley/models"
)

// ChatInfo is the state of a chat, with the thumbnail of the other party or the group.
type ChatInfo struct {
	Chat    models.Chat // Unread, Draft, Pinned, Archived, MutedUntil, MarkedUnread and Age; zero values without a chat
	Picture []byte      // shared by all callers, who must not change it
}

const (
	mostInfos   = 1000 // kept at a time
	infosAtOnce = 200  // looked up in one query
)

// infoCache keeps what was looked up since the last commit.
type infoCache struct {
	mu      sync.Mutex
	commits uint64 // of the store when the first of infos was looked up
	infos   map[chatKey]ChatInfo
}

func (t Target) key() chatKey { return chatKey{t.Account, strings.ToLower(t.Peer), t.Group} }

func (c *infoCache) get(commits uint64, key chatKey) (ChatInfo, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.commits != commits {
		return ChatInfo{}, false
	}
	info, ok := c.infos[key]
	return info, ok
}

// put keeps what was looked up after the store had committed so many times.
func (c *infoCache) put(commits uint64, infos map[chatKey]ChatInfo) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.commits > commits {
		return
	}
	if c.commits < commits || c.infos == nil || len(c.infos)+len(infos) > mostInfos {
		c.commits, c.infos = commits, make(map[chatKey]ChatInfo, len(infos))
	}
	maps.Copy(c.infos, infos)
}

// ChatInfo returns the state of a chat, the zero value for one that does not exist.
func (s *Store) ChatInfo(ctx context.Context, t Target) (ChatInfo, error) {
	commits := s.commits.Load()
	if info, ok := s.infos.get(commits, t.key()); ok {
		return info, nil
	}
	infos, err := s.readInfos(ctx, []Target{t})
	if err != nil {
		return ChatInfo{}, err
	}
	s.infos.put(commits, infos)
	return infos[t.key()], nil
}

// PrepareChatInfos looks several chats of one account up at once, for the calls of ChatInfo that follow.
func (s *Store) PrepareChatInfos(ctx context.Context, targets []Target) error {
	commits := s.commits.Load()
	missing := make([]Target, 0, len(targets))
	named := make(map[chatKey]bool, len(targets))
	for _, t := range targets {
		key := t.key()
		if _, ok := s.infos.get(commits, key); !ok && !named[key] {
			named[key] = true
			missing = append(missing, t)
		}
	}
	for len(missing) > 0 {
		n := min(len(missing), infosAtOnce)
		infos, err := s.readInfos(ctx, missing[:n])
		if err != nil {
			return err
		}
		s.infos.put(commits, infos)
		missing = missing[n:]
	}
	return nil
}

// readInfos reads the chats of one account. The rows are scanned by hand: GORM would take longer than the database.
func (s *Store) readInfos(ctx context.Context, targets []Target) (infos map[chatKey]ChatInfo, err error) {
	account := targets[0].Account
	args := make([]any, 0, 2*len(targets)+2)
	for _, t := range targets {
		args = append(args, t.Peer, t.Group)
	}
	args = append(args, account, account)
	rows, err := s.read(ctx).Raw(`WITH t(peer, group_id) AS (VALUES `+strings.Repeat("(?,?),", len(targets)-1)+`(?,?))
		SELECT t.peer, t.group_id, c.id, c.unread, c.draft, c.pinned, c.archived, c.muted_until, c.marked_unread,
			c.age, p.picture
		FROM t LEFT JOIN chats c ON c.account_id = ? AND c.peer = t.peer AND c.group_id = t.group_id
			LEFT JOIN profiles p ON p.account_id = ? AND p.address = t.peer AND p.group_id = t.group_id`,
		args...).Rows()
	if err != nil {
		return nil, fmt.Errorf("look up conversations: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	infos = make(map[chatKey]ChatInfo, len(targets))
	for rows.Next() {
		t := Target{Account: account}
		var id, unread, mutedUntil, age sql.NullInt64
		var draft sql.NullString
		var pinned, archived, marked sql.NullBool
		var info ChatInfo
		if err := rows.Scan(&t.Peer, &t.Group, &id, &unread, &draft, &pinned, &archived, &mutedUntil, &marked,
			&age, &info.Picture); err != nil {
			return nil, fmt.Errorf("look up conversations: %w", err)
		}
		info.Chat = models.Chat{
			ID: id.Int64, AccountID: account, Peer: t.Peer, GroupID: int64(t.Group), Unread: unread.Int64,
			Draft: draft.String, Pinned: pinned.Bool, Archived: archived.Bool, MutedUntil: mutedUntil.Int64,
			MarkedUnread: marked.Bool, Age: age.Int64,
		}
		infos[t.key()] = info
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("look up conversations: %w", err)
	}
	return infos, nil
}

// AllChatInfos returns the state of every chat and the thumbnail of everybody who has one, by address in lower case
// and group.
func (s *Store) AllChatInfos(ctx context.Context, account int64) (infos map[Target]ChatInfo, err error) {
	var targets []struct {
		Peer    string
		GroupID uint32
	}
	err = s.read(ctx).Raw(`SELECT peer, group_id FROM chats WHERE account_id = ? UNION
		SELECT address, group_id FROM profiles WHERE account_id = ? AND picture IS NOT NULL`, account, account).
		Scan(&targets).Error
	if err != nil {
		return nil, fmt.Errorf("list conversations: %w", err)
	}
	infos = make(map[Target]ChatInfo, len(targets))
	for len(targets) > 0 {
		n := min(len(targets), infosAtOnce)
		part := make([]Target, 0, n)
		for _, t := range targets[:n] {
			part = append(part, Target{Account: account, Peer: t.Peer, Group: t.GroupID})
		}
		found, err := s.readInfos(ctx, part)
		if err != nil {
			return nil, err
		}
		for key, info := range found {
			infos[Target{Account: account, Peer: key.peer, Group: key.group}] = info
		}
		targets = targets[n:]
	}
	return infos, nil
}
