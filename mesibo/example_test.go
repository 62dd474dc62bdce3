package mesibo_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"github.com/parley-chat/parley/mesibo"
)

// A damaged token is refused at once; one that the server does not know ends in StatusAuthFail after Start.
func ExampleMesibo_SetAccessToken() {
	m, err := mesibo.New(mesibo.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = m.SetAccessToken("parley1_c29tZXRoaW5n")
	fmt.Println(errors.Is(err, mesibo.ErrInvalidToken), err)
	// Output: true SetAccessToken: not a valid access token: its end is missing
}

// A program that prints what it receives, until it is told to end.
func Example() {
	receive := func(ctx context.Context, token string) error {
		m, err := mesibo.New(mesibo.Options{AccessToken: token, Database: "chat.db"})
		if err != nil {
			return err
		}
		err = m.AddListener(&mesibo.ListenerFuncs{
			Message: func(p *mesibo.MessageParams, data []byte) { fmt.Printf("%s: %s\n", p.Peer, data) },
		})
		if err != nil {
			return err
		}
		return m.Run(ctx)
	}
	fmt.Println(receive(context.Background(), "not a token"))
	// Output: SetAccessToken: not a valid access token: it does not begin with parley1_
}

// Two people: bob prints what he receives, alice what becomes of what she sends.
func Example_firstApp() {
	srv, s := newServer()
	defer s.close()
	done := make(chan struct{})
	s.signIn(srv, "bob", &mesibo.ListenerFuncs{
		Message: func(p *mesibo.MessageParams, data []byte) { fmt.Printf("%s: %s\n", p.Peer, data) },
	})

	m, err := mesibo.New(mesibo.Options{Path: s.TempDir(), AccessToken: srv.Token("alice"), Database: "chat.db"})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = m.AddListener(&mesibo.ListenerFuncs{
		MessageStatus: func(p *mesibo.MessageParams) {
			if p.Status == mesibo.MsgStatusDelivered {
				fmt.Println("delivered:", uint32(p.Mid))
				close(done)
			}
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := m.Start(); err != nil {
		fmt.Println(err)
		return
	}
	defer m.Stop()
	if err := m.SendMessageString(mesibo.NewMessageParams("bob", mesibo.FlagDefault), 7, "Hello"); err != nil {
		fmt.Println(err)
		return
	}
	<-done
	// Unordered output:
	// alice: Hello
	// delivered: 7
}

// A chat screen: what is there, newest first; its sender learns that it was read.
func ExampleReadDbSession() {
	srv, s := newServer()
	defer s.close()
	arrived, read := make(chan string, 9), make(chan string, 9)
	bob := s.signIn(srv, "bob", &mesibo.ListenerFuncs{
		Message: func(_ *mesibo.MessageParams, data []byte) { arrived <- string(data) },
	})
	alice := s.signIn(srv, "alice", &mesibo.ListenerFuncs{
		MessageStatus: func(p *mesibo.MessageParams) {
			if p.Status == mesibo.MsgStatusRead {
				read <- fmt.Sprint(uint32(p.Mid), " is read")
			}
		},
	})
	for id, text := range []string{"Good morning", "Are you there?"} {
		err := alice.SendMessageString(mesibo.NewMessageParams("bob", mesibo.FlagDefault), uint32(id+1), text)
		if err != nil {
			fmt.Println(err)
			return
		}
		<-arrived
	}

	session := bob.NewReadDbSession("alice", 0, "", nil)
	defer session.Stop()
	session.EnableReadReceipt(true)
	for m, err := range session.Messages(10) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s: %s\n", m.Peer, m.Data)
	}
	fmt.Println(<-read)
	fmt.Println(<-read)
	// Unordered output:
	// alice: Are you there?
	// alice: Good morning
	// 1 is read
	// 2 is read
}

// A chat list: the newest message of every chat, and how many are unread.
func ExampleReadDbSession_EnableSummary() {
	srv, s := newServer()
	defer s.close()
	arrived := make(chan struct{}, 9)
	bob := s.signIn(srv, "bob", &mesibo.ListenerFuncs{
		Message: func(*mesibo.MessageParams, []byte) { arrived <- struct{}{} },
	})
	for _, from := range []string{"alice", "carol", "carol"} {
		m := s.signIn(srv, from)
		err := m.SendMessageString(mesibo.NewMessageParams("bob", mesibo.FlagDefault), m.Random(), "Hello from "+from)
		if err != nil {
			fmt.Println(err)
			return
		}
		<-arrived
	}

	session := bob.NewReadDbSession("", 0, "", &mesibo.ListenerFuncs{
		Message: func(p *mesibo.MessageParams, data []byte) {
			fmt.Printf("%s: %s (%d unread)\n", p.Profile.Name, data, p.Profile.Unread)
		},
	})
	defer session.Stop()
	session.EnableSummary(true)
	if _, err := session.Read(50); err != nil {
		fmt.Println(err)
	}
	// Output:
	// carol: Hello from carol (2 unread)
	// alice: Hello from alice (1 unread)
}

// A chat that shows messages of all kinds: each comes as one value, in real time and from a read session.
func ExampleMessageReceiver() {
	srv, s := newServer()
	defer s.close()
	shown := make(chan struct{}, 9)
	show := func(m *mesibo.Message) {
		switch {
		case m.Location != nil:
			fmt.Printf("%s is at %s\n", m.Peer, m.Location.Title)
		default:
			fmt.Printf("%s: %s\n", m.Peer, m.Data)
		}
		shown <- struct{}{}
	}
	bob := s.signIn(srv, "bob", &mesibo.ListenerFuncs{Received: show})
	alice := s.signIn(srv, "alice")
	to := mesibo.NewMessageParams("bob", mesibo.FlagDefault)
	for _, err := range []error{
		alice.SendMessageString(to, alice.Random(), "Where are you?"),
		alice.SendLocation(to, alice.Random(), mesibo.Location{Lat: 48.2, Lon: 16.37, Title: "Stephansplatz"}),
	} {
		if err != nil {
			fmt.Println(err)
			return
		}
		<-shown
	}

	fmt.Println("newest first:")
	session := bob.NewReadDbSession("alice", 0, "", &mesibo.ListenerFuncs{Received: show})
	defer session.Stop()
	if _, err := session.Read(10); err != nil {
		fmt.Println(err)
	}
	// Output:
	// alice: Where are you?
	// alice is at Stephansplatz
	// newest first:
	// alice is at Stephansplatz
	// alice: Where are you?
}

// A group: alice makes it, and bob writes to it.
func ExampleMesibo_CreateGroup() {
	srv, s := newServer()
	defer s.close()
	bobsGroup := make(chan uint32, 1)
	bob := s.signIn(srv, "bob", &mesibo.GroupFuncs{
		Joined: func(p *mesibo.UserProfile) { bobsGroup <- p.GroupID },
	})
	heard := make(chan string, 1)
	alice := s.signIn(srv, "alice", &mesibo.GroupFuncs{
		Created: func(p *mesibo.UserProfile, _ uint32) { fmt.Println("made", p.Name) },
	}, &mesibo.ListenerFuncs{
		Message: func(p *mesibo.MessageParams, data []byte) {
			if p.IsIncoming() { // notices about the group are not
				heard <- fmt.Sprintf("%s in %s: %s", p.Peer, p.GroupProfile.Name, data)
			}
		},
	})

	// The same request id, given again, makes no second group.
	if err := alice.CreateGroup(mesibo.GroupSettings{Name: "Book club"}, []string{"bob"}, alice.Random()); err != nil {
		fmt.Println(err)
		return
	}
	p := mesibo.MessageParams{GroupID: <-bobsGroup, Flag: mesibo.FlagDefault, Expiry: mesibo.ExpiryDefault}
	if err := bob.SendMessageString(p, bob.Random(), "What do we read?"); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(<-heard)
	// Output:
	// made Book club
	// bob in Book club: What do we read?
}

// Profiles: alice publishes hers, and bob gives her a name of his own.
func ExampleMesibo_SetSelfProfile() {
	srv, s := newServer()
	defer s.close()
	srv.AddUser("alice", "Alice")
	alice := s.signIn(srv, "alice")
	bob := s.signIn(srv, "bob")
	changed, sent := make(chan struct{}, 99), make(chan struct{}, 99)
	err := bob.AddListener(&mesibo.ListenerFuncs{
		ProfileUpdated: func(*mesibo.UserProfile) { changed <- struct{}{} },
		MessageStatus:  func(*mesibo.MessageParams) { sent <- struct{}{} },
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	// Who has written to alice learns of changes at once, others when they connect.
	hello := mesibo.MessageParams{Peer: "alice", Flag: mesibo.FlagDefault, Expiry: mesibo.ExpiryDefault}
	if err := bob.SendMessageString(hello, bob.Random(), "Hello"); err != nil {
		fmt.Println(err)
		return
	}
	<-sent
	me := alice.GetSelfProfile()
	me.Status = "On the road"
	if err := alice.SetSelfProfile(me); err != nil {
		fmt.Println(err)
		return
	}
	p, known := bob.GetProfile("alice", 0)
	for !known || p.Status == "" { // the listener may be told of others first, or of many at once
		<-changed
		p, known = bob.GetProfile("alice", 0)
	}
	fmt.Printf("%s: %s\n", p.Name, p.Status)

	p.Name = "Ally"
	if err := bob.SetProfile(p); err != nil {
		fmt.Println(err)
		return
	}
	p, _ = bob.GetProfile("alice", 0)
	fmt.Printf("%s: %s\n", p.Name, p.Status)
	// Output:
	// Alice: On the road
	// Ally: On the road
}

// uploads is a FileTransferHandler that posts files to a server, which answers with their URL, and gets them from
// there. A real one also has an OnStopFileTransfer that ends the request, and reports progress on the way.
type uploads struct {
	m   *mesibo.Mesibo
	url string
}

func (u *uploads) OnStartFileTransfer(f *mesibo.FileInfo) bool {
	go func() {
		err := u.move(f)
		f.SetProgress(100, mesibo.FileStatusInProgress)
		if err != nil {
			f.SetProgress(-1, mesibo.FileStatusRetryLater)
		}
		if err := u.m.UpdateFileTransferProgress(f); err != nil {
			fmt.Println(err)
		}
	}()
	return true
}

func (u *uploads) OnStopFileTransfer(*mesibo.FileInfo) bool { return false }

func (u *uploads) move(f *mesibo.FileInfo) error {
	if f.Mode == mesibo.FileModeUpload {
		file, err := os.Open(f.Path)
		if err != nil {
			return err
		}
		url, err := fetch(http.MethodPost, u.url, file)
		f.SetURL(string(url))
		return err
	}
	data, err := fetch(http.MethodGet, f.URL, nil)
	if err != nil {
		return err
	}
	folder, name := u.m.GetFilePath(f.Type), fmt.Sprintf("%x-%s", f.Mid, f.Title) // two files may have one title
	f.SetPath(filepath.Join(folder, name))
	return u.m.CreateFile(folder, name, data, true)
}

func fetch(method, url string, body io.Reader) ([]byte, error) {
	req, err := http.NewRequestWithContext(context.Background(), method, url, body)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	return io.ReadAll(resp.Body)
}

// Files: a message carries the URL, the application's own handler moves the bytes.
func ExampleFileTransferHandler() {
	srv, s := newServer()
	defer s.close()
	files := keepFiles()
	defer files.Close()
	bob := s.signIn(srv, "bob", &mesibo.ListenerFuncs{
		File: func(p *mesibo.MessageParams, f *mesibo.FileInfo) {
			fmt.Printf("%s sends %s: %s\n", p.Peer, f.Title, f.Message)
		},
	})
	done := make(chan string, 1)
	alice := s.signIn(srv, "alice")
	for _, l := range []error{
		alice.AddListener(&uploads{alice, files.URL}),
		bob.AddListener(&uploads{bob, files.URL}),
		bob.AddListener(&mesibo.FileTransferFuncs{Progress: func(f *mesibo.FileInfo) {
			if f.IsTransferred() {
				done <- f.Path
			}
		}}),
	} {
		if l != nil {
			fmt.Println(l)
			return
		}
	}

	path := filepath.Join(s.TempDir(), "letter.txt")
	if err := os.WriteFile(path, []byte("Dear Bob"), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	f := alice.GetFileInstance(mesibo.FileTypeAuto, "", path)
	f.Message = "for you"
	if err := alice.SendFile(mesibo.NewMessageParams("bob", mesibo.FlagDefault), alice.Random(), f); err != nil {
		fmt.Println(err)
		return
	}
	data, err := os.ReadFile(<-done)
	fmt.Println(string(data), err)
	// Output:
	// alice sends letter.txt: for you
	// Dear Bob <nil>
}
