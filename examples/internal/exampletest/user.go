// Package exampletest has users for the tests of the examples.
package exampletest

import (
	"testing"
	"time"

	"github.com/parley-chat/parley/mesibo"
)

const (
	timeout  = time.Minute
	capacity = 100 // of the channels of a user
)

// User is someone with whom an example exchanges messages.
type User struct {
	*mesibo.Mesibo

	Messages chan *mesibo.Message       // what arrived
	Statuses chan *mesibo.MessageParams // of what was sent
	Groups   chan uint32                // ids of groups that the user made or was added to
}

// SignIn connects a user until the test ends.
func SignIn(t *testing.T, token string) *User {
	t.Helper()
	m, err := mesibo.New(mesibo.Options{Path: t.TempDir(), AccessToken: token, Database: "user.db"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Reset(); err != nil {
			t.Error(err)
		}
	})
	u := &User{
		Mesibo: m, Messages: make(chan *mesibo.Message, capacity), Statuses: make(chan *mesibo.MessageParams, capacity),
		Groups: make(chan uint32, capacity),
	}
	received := func(msg *mesibo.Message) {
		if msg.IsIncoming() {
			u.Messages <- msg
		}
	}
	online := make(chan struct{}, capacity)
	for _, l := range []any{
		&mesibo.ListenerFuncs{
			ConnectionStatus: func(s mesibo.ConnectionStatus) {
				if s == mesibo.StatusOnline {
					online <- struct{}{}
				}
			},
			Message: func(p *mesibo.MessageParams, data []byte) { received(&mesibo.Message{MessageParams: *p, Data: data}) },
			File: func(p *mesibo.MessageParams, f *mesibo.FileInfo) {
				received(&mesibo.Message{MessageParams: *p, File: f})
			},
			Location: func(p *mesibo.MessageParams, place *mesibo.Location) {
				received(&mesibo.Message{MessageParams: *p, Location: place})
			},
			MessageStatus: func(p *mesibo.MessageParams) { u.Statuses <- p },
		},
		&mesibo.GroupFuncs{
			Created: func(g *mesibo.UserProfile, _ uint32) { u.Groups <- g.GroupID },
			Joined:  func(g *mesibo.UserProfile) { u.Groups <- g.GroupID },
		},
	} {
		if err := m.AddListener(l); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Start(); err != nil {
		t.Fatal(err)
	}
	Next(t, online)
	return u
}

// Send sends a text to a user, or to a group.
func (u *User) Send(t *testing.T, peer string, group uint32, text string) {
	t.Helper()
	p := mesibo.NewMessageParams(peer, mesibo.FlagDefault)
	p.GroupID = group
	if err := u.SendMessageString(p, u.Random(), text); err != nil {
		t.Fatal(err)
	}
}

// AwaitStatus waits until a message that the user sent has a status.
func (u *User) AwaitStatus(t *testing.T, status mesibo.MsgStatus) {
	t.Helper()
	for Next(t, u.Statuses).Status != status {
	}
}

// Next returns the next value of a channel, and ends the test when none comes.
func Next[T any](t *testing.T, values <-chan T) T {
	t.Helper()
	select {
	case v := <-values:
		return v
	case <-time.After(timeout):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}
