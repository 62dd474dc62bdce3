package chat

import (
	"log/slog"
	"time"

	"github.com/parley-chat/parley/mesibo"
)

// draftAfter is how long after the last key a draft is saved.
const draftAfter = 500 * time.Millisecond

// Draft is the text that was typed and not sent.
func (m *Model) Draft() string { return m.draft }

// SetDraft takes in what the composer holds; it is saved when no key was pressed for a while, and when the chat is left.
func (m *Model) SetDraft(text string) {
	if m.draft == text || m.writing.edit != 0 {
		return
	}
	if m.draft = text; text == "" {
		m.stopTyping()
	}
	if m.draftTimer != nil {
		m.draftTimer()
	}
	m.draftTimer = m.cfg.Dispatcher.After(draftAfter, m.SaveDraft)
}

// SaveDraft saves the draft now if it changed.
func (m *Model) SaveDraft() {
	if m.draftTimer != nil {
		m.draftTimer()
		m.draftTimer = nil
	}
	if m.draft == m.saved {
		return
	}
	profile := mesibo.UserProfile{Address: m.cfg.Peer, GroupID: m.cfg.GroupID}
	if p, ok := m.cfg.Backend.GetProfile(m.cfg.Peer, m.cfg.GroupID); ok {
		profile = *p
	}
	profile.Draft = m.draft
	if err := m.cfg.Backend.SetProfile(&profile); err != nil {
		m.cfg.Logger.Warn("draft not saved", slog.Any("error", err))
		return
	}
	m.saved = m.draft
	m.cfg.Drafted()
}
