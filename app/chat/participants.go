package chat

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/internal/tr"
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
		return tr.L("You")
	case msg.Sender != "":
		return m.name(msg.Sender)
	case msg.Stranger() != "":
		return msg.Stranger()
	default:
		return m.cfg.Title
	}
}

// forwardedWords says of a copy where it is from.
func (m *Model) forwardedWords(msg Message) string {
	switch {
	case msg.Imported != nil && msg.Imported.Origin != "":
		return tr.L("Forwarded from {{.Name}}", "Name", msg.Imported.Origin)
	case msg.Origin == "":
		return tr.L("Forwarded")
	case same(msg.Origin, m.self):
		return tr.L("Forwarded from you")
	default:
		return tr.L("Forwarded from {{.Name}}", "Name", m.name(msg.Origin))
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
	switch off := msg.Stay.For == 0; {
	case msg.Failed():
		return tr.L("Only admins set how long messages stay in this group.")
	case off && msg.Out:
		return tr.L("You switched disappearing messages off")
	case off:
		return tr.L("{{.Name}} switched disappearing messages off", "Name", who)
	case msg.Out:
		return tr.L("You set messages to disappear after {{.Time}}", "Time", format.Lasting(msg.Stay.For))
	default:
		return tr.L("{{.Name}} set messages to disappear after {{.Time}}", "Name", who, "Time", format.Lasting(msg.Stay.For))
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
	stay := m.participants.profile.Disappearing
	switch {
	case stay <= 0 || m.participants.typing != "":
		return words
	case words == "":
		return tr.L("Messages disappear after {{.Time}}", "Time", format.Lasting(stay))
	default:
		return tr.L("{{.Presence}} · messages disappear after {{.Time}}", "Presence", words, "Time", format.Lasting(stay))
	}
}

// presenceWords say who is there.
func (m *Model) presenceWords() string {
	p := &m.participants.profile
	switch {
	case m.cfg.Saved:
		return tr.L("Notes to yourself, on all your devices")
	case m.participants.typing != "":
		return m.participants.typing
	case m.cfg.Echo:
		return tr.L("Writes back what you write")
	case m.isServer():
		return tr.L("Notices of the server")
	case m.cfg.GroupID != 0:
		return m.groupWords()
	case p.Online:
		return tr.L("online")
	case p.LastActiveTime > 0:
		return format.LastSeen(time.UnixMilli(int64(p.LastActiveTime)), m.cfg.Dispatcher.Now())
	default: // not known, or not to be seen
		return ""
	}
}

func (m *Model) groupWords() string {
	switch n := max(m.participants.group.Count, len(m.participants.group.Members)); {
	case !m.participants.group.Member:
		return tr.L("You are no longer a member")
	case n == 0:
		return tr.L("Group")
	default:
		return tr.N("{{.N}} member", "{{.N}} members", n)
	}
}

// SenderOf is the address of who wrote a message that came in.
func (m *Model) SenderOf(msg Message) string { return cmp.Or(msg.Sender, m.cfg.Peer) }

// isServer reports whether the chat has the notices of the server.
func (m *Model) isServer() bool { return m.cfg.GroupID == 0 && m.cfg.Peer == mesibo.ServerAddress }

// Refused says why nothing can be written here, empty when it can.
func (m *Model) Refused() string {
	g := &m.participants.group
	switch {
	case m.isServer():
		return tr.L("Only the server writes here.")
	case m.cfg.GroupID == 0 && m.participants.profile.IsBlocked():
		return tr.L("You have blocked {{.Name}}. Unblock to write.", "Name", m.cfg.Title)
	case m.cfg.GroupID == 0:
		return ""
	case !g.Member:
		return tr.L("You are no longer in this group.")
	case g.Paused:
		return tr.L("Nobody may write in this group at present.")
	case !g.CanSend:
		return tr.L("Only selected members may write in this group.")
	default:
		return ""
	}
}
