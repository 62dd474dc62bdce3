package app

import (
	"slices"
	"time"

	"github.com/parley-chat/parley/app/contacts"
	"github.com/parley-chat/parley/internal/tr"
	"github.com/parley-chat/parley/mesibo"
)

// typingTimeout is how long a user counts as typing after the last sign of it.
const typingTimeout = 6 * time.Second

// typing is who is typing in which chat.
type typing struct {
	clock clock
	name  func(address string) string
	// changed is called with the new text about a chat.
	changed func(id contacts.ID, words string)
	at      map[contacts.ID][]typingUser
}

type typingUser struct {
	address contacts.ID
	end     func() // cancels the timeout
}

func newTyping(clock clock, name func(string) string, changed func(contacts.ID, string)) *typing {
	return &typing{clock: clock, name: name, changed: changed, at: map[contacts.ID][]typingUser{}}
}

// activity applies the activity of a user in a chat.
func (t *typing) activity(id contacts.ID, address string, a mesibo.Activity) {
	who := contacts.ID{Peer: address}.Folded()
	switch a {
	case mesibo.ActivityTyping:
		t.drop(id, who)
		end := t.clock.After(typingTimeout, func() { t.stopped(id, address) })
		t.at[id.Folded()] = append(t.at[id.Folded()], typingUser{who, end})
		t.notify(id)
	case mesibo.ActivityTypingCleared, mesibo.ActivityLeft:
		t.stopped(id, address)
	default:
	}
}

// stopped is called when a user types no more: the time is over, or the message arrived.
func (t *typing) stopped(id contacts.ID, address string) {
	if t.drop(id, contacts.ID{Peer: address}.Folded()) {
		t.notify(id)
	}
}

func (t *typing) drop(id, who contacts.ID) bool {
	list := t.at[id.Folded()]
	i := slices.IndexFunc(list, func(one typingUser) bool { return one.address == who })
	if i < 0 {
		return false
	}
	list[i].end()
	t.at[id.Folded()] = slices.Delete(list, i, i+1)
	return true
}

func (t *typing) notify(id contacts.ID) { t.changed(id, t.words(id)) }

// words says who is typing in a chat, empty for no one.
func (t *typing) words(id contacts.ID) string {
	list := t.at[id.Folded()]
	first := func(i int) string { return contacts.FirstName(t.name(list[i].address.Peer)) }
	switch {
	case len(list) == 0:
		return ""
	case id.Group == 0:
		return tr.L("typing…")
	case len(list) == 1:
		return tr.L("{{.Name}} is typing…", "Name", first(0))
	case len(list) == 2:
		return tr.L("{{.One}} and {{.Other}} are typing…", "One", first(0), "Other", first(1))
	default:
		return tr.N("{{.N}} person is typing…", "{{.N}} people are typing…", len(list))
	}
}

// close stops the timers.
func (t *typing) close() {
	for _, list := range t.at {
		for _, one := range list {
			one.end()
		}
	}
	clear(t.at)
}
