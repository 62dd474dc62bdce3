package server_test

import (
	"maps"
	"net/http"
	"slices"
	"testing"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/wire"
)

// walked is what an operation on a group, or on what is in it, comes to.
type walked struct {
	request                   *wire.Request
	stranger, former, without bool // whether it is allowed to a stranger, a former member, a member without rights
}

const yes, no = true, false

// walk returns an entry for each operation. A group that belongs to others is the object wherever there may be one;
// what only concerns the user's own things is allowed to all.
func walk(gid, own uint32, id uint64, code string) map[string]walked {
	nonce := func() []byte { return message("x", "").GetNonce() }
	all := func(r *wire.Request) walked { return walked{r, yes, yes, yes} }
	none := func(r *wire.Request) walked { return walked{r, no, no, no} }
	member := func(r *wire.Request) walked { return walked{r, no, no, yes} }
	seen := func(r *wire.Request) walked { return walked{r, no, yes, yes} } // who has something of the group in the log
	return map[string]walked{
		"send":         none(&wire.Request{Op: &wire.Request_Send{Send: groupMessage(gid, "x")}}),
		"mark_read":    seen(&wire.Request{Op: &wire.Request_MarkRead{MarkRead: &wire.MarkRead{GroupId: gid, UpTo: 1}}}),
		"profile_sync": all(&wire.Request{Op: &wire.Request_ProfileSync{ProfileSync: &wire.ProfileSync{}}}),
		"recall":       none(recall(&wire.Recall{GroupId: gid, Ids: []uint64{id}})),
		"modify":       none(modify(&wire.Modify{GroupId: gid, Id: id, Content: content("x")})),
		"react":        none(react(&wire.React{GroupId: gid, Id: id, Emoji: "👍"})),
		"activity":     none(activity(&wire.Activity{GroupId: gid, Activity: wire.ActivityTyping})),
		"watch":        all(&wire.Request{Op: &wire.Request_Watch{Watch: &wire.Watch{Addresses: []string{"alice"}}}}),
		"set_presence": all(foreground(true)),
		"set_self":     all(setSelf(&wire.SetSelf{Status: new("x")})),
		"block":        all(block("frank", true)),
		"accept":       all(accept("dave")),
		"profile_get": all(&wire.Request{Op: &wire.Request_ProfileGet{
			ProfileGet: &wire.ProfileGet{Addresses: []string{"alice"}},
		}}),
		"renew_token": none(renewToken(wire.NewToken("", "", nil))), // the server's tokens have no lifetime
		"report":      all(report("frank", 0, wire.ReportSpam, "")),
		"chat_settings": seen(&wire.Request{Op: &wire.Request_ChatSettings{
			ChatSettings: &wire.ChatSettings{GroupId: gid, Pinned: true},
		}}),
		"history":      all(&wire.Request{Op: &wire.Request_History{History: &wire.History{GroupId: gid, Count: 10}}}),
		"group_create": all(&wire.Request{Op: &wire.Request_GroupCreate{GroupCreate: create()}}),
		"group_set":    none(setGroup(&wire.GroupSet{GroupId: gid, Name: new("x")})),
		"group_delete": none(&wire.Request{Op: &wire.Request_GroupDelete{GroupDelete: &wire.GroupDelete{GroupId: gid}}}),
		"group_edit_members": none(editMembers(&wire.GroupEditMembers{
			GroupId: gid, Addresses: []string{"dave"},
		})),
		"group_leave":    member(leaveGroup(own)),
		"group_join":     {joinGroup(code), yes, no, yes},     // who knows the code, and was not removed
		"group_answer":   member(answerInvitation(gid, true)), // a member is one already
		"group_edit_pin": none(editPin(&wire.GroupEditPin{GroupId: gid, Nonce: nonce(), Pin: &wire.GroupPin{}})),
		"group_get":      member(getGroup(gid)),
		"group_members": member(&wire.Request{Op: &wire.Request_GroupMembers{
			GroupMembers: &wire.GroupMembers{GroupId: gid},
		}}),
		"call_start": all(&wire.Request{Op: &wire.Request_CallStart{CallStart: &wire.CallStart{
			Nonce: nonce(), Peer: "dave", Sdp: "v=0",
		}}}),
		"call_signal": none(&wire.Request{Op: &wire.Request_CallSignal{CallSignal: &wire.CallSignal{
			CallId: 7, Seq: 1, Change: &wire.CallChange{Status: wire.CallInfo},
		}}}),
		"call_join":    member(&wire.Request{Op: &wire.Request_CallJoin{CallJoin: &wire.CallJoin{GroupId: gid}}}),
		"call_servers": all(&wire.Request{Op: &wire.Request_CallServers{CallServers: &wire.CallServers{}}}),
	}
}

// allowed reports whether the server did what was asked.
func allowed(r *wire.Response) bool {
	ended := func(status uint32) bool { return status&wire.CallEnded != 0 }
	return r.GetResult() == wire.ResultOK && r.GetSend().GetStatus()&wire.StatusFail == 0 &&
		r.GetGroup().GetError() == 0 && r.GetGroupMembers().GetError() == 0 && !ended(r.GetCall().GetStatus()) &&
		!ended(r.GetTicket().GetStatus())
}

// TestWalk: every operation of the protocol is tried by users who have no right to it, and before the Hello. One that
// is added to the protocol needs an entry.
func TestWalk(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, without, former, gid := trio(t, h, func(m *wire.GroupCreate) {
		m.Flags, m.Permissions = wire.GroupSendBySelected, &wire.Permissions{Flags: wire.MemberRecv | wire.MemberSubscribe}
	})
	h.token("dave")
	h.token("frank")
	stranger := h.device("eve")
	stranger.sendText("eve", "a mark for what is read needs something in the log")
	id := alice.send(groupMessage(gid, "x")).GetId()
	pin, _ := alice.group(editPin(&wire.GroupEditPin{GroupId: gid, Nonce: message("x", "").GetNonce(), Pin: &wire.GroupPin{}}))
	alice.removeMember(gid, "carol")
	own := alice.createGroup(create("bob")) // which bob leaves

	ops := (&wire.Request{}).ProtoReflect().Descriptor().Oneofs().Get(0).Fields()
	entries := walk(gid, own, id, pin.GetPins()[0].GetCode())
	var last []string // what makes the stranger a member comes after all else
	for i := range ops.Len() {
		name := string(ops.Get(i).Name())
		if _, ok := entries[name]; !ok && name != "hello" { // sent by connect; a second one ends the connection
			t.Errorf("the operation %s has no entry in this test", name)
		}
	}
	for _, name := range slices.Backward(slices.Sorted(maps.Keys(entries))) {
		if name == "group_join" {
			last = append(last, name)
			continue
		}
		last = append([]string{name}, last...)
	}
	for _, name := range last {
		e := entries[name]
		for _, who := range []struct {
			name string
			d    *device
			may  bool
		}{
			{"a stranger", stranger, e.stranger},
			{"a former member", former, e.former},
			{"a member without rights", without, e.without},
		} {
			if r := who.d.call(e.request); allowed(r) != who.may {
				t.Errorf("%s by %s: got %v, want allowed %v", name, who.name, r, who.may)
			}
		}
		d := &device{t: t, h: h, token: stranger.token, acks: true}
		d.open()
		sent := d.request(e.request)
		if bye := d.ended(); bye == nil || d.responses[sent] != nil {
			t.Errorf("%s before the Hello: got %v, %v", name, bye, d.responses[sent])
		}
		d.close()
	}
}

// TestWalk_tokens: a revoked token and a disabled user end connections, and no new one begins; so no operation is
// reached.
func TestWalk_tokens(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	revoked, disabled := h.device("bob"), h.device("carol")
	list, err := h.srv.Tokens(t.Context(), "bob")
	if err != nil || len(list) != 1 {
		t.Fatalf("got %v, %v", list, err)
	}
	end := map[*device]func() error{
		revoked:  func() error { return h.srv.RevokeToken(t.Context(), list[0].ID) },
		disabled: func() error { return h.srv.DisableUser(t.Context(), "carol", true) },
	}
	for d, f := range end {
		if err := f(); err != nil {
			t.Fatal(err)
		}
		if bye := d.ended(); bye.GetStatus() != wire.ConnAuthFail {
			t.Errorf("%s: got %v, want AUTHFAIL", d.token.Address, bye)
		}
		ws, res, err := h.dial(d.token.String())
		if err == nil {
			_ = ws.Close()
			t.Errorf("%s connects again", d.token.Address)
			continue
		}
		if res == nil || res.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s connects again: got %v, want 401", d.token.Address, res)
		}
	}
}
