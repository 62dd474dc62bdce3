package server_test

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/audit"
	"github.com/parley-chat/parley/internal/wire"
)

// refusedUpgrade returns the status, the header about suspensions and the body of a refused upgrade.
func (h *host) refusedUpgrade(token wire.Token) (status int, header string) {
	h.t.Helper()
	ws, res, err := h.dial(token.String())
	if err == nil {
		_ = ws.Close()
		h.t.Fatal("connected")
	}
	if res == nil {
		h.t.Fatal(err)
	}
	return res.StatusCode, res.Header.Get(wire.SuspensionHeader)
}

// TestSuspend: all connections of a suspended user end at once, with reason and date, no new one starts until it
// is over, and messages wait.
func TestSuspend(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob := h.device("alice"), h.device("bob")
	phone := &device{t: t, h: h, token: h.token("bob"), acks: true}
	phone.open()
	phone.connect()
	until := time.Now().Add(time.Hour).Truncate(time.Millisecond)
	if err := h.srv.SuspendUser(t.Context(), "bob", until, "insults"); err != nil {
		t.Fatal(err)
	}
	for _, d := range []*device{bob, phone} {
		bye := d.ended()
		if bye.GetStatus() != wire.ConnSuspend || bye.GetReason() != "insults" || bye.GetUntil() != uint64(until.UnixMilli()) {
			t.Errorf("got %v, want SUSPEND until %v", bye, until)
		}
		status, header := h.refusedUpgrade(d.token)
		if status != http.StatusForbidden || header != strconv.FormatInt(until.UnixMilli(), 10) {
			t.Errorf("connects again: got %d, %q", status, header)
		}
	}
	if r := alice.sendText("bob", "waits"); r.GetStatus() != wire.StatusSent {
		t.Errorf("message to a suspended user: got %v, want SENT", r)
	}
	if err := h.srv.RestoreUser(t.Context(), "bob"); err != nil {
		t.Fatal(err)
	}
	bob.open()
	bob.connect()
	if got := text(bob.nextMessage()); got != "waits" {
		t.Errorf("got %q, want the message that waited", got)
	}
}

// TestSuspend_ends: a suspension ends by itself.
func TestSuspend_ends(t *testing.T) {
	t.Parallel()
	now := new(clock)
	h := newHost(t, server.Options{Clock: now.time})
	bob := h.token("bob")
	if err := h.srv.SuspendUser(t.Context(), "bob", time.Now().Add(time.Hour), ""); err != nil {
		t.Fatal(err)
	}
	if status, _ := h.refusedUpgrade(bob); status != http.StatusForbidden {
		t.Errorf("got %d, want 403", status)
	}
	now.jump(2 * time.Hour)
	d := &device{t: t, h: h, token: bob, acks: true}
	d.open()
	d.connect()
}

// TestBan: a ban ends connections, tokens and invites, and no invite lets the address in again.
func TestBan(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	bob := h.device("bob")
	user, again := h.invite(accounts.InviteOptions{Uses: 5}), h.invite(accounts.InviteOptions{Address: "bob"})
	if err := h.srv.BanUser(t.Context(), "bob", "spam"); err != nil {
		t.Fatal(err)
	}
	if bye := bob.ended(); bye.GetStatus() != wire.ConnSuspend || bye.GetReason() != "spam" || bye.GetUntil() != 0 {
		t.Errorf("got %v, want SUSPEND for ever", bye)
	}
	if status, header := h.refusedUpgrade(bob.token); status != http.StatusForbidden || header != "0" {
		t.Errorf("connects again: got %d, %q", status, header)
	}
	for what, invite := range map[string]wire.Invite{"an invite for all": user, "one for the address": again} {
		if _, status, _ := h.redeem(invite.String(), "BOB", ""); status == http.StatusOK {
			t.Errorf("%s lets the banned user in", what)
		}
	}
	if err := h.srv.SuspendUser(t.Context(), "bob", time.Now().Add(time.Hour), ""); err == nil {
		t.Error("a banned user was suspended")
	}
	if err := h.srv.RestoreUser(t.Context(), "bob"); err != nil {
		t.Fatal(err)
	}
	if status, _ := h.refusedUpgrade(bob.token); status != http.StatusUnauthorized {
		t.Errorf("the old token after the end of the ban: got %d, want 401", status)
	}
	if _, status, _ := h.redeem(again.String(), "", ""); status != http.StatusOK {
		t.Errorf("the invite after the end of the ban: got %d, want 200", status)
	}
}

// TestModeration_backend: suspensions and bans by an application need the scope, and are in the audit log.
func TestModeration_backend(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	h.token("bob")
	users, err := h.srv.NewAppToken(t.Context(), accounts.AppTokenOptions{Scopes: []accounts.Scope{accounts.ScopeUsers}})
	if err != nil {
		t.Fatal(err)
	}
	mod, err := h.srv.NewAppToken(t.Context(), accounts.AppTokenOptions{
		Label: "mod", Scopes: []accounts.Scope{accounts.ScopeModeration},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range []string{
		`{"op":"usersuspend","addr":"bob","expiry":60,"reason":"insults"}`, `{"op":"userban","addr":"bob","reason":"spam"}`,
		`{"op":"userrestore","addr":"bob"}`,
	} {
		if status, _ := h.post(users, []byte(op)); status != http.StatusForbidden {
			t.Errorf("%s with another scope: got %d, want 403", op, status)
		}
		if status, reply := h.post(mod, []byte(op)); status != http.StatusOK {
			t.Errorf("%s: got %d, %v", op, status, reply)
		}
		if op[7:14] == "userban" {
			if status, reply := h.post(users, []byte(`{"op":"useradd","addr":"bob"}`)); status != http.StatusConflict {
				t.Errorf("useradd of a banned user: got %d, %v, want 409", status, reply)
			}
		}
	}
	got := h.audited(audit.Filter{Actor: "apptoken mod"})
	want := []string{"apptoken mod user.suspend bob", "apptoken mod user.ban bob", "apptoken mod user.restore bob"}
	if len(got) != len(want) || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestNotice: a notice reaches everyone who was there; no user answers or blocks the server, or
// takes its address.
func TestNotice(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{MessageRequests: true})
	alice, bob := h.device("alice"), h.device("bob")
	if err := h.srv.AddNotice(t.Context(), "", "The server moves on Sunday."); err != nil {
		t.Fatal(err)
	}
	for _, d := range []*device{alice, bob} {
		m := d.nextMessage()
		if m.GetFrom() != wire.ServerAddress || m.GetRequest() || text(m) != "The server moves on Sunday." {
			t.Errorf("%s: got %v, want the notice", d.token.Address, m)
		}
	}
	if err := h.srv.AddNotice(t.Context(), "bob", "Please change your name."); err != nil {
		t.Fatal(err)
	}
	if m := bob.nextMessage(); text(m) != "Please change your name." {
		t.Errorf("got %v, want the second notice", m)
	}
	if r := alice.send(message(wire.ServerAddress, "hello?")); r.GetStatus() != wire.StatusInvalidDest {
		t.Error("the server was answered")
	}
	if r := alice.call(block(wire.ServerAddress, true)); r.GetResult() != wire.ResultDenied {
		t.Errorf("block the server: got %v, want DENIED", r)
	}
	if err := h.srv.AddUser(t.Context(), "@Server", "Mallory"); err == nil {
		t.Error("a user took the server's address")
	}
	sync := alice.call(&wire.Request{Op: &wire.Request_ProfileSync{ProfileSync: &wire.ProfileSync{}}}).GetProfileSync()
	for _, p := range sync.GetProfiles() {
		if p.GetAddress() == wire.ServerAddress && p.GetDeleted() {
			t.Error("the server's profile is that of a deleted user")
		}
	}
}

// TestNotice_without_a_server: what is queued while no server runs is sent when one starts.
func TestNotice_without_a_server(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice := h.device("alice")
	alice.close()
	h.stop()
	a, err := server.OpenAccounts(h.opts.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(a.AddNotice(t.Context(), "", "hello"), a.AddNotice(t.Context(), "", ""), a.Close()); err == nil {
		t.Error("an empty notice was queued")
	}
	h.start()
	alice.open()
	alice.connect()
	if m := alice.nextMessage(); text(m) != "hello" {
		t.Errorf("got %v, want the notice", m)
	}
}

// profiles returns the addresses whose profiles a device gets, with the names.
func (d *device) profiles(after uint64) (map[string]string, uint64) {
	d.t.Helper()
	names := make(map[string]string)
	for {
		r := d.call(&wire.Request{Op: &wire.Request_ProfileSync{ProfileSync: &wire.ProfileSync{Revision: after}}}).GetProfileSync()
		for _, p := range r.GetProfiles() {
			names[p.GetAddress()] = p.GetName()
		}
		after = r.GetRevision()
		if !r.GetMore() {
			return names, after
		}
	}
}

func (d *device) lookUp(addresses ...string) []*wire.Profile {
	d.t.Helper()
	r := d.call(&wire.Request{Op: &wire.Request_ProfileGet{ProfileGet: &wire.ProfileGet{Addresses: addresses}}})
	if r.GetResult() != wire.ResultOK {
		d.t.Fatal(r)
	}
	return r.GetProfileGet().GetProfiles()
}

// TestDirectory: who sees whose profile, for each listing: of strangers, of one who has written, of members, and by the
// exact address.
func TestDirectory(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		listing                                  accounts.Listing
		stranger, writer, recipient, found, mate bool // whose profile is seen
	}{
		{accounts.ListAll, true, true, true, true, true},
		{accounts.ListExact, false, true, true, true, true},
		{accounts.ListContacts, false, true, false, false, true},
	} {
		t.Run(string(c.listing), func(t *testing.T) {
			t.Parallel()
			h := newHost(t, server.Options{Directory: c.listing})
			alice, bob, carol, eve := h.device("alice"), h.device("bob"), h.device("carol"), h.device("eve")
			sees := func(who *device, after uint64, address string, want bool, when string) uint64 {
				t.Helper()
				names, rev := who.profiles(after)
				if _, got := names[address]; got != want {
					t.Errorf("%s: %s sees %s: got %v, want %v", when, who.token.Address, address, got, want)
				}
				return rev
			}
			start := sees(eve, 0, "alice", c.stranger, "as a stranger")
			sees(eve, 0, "eve", true, "at the start")
			aliceRev := sees(alice, 0, "eve", c.stranger, "as a stranger")
			eve.sendText("alice", "do I know you?")
			if c.listing == accounts.ListAll {
				start, aliceRev = 0, 0
			}
			sees(alice, aliceRev, "eve", c.writer, "after eve wrote")
			sees(eve, start, "alice", c.recipient, "after eve wrote")
			list := eve.lookUp("BOB", "nobody")
			if len(list) != 1 || list[0].GetAddress() != "bob" || (list[0].GetName() != "") != c.found {
				t.Errorf("exact address: got %v, want the name %v", list, c.found)
			}
			// Who joins a group sees its members, and they see the one who joins, also on devices that have synchronised.
			bobRev, carolRev := uint64(0), uint64(0)
			if c.listing != accounts.ListAll {
				bobRev = sees(bob, 0, "carol", false, "before the group")
				carolRev = sees(carol, 0, "bob", false, "before the group")
			}
			gid := alice.createGroup(create("bob"))
			sees(bob, bobRev, "carol", c.stranger, "before carol joins")
			alice.group(editMembers(&wire.GroupEditMembers{GroupId: gid, Addresses: []string{"carol"}}))
			sees(bob, bobRev, "carol", c.mate, "in the group")
			sees(carol, carolRev, "bob", c.mate, "in the group")
			sees(eve, 0, "carol", c.stranger, "as a stranger, later")
		})
	}
}

// TestDirectory_widened: devices get what was hidden when the server lists more than it did.
func TestDirectory_widened(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{Directory: accounts.ListContacts})
	h.token("alice")
	eve := h.device("eve")
	names, rev := eve.profiles(0)
	if len(names) != 1 {
		t.Errorf("got %v, want eve alone", names)
	}
	eve.close()
	h.opts.Directory = accounts.ListAll
	h.restart()
	eve.open()
	eve.connect()
	if names, _ := eve.profiles(rev); len(names) != 2 {
		t.Errorf("got %v, want alice too", names)
	}
}

func report(address string, seq uint64, reason uint32, text string) *wire.Request {
	return &wire.Request{Op: &wire.Request_Report{Report: &wire.Report{
		Address: address, Seq: seq, Reason: reason, Text: text,
	}}}
}

// nextSeq returns the number and the message of the next message event.
func (d *device) nextSeq() (uint64, *wire.Message) {
	d.t.Helper()
	for {
		if e := d.next(); e.GetMessage() != nil {
			return e.GetSeq(), e.GetMessage()
		}
	}
}

// TestReport: what a message says is kept with its report if the reporter has it, and only then; the same again is no
// second report, and a user makes 20 in a day.
func TestReport(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob, eve := h.device("alice"), h.device("bob"), h.device("eve")
	alice.sendText("eve", "not for bob")
	sent := alice.sendText("bob", "an insult")
	seq, _ := bob.nextSeq()
	eve.nextSeq()
	for range 2 {
		if r := bob.call(report("alice", seq, wire.ReportAbuse, "look at this")); r.GetResult() != wire.ResultOK {
			t.Fatalf("got %v", r)
		}
	}
	for what, r := range map[string]*wire.Request{
		"a message that is not there": report("alice", seq+100, wire.ReportSpam, ""),
		"a message of another user":   report("eve", seq, wire.ReportSpam, ""),
		"a user who does not exist":   report("nobody", 0, wire.ReportSpam, ""),
		"no reason":                   report("alice", 0, 0, ""),
		"an unknown reason":           report("alice", 0, 9, ""),
		"a text that is too long":     report("alice", 0, 1, strings.Repeat("x", wire.MaxReportText+1)),
		"oneself":                     report("bob", 0, wire.ReportSpam, ""),
		"an own message":              report("alice", 1<<40, wire.ReportSpam, ""),
	} {
		if got := bob.call(r); got.GetResult() == wire.ResultOK {
			t.Errorf("%s: accepted", what)
		}
	}
	if r := eve.call(report("alice", 0, wire.ReportSpam, "")); r.GetResult() != wire.ResultOK {
		t.Errorf("a user: got %v", r)
	}
	list, err := h.srv.Reports(t.Context(), accounts.ReportFilter{})
	if err != nil || len(list) != 2 {
		t.Fatalf("got %+v, %v, want 2 reports", list, err)
	}
	first := list[0]
	if first.Reporter != "bob" || first.About != "alice" || first.MID != sent.GetId() || first.Content != "an insult" ||
		first.Text != "look at this" || first.ReasonWord() != "abuse" {
		t.Errorf("got %+v", first)
	}
	if list[1].MID != 0 || list[1].Content != "" {
		t.Errorf("got %+v, want a report about a user alone", list[1])
	}
	if err := h.srv.CloseReport(t.Context(), first.ID, "warned"); err != nil {
		t.Fatal(err)
	}
	if err := h.srv.CloseReport(t.Context(), first.ID, "again"); !errors.Is(err, accounts.ErrNoReport) {
		t.Errorf("close again: got %v, want ErrNoReport", err)
	}
	var last *wire.Response
	for i := range 20 {
		h.token(fmt.Sprintf("user%d", i))
		last = bob.call(report(fmt.Sprintf("user%d", i), 0, wire.ReportSpam, ""))
	}
	if last.GetResult() != wire.ResultRateLimit {
		t.Errorf("the 21st report in a day: got %v, want RATELIMIT", last)
	}
}

// TestReport_of_a_group: a report of a group's message keeps what the reporter has: not what came before the membership.
func TestReport_of_a_group(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob, _, gid := trio(t, h, func(*wire.GroupCreate) {})
	alice.send(groupMessage(gid, "an insult"))
	seq, m := bob.nextSeq()
	for m.GetContent().GetGroup() != nil {
		seq, m = bob.nextSeq()
	}
	if r := bob.call(report("alice", seq, wire.ReportOther, "")); r.GetResult() != wire.ResultOK {
		t.Fatalf("got %v", r)
	}
	list, err := h.srv.Reports(t.Context(), accounts.ReportFilter{})
	if err != nil || len(list) != 1 || list[0].GID != gid || list[0].Content != "an insult" {
		t.Errorf("got %+v, %v, want the group's message", list, err)
	}
}

// TestReport_backend: applications with the scope see and close reports.
func TestReport_backend(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	bob := h.device("bob")
	h.token("alice")
	if r := bob.call(report("alice", 0, wire.ReportSpam, "x")); r.GetResult() != wire.ResultOK {
		t.Fatalf("got %v", r)
	}
	token := func(s accounts.Scope) string {
		text, err := h.srv.NewAppToken(t.Context(), accounts.AppTokenOptions{Label: "mod", Scopes: []accounts.Scope{s}})
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	right, wrong := token(accounts.ScopeReports), token(accounts.ScopeUsers)
	if status, reply := h.post(right, []byte(`{"op":"reportsget"}`)); status != http.StatusOK ||
		!strings.Contains(fmt.Sprint(reply["reports"]), "alice") {
		t.Errorf("got %d, %v", status, reply)
	}
	for _, op := range []string{`{"op":"reportsget"}`, `{"op":"reportclose","reportid":1}`, `{"op":"notice","all":true,"msg":"x"}`} {
		if status, _ := h.post(wrong, []byte(op)); status != http.StatusForbidden {
			t.Errorf("%s with another scope: got %d, want 403", op, status)
		}
	}
	for _, want := range []int{http.StatusOK, http.StatusNotFound} {
		if status, _ := h.post(right, []byte(`{"op":"reportclose","reportid":1,"note":"warned"}`)); status != want {
			t.Errorf("close: got %d, want %d", status, want)
		}
	}
	if got := h.audited(audit.Filter{Actor: "apptoken mod"}); len(got) != 1 || got[0] != "apptoken mod report.close report 1" {
		t.Errorf("got %q", got)
	}
}
