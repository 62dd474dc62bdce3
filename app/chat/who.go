package chat

import (
	"fmt"
	"strings"
	"time"

	"github.com/parley-chat/parley/mesibo"
)

// who is what is known of the others in the conversation.
type who struct {
	profile mesibo.UserProfile // of the other party, or the group
	group   Group
	names   map[string]string // by folded address
	typing  string            // who is typing, in words
}

func fold(address string) string { return strings.ToLower(address) }

// refreshPeer looks up the other party, or the group.
func (m *Model) refreshPeer() {
	m.who.profile = mesibo.UserProfile{}
	if p, ok := m.cfg.Backend.GetProfile(m.cfg.Peer, m.cfg.GroupID); ok {
		m.who.profile = *p
	}
	if m.cfg.GroupID != 0 {
		m.who.group = m.cfg.Backend.Group(m.cfg.GroupID)
	}
}

// PeopleChanged takes in that names, the group, or whether somebody is there have changed.
func (m *Model) PeopleChanged(title string) {
	clear(m.who.names)
	m.cfg.Title = title
	m.refreshPeer()
	m.changed()
}

// SetTyping says who is typing, in words; empty for nobody.
func (m *Model) SetTyping(words string) {
	if m.who.typing != words {
		m.who.typing = words
		m.changed()
	}
}

// Name is what somebody is called.
func (m *Model) Name(address string) string {
	name, ok := m.who.names[fold(address)]
	if !ok {
		name = m.cfg.Name(address)
		m.who.names[fold(address)] = name
	}
	return name
}

// Author is what the sender of a message is called.
func (m *Model) Author(msg Message) string {
	switch {
	case msg.Out:
		return "You"
	case msg.Sender != "":
		return m.Name(msg.Sender)
	default:
		return m.cfg.Title
	}
}

// NoticeWords are what a notice about the group says.
func (m *Model) NoticeWords(msg Message) string {
	if msg.Change == nil {
		return msg.Text
	}
	return m.cfg.Notice(msg.Change, msg.Sender)
}

// FaceKey decides the colour of the other party's picture: the address, whatever its case.
func (m *Model) FaceKey() string {
	if m.cfg.GroupID != 0 {
		return fmt.Sprintf("group:%d", m.cfg.GroupID)
	}
	return fold(m.cfg.Peer)
}

// Title is what the header calls the conversation.
func (m *Model) Title() string { return m.cfg.Title }

// Saved tells whether this is the conversation with oneself.
func (m *Model) Saved() bool { return m.cfg.Saved }

// Echo tells whether the other party is the contact that answers.
func (m *Model) Echo() bool { return m.cfg.Echo }

// OthersType tells whether somebody else is typing.
func (m *Model) OthersType() bool { return m.who.typing != "" }

// Subtitle is the header's second line.
func (m *Model) Subtitle() string {
	p := &m.who.profile
	switch {
	case m.cfg.Saved:
		return "Notes to yourself, on all your devices"
	case m.who.typing != "":
		return m.who.typing
	case m.cfg.Echo:
		return "Writes back what you write"
	case m.cfg.GroupID != 0:
		return m.groupWords()
	case p.Online:
		return "online"
	case p.LastActiveTime > 0:
		return LastSeenWords(time.UnixMilli(int64(p.LastActiveTime)), m.cfg.Dispatcher.Now())
	case m.cfg.Title == m.cfg.Peer:
		return ""
	default:
		return m.cfg.Peer
	}
}

func (m *Model) groupWords() string {
	switch n := max(m.who.group.Count, len(m.who.group.Members)); {
	case !m.who.group.Member:
		return "You are no longer a member"
	case n == 0:
		return "Group"
	case n == 1:
		return "1 member"
	default:
		return fmt.Sprintf("%d members", n)
	}
}

// Refused says why nothing can be written here, empty when something can.
func (m *Model) Refused() string {
	g := &m.who.group
	switch {
	case m.cfg.GroupID == 0 && m.who.profile.IsBlocked():
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
