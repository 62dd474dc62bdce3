package app

import (
	"fmt"
	"slices"
	"time"

	"github.com/parley-chat/parley/app/contacts"
	"github.com/parley-chat/parley/mesibo"
)

// typingFor is how long somebody is taken to be typing after the last sign of it.
const typingFor = 6 * time.Second

// typists knows who is typing where.
type typists struct {
	clock clock
	name  func(address string) string
	// changed tells what to say of a conversation now.
	changed func(id contacts.ID, words string)
	at      map[contacts.ID][]typist
}

type typist struct {
	address contacts.ID
	end     func() // cancels the end of it
}

func newTypists(clock clock, name func(string) string, changed func(contacts.ID, string)) *typists {
	return &typists{clock: clock, name: name, changed: changed, at: map[contacts.ID][]typist{}}
}

// activity takes in what somebody does in a conversation.
func (t *typists) activity(id contacts.ID, address string, a mesibo.Activity) {
	who := contacts.ID{Peer: address}.Folded()
	switch a {
	case mesibo.ActivityTyping:
		t.drop(id, who)
		t.at[id.Folded()] = append(t.at[id.Folded()], typist{who, t.clock.After(typingFor, func() { t.stopped(id, address) })})
		t.tell(id)
	case mesibo.ActivityTypingCleared, mesibo.ActivityLeft:
		t.stopped(id, address)
	default:
	}
}

// stopped takes in that somebody types no more: the time is over, or the message came.
func (t *typists) stopped(id contacts.ID, address string) {
	if t.drop(id, contacts.ID{Peer: address}.Folded()) {
		t.tell(id)
	}
}

func (t *typists) drop(id, who contacts.ID) bool {
	list := t.at[id.Folded()]
	i := slices.IndexFunc(list, func(one typist) bool { return one.address == who })
	if i < 0 {
		return false
	}
	list[i].end()
	t.at[id.Folded()] = slices.Delete(list, i, i+1)
	return true
}

func (t *typists) tell(id contacts.ID) { t.changed(id, t.words(id)) }

// words say who is typing in a conversation, empty when nobody is.
func (t *typists) words(id contacts.ID) string {
	list := t.at[id.Folded()]
	first := func(i int) string { return contacts.FirstName(t.name(list[i].address.Peer)) }
	switch {
	case len(list) == 0:
		return ""
	case id.Group == 0:
		return "typing…"
	case len(list) == 1:
		return first(0) + " is typing…"
	case len(list) == 2:
		return first(0) + " and " + first(1) + " are typing…"
	default:
		return fmt.Sprintf("%d people are typing…", len(list))
	}
}

// close stops the timers.
func (t *typists) close() {
	for _, list := range t.at {
		for _, one := range list {
			one.end()
		}
	}
	clear(t.at)
}
