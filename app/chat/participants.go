package chat

import (
	"fmt"
	"strings"
	"time"

	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/mesibo"
)

// participants is what is known of the others in the chat.
type participants struct {
	profile mesibo.UserProfile // of the other party, or the group
	group   Group
	names   map[string]string // by folded address
	typing  string            // who is typing, in words
}

func fold(address string) string { return strings.ToLower(address) }

// refreshPeer looks up the other user, or the group.
func (m *Model) refreshPeer() {
	m.participants.profile = mesibo.UserProfile{}
	if p, ok := m.cfg.Backend.GetProfile(m.cfg.Peer, m.cfg.GroupID); ok {
		m.participants.profile = *p
	}
	if m.cfg.GroupID != 0 {
		m.participants.group = m.cfg.Backend.Group(m.cfg.GroupID)
	}
}

// PeopleChanged updates names, group and presence.
func (m *Model) PeopleChanged(title string) {
	clear(m.participants.names)
	m.cfg.Title = title
	m.refreshPeer()
	m.changed()
}

// SetTyping sets the text about who is typing, empty for no one.
func (m *Model) SetTyping(words string) {
	if m.participants.typing != words {
		m.participants.typing = words
		m.changed()
	}
}

// name is the name of a user.
func (m *Model) name(address string) string {
	name, ok := m.participants.names[fold(address)]
	if !ok {
		name = m.cfg.Name(address)
		m.participants.names[fold(address)] = name
	}
	return name
}

// Author is the name of a message's sender.
func (m *Model) Author(msg Message) string {
	switch {
	case msg.Out:
		return "You"
	case msg.Sender != "":
		return m.name(msg.Sender)
	default:
		return m.cfg.Title
	}
}

// forwardedWords says of a copy where it is from.
func (m *Model) forwardedWords(msg Message) string {
	switch {
	case msg.Origin == "":
		return "Forwarded"
	case same(msg.Origin, m.self):
		return "Forwarded from you"
	default:
		return "Forwarded from " + m.name(msg.Origin)
	}
}

// NoticeText is the text of a notice about the group.
func (m *Model) NoticeText(msg Message) string {
	switch {
	case msg.Pin != nil:
		return m.pinWords(msg)
	case msg.Stay != nil:
		return m.stayWords(msg)
	case msg.Change == nil:
		return msg.Text
	}
	return m.cfg.Notice(msg.Change, msg.Sender)
}

// stayWords is a notice about how long messages stay.
func (m *Model) stayWords(msg Message) string {
	who := m.Author(msg)
	switch {
	case msg.Failed():
		return "Only admins set how long messages stay in this group."
	case msg.Stay.For == 0:
		return who + " switched disappearing messages off"
	default:
		return who + " set messages to disappear after " + format.Lasting(msg.Stay.For)
	}
}

// faceKey decides the colour of the chat's avatar. The case of addresses does not matter.
func (m *Model) faceKey() string {
	if m.cfg.GroupID != 0 {
		return fmt.Sprintf("group:%d", m.cfg.GroupID)
	}
	return fold(m.cfg.Peer)
}

// Title is the chat's title in the header.
func (m *Model) Title() string { return m.cfg.Title }

// Saved reports whether this is the chat with oneself.
func (m *Model) Saved() bool { return m.cfg.Saved }

// echo reports whether the other user is Echo.
func (m *Model) echo() bool { return m.cfg.Echo }

// othersType reports whether another user is typing.
func (m *Model) othersType() bool { return m.participants.typing != "" }

// subtitle is the header's second line.
func (m *Model) subtitle() string {
	words := m.presenceWords()
	if stay := m.participants.profile.Disappearing; stay > 0 && m.participants.typing == "" {
		after := "messages disappear after " + format.Lasting(stay)
		if words == "" {
			return strings.ToUpper(after[:1]) + after[1:]
		}
		return words + " · " + after
	}
	return words
}

// presenceWords say who is there.
func (m *Model) presenceWords() string {
	p := &m.participants.profile
	switch {
	case m.cfg.Saved:
		return "Notes to yourself, on all your devices"
	case m.participants.typing != "":
		return m.participants.typing
	case m.cfg.Echo:
		return "Writes back what you write"
	case m.cfg.GroupID != 0:
		return m.groupWords()
	case p.Online:
		return "online"
	case p.LastActiveTime > 0:
		return format.LastSeen(time.UnixMilli(int64(p.LastActiveTime)), m.cfg.Dispatcher.Now())
	default: // not known, or not to be seen
		return ""
	}
}

func (m *Model) groupWords() string {
	switch n := max(m.participants.group.Count, len(m.participants.group.Members)); {
	case !m.participants.group.Member:
		return "You are no longer a member"
	case n == 0:
		return "Group"
	case n == 1:
		return "1 member"
	default:
		return fmt.Sprintf("%d members", n)
	}
}

// Refused says why nothing can be written here, empty when it can.
func (m *Model) Refused() string {
	g := &m.participants.group
	switch {
	case m.cfg.GroupID == 0 && m.participants.profile.IsBlocked():
		return "You have blocked " + m.cfg.Title + ". Unblock to write."
	case m.cfg.GroupID == 0:
		return ""
	case !g.Member:
		return "You are no longer in this group."
	case g.Paused:
		return "Nobody may write in this group at present."
	case !g.CanSend:
		return "Only selected members may write in this group."
	default:
		return ""
	}
}
