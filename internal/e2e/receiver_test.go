package e2e_test

import (
	"fmt"
	"testing"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// receiver is a MessageReceiver that is nothing else.
type receiver func(m *mesibo.Message)

func (r receiver) OnReceived(m *mesibo.Message) { r(m) }

// whole says what a message carries.
func whole(m *mesibo.Message) string {
	out := fmt.Sprintf("%s %q", m.Peer, m.Data)
	if m.Location != nil {
		out += " at " + m.Location.Title
	}
	if m.File != nil {
		out += " with " + m.File.Title
	}
	return out
}

// Each message comes whole once to each receiver, after its parts, and before anything of the next message.
func TestMessageReceiver_whole_after_its_parts(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	alice, bob := online(t, srv.Token("alice")), online(t, srv.Token("bob"))
	bob.must(bob.AddListener(&mesibo.ListenerFuncs{
		Message: func(_ *mesibo.MessageParams, data []byte) {
			bob.note(nil, "first part %s", data)
			panic("one that must not keep the whole message away")
		},
		Location: func(_ *mesibo.MessageParams, l *mesibo.Location) { bob.note(nil, "first part %s", l.Title) },
		File:     func(_ *mesibo.MessageParams, f *mesibo.FileInfo) { bob.note(nil, "first part %s", f.Title) },
		Received: func(m *mesibo.Message) {
			bob.note(nil, "first whole %s", whole(m))
			m.Data = []byte("it belongs to the listener")
		},
	}))
	bob.must(bob.AddListener(receiver(func(m *mesibo.Message) { bob.note(nil, "second whole %s", whole(m)) })))

	withCourier(alice).onStart(func(f *mesibo.FileInfo) bool {
		f.SetURL("https://files.example.org/1")
		f.SetProgress(100, mesibo.FileStatusIdle)
		alice.must(alice.UpdateFileTransferProgress(f))
		return true
	})
	alice.send("bob", 1, "text")
	alice.must(alice.SendLocation(toBob(), 2, mesibo.Location{Lat: 1, Lon: 2, Title: "Somewhere"}))
	alice.sendFile(3, &mesibo.FileInfo{Path: writeFile(t, "letter.txt", "Dear Bob"), Message: "for you"})
	bob.awaitLine(`second whole alice "for you" with letter.txt`)
	bob.must(bob.AddCustomMessage(mesibo.MessageParams{Peer: "alice"}, 4, []byte("a note")))
	bob.awaitLine(`second whole alice "a note"`)

	var got []string
	for _, line := range bob.entries("") {
		if len(line) > 5 && (line[:5] == "first" || line[:6] == "second") {
			got = append(got, line)
		}
	}
	want := []string{
		"first part text", `first whole alice "text"`, `second whole alice "text"`,
		"first part Somewhere", `first whole alice "" at Somewhere`, `second whole alice "" at Somewhere`,
		"first part letter.txt", `first whole alice "for you" with letter.txt`,
		`second whole alice "for you" with letter.txt`,
		"first part a note", `first whole alice "a note"`, `second whole alice "a note"`,
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

// A read session hands whole messages to its listener on the goroutine that reads.
func TestMessageReceiver_of_a_read_session(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	alice, bob := online(t, srv.Token("alice")), online(t, srv.Token("bob"))
	alice.send("bob", 1, "one")
	alice.must(alice.SendLocation(toBob(), 2, mesibo.Location{Title: "Null Island"}))
	bob.await("two messages", func() bool { return len(bob.messages()) == 2 })

	var got []string
	s := bob.NewReadDbSession("alice", 0, "", &mesibo.ListenerFuncs{
		Message:  func(_ *mesibo.MessageParams, data []byte) { got = append(got, "part "+string(data)) },
		Received: func(m *mesibo.Message) { got = append(got, fmt.Sprintf("%s %v", whole(m), m.IsLastMessage())) },
	})
	defer s.Stop()
	n, err := s.Read(10)
	if err != nil || n != 2 {
		t.Fatalf("got %d, %v", n, err)
	}
	want := []string{`alice "" at Null Island false`, "part one", `alice "one" true`}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
