package chat

import (
	"log/slog"
	"time"

	"github.com/parley-chat/parley/mesibo"
)

// draftAfter is the time after the last key until a draft is saved.
const draftAfter = 500 * time.Millisecond

// draftText is the text that was typed and not sent.
func (m *Model) draftText() string { return m.draft }

// setDraft sets the composer's text as the draft. It is saved after a pause in typing, and when the chat is left.
func (m *Model) setDraft(text string) {
	if m.draft == text || m.writing.edit != 0 {
		return
	}
	if m.draft = text; text == "" {
		m.stopTyping()
	}
	if m.draftTimer != nil {
		m.draftTimer()
	}
	m.draftTimer = m.cfg.Dispatcher.After(draftAfter, m.saveDraft)
}

// saveDraft saves the draft now if it changed.
func (m *Model) saveDraft() {
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
