package e2e_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// Without a database only so many messages are kept.
func TestMemory_is_bounded(t *testing.T) {
	srv := mesibotest.NewServer(t)
	alice := online(t, srv.Token("alice"))
	m, err := mesibo.New(mesibo.Options{AccessToken: srv.Token("bob")})
	if err != nil {
		t.Fatal(err)
	}
	bot := &device{Mesibo: m, t: t, changed: make(chan struct{})}
	bot.listen()
	bot.start()
	const count = 1600
	for id := uint32(1); id <= count; id++ {
		alice.send("bob", id, fmt.Sprint("m", id))
	}
	bot.awaitLine(fmt.Sprintf("message m%d RECEIVEDNEW", count))
	if _, err := bot.FindMessage(bot.mid("m1")); !errors.Is(err, mesibo.ErrNotFound) {
		t.Errorf("the first message is still there: %v", err)
	}
	if found, err := bot.FindMessage(bot.mid(fmt.Sprint("m", count))); err != nil ||
		string(found.Data) != fmt.Sprint("m", count) {
		t.Errorf("the last message: %v, %v", found, err)
	}
	if n := bot.UnreadCount(); n < 1000 || n > 1250 {
		t.Errorf("%d are unread", n)
	}
	bot.must(bot.SendMessageString(mesibo.NewMessageParams("alice", mesibo.FlagDefault), 7, "answer"))
	bot.awaitLine("status 7 DELIVERED")
}
