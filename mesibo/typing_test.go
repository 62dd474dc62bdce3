package mesibo

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestDoings_typing_ends(t *testing.T) {
	for name, end := range map[string]func(d *doings){
		"cleared":     func(d *doings) { d.note("Bob", 0, ActivityTypingCleared) },
		"left":        func(d *doings) { d.note("bob", 0, ActivityLeft) },
		"a message":   func(d *doings) { d.wrote("bob", 0) },
		"offline":     func(d *doings) { d.left("BOB") },
		"no network":  func(d *doings) { d.left("") },
		"ten seconds": func(*doings) { <-time.After(typingLasts) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDoings()
				d.note("bob", 0, ActivityTyping)
				d.note("bob", 0, ActivityOnline)
				<-time.After(typingLasts - time.Second)
				if !d.isTyping("BOB", 0) || d.isTyping("bob", 7) || d.isTyping("carol", 0) {
					t.Error("bob is typing, one-to-one, and nobody else")
				}
				end(d)
				if d.isTyping("bob", 0) {
					t.Error("bob is typing still")
				}
			})
		})
	}
}

func TestDoings_chatting(t *testing.T) {
	d := newDoings()
	d.note("bob", 7, ActivityJoined)
	d.note("carol", 7, ActivityJoined)
	d.note("dave", 7, ActivityJoined)
	d.wrote("bob", 7)
	d.note("carol", 7, ActivityLeft)
	d.left("dave")
	for who, want := range map[string]bool{"bob": true, "carol": false, "dave": false} {
		if got := d.isChatting(who, 7); got != want {
			t.Errorf("%s is in the chat: got %v, want %v", who, got, want)
		}
	}
	if d.isChatting("bob", 0) {
		t.Error("bob is in another chat")
	}
}
