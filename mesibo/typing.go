package mesibo

import (
	"strings"
	"sync"
	"time"
)

// typingLasts is how long a user counts as typing after the last ActivityTyping.
const typingLasts = 10 * time.Second

// doings is what other users do in chats just now, as far as they report it.
type doings struct {
	mu       sync.Mutex
	typing   map[doingKey]time.Time // since when
	chatting map[doingKey]bool
}

type doingKey struct {
	address string // lower case
	group   uint32 // 0 for one-to-one
}

func newDoings() *doings {
	return &doings{typing: make(map[doingKey]time.Time), chatting: make(map[doingKey]bool)}
}

// note applies an activity.
func (d *doings) note(address string, group uint32, activity Activity) {
	key := doingKey{strings.ToLower(address), group}
	d.mu.Lock()
	defer d.mu.Unlock()
	switch activity {
	case ActivityTyping:
		d.typing[key] = time.Now()
	case ActivityTypingCleared:
		delete(d.typing, key)
	case ActivityJoined:
		d.chatting[key] = true
	case ActivityLeft:
		delete(d.typing, key)
		delete(d.chatting, key)
	case ActivityNone, ActivityOnline, ActivityOnlineResp:
	}
}

// wrote applies a message: its sender has typed it.
func (d *doings) wrote(address string, group uint32) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.typing, doingKey{strings.ToLower(address), group})
}

// left forgets a user who went offline, or everyone when address is empty.
func (d *doings) left(address string) {
	address = strings.ToLower(address)
	d.mu.Lock()
	defer d.mu.Unlock()
	for key := range d.typing {
		if address == "" || key.address == address {
			delete(d.typing, key)
		}
	}
	for key := range d.chatting {
		if address == "" || key.address == address {
			delete(d.chatting, key)
		}
	}
}

func (d *doings) isTyping(address string, group uint32) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	since, ok := d.typing[doingKey{strings.ToLower(address), group}]
	return ok && time.Since(since) < typingLasts
}

func (d *doings) isChatting(address string, group uint32) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.chatting[doingKey{strings.ToLower(address), group}]
}

// IsTyping reports whether a user is typing to this user, or with groupID in that group: ActivityTyping came in the
// last ten seconds, and since then no message of the user and no ActivityTypingCleared.
// Without a connection it is false.
func (m *Mesibo) IsTyping(peer string, groupID uint32) bool {
	return m.IsOnline() && m.presence.doings.isTyping(peer, groupID)
}

// IsChatting reports whether a user is in the chat with this user, or with groupID in that of the group: the user's
// device sent ActivityJoined, and since then no ActivityLeft, and the user did not go offline. Without a connection
// it is false.
func (m *Mesibo) IsChatting(peer string, groupID uint32) bool {
	return m.IsOnline() && m.presence.doings.isChatting(peer, groupID)
}
