package contacts

import (
	"slices"
	"strings"
)

// MentionsUser reports whether a message mentions a user.
func (l Line) MentionsUser(address string) bool {
	return slices.ContainsFunc(l.Mentions, func(who string) bool { return strings.EqualFold(who, address) })
}

// MentionsOnly reports whether only mentions of this user in a group are notified.
func (m *Model) MentionsOnly(id ID) bool { return slices.Contains(m.mentions, id.Folded().Key()) }

// SetMentionsOnly sets whether only mentions in a group are notified.
func (m *Model) SetMentionsOnly(id ID, only bool) {
	key := id.Folded().Key()
	m.mentions = slices.DeleteFunc(m.mentions, func(other string) bool { return other == key })
	if only {
		m.mentions = append(m.mentions, key)
	}
	m.cfg.MentionsOnlyChanged(m.mentions)
}
