package server_test

import (
	"testing"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/wire"
)

// TestText_that_no_database_takes sends NUL wherever a request has text: it is refused or ignored like any other text
// that names nothing, and never a failure of the storage, which would end the connection.
func TestText_that_no_database_takes(t *testing.T) {
	h := newHost(t, server.Options{})
	alice := h.device("alice")
	h.token("bob")
	gid := alice.createGroup(create("bob"))
	const nul = "bo\x00b"
	text := nul
	send := message(nul, "hello")
	withFile := message("bob", "")
	withFile.Content = &wire.Content{
		File: &wire.File{Url: "http://" + h.address + wire.FilesPath + nul, Name: nul, Mime: nul},
	}
	withPicture := create(nul)
	withPicture.PictureUrl = nul
	named := create(nul)
	named.Name = nul
	for name, r := range map[string]*wire.Request{
		"send":          {Op: &wire.Request_Send{Send: send}},
		"send file":     {Op: &wire.Request_Send{Send: withFile}},
		"mark read":     {Op: &wire.Request_MarkRead{MarkRead: &wire.MarkRead{Peer: nul, UpTo: 1}}},
		"recall":        recall(&wire.Recall{Peer: nul, Ids: []uint64{1}}),
		"modify":        modify(&wire.Modify{Peer: nul, Id: 1, Content: content("x")}),
		"react":         react(&wire.React{Peer: "bob", Id: 1, Emoji: nul}),
		"create":        {Op: &wire.Request_GroupCreate{GroupCreate: create(nul)}},
		"named":         {Op: &wire.Request_GroupCreate{GroupCreate: named}},
		"picture":       {Op: &wire.Request_GroupCreate{GroupCreate: withPicture}},
		"set group":     setGroup(&wire.GroupSet{GroupId: gid, Status: &text}),
		"group picture": setGroup(&wire.GroupSet{GroupId: gid, PictureUrl: &text}),
		"add member":    editMembers(&wire.GroupEditMembers{GroupId: gid, Addresses: []string{nul}}),
		"join":          joinGroup(nul),
		"edit pin":      editPin(&wire.GroupEditPin{GroupId: gid, Pin: &wire.GroupPin{Code: nul}}),
		"members":       {Op: &wire.Request_GroupMembers{GroupMembers: &wire.GroupMembers{GroupId: gid, After: nul}}},
		"name":          {Op: &wire.Request_SetSelf{SetSelf: &wire.SetSelf{Name: &text}}},
		"status":        {Op: &wire.Request_SetSelf{SetSelf: &wire.SetSelf{Status: &text}}},
		"own picture":   {Op: &wire.Request_SetSelf{SetSelf: &wire.SetSelf{PictureUrl: &text}}},
		"block":         {Op: &wire.Request_Block{Block: &wire.Block{Address: nul, Blocked: true}}},
		"settings":      {Op: &wire.Request_ChatSettings{ChatSettings: &wire.ChatSettings{Peer: nul}}},
		"history":       {Op: &wire.Request_History{History: &wire.History{Peer: nul, Count: 1}}},
		"activity":      {Op: &wire.Request_Activity{Activity: &wire.Activity{Peer: nul, Activity: 1}}},
		"watch":         {Op: &wire.Request_Watch{Watch: &wire.Watch{Addresses: []string{nul}}}},
	} {
		if res := alice.call(r); res.GetResult() == wire.ResultOK && res.GetReason() != "" {
			t.Errorf("%s: got %v", name, res)
		}
	}
	if reply := alice.sendText("bob", "still here"); reply.GetStatus() != wire.StatusSent {
		t.Errorf("got status %#x afterwards, want SENT", reply.GetStatus())
	}
}
