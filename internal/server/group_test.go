package server_test

import (
	"bytes"
	"fmt"
	"image"
	"image/gif"
	"image/png"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/wire"
)

// group sends a request about a group and returns the reply.
func (d *device) group(r *wire.Request) (*wire.GroupReply, uint32) {
	d.t.Helper()
	res := d.call(r)
	if res.GetGroup() == nil {
		d.t.Fatalf("got %v, want a group's reply", res)
	}
	if (res.GetResult() == wire.ResultOK) != (res.GetGroup().GetError() == 0) ||
		(res.GetResult() == 0) != (res.GetReason() == "") {
		d.t.Errorf("got result %#x, error %d, reason %q", res.GetResult(), res.GetGroup().GetError(), res.GetReason())
	}
	return res.GetGroup(), res.GetResult()
}

func create(members ...string) *wire.GroupCreate {
	return &wire.GroupCreate{Nonce: message("x", "").GetNonce(), Name: "Team", Members: members}
}

func (d *device) createGroup(m *wire.GroupCreate) uint32 {
	d.t.Helper()
	reply, result := d.group(&wire.Request{Op: &wire.Request_GroupCreate{GroupCreate: m}})
	if result != wire.ResultOK || reply.GetGroup().GetGroupId() == 0 {
		d.t.Fatalf("create: got %v, %#x", reply, result)
	}
	return reply.GetGroup().GetGroupId()
}

func setGroup(m *wire.GroupSet) *wire.Request {
	return &wire.Request{Op: &wire.Request_GroupSet{GroupSet: m}}
}

func editMembers(m *wire.GroupEditMembers) *wire.Request {
	return &wire.Request{Op: &wire.Request_GroupEditMembers{GroupEditMembers: m}}
}

func leaveGroup(gid uint32) *wire.Request {
	return &wire.Request{Op: &wire.Request_GroupLeave{GroupLeave: &wire.GroupLeave{GroupId: gid}}}
}

func joinGroup(code string) *wire.Request {
	return &wire.Request{Op: &wire.Request_GroupJoin{GroupJoin: &wire.GroupJoin{Code: code}}}
}

func getGroup(gid uint32) *wire.Request {
	return &wire.Request{Op: &wire.Request_GroupGet{GroupGet: &wire.GroupGet{GroupId: gid}}}
}

func editPin(m *wire.GroupEditPin) *wire.Request {
	return &wire.Request{Op: &wire.Request_GroupEditPin{GroupEditPin: m}}
}

// nextChange reads up to the next notice about a group.
func (d *device) nextChange() (*wire.Message, *wire.GroupChange) {
	d.t.Helper()
	for {
		if m := d.next().GetMessage(); m.GetContent().GetGroup() != nil {
			return m, m.GetContent().GetGroup()
		}
	}
}

// checkChange checks the kind, the actor and the members of the next notice about a group.
func (d *device) checkChange(kind wire.GroupChange_Kind, from string, members ...string) *wire.GroupChange {
	d.t.Helper()
	m, c := d.nextChange()
	var about []string
	for _, who := range c.GetMembers() {
		about = append(about, who.GetAddress())
	}
	if c.GetKind() != kind || m.GetFrom() != from || !slices.Equal(about, members) || m.GetId() == 0 ||
		m.GetFlags() != 0 ||
		m.GetGroupId() != c.GetGroup().GetGroupId() {
		d.t.Fatalf("%s: got %v, want %v from %s about %v", d.token.Address, m, kind, from, members)
	}
	return c
}

func groupMessage(gid uint32, text string) *wire.Send {
	m := message("", text)
	m.GroupId = gid
	return m
}

func TestGroupCreate(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob, carol := h.device("alice"), h.device("bob"), h.device("carol")
	m := create("bob", "nobody", "BOB", "alice", "carol")
	m.Status, m.Picture, m.Flags = "a line", smallPNG(t), wire.GroupLoopback
	gid := alice.createGroup(m)
	reply, _ := alice.group(&wire.Request{Op: &wire.Request_GroupCreate{GroupCreate: m}})
	if reply.GetGroup().GetGroupId() != gid {
		t.Errorf("again: got group %d, want %d", reply.GetGroup().GetGroupId(), gid)
	}
	if got := reply.GetRefused(); !slices.Equal(got, []string{"nobody"}) {
		t.Errorf("got %v refused", got)
	}
	own := reply.GetOwn()
	if own.GetAdminFlags() != wire.AdminOwnerAll || own.GetFlags() != wire.MemberAll {
		t.Errorf("got %v, want the owner's rights", own)
	}
	for _, d := range []*device{alice, bob, carol} {
		c := d.checkChange(wire.GroupChange_CREATED, "alice", "alice", "bob", "carol")
		if !proto.Equal(c.GetGroup(), reply.GetGroup()) || !bytes.Equal(c.GetGroup().GetPicture(), m.GetPicture()) {
			t.Errorf("got %v, want %v", c.GetGroup(), reply.GetGroup())
		}
		if p := c.GetMembers()[1].GetPermissions(); p.GetFlags() != wire.MemberAll || p.GetAdminFlags() != 0 {
			t.Errorf("got %v, want all but administration", p)
		}
	}
	h.restart()
	bob.connect()
	got, result := bob.group(getGroup(gid))
	if result != wire.ResultOK || !proto.Equal(got.GetGroup(), reply.GetGroup()) || got.GetOwn().GetAdminFlags() != 0 {
		t.Errorf("after a restart: got %v", got)
	}
	alice.connect()
	if again := alice.createGroup(m); again != gid {
		t.Errorf("again after a restart: got %d, want %d", again, gid)
	}
}

func smallPNG(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestGroup_bad_requests(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice := h.device("alice")
	gid := alice.createGroup(create())
	var animation bytes.Buffer
	if err := gif.Encode(&animation, image.NewGray(image.Rect(0, 0, 8, 8)), nil); err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]*wire.Request{
		"nonce":      {Op: &wire.Request_GroupCreate{GroupCreate: &wire.GroupCreate{Name: "x"}}},
		"name":       setGroup(&wire.GroupSet{GroupId: gid, Name: new(strings.Repeat("x", wire.MaxName+1))}),
		"status":     setGroup(&wire.GroupSet{GroupId: gid, Status: new("two\nlines")}),
		"url":        setGroup(&wire.GroupSet{GroupId: gid, PictureUrl: new(strings.Repeat("x", wire.MaxURL+1))}),
		"no picture": setGroup(&wire.GroupSet{GroupId: gid, Picture: []byte("text")}),
		"gif":        setGroup(&wire.GroupSet{GroupId: gid, Picture: animation.Bytes()}),
		"big picture": setGroup(&wire.GroupSet{
			GroupId: gid, Picture: append(smallPNG(t), make([]byte, wire.MaxThumbnail)...),
		}),
		"members":   editMembers(&wire.GroupEditMembers{GroupId: gid, Addresses: make([]string, wire.MaxGroupEdit+1)}),
		"pin nonce": editPin(&wire.GroupEditPin{GroupId: gid}),
	} {
		if reply, result := alice.group(r); result != wire.ResultBadRequest || reply.GetError() != wire.GroupErrorGeneral {
			t.Errorf("%s: got %v, %#x, want BADREQUEST", name, reply, result)
		}
	}
	for name, tc := range map[string]struct {
		request    *wire.Request
		result, ge uint32
	}{
		"unknown group": {leaveGroup(gid + 1), wire.ResultDenied, wire.GroupErrorNotMember},
		"unknown code":  {joinGroup("ABC"), wire.ResultDenied, wire.GroupErrorBadPin},
		"no such pin": {
			editPin(&wire.GroupEditPin{GroupId: gid, Pin: &wire.GroupPin{Code: "ABC"}}), wire.ResultNoSuchUser,
			wire.GroupErrorBadPin,
		},
	} {
		if reply, result := alice.group(tc.request); result != tc.result || reply.GetError() != tc.ge {
			t.Errorf("%s: got %v, %#x, want %#x, %d", name, reply, result, tc.result, tc.ge)
		}
	}
}

func TestGroupSet_leaves_the_rest(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob := h.device("alice"), h.device("bob")
	m := create("bob")
	m.Status, m.Picture, m.Expiry = "first", smallPNG(t), 600
	gid := alice.createGroup(m)
	bob.nextChange()
	reply, result := bob.group(setGroup(&wire.GroupSet{GroupId: gid, Name: new("Mine")}))
	if result != wire.ResultDenied || reply.GetError() != wire.GroupErrorPermission {
		t.Errorf("got %v, %#x, want DENIED", reply, result)
	}
	reply, _ = alice.group(setGroup(&wire.GroupSet{GroupId: gid, Name: new("Other")}))
	alice.group(setGroup(&wire.GroupSet{GroupId: gid, Name: new("Other")})) // changes nothing
	c := bob.checkChange(wire.GroupChange_SETTINGS, "alice")
	if !proto.Equal(c.GetGroup(), reply.GetGroup()) {
		t.Errorf("got %v, want %v", c.GetGroup(), reply.GetGroup())
	}
	g := c.GetGroup()
	if g.GetName() != "Other" || g.GetStatus() != "first" || len(g.GetPicture()) == 0 || g.GetExpiry() != 600 ||
		g.GetMembers() != 2 {
		t.Errorf("got %v, want only another name", g)
	}
	alice.group(setGroup(&wire.GroupSet{GroupId: gid, Picture: []byte{}, Status: new("")}))
	if g := bob.checkChange(wire.GroupChange_SETTINGS, "alice").GetGroup(); len(g.GetPicture()) != 0 ||
		g.GetStatus() != "" {
		t.Errorf("got %v, want neither picture nor status", g)
	}
}

func TestGroupEditMembers(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob, carol := h.device("alice"), h.device("bob"), h.device("carol")
	h.token("dave")
	gid := alice.createGroup(create("bob"))
	bob.nextChange()
	alice.nextChange()
	add := &wire.GroupEditMembers{GroupId: gid, Addresses: []string{"carol", "nobody"}}
	if _, result := bob.group(editMembers(add)); result != wire.ResultDenied {
		t.Errorf("bob adds: got %#x, want DENIED", result)
	}
	for range 2 { // the second time nothing changes
		reply, _ := alice.group(editMembers(add))
		if !slices.Equal(reply.GetRefused(), []string{"nobody"}) || reply.GetGroup().GetMembers() != 3 {
			t.Errorf("got %v", reply)
		}
	}
	for _, d := range []*device{alice, bob, carol} {
		d.checkChange(wire.GroupChange_JOINED, "alice", "carol")
	}

	// Bob becomes an admin who may add and remove, but not make admins.
	alice.group(
		editMembers(&wire.GroupEditMembers{GroupId: gid, Addresses: []string{"bob"}, Permissions: &wire.Permissions{
			Flags: wire.MemberAll, AdminFlags: wire.AdminAddUser | wire.AdminRemoveUser,
		}}),
	)
	for _, d := range []*device{alice, bob, carol} {
		d.checkChange(wire.GroupChange_PERMISSIONS, "alice", "bob")
	}
	for name, m := range map[string]*wire.GroupEditMembers{
		"makes himself owner": {
			Addresses: []string{"bob"}, Permissions: &wire.Permissions{Flags: 31, AdminFlags: wire.AdminOwnerAll},
		},
		"adds an admin": {
			Addresses: []string{"dave"}, Permissions: &wire.Permissions{Flags: 31, AdminFlags: wire.AdminAddUser},
		},
		"removes the owner": {Addresses: []string{"alice"}, Remove: true},
	} {
		m.GroupId = gid
		if reply, result := bob.group(editMembers(m)); result != wire.ResultDenied ||
			reply.GetError() != wire.GroupErrorPermission {
			t.Errorf("bob %s: got %v, %#x, want DENIED", name, reply, result)
		}
	}
	reply, _ := bob.group(editMembers(&wire.GroupEditMembers{GroupId: gid, Addresses: []string{"dave"}}))
	if reply.GetGroup().GetMembers() != 4 {
		t.Errorf("got %v, want four members", reply)
	}
	bob.group(editMembers(&wire.GroupEditMembers{GroupId: gid, Addresses: []string{"carol", "nobody"}, Remove: true}))
	for _, d := range []*device{alice, bob, carol} {
		d.checkChange(wire.GroupChange_JOINED, "bob", "dave")
		d.checkChange(wire.GroupChange_REMOVED, "bob", "carol")
	}
	if got := alice.send(groupMessage(gid, "without carol")); got.GetStatus() != wire.StatusSent {
		t.Errorf("got %v", got)
	}
	if got := carol.send(groupMessage(gid, "let me in")); got.GetStatus() != wire.StatusNotMember {
		t.Errorf("got status %#x, want NOTMEMBER", got.GetStatus())
	}
	alice.sendText("carol", "end")
	if e := carol.next(); text(e.GetMessage()) != "end" {
		t.Errorf("got %v, want nothing of the group any more", e)
	}
	if reply, result := carol.group(getGroup(gid)); result != wire.ResultDenied ||
		reply.GetError() != wire.GroupErrorNotMember {
		t.Errorf("got %v, %#x, want NOTMEMBER", reply, result)
	}
}

func TestGroupLeave_finds_another_owner(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob, carol := h.device("alice"), h.device("bob"), h.device("carol")
	gid := alice.createGroup(create("bob", "carol"))
	alice.group(
		editMembers(&wire.GroupEditMembers{GroupId: gid, Addresses: []string{"carol"}, Permissions: &wire.Permissions{
			Flags: wire.MemberAll, AdminFlags: wire.AdminModify,
		}}),
	)
	carol.nextChange()
	carol.nextChange()
	reply, result := alice.group(leaveGroup(gid))
	if result != wire.ResultOK || reply.GetOwn() != nil {
		t.Errorf("got %v, %#x", reply, result)
	}
	carol.checkChange(wire.GroupChange_LEFT, "alice", "alice")
	c := carol.checkChange(wire.GroupChange_PERMISSIONS, "alice", "carol")
	if c.GetMembers()[0].GetPermissions().GetAdminFlags() != wire.AdminOwnerAll {
		t.Errorf("got %v, want an owner", c.GetMembers())
	}
	carol.group(leaveGroup(gid)) // no admin is left: the oldest member
	if got, _ := bob.group(getGroup(gid)); got.GetOwn().GetAdminFlags() != wire.AdminOwnerAll {
		t.Errorf("got %v, want bob to be the owner", got)
	}
	bob.group(leaveGroup(gid))
	if reply, result := bob.group(getGroup(gid)); result != wire.ResultDenied ||
		reply.GetError() != wire.GroupErrorNotMember {
		t.Errorf("got %v, %#x, want the answer for a group that is not bob's", reply, result)
	}
	bob.until("the notice of the deletion", func() bool {
		return slices.ContainsFunc(bob.events, func(e *wire.Event) bool { return e.GetMessage().GetContent().GetGroup().GetGroup().GetDeleted() })
	})
}

func TestGroupPins(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob, carol := h.device("alice"), h.device("bob"), h.device("carol")
	gid := alice.createGroup(create())
	make1 := &wire.GroupEditPin{GroupId: gid, Nonce: message("x", "").GetNonce(), Pin: &wire.GroupPin{Uses: 1}}
	first, _ := alice.group(editPin(make1))
	again, _ := alice.group(editPin(make1))
	code := first.GetPins()[0].GetCode()
	if len(code) != 16 || again.GetPins()[0].GetCode() != code {
		t.Fatalf("got %v and %v, want one code of 80 bits", first.GetPins(), again.GetPins())
	}
	if got, _ := alice.group(getGroup(gid)); len(got.GetPins()) != 1 || got.GetPins()[0].GetUses() != 1 {
		t.Errorf("got %v, want the pin", got.GetPins())
	}
	if _, result := bob.group(joinGroup(strings.ToLower(code[:4]) + "-" + code[4:])); result != wire.ResultOK {
		t.Errorf("bob joins: got %#x", result)
	}
	alice.nextChange()
	alice.checkChange(wire.GroupChange_JOINED, "bob", "bob")
	bob.checkChange(wire.GroupChange_JOINED, "bob", "bob")
	if got, _ := bob.group(getGroup(gid)); len(got.GetPins()) != 0 {
		t.Errorf("got %v, want no pins for bob", got.GetPins())
	}
	if reply, result := carol.group(joinGroup(code)); result != wire.ResultDenied ||
		reply.GetError() != wire.GroupErrorBadPin {
		t.Errorf("carol joins by a used code: got %v, %#x", reply, result)
	}

	other, _ := alice.group(
		editPin(&wire.GroupEditPin{GroupId: gid, Nonce: message("x", "").GetNonce(), Pin: &wire.GroupPin{
			Expires: uint64(time.Now().Add(-time.Second).UnixMilli()),
		}}),
	)
	p := other.GetPins()[0]
	if reply, _ := carol.group(joinGroup(p.GetCode())); reply.GetError() != wire.GroupErrorBadPin {
		t.Errorf("carol joins by an expired code: got %v", reply)
	}
	alice.group(editPin(&wire.GroupEditPin{GroupId: gid, Pin: &wire.GroupPin{Code: p.GetCode()}}))
	if _, result := carol.group(joinGroup(p.GetCode())); result != wire.ResultOK {
		t.Errorf("carol joins by a code without end: got %#x", result)
	}
	alice.group(editPin(&wire.GroupEditPin{GroupId: gid, Pin: p, Remove: true}))
	h.restart()
	dave := h.device("dave")
	if reply, _ := dave.group(joinGroup(p.GetCode())); reply.GetError() != wire.GroupErrorBadPin {
		t.Errorf("dave joins by a removed code: got %v", reply)
	}
	carol.connect()
	if _, result := carol.group(editPin(make1)); result != wire.ResultDenied {
		t.Errorf("carol makes a code: got %#x, want DENIED", result)
	}
}

func TestGroupMembers_pages(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice := h.device("alice")
	var names []string
	for i := range 5 {
		names = append(names, fmt.Sprintf("user%d", i))
		h.token(names[i])
	}
	user0 := h.device("user0")
	gid := alice.createGroup(create(names...))
	ask := func(d *device, after string) *wire.Response {
		return d.call(
			&wire.Request{
				Op: &wire.Request_GroupMembers{GroupMembers: &wire.GroupMembers{GroupId: gid, After: after, Count: 4}},
			},
		)
	}
	one := ask(alice, "").GetGroupMembers()
	two := ask(alice, one.GetMembers()[3].GetAddress()).GetGroupMembers()
	var got []string
	for _, m := range slices.Concat(one.GetMembers(), two.GetMembers()) {
		got = append(got, m.GetAddress())
	}
	if want := append([]string{"alice"}, names...); !slices.Equal(got, want) || !one.GetMore() || two.GetMore() {
		t.Errorf("got %v, more %v, %v", got, one.GetMore(), two.GetMore())
	}
	alice.group(setGroup(&wire.GroupSet{GroupId: gid, Flags: proto.Uint32(wire.GroupListBySelected)}))
	alice.group(
		editMembers(
			&wire.GroupEditMembers{
				GroupId:     gid,
				Addresses:   []string{"user0"},
				Permissions: &wire.Permissions{Flags: wire.MemberSend},
			},
		),
	)
	if r := ask(user0, ""); r.GetResult() != wire.ResultDenied ||
		r.GetGroupMembers().GetError() != wire.GroupErrorPermission {
		t.Errorf("got %v, want DENIED", r)
	}
	stranger := h.device("stranger")
	if r := ask(stranger, ""); r.GetResult() != wire.ResultDenied ||
		r.GetGroupMembers().GetError() != wire.GroupErrorNotMember {
		t.Errorf("got %v, want NOTMEMBER", r)
	}
	alice.group(setGroup(&wire.GroupSet{GroupId: gid, Flags: proto.Uint32(wire.GroupListByAnyone)}))
	if r := ask(stranger, ""); len(r.GetGroupMembers().GetMembers()) != 4 {
		t.Errorf("got %v, want a page", r)
	}
}

func TestGroupDelete(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob := h.device("alice"), h.device("bob")
	gid := alice.createGroup(create("bob"))
	remove := &wire.Request{Op: &wire.Request_GroupDelete{GroupDelete: &wire.GroupDelete{GroupId: gid}}}
	if _, result := bob.group(remove); result != wire.ResultDenied {
		t.Errorf("bob deletes: got %#x, want DENIED", result)
	}
	bob.nextChange()
	if reply, result := alice.group(remove); result != wire.ResultOK || !reply.GetGroup().GetDeleted() {
		t.Errorf("got %v, %#x", reply, result)
	}
	bob.checkChange(wire.GroupChange_DELETED, "alice")
	if got := bob.send(groupMessage(gid, "x")); got.GetStatus() != wire.StatusInvalidDest {
		t.Errorf("got status %#x, want INVALIDDEST", got.GetStatus())
	}
	sync := bob.call(&wire.Request{Op: &wire.Request_ProfileSync{ProfileSync: &wire.ProfileSync{}}}).GetProfileSync()
	if len(sync.GetGroups()) != 1 || !sync.GetGroups()[0].GetDeleted() || len(sync.GetProfiles()) != 2 {
		t.Errorf("got %v, want two users and a group that is deleted", sync)
	}
}
