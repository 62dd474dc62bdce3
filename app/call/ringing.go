package call

import "github.com/parley-chat/parley/internal/tr"

// Ring is a call that rings here, in words.
type Ring struct {
	Title, Text string
	Group       bool // it is that of a group
}

// Ringing returns the call that the user has to answer first, and false without one.
func (m *Model) Ringing() (Ring, bool) {
	switch t := m.ringing(); {
	case m.ended:
	case t != nil:
		return Ring{Title: tr.L("{{.Name}} is calling", "Name", m.cfg.Name(t.peer)), Text: kindWords(t.video)}, true
	case m.groups.ringing() != 0:
		group := m.groups.ringing()
		return Ring{
			Title: m.groups.ringWords(group), Group: true,
			Text: callWords(m.groups.states[group].Video) + " · " + m.groups.PartWords(group),
		}, true
	}
	return Ring{}, false
}

// ringing is the call of a user that rings, nil for none.
func (m *Model) ringing() *talk {
	switch {
	case m.shown != nil && m.shown.rings():
		return m.shown
	case len(m.waiting) > 0:
		return m.waiting[0]
	}
	return nil
}

// AnswerRing answers the call of Ringing, as its window would.
func (m *Model) AnswerRing() {
	switch t := m.ringing(); t {
	case nil:
		if group := m.groups.ringing(); group != 0 {
			m.groups.JoinRinging(m.groups.states[group].Video)
		}
	case m.shown:
		m.Answer(t.video)
	default:
		m.AnswerWaiting()
	}
}

// DeclineRing declines the call of Ringing.
func (m *Model) DeclineRing() {
	switch t := m.ringing(); t {
	case nil:
		m.groups.Ignore()
	case m.shown:
		m.HangUp()
	default:
		m.DeclineWaiting()
	}
}
