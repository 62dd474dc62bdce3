package e2e_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// The walk-through scenarios of the reference, one test each, in its order.

// First app: the calls of the sample, in its order.
func TestScenario_first_app(t *testing.T) {
	srv := mesibotest.NewServer(t)
	d := &device{Mesibo: mesibo.GetInstance(), t: t, changed: make(chan struct{})}
	d.must(d.Init())
	d.must(d.SetPath(t.TempDir()))
	d.listen()
	d.must(d.SetAppName("first"))
	d.must(d.SetAccessToken(srv.TokenFor("alice", "first")))
	d.must(d.SetDatabase("first.db", 0))
	d.must(d.Start())
	d.awaitLine("ONLINE")
	d.wantLines("", "CONNECTING", "ONLINE")

	revoked := srv.Token("bob")
	srv.RevokeToken(revoked)
	bad := newDevice(t, revoked, t.TempDir())
	bad.must(bad.Start())
	bad.awaitLine("STOPPED")
	bad.wantLines("", "CONNECTING", "AUTHFAIL", "STOPPED")
	if !bad.RetryAt().IsZero() {
		t.Error("it is going to reconnect")
	}
}

// Text both ways.
func TestScenario_text_both_ways(t *testing.T) {
	t.Parallel()
	_, alice, bob := pair(t)
	there, back := alice.Random(), bob.Random()
	alice.must(alice.SendMessage(mesibo.NewMessageParams("bob", mesibo.FlagDefault), there, []byte("hi")))
	bob.awaitLine("message hi RECEIVEDNEW")
	got := bob.messages()[0]
	if got.Peer != "alice" || got.GroupID != 0 || got.Origin != mesibo.OriginRealtime || uint32(got.Mid) != there ||
		got.Mid>>32 == 0 || got.Ts == 0 {
		t.Errorf("got %+v", got.MessageParams)
	}
	alice.awaitLine(fmt.Sprintf("status %d DELIVERED", there))
	alice.wantLines("status", fmt.Sprintf("status %d SENT", there), fmt.Sprintf("status %d DELIVERED", there))
	bob.must(bob.SendMessageString(mesibo.NewMessageParams("alice", mesibo.FlagDefault), back, "hello"))
	alice.awaitLine("message hello RECEIVEDNEW")
	bob.awaitLine(fmt.Sprintf("status %d DELIVERED", back))
}

// The backend sends a message.
func TestScenario_backend_sends(t *testing.T) {
	t.Parallel()
	srv, alice, _ := pair(t)
	srv.AddUser("1000", "The shop")
	alice.await("the shop", func() bool { _, ok := alice.GetProfile("1000", 0); return ok })
	app := newBackend(srv)
	app.ask(t, `{"op": "message", "from": "1000", "to": "alice", "msg": "Your parcel has left"}`)
	alice.awaitLine("message Your parcel has left RECEIVEDNEW")
	if got := alice.messages()[0]; got.Peer != "1000" || got.Profile == nil || got.Profile.Name != "The shop" {
		t.Errorf("got %+v", got.MessageParams)
	}
	app.refused(t, "NOSUCHUSER", `{"op": "message", "from": "1001", "to": "alice", "msg": "from nobody"}`)
	app.refused(t, "INVALIDDEST", `{"op": "message", "from": "1000", "to": "1001", "msg": "to nobody"}`)
	alice.wantHistory("1000", "Your parcel has left RECEIVEDNEW")
}

// Messages to a user who is offline, and messages that expire.
func TestScenario_offline_and_expiry(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	alice, bobToken := online(t, srv.Token("alice")), srv.Token("bob") // bob has never connected
	send := func(id uint32, expiry int) {
		p := mesibo.MessageParams{Peer: "bob", Flag: mesibo.FlagDefault, Expiry: expiry}
		alice.must(alice.SendMessageString(p, id, fmt.Sprintf("%d seconds", expiry)))
	}
	send(1, 3600)
	send(2, mesibo.ExpiryOnline)
	send(3, 1)
	alice.awaitLine("status 3 EXPIRED")
	alice.wantLines("status 1", "status 1 SENT")
	alice.wantLines("status 2", "status 2 USEROFFLINE")
	alice.wantLines("status 3", "status 3 SENT", "status 3 EXPIRED")

	bob := online(t, bobToken)
	bob.awaitLine("message 3600 seconds RECEIVEDNEW")
	alice.awaitLine("status 1 DELIVERED")
	send(4, mesibo.ExpiryOnline)
	online := fmt.Sprintf("message %d seconds RECEIVEDNEW", mesibo.ExpiryOnline)
	bob.awaitLine(online)
	bob.wantLines("message", "message 3600 seconds RECEIVEDNEW", online)
}

// The chat screen.
func TestScenario_chat_screen(t *testing.T) {
	t.Parallel()
	_, alice, bob := pair(t)
	for id := uint32(1); id <= 5; id++ {
		alice.send("bob", id, fmt.Sprint("m", id))
	}
	alice.awaitLine("status 5 DELIVERED")
	if p, _ := bob.GetProfile("alice", 0); p.Unread != 5 {
		t.Errorf("got %d unread", p.Unread)
	}

	var screen []string
	session := bob.NewReadDbSession("alice", 0, "",
		&mesibo.ListenerFuncs{Message: func(p *mesibo.MessageParams, data []byte) {
			screen = append(screen, fmt.Sprintf("%s db=%v last=%v", data, p.IsDBMessage(), p.IsLastMessage()))
		}})
	session.EnableReadReceipt(true)
	n, err := session.Read(100)
	bob.must(err)
	want := []string{
		"m5 db=true last=false", "m4 db=true last=false", "m3 db=true last=false", "m2 db=true last=false",
		"m1 db=true last=true",
	}
	if n != 5 || !slices.Equal(screen, want) {
		t.Errorf("got %d, %q", n, screen)
	}
	for id := range 5 {
		alice.awaitLine(fmt.Sprintf("status %d READ", id+1))
	}

	alice.send("bob", 6, "while it is open")
	alice.awaitLine("status 6 READ")
	session.Stop()
	alice.send("bob", 7, "after it")
	alice.send("bob", 8, "and one more")
	alice.awaitLine("status 8 DELIVERED")
	alice.wantLines("status 7", "status 7 SENT", "status 7 DELIVERED")
	if p, _ := bob.GetProfile("alice", 0); p.Unread != 2 {
		t.Errorf("got %d unread", p.Unread)
	}
}

// The chat list.
func TestScenario_chat_list(t *testing.T) {
	t.Parallel()
	srv, alice, bob := pair(t)
	carol := online(t, srv.Token("carol"))
	bob.send("alice", 1, "from bob")
	bob.awaitLine("status 1 DELIVERED")
	carol.send("alice", 1, "first")
	carol.send("alice", 2, "second")
	carol.awaitLine("status 2 DELIVERED")
	alice.must(alice.CreateGroup(mesibo.GroupSettings{Name: "Team"}, []string{"bob"}, 5))
	bob.awaitLine("joined Team")
	bob.must(bob.SendMessageString(toGroup(bob.lastGroup()), 2, "to all"))
	bob.awaitLine("status 2 DELIVERED of alice")
	alice.must(alice.AddCustomMessage(mesibo.MessageParams{Peer: "dave", Status: mesibo.MsgStatusCallMissed}, 3, nil))
	list := func() []string {
		var rows []string
		row := func(p *mesibo.MessageParams, data []byte) {
			name, profile := p.Peer, p.Profile
			if p.GroupID != 0 {
				name, profile = p.GroupProfile.Name, p.GroupProfile
			}
			rows = append(rows, fmt.Sprintf("%s: %s %v unread=%d summary=%v", name, data, p.Status, profile.Unread,
				p.IsDBSummaryMessage()))
		}
		session := alice.NewReadDbSession("", 0, "", &mesibo.ListenerFuncs{Message: row})
		defer session.Stop()
		session.EnableSummary(true)
		session.EnableMissedCalls(true)
		n, err := session.Read(100)
		alice.must(err)
		if n != len(rows) {
			t.Errorf("got %d rows, %d were announced", len(rows), n)
		}
		return rows
	}
	want := []string{
		"dave:  CALLMISSED unread=0 summary=true",
		"Team: to all RECEIVEDNEW unread=1 summary=true",
		"carol: second RECEIVEDNEW unread=2 summary=true",
		"bob: from bob RECEIVEDNEW unread=1 summary=true",
	}
	if got := list(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	bob.send("alice", 9, "news")
	alice.awaitLine("message news RECEIVEDNEW") // the chat list moves the row up
	want = append([]string{"bob: news RECEIVEDNEW unread=2 summary=true"}, want[:3]...)
	if got := list(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Paging, then more from the server.
func TestScenario_paging(t *testing.T) {
	t.Parallel()
	_, alice, bob := pair(t)
	for id := uint32(1); id <= 20; id++ {
		alice.send("bob", id, fmt.Sprint("m", id))
	}
	bob.awaitLine("message m20 RECEIVEDNEW")
	bob.end()
	bob.must(bob.SetDatabase("test.db", mesibo.DBTableMessages)) // as if this device had been set up later
	bob.start()
	for id := uint32(21); id <= 35; id++ {
		alice.send("bob", id, fmt.Sprint("m", id))
	}
	bob.awaitLine("message m35 RECEIVEDNEW")

	var page []string
	session := bob.NewReadDbSession("alice", 0, "",
		&mesibo.ListenerFuncs{Message: func(_ *mesibo.MessageParams, data []byte) {
			page = append(page, string(data))
		}})
	defer session.Stop()
	read := func(count int, newest, oldest string) int {
		t.Helper()
		page = nil
		n, err := session.Read(count)
		bob.must(err)
		if n == 0 || n != len(page) || page[0] != newest || page[n-1] != oldest {
			t.Fatalf("got %d: %q, want %s to %s", n, page, newest, oldest)
		}
		return n
	}
	if n := read(10, "m35", "m26"); n != 10 {
		t.Errorf("first page: got %d", n)
	}
	n := read(10, "m25", "m21") // fewer: the database has no more
	var more synced
	bob.must(session.Sync(10-n, &more))
	bob.await("more from the server", func() bool { return slices.Equal(more.told(), []int{10 - n}) })
	read(10-n, "m20", "m16")
}

// Typing.
func TestScenario_typing(t *testing.T) {
	t.Parallel()
	_, alice, bob := pair(t)
	p := mesibo.MessageParams{Peer: "bob"}
	for range 20 { // at each key stroke
		alice.must(alice.SendActivity(p, 0, mesibo.ActivityTyping, 8000))
	}
	bob.awaitLine("activity alice 0 3")
	alice.must(alice.SendActivity(p, 0, mesibo.ActivityLeft, 0)) // bob's screen would hide it after 10 seconds
	bob.awaitLine("activity alice 0 11")
	bob.wantLines("activity", "activity alice 0 3", "activity alice 0 11")
	bob.wantHistory("alice")
	alice.wantHistory("bob")

	bob.Stop()
	alice.must(alice.SendActivity(p, 0, mesibo.ActivityTyping, 0))
	alice.awaitServer("bob")
	bob.start()
	alice.send("bob", 1, "the message itself")
	bob.awaitLine("message the message itself RECEIVEDNEW")
	bob.wantLines("activity", "activity alice 0 3", "activity alice 0 11")
}

// A file, with a handler that transfers it over HTTP.
func TestScenario_file_with_a_handler(t *testing.T) {
	t.Parallel()
	_, alice, bob := pair(t)
	files := newFileServer(t)
	up, down := files.carry(alice), files.carry(bob)
	path := writeFile(t, "letter.pdf", "Dear Bob")

	up.refuse(true)
	f := alice.GetFileInstance(mesibo.FileTypeAuto, "", path)
	f.Message = "for you"
	alice.must(alice.SendFile(toBob(), 7, f))
	alice.awaitLine("progress 7 0")
	up.refuse(false)
	alice.must(alice.StartFileTransfer(f)) // the user taps it
	alice.awaitLine("progress 7 90")
	if again := alice.GetFileInstance(mesibo.FileTypeAuto, "", path); again != f {
		t.Error("another object for the same file while it is uploaded")
	}
	alice.must(alice.StopFileTransfer(f))
	if f.GetStatus() != mesibo.FileStatusIdle || files.count() != 0 {
		t.Errorf("stopped: status %d, %d uploaded", f.GetStatus(), files.count())
	}
	alice.must(alice.StartFileTransfer(f))
	files.letThrough <- struct{}{}
	alice.awaitLine("progress 7 100")
	alice.awaitLine("status 7 SENT")

	bob.awaitLine("file letter.pdf for you")
	files.letThrough <- struct{}{}
	bob.awaitLine("progress 7 100")
	found, err := bob.FindMessage(down.mid())
	bob.must(err)
	if got := readFile(t, found.File.Path); got != "Dear Bob" || found.Flag&mesibo.FlagFileTransferred == 0 ||
		!found.File.IsTransferred() {
		t.Errorf("bob has %q, %+v", got, found.File)
	}
	alice.awaitLine("status 7 DELIVERED")
}

// Forward, resend, delete.
func TestScenario_forward_resend_delete(t *testing.T) {
	t.Parallel()
	srv, alice, bob := pair(t)
	carol := online(t, srv.Token("carol"))
	alice.send("bob", 1, "look at this")
	bob.awaitLine("message look at this RECEIVEDNEW")
	mid := bob.mid("look at this")

	bob.must(bob.ForwardMessage(mesibo.NewMessageParams("carol", mesibo.FlagDefault), 2, mid))
	carol.awaitLine("message look at this RECEIVEDNEW")
	if got := carol.messages()[0]; !got.IsForwarded() || got.Peer != "bob" || uint32(got.Mid) != 2 {
		t.Errorf("carol got %+v", got.MessageParams)
	}

	alice.send("dave", 3, "anybody there?")
	alice.awaitLine("status 3 INVALIDDEST")
	dave := online(t, srv.Token("dave"))
	alice.must(alice.Resend(mesibo.MessageParams{Peer: "dave"}, 3))
	dave.awaitLine("message anybody there? RECEIVEDNEW")
	alice.awaitLine("status 3 DELIVERED")

	alice.must(alice.DeleteMessage(mid, mesibo.DeleteRecall))
	bob.awaitLine("deleted 1")
	if found, err := bob.FindMessage(mid); err != nil || !found.IsDeleted() || len(found.Data) != 0 {
		t.Errorf("bob still has %+v, %v", found, err)
	}
	alice.send("bob", 4, "one")
	alice.send("bob", 5, "two")
	alice.awaitLine("status 5 DELIVERED")
	alice.must(alice.DeleteMessage(bob.mid("one"), mesibo.DeleteLocal))
	alice.must(alice.DeleteMessages(mesibo.MessageParams{Peer: "bob"}))
	alice.wantHistory("bob")
	bob.wantHistory("alice", " RECEIVEDNEW", "one RECEIVEDNEW", "two RECEIVEDNEW")
	alice.wantHistory("dave", "anybody there? DELIVERED")
}

// A group that the backend creates.
func TestScenario_backend_makes_a_group(t *testing.T) {
	t.Parallel()
	srv, alice, bob := pair(t)
	carol, dave := online(t, srv.Token("carol")), online(t, srv.Token("dave"))
	app := newBackend(srv)
	gid := app.group(t, `{"op": "groupadd", "name": "Team", "flag": 0}`)
	edit := func(text string) { t.Helper(); app.ask(t, strings.ReplaceAll(text, "GID", fmt.Sprint(gid))) }
	edit(`{"op": "groupeditmembers", "gid": GID, "m": ["alice", "bob", "carol"]}`)
	for _, d := range []*device{alice, bob, carol} {
		d.awaitLine("joined Team")
	}
	heard := func(d *device, text string) int { return len(d.entries("message " + text + " RECEIVEDNEW")) }

	alice.must(alice.SendMessageString(toGroup(gid), 1, "all"))
	for _, d := range []*device{bob, carol} {
		d.awaitLine("message all RECEIVEDNEW")
		got := d.messages()[len(d.messages())-1]
		if got.Peer != "alice" || got.GroupID != gid || got.GroupProfile == nil || got.GroupProfile.Name != "Team" {
			t.Errorf("%s got %+v", d.GetAddress(), got.MessageParams)
		}
	}
	dave.must(dave.SendMessageString(toGroup(gid), 1, "may I?"))
	dave.awaitLine("status 1 NOTMEMBER")
	edit(`{"op": "groupset", "gid": GID, "flag": 128}`) // RECVLOOPBACK
	alice.must(alice.SendMessageString(toGroup(gid), 2, "echo"))
	alice.awaitLine("message echo RECEIVEDNEW")
	if heard(alice, "all") != 0 {
		t.Error("alice got a copy of her message")
	}

	edit(`{"op": "groupset", "gid": GID, "flag": 1}`) // SENDBYSELECTED
	edit(`{"op": "groupeditmembers", "gid": GID, "m": ["bob", "carol"], "cansend": false}`)
	bob.must(bob.SendMessageString(toGroup(gid), 3, "me too"))
	bob.awaitLine("status 3 NOTMEMBER")
	alice.must(alice.SendMessageString(toGroup(gid), 4, "news"))
	bob.awaitLine("message news RECEIVEDNEW")
	carol.awaitLine("message news RECEIVEDNEW")

	edit(`{"op": "groupset", "gid": GID, "flag": 32}`) // RECVROUNDROBIN
	for id := uint32(5); id <= 8; id++ {
		alice.must(alice.SendMessageString(toGroup(gid), id, "job"))
	}
	alice.awaitLine("status 8 SENT")
	alice.await("four deliveries", func() bool { return heard(bob, "job")+heard(carol, "job") == 4 })
	if heard(bob, "job") != 2 || heard(carol, "job") != 2 {
		t.Errorf("bob got %d, carol %d", heard(bob, "job"), heard(carol, "job"))
	}
}

// Profiles.
func TestScenario_profiles(t *testing.T) {
	t.Parallel()
	srv, alice, bob := pair(t)
	srv.AddUser("carol", "Carol")
	for _, d := range []*device{alice, bob} {
		d.await("carol", func() bool { p, ok := d.GetProfile("carol", 0); return ok && p.Name == "Carol" })
	}
	p := alice.CreateUserProfile("bob", 0)
	p.Name = "Zed"
	alice.must(alice.SetProfile(p))
	alice.awaitLine("profile bob Zed")
	bob.send("alice", 1, "who am I?")
	alice.awaitLine("message who am I? RECEIVEDNEW")
	if got := alice.messages()[0].Profile; got == nil || got.Name != "Zed" {
		t.Errorf("the message carries %+v", got)
	}
	var names []string
	for _, p := range alice.GetSortedUserProfiles() {
		names = append(names, p.Name)
	}
	if !slices.Equal(names, []string{"Carol", "Zed"}) || len(alice.GetProfiles()) != 2 {
		t.Errorf("got %q", names)
	}
	if recent := alice.GetRecentProfiles(); len(recent) != 1 || recent[0].Address != "bob" {
		t.Errorf("recent are %+v", recent)
	}

	me := alice.GetSelfProfile()
	me.Name, me.Status = "Alice M.", "On the road"
	alice.must(alice.SetSelfProfile(me))
	if got := alice.GetSelfProfile(); got.Name != "Alice M." || !got.IsSelfProfile() {
		t.Errorf("own profile is %+v", got)
	}
	bob.awaitLine("profile alice Alice M.")

	alice.must(alice.DeleteUserProfile("bob", 0))
	if p, ok := alice.GetProfile("bob", 0); ok && p.Name == "Zed" {
		t.Errorf("after DeleteUserProfile: %+v", p)
	}
	alice.wantHistory("bob", "who am I? RECEIVEDNEW")
}

// A filter drops messages of the backend to the program.
func TestScenario_filter(t *testing.T) {
	t.Parallel()
	srv, alice, bob := pair(t)
	app := newBackend(srv)
	alice.must(alice.AddListener(filter{})) // type 1 is for the program
	app.ask(t, `{"op": "message", "from": "bob", "to": "alice", "type": 1, "msg": "{\"subscription\":\"paid\"}"}`)
	bob.send("alice", 2, "for people")
	alice.awaitLine("message for people RECEIVEDNEW")
	alice.wantLines("message", "message for people RECEIVEDNEW")
	alice.wantHistory("bob", "for people RECEIVEDNEW")
}

// The same token on another device.
func TestScenario_same_token_twice(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	token := srv.Token("alice")
	first := online(t, token)
	second := online(t, token)
	first.awaitLine("STOPPED")
	first.wantLines("", "CONNECTING", "ONLINE", "SIGNOUT", "STOPPED")
	if !second.IsOnline() || second.GetConnectionStatus() != mesibo.StatusOnline || first.IsOnline() ||
		!first.RetryAt().IsZero() {
		t.Errorf("first: %v, second: %v", first.GetConnectionStatus(), second.GetConnectionStatus())
	}
}

// The server is killed and starts again.
func TestScenario_server_comes_back(t *testing.T) {
	t.Parallel()
	srv, alice, bob := pair(t)
	srv.Kill()
	alice.awaitLine("CONNECTFAILURE")
	const n = 50
	want := make([]string, n)
	for i := range want {
		want[i] = fmt.Sprintf("message m%d RECEIVEDNEW", i+1)
		alice.send("bob", uint32(i+1), fmt.Sprint("m", i+1))
	}
	if got := alice.OutboxCount(); got != n {
		t.Errorf("%d wait, want %d", got, n)
	}
	srv.Start()
	alice.awaitLine(fmt.Sprintf("status %d DELIVERED", n))
	bob.wantLines("message", want...)
	alice.wantLines("OFFLINE", "OFFLINE")
	if got := alice.entries(""); got[0] != "CONNECTING" || !slices.Contains(got, "ONLINE") || alice.OutboxCount() != 0 {
		t.Errorf("got %q, %d wait", got, alice.OutboxCount())
	}
}

// The call log.
func TestScenario_call_log(t *testing.T) {
	t.Parallel()
	_, alice, bob := pair(t)
	talk(alice, bob)
	missed := mesibo.MessageParams{Peer: "alice", Status: mesibo.MsgStatusCallMissed, Type: 1}
	bob.must(bob.AddCustomMessage(missed, 31, nil))
	bob.awaitLine("message  CALLMISSED")
	got := bob.messages()[len(bob.messages())-1]
	if got.Status != 0x15 || !got.IsMissedCall() || !got.IsVideoCall() || got.Peer != "alice" {
		t.Errorf("got %+v", got.MessageParams)
	}
	read := func(missed bool) (statuses []mesibo.MsgStatus) {
		session := bob.NewReadDbSession("alice", 0, "",
			&mesibo.ListenerFuncs{Message: func(p *mesibo.MessageParams, _ []byte) {
				statuses = append(statuses, p.Status)
			}})
		defer session.Stop()
		session.EnableMissedCalls(missed)
		_, err := session.Read(10)
		bob.must(err)
		return statuses
	}
	if got := read(false); !slices.Equal(got, []mesibo.MsgStatus{mesibo.MsgStatusDelivered, mesibo.MsgStatusReceivedNew}) {
		t.Errorf("without calls: %v", got)
	}
	if got := read(true); !slices.Equal(got, []mesibo.MsgStatus{
		0x15, mesibo.MsgStatusDelivered,
		mesibo.MsgStatusReceivedNew,
	}) {
		t.Errorf("with missed calls: %v", got)
	}
}
