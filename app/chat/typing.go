package chat

import (
	"log/slog"
	"time"

	"github.com/parley-chat/parley/mesibo"
)

// typingEvery is how often typing is reported while it goes on.
const typingEvery = 4 * time.Second

// typing is what was reported of this user's typing.
type typing struct {
	reportedAt time.Time // zero when no typing is reported
}

// typed reports that the user is typing.
func (m *Model) typed() {
	now := m.cfg.Dispatcher.Now()
	if m.cfg.Saved || m.writing.edit != 0 || !m.typing.reportedAt.IsZero() && now.Sub(m.typing.reportedAt) < typingEvery {
		return
	}
	m.typing.reportedAt = now
	m.sendActivity(mesibo.ActivityTyping)
}

// stopTyping reports the end of typing, when a message was sent or the text deleted.
func (m *Model) stopTyping() {
	if m.typing.reportedAt.IsZero() {
		return
	}
	m.typing.reportedAt = time.Time{}
	m.sendActivity(mesibo.ActivityTypingCleared)
}

// sendActivity sends an activity. It may get lost.
func (m *Model) sendActivity(activity mesibo.Activity) {
	if err := m.cfg.Backend.SendActivity(m.params(), m.cfg.Backend.Random(), activity, 0); err != nil {
		m.cfg.Logger.Debug("activity not sent", slog.Any("error", err))
	}
}
