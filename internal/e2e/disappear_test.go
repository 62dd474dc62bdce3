package e2e_test

import (
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// disappearances notes the messages that have disappeared.
type disappearances struct{ d *device }

func (l disappearances) OnDisappeared(p *mesibo.MessageParams) {
	l.d.note(nil, "disappeared %d", p.GetSenderMessageID())
}

// texts are the texts of a chat, oldest first.
func (d *device) texts(peer string) string {
	var all []string
	s := d.NewReadDbSession(peer, 0, "", &mesibo.ListenerFuncs{Received: func(m *mesibo.Message) {
		if m.Type < mesibo.TypeReserved {
			all = append(all, string(m.Data))
		}
	}})
	defer s.Stop()
	s.EnableFifo(true)
	_, err := s.Read(100)
	d.must(err)
	return strings.Join(all, ", ")
}

func TestDisappear(t *testing.T) {
	t.Parallel()
	s := mesibotest.NewServer(t)
	alice, bob := online(t, s.Token("alice")), online(t, s.Token("bob"))
	bob.must(bob.AddListener(disappearances{bob}))
	alice.send("bob", 1, "stays")
	p := mesibo.MessageParams{Peer: "bob"}
	if err := alice.SetDisappearing(p, 9, time.Millisecond); mesibo.ResultOf(err) != mesibo.ResultBadRequest {
		t.Errorf("a millisecond: %v", err)
	}
	alice.must(alice.SetDisappearing(p, 10, 2*time.Second))
	alice.send("bob", 2, "goes")
	bob.awaitLine("message goes RECEIVEDNEW")
	for _, d := range []struct {
		*device
		peer string
	}{{alice, "bob"}, {bob, "alice"}} {
		if got, _ := d.GetProfile(d.peer, 0); got.Disappearing != 2*time.Second {
			t.Errorf("%s: got %v, want 2s", d.peer, got.Disappearing)
		}
	}
	bob.send("alice", 3, "goes too")
	mid := bob.mid("goes")
	if m, err := bob.FindMessage(mid); err != nil || m.Age != 2*time.Second {
		t.Errorf("age: got %+v, %v", m, err)
	}
	bob.awaitLine("disappeared 2")
	bob.awaitLine("disappeared 3")
	alice.await("both are gone", func() bool { return alice.texts("bob") == "stays" })
	if p, _ := bob.GetProfile("alice", 0); p.Unread != 1 {
		t.Errorf("unread: got %d, want 1", p.Unread)
	}
	later := newDevice(t, s.Token("bob"), t.TempDir())
	later.start()
	later.await("a device that comes later does not get them", func() bool { return later.texts("alice") == "stays" })

	bob.must(bob.SetDisappearing(mesibo.MessageParams{Peer: "alice"}, 11, 0))
	bob.send("alice", 4, "stays too")
	alice.awaitLine("message stays too RECEIVEDNEW")
	if got, _ := alice.GetProfile("bob", 0); got.Disappearing != 0 {
		t.Errorf("switched off: got %v", got.Disappearing)
	}
}

func TestDisappear_in_a_group(t *testing.T) {
	t.Parallel()
	_, alice, bob, _, gid := trio(t, 0)
	where := mesibo.MessageParams{GroupID: gid}
	if err := bob.SetDisappearing(where, 1, time.Hour); mesibo.ResultOf(err) != mesibo.ResultDenied {
		t.Errorf("a member without the right: %v", err)
	}
	forged := toGroup(gid)
	forged.Type = mesibo.TypeAge
	bob.must(bob.SendMessageString(forged, 2, "1"))
	bob.awaitLine("status 2 NOTMEMBER")
	alice.must(alice.SetDisappearing(where, 3, time.Hour))
	bob.await("the setting", func() bool {
		p, ok := bob.GetProfile("", gid)
		return ok && p.Disappearing == time.Hour
	})
}
