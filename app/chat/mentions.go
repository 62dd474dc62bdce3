package chat

import (
	"context"
	"log/slog"
	"slices"
)

// findMentions looks for the unread messages of the group that mention this user.
func (m *Model) findMentions() {
	if m.cfg.GroupID == 0 || m.unread == 0 {
		return
	}
	var mids []uint64
	var err error
	m.cfg.Dispatcher.Async(func(context.Context) {
		mids, err = m.cfg.Backend.UnreadMentions(m.cfg.GroupID)
	}, func() {
		switch {
		case m.closed:
		case err != nil:
			m.cfg.Logger.Warn("mentions not looked for", slog.Any("error", err))
		default:
			for _, mid := range m.mentions { // that arrived meanwhile
				if !slices.Contains(mids, mid) {
					mids = append(mids, mid)
				}
			}
			m.mentions = mids
			m.changed()
		}
	})
}

// noteMention notes a new message if it mentions this user.
func (m *Model) noteMention(msg Message) {
	named := slices.ContainsFunc(msg.Mentions, func(who string) bool { return same(who, m.self) })
	if named && !msg.Out && !slices.Contains(m.mentions, msg.Mid) {
		m.mentions = append(m.mentions, msg.Mid)
	}
}

// seeMentions drops the mentions between two messages that the user can see.
func (m *Model) seeMentions(first, last uint64) {
	from, to := m.hist.index(first), m.hist.index(last)
	if !m.focused || len(m.mentions) == 0 || from < 0 || to < 0 {
		return
	}
	left := slices.DeleteFunc(slices.Clone(m.mentions), func(mid uint64) bool {
		i := m.hist.indexOfMid(mid)
		return i >= from && i <= to
	})
	if len(left) < len(m.mentions) {
		m.mentions = left
		m.changed()
	}
}

// JumpToMention goes to the oldest message that mentions this user and was not seen.
func (m *Model) JumpToMention() {
	for len(m.mentions) > 0 {
		mid := m.mentions[0]
		m.mentions = m.mentions[1:]
		m.changed()
		if m.ShowMessage(mid) {
			return
		}
	}
}
