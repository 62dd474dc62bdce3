package contacts

import (
	"log/slog"
	"slices"
	"time"

	"github.com/parley-chat/parley/mesibo"
)

// change changes the profile of a chat and shows it.
func (m *Model) change(id ID, f func(p *mesibo.UserProfile)) error {
	p, ok := m.cfg.Backend.GetProfile(id.Peer, id.Group)
	if !ok {
		p = &mesibo.UserProfile{Address: id.Peer, GroupID: id.Group}
	}
	f(p)
	if err := m.cfg.Backend.SetProfile(p); err != nil {
		return err
	}
	m.ProfileChanged(id)
	return nil
}

// Pin pins a chat before the others, or unpins it.
func (m *Model) Pin(id ID, pin bool) error {
	key := id.Folded().Key()
	m.pins = slices.DeleteFunc(m.pins, func(other string) bool { return other == key })
	if pin {
		m.pins = slices.Insert(m.pins, 0, key)
	}
	err := m.change(id, func(p *mesibo.UserProfile) {
		if p.IsPinned() != pin {
			p.TogglePin()
		}
	})
	m.cfg.PinsChanged(m.pins)
	return err
}

// Mute mutes a chat until a time; for ever with the zero time.
func (m *Model) Mute(id ID, until time.Time) error {
	return m.change(id, func(p *mesibo.UserProfile) {
		p.Flag |= mesibo.UserFlagMute
		p.MutedUntil = until
	})
}

// MutedAt reports whether a chat is muted at a time.
func MutedAt(p *mesibo.UserProfile, now time.Time) bool {
	return p.Flag&mesibo.UserFlagMute != 0 && (p.MutedUntil.IsZero() || p.MutedUntil.After(now))
}

// MuteFor mutes a chat for a while; 0 is for ever.
func (m *Model) MuteFor(id ID, d time.Duration) error {
	if d == 0 {
		return m.Mute(id, time.Time{})
	}
	return m.Mute(id, m.cfg.Dispatcher.Now().Add(d))
}

// Unmute ends that.
func (m *Model) Unmute(id ID) error {
	return m.change(id, func(p *mesibo.UserProfile) {
		p.Flag &^= mesibo.UserFlagMute
		p.MutedUntil = time.Time{}
	})
}

// Archive hides a chat until a message arrives, or shows it again.
func (m *Model) Archive(id ID, archive bool) error {
	err := m.change(id, func(p *mesibo.UserProfile) {
		if p.IsArchived() != archive {
			p.ToggleArchive()
		}
	})
	if n, _ := m.Archived(); n == 0 {
		m.archive = false
	}
	return err
}

// MarkUnread marks a chat as unread, until it is opened again, on all devices.
func (m *Model) MarkUnread(id ID) error {
	return m.change(id, func(p *mesibo.UserProfile) { p.MarkUnread(true) })
}

// MarkRead marks all messages of a chat as read, and the chat as unread no more.
func (m *Model) MarkRead(id ID) error {
	if err := m.Unmark(id); err != nil {
		return err
	}
	r := m.rows[id.Folded()]
	if r == nil || r.Unread == 0 || r.Empty() {
		return nil
	}
	if err := m.cfg.Backend.SendReadReceipt(id.Params(), r.Line.Mid); err != nil {
		return err
	}
	m.Reload(id)
	return nil
}

// Unmark marks a chat as unread no more.
func (m *Model) Unmark(id ID) error {
	if r := m.rows[id.Folded()]; r == nil || !r.Marked {
		return nil
	}
	return m.change(id, func(p *mesibo.UserProfile) { p.MarkUnread(false) })
}

// unarchive takes a chat out of the archive because a message arrived.
func (m *Model) unarchive(r *Row) {
	r.Archived = false
	if err := m.Archive(r.ID, false); err != nil {
		m.cfg.Logger.Warn("conversation not brought back", slog.Any("error", err))
	}
}

// scheduleUnmute shows the end of the next mute in time.
func (m *Model) scheduleUnmute() {
	if m.unmute != nil {
		m.unmute()
		m.unmute = nil
	}
	now := m.cfg.Dispatcher.Now()
	var next time.Time
	for _, r := range m.rows {
		if !r.Muted || r.mutedUntil.IsZero() {
			continue
		}
		if next.IsZero() || r.mutedUntil.Before(next) {
			next = r.mutedUntil
		}
	}
	if !next.IsZero() {
		m.unmute = m.cfg.Dispatcher.After(max(0, next.Sub(now))+time.Second, func() { m.ProfileChanged(ID{}) })
	}
}
