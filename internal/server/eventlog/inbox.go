package eventlog

import (
	"fmt"
	"slices"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/record"
	"github.com/parley-chat/parley/internal/wire"
)

// groupShares is how many times as many undelivered events a stranger has in an inbox through groups, of which its
// user is a member.
const groupShares = 10

// senders counts the undelivered events of a log by who has caused them.
type senders struct {
	counts  map[uint32]uint64 // by user
	notices uint64            // those about groups, which fill no inbox
}

func (s *senders) add(sender uint32, notice bool) {
	if s == nil {
		return
	}
	s.counts[sender]++
	if notice {
		s.notices++
	}
}

// subtract removes events that were delivered. Those that have expired may be counted, but not be among them.
func (s *senders) subtract(other *senders) {
	for uid, n := range other.counts {
		s.counts[uid] -= min(n, s.counts[uid])
	}
	s.notices -= min(other.notices, s.notices)
}

// countSenders counts the events (after, upTo] of a log. Notices about groups are messages without a deadline.
func countSenders(read record.Reader, uid uint32, after, upTo uint64) (*senders, error) {
	s := &senders{counts: make(map[uint32]uint64)}
	err := read.Query(`SELECT m.sender, count(*), sum(CASE WHEN m.gid <> 0 AND m.exp = 0 AND e.kind = ? THEN 1 ELSE 0 END)
		FROM events e JOIN msgs m ON m.mid = e.mid WHERE e.id > ? AND e.id <= ? AND e.kind IN (?, ?) GROUP BY m.sender`,
		[]any{
			int(record.KindMessage), record.EventKey(uid, after), record.EventKey(uid, upTo), int(record.KindMessage),
			int(record.KindEdit),
		}, func(row record.Row) error {
			var (
				sender     uint32
				n, notices uint64
			)
			if err := row.Scan(&sender, &n, &notices); err != nil {
				return fmt.Errorf("count senders: %w", err)
			}
			s.counts[sender] = n
			s.notices += notices
			return nil
		})
	return s, err
}

// full reports whether a user's inbox has no room for an event that another user causes, in a chat of the two or,
// if gid is not 0, in a group: it is full of all, or of what this one has sent who is no contact.
func (b *batch) full(uid uint32, h *logState, sender, gid uint32) (bool, error) {
	waiting := h.last - h.delivered
	if h.last >= record.MaxSeq-1 {
		return true, nil
	}
	if waiting < min(b.log.share, b.log.limit) {
		return false, nil
	}
	if err := b.count(uid, h); err != nil {
		return true, err
	}
	if waiting-min(waiting, h.senders.notices) >= b.log.limit {
		return true, nil
	}
	return b.overShare(uid, h, sender, gid)
}

// count counts the undelivered events of a log, unless it is known who has caused them.
func (b *batch) count(uid uint32, h *logState) (err error) {
	if h.senders == nil {
		h.senders, err = countSenders(b.tx, uid, h.delivered, h.last)
	}
	return err
}

// overShare reports whether a sender who is no contact of a user has caused too many of the user's undelivered events.
// The application's backend, uid 0, has no share.
func (b *batch) overShare(uid uint32, h *logState, sender, gid uint32) (bool, error) {
	share := b.log.share
	if gid != 0 {
		share *= groupShares
	}
	if sender == 0 || sender == uid || h.last-h.delivered < share {
		return false, nil
	}
	if err := b.count(uid, h); err != nil || h.senders.counts[sender] < share {
		return false, err
	}
	known, err := b.isContact(pair{uid, sender})
	return !known, err
}

// isContact reports whether the first user has ever written to the second one, including this batch.
func (b *batch) isContact(p pair) (bool, error) {
	if b.knows(p) {
		return true, nil
	}
	return isContact(b.tx, p)
}

// collapse lets the newest notice about a group's settings, mid, take the place of one that waits in the logs of users
// who are not connected, when no other notice about the group has followed. It returns the other users.
func (b *batch) collapse(gid uint32, mid uint64, uids []uint32) ([]uint32, error) {
	rest := make([]uint32, 0, len(uids))
	for _, uid := range uids {
		h, err := b.state(uid)
		if err != nil {
			return nil, err
		}
		seq := h.settings[gid]
		if seq <= h.delivered || b.log.hub.Online(uid) {
			rest = append(rest, uid)
			continue
		}
		b.update(`UPDATE events SET mid = ? WHERE id = ?`, int64(mid), record.EventKey(uid, seq))
	}
	return rest, nil
}

// noteNotice keeps where the last notice about a group is in a log, if it is about the group's settings.
func (s *logState) noteNotice(gid uint32, settings bool) {
	if !settings {
		delete(s.settings, gid)
		return
	}
	if s.settings == nil {
		s.settings = make(map[uint32]uint64)
	}
	s.settings[gid] = s.last
}

// withNoticeRoom returns the users whose logs take a notice about a group: all but those who are not concerned and
// have enough of the actor's.
func (b *batch) withNoticeRoom(
	g *group, actor accounts.UserRef, change *wire.GroupChange, uids []uint32,
) ([]uint32, error) {
	list := make([]uint32, 0, len(uids))
	for _, uid := range uids {
		h, err := b.state(uid)
		if err != nil {
			return nil, err
		}
		over := false
		if m := g.find(uid); m != nil && !concerns(change, m.Address) {
			over, err = b.overShare(uid, h, actor.UID, g.gid)
		}
		if err != nil {
			return nil, err
		}
		if !over {
			list = append(list, uid)
		}
	}
	return list, nil
}

// concerns reports whether a notice is about a user, or about whether there is a group.
func concerns(change *wire.GroupChange, address string) bool {
	switch change.GetKind() {
	case wire.GroupChange_CREATED, wire.GroupChange_DELETED:
		return true
	default:
		return slices.ContainsFunc(change.GetMembers(), func(m *wire.Member) bool { return m.GetAddress() == address })
	}
}
