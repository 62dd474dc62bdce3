package contacts

import (
	"slices"

	"github.com/parley-chat/parley/mesibo"
)

// Delete removes a chat with all its messages from this device. The notes to oneself, Echo, and groups that this user
// is a member of stay, empty.
func (m *Model) Delete(id ID) error {
	if err := m.cfg.Backend.DeleteMessages(mesibo.MessageParams{Peer: id.Peer, GroupID: id.Group}); err != nil {
		return err
	}
	r := m.rows[id.Folded()]
	if r == nil {
		return nil
	}
	if r.Saved || r.Echo || r.Group != 0 && m.cfg.Backend.IsMember(r.Group) {
		r.Line, r.Mention = Line{}, false
		m.refresh(r)
	} else {
		m.drop(id)
	}
	m.reorder()
	return nil
}

// EchoRemoved removes Echo's chat from the list.
func (m *Model) EchoRemoved() {
	m.drop(ID{Peer: m.cfg.Echo})
	m.cfg.Echo = ""
	m.reorder()
}

// Drop removes a chat from the list.
func (m *Model) Drop(id ID) {
	m.drop(id)
	m.reorder()
}

func (m *Model) drop(id ID) {
	delete(m.rows, id.Folded())
	m.order = slices.DeleteFunc(m.order, func(key ID) bool { return key == id.Folded() })
}
