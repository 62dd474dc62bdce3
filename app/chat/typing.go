package chat

import (
	"log/slog"
	"time"

	"github.com/parley-chat/parley/mesibo"
)

// typingEvery is how often the others are told that this user goes on typing.
const typingEvery = 4 * time.Second

// typing is what the others were told of this user's typing.
type typing struct {
	told time.Time // zero when they take this user not to be typing
}

// Typed takes in that the user wrote something.
func (m *Model) Typed() {
	now := m.cfg.Dispatcher.Now()
	if m.cfg.Saved || m.writing.edit != 0 || !m.typing.told.IsZero() && now.Sub(m.typing.told) < typingEvery {
		return
	}
	m.typing.told = now
	m.tell(mesibo.ActivityTyping)
}

// stopTyping takes it back, when something was sent or everything deleted.
func (m *Model) stopTyping() {
	if m.typing.told.IsZero() {
		return
	}
	m.typing.told = time.Time{}
	m.tell(mesibo.ActivityTypingCleared)
}

// tell sends an activity. Nobody needs to know when it does not arrive.
func (m *Model) tell(activity mesibo.Activity) {
	if err := m.cfg.Backend.SendActivity(m.params(), m.cfg.Backend.Random(), activity, 0); err != nil {
		m.cfg.Logger.Debug("activity not sent", slog.Any("error", err))
	}
}
