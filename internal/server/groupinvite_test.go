package server_test

import (
	"database/sql"
	"encoding/hex"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/audit"
	"github.com/parley-chat/parley/internal/server/devices"
	"github.com/parley-chat/parley/internal/wire"
)

// link makes an invite into a group; the device's user may add members.
func (d *device) link(gid uint32, uses int) (link, id string) {
	d.t.Helper()
	status, made := d.h.ask(http.MethodPost, wire.InvitesPath, d.token.String(), map[string]any{"group": gid, "uses": uses})
	link, _ = made["link"].(string)
	id, _ = made["id"].(string)
	if status != http.StatusOK || link == "" {
		d.t.Fatalf("%s makes an invite: got %d, %v", d.token.Address, status, made)
	}
	return link, id
}

// look asks what an invite is for; without a bearer as a stranger.
func (h *host) look(bearer, link string) (int, map[string]any) {
	h.t.Helper()
	i, err := wire.ParseInvite(link)
	if err != nil {
		h.t.Fatal(err)
	}
	hash := i.Hash()
	return h.ask(http.MethodPost, wire.LookPath, bearer, map[string]any{"hash": hex.EncodeToString(hash[:])})
}

// joinBy joins the group of an invite.
func (h *host) joinBy(bearer, link string) int {
	h.t.Helper()
	status, _ := h.ask(http.MethodPost, wire.JoinPath, bearer, map[string]any{"invite": link})
	return status
}

// wantJoin looks and joins, and expects the same status of both.
func (h *host) wantJoin(what, bearer, link string, want int) {
	h.t.Helper()
	if got, _ := h.look(bearer, link); got != want {
		h.t.Errorf("%s looks: got %d, want %d", what, got, want)
	}
	if got := h.joinBy(bearer, link); got != want {
		h.t.Errorf("%s joins: got %d, want %d", what, got, want)
	}
}

// membersOf returns the addresses of a group's members as one of them sees them.
func (d *device) membersOf(gid uint32) (list []string) {
	d.t.Helper()
	r := d.call(&wire.Request{Op: &wire.Request_GroupMembers{GroupMembers: &wire.GroupMembers{GroupId: gid}}})
	for _, m := range r.GetGroupMembers().GetMembers() {
		list = append(list, m.GetAddress())
	}
	return list
}

// TestGroupInvite: who has the link sees what it is for and joins, as often as it says; who is a member uses nothing up.
// Of a user who may not invite others to the server it lets in users only.
func TestGroupInvite(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob, _, gid := trio(t, h, nil)
	link, id := alice.link(gid, 1)
	want := map[string]any{"inviter": "alice", "group": float64(gid), "name": "Team", "members": 3.0, "users": true}
	if status, got := h.look("", link); status != http.StatusOK || !equalJSON(got, want) {
		t.Errorf("a stranger looks: got %d, %v, want %v", status, got, want)
	}
	if _, status, _ := h.redeem(link, "zoe", "Zoë"); status != http.StatusForbidden {
		t.Errorf("a stranger redeems it: got %d, want 403", status)
	}
	want["joined"] = true
	if status, got := h.look(bob.token.String(), link); status != http.StatusOK || !equalJSON(got, want) {
		t.Errorf("a member looks: got %d, %v, want %v", status, got, want)
	}
	h.wantJoin("a member", bob.token.String(), link, http.StatusOK)
	dave := h.device("dave")
	h.wantJoin("dave", dave.token.String(), link, http.StatusOK)
	if _, c := dave.nextChange(); c.GetKind() != wire.GroupChange_JOINED || c.GetGroup().GetName() != "Team" {
		t.Errorf("dave's log: got %v, want that dave has joined", c)
	}
	if got := alice.membersOf(gid); !slices.Equal(got, []string{"alice", "bob", "carol", "dave"}) {
		t.Errorf("members: got %v", got)
	}
	h.wantJoin("erin, once it is used up,", h.token("erin").String(), link, http.StatusGone)
	if got, want := h.audited(audit.Filter{Actor: "user dave"}), []string{"user dave invite.join dave " + id}; !slices.Equal(got, want) {
		t.Errorf("audit: got %q, want %q", got, want)
	}
}

func equalJSON(got, want map[string]any) bool {
	if len(got) != len(want) {
		return false
	}
	for k, v := range want {
		if got[k] != v {
			return false
		}
	}
	return true
}

// TestGroupInvite_newcomers: of a user who may invite others to the server it lets in new users, too, but none without
// the group.
func TestGroupInvite_newcomers(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{Inviters: devices.Members})
	alice, _, _, gid := trio(t, h, nil)
	link, _ := alice.link(gid, 2)
	if status, got := h.look("", link); status != http.StatusOK || got["users"] != nil {
		t.Errorf("got %d, %v, want an invite for all", status, got)
	}
	token, status, _ := h.redeem(link, "zoe", "Zoë")
	if got := alice.membersOf(gid); status != http.StatusOK || !slices.Contains(got, "zoe") {
		t.Errorf("got %d, %v, want zoe in it", status, got)
	}
	alice.group(&wire.Request{Op: &wire.Request_GroupDelete{GroupDelete: &wire.GroupDelete{GroupId: gid}}})
	if _, status, _ := h.redeem(link, "yan", "Yan"); status != http.StatusGone {
		t.Errorf("the group is deleted: got %d, want 410", status)
	}
	h.wantJoin("zoe, whose group is deleted,", token.String(), link, http.StatusGone)
	if users, err := h.srv.Users(t.Context()); err != nil || len(users) != 4 {
		t.Errorf("got %d users, %v, want 4", len(users), err)
	}
}

// TestGroupInvite_rights: only who may add members makes, sees and withdraws invites into a group, and they die with that
// right. Withdrawn is dead at once.
func TestGroupInvite_rights(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{Inviters: devices.Members})
	alice, bob, carol, gid := trio(t, h, nil)
	alice.permit(gid, "carol", wire.MemberAll, wire.AdminAddUser)
	link, id := alice.link(gid, 5)
	eve, group := h.token("eve").String(), wire.InvitesPath+"?group="+strconv.Itoa(int(gid))
	for who, bearer := range map[string]string{"a member": bob.token.String(), "a stranger": eve} {
		for what, status := range map[string]int{
			"makes":     first(h.ask(http.MethodPost, wire.InvitesPath, bearer, map[string]any{"group": gid})),
			"lists":     first(h.ask(http.MethodGet, group, bearer, nil)),
			"for a new": first(h.ask(http.MethodPost, wire.InvitesPath, bearer, map[string]any{"group": gid, "address": "zoe"})),
		} {
			if status != http.StatusForbidden {
				t.Errorf("%s %s: got %d, want 403", who, what, status)
			}
		}
		if got, _ := h.ask(http.MethodDelete, wire.InvitesPath+"/"+id, bearer, nil); got != http.StatusNotFound {
			t.Errorf("%s withdraws: got %d, want 404", who, got)
		}
	}
	for _, path := range []string{wire.LookPath, wire.JoinPath, wire.InvitesPath} {
		if got, _ := h.ask(http.MethodPost, path, "x", nil); got != http.StatusUnauthorized {
			t.Errorf("%s without a token: got %d, want 401", path, got)
		}
	}
	if got, _ := h.ask(http.MethodPost, wire.JoinPath, "", map[string]any{"invite": link}); got != http.StatusUnauthorized {
		t.Errorf("a stranger joins: got %d, want 401", got)
	}
	for _, bearer := range []string{alice.token.String(), carol.token.String()} {
		status, got := h.ask(http.MethodGet, group, bearer, nil)
		list, _ := got["invites"].([]any)
		if status != http.StatusOK || len(list) != 1 || object(list[0])["creator"] != "alice" || object(list[0])["link"] != nil {
			t.Errorf("list: got %d, %v", status, got)
		}
	}
	own, _ := carol.link(gid, 5)
	if got, _ := h.ask(http.MethodDelete, wire.InvitesPath+"/"+id, carol.token.String(), nil); got != http.StatusNoContent {
		t.Errorf("carol withdraws: got %d", got)
	}
	h.wantJoin("eve, with a withdrawn one,", eve, link, http.StatusGone)
	alice.permit(gid, "carol", wire.MemberAll, 0)
	h.wantJoin("eve, with one of carol, who has no right any more,", eve, own, http.StatusGone)
	if _, got := h.ask(http.MethodGet, group, alice.token.String(), nil); len(got["invites"].([]any)) != 0 { //nolint:forcetypeassert // a test
		t.Errorf("list: got %v, want none that lets in", got)
	}
}

func first(status int, _ map[string]any) int { return status }

// TestGroupInvite_after_removal: a link does not bring back who was removed, and loses no use by it.
func TestGroupInvite_after_removal(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob, carol, gid := trio(t, h, nil)
	link, _ := alice.link(gid, 1)
	alice.removeMember(gid, "bob")
	carol.group(leaveGroup(gid))
	h.wantJoin("bob, who was removed,", bob.token.String(), link, http.StatusForbidden)
	h.wantJoin("carol, who has left,", carol.token.String(), link, http.StatusOK)
}

// TestGroupInvite_full: the limit of members holds.
func TestGroupInvite_full(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{Inviters: devices.Members})
	alice, _, _, gid := trio(t, h, nil)
	link, _ := alice.link(gid, 1)
	dave := h.token("dave").String()
	h.stop()
	db, err := sql.Open("sqlite", filepath.Join(h.opts.Dir, "parley.db"))
	if err != nil {
		t.Fatal(err)
	}
	for _, fill := range []string{
		`WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 5006)
			INSERT INTO users(uid, address, folded, name, created, rev) SELECT i, 'u' || i, 'u' || i, 'U', 1, 1 FROM n`,
		`INSERT INTO members(gid, uid, flags, admin, joined, place)
			SELECT (SELECT gid FROM groups), uid, 31, 0, 1, uid FROM users WHERE address LIKE 'u%'`,
	} {
		if _, err := db.ExecContext(t.Context(), fill); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	h.restart()
	h.wantJoin("dave", dave, link, http.StatusConflict)
	if status, _ := h.look("", link); status != http.StatusConflict {
		t.Errorf("a stranger looks: got %d, want 409", status)
	}
	if _, status, _ := h.redeem(link, "zoe", "Zoë"); status != http.StatusGone {
		t.Errorf("a new user: got %d, want 410", status)
	}
}

// TestGroupInvite_many_at_once: as many join as it has uses, by whatever way.
func TestGroupInvite_many_at_once(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{Inviters: devices.Members})
	alice, _, _, gid := trio(t, h, nil)
	link, _ := alice.link(gid, 2)
	var bearers []string
	for i := range 6 {
		bearers = append(bearers, h.token("user"+strconv.Itoa(i)).String())
	}
	h.web() // made once
	var asking sync.WaitGroup
	for i, bearer := range bearers {
		asking.Go(func() { h.joinBy(bearer, link) })
		asking.Go(func() { _, _, _ = h.redeem(link, "new"+strconv.Itoa(i), "") })
	}
	asking.Wait()
	if got := alice.membersOf(gid); len(got) != 5 {
		t.Errorf("got %v, want two more than three", got)
	}
}

// TestGroupInvite_twice_at_once: two devices of one user use one use up.
func TestGroupInvite_twice_at_once(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, _, _, gid := trio(t, h, nil)
	link, _ := alice.link(gid, 3)
	dave := h.token("dave").String()
	h.web() // made once
	var asking sync.WaitGroup
	for range 5 {
		asking.Go(func() { h.joinBy(dave, link) })
	}
	asking.Wait()
	_, got := h.ask(http.MethodGet, wire.InvitesPath, alice.token.String(), nil)
	list, _ := got["invites"].([]any)
	if len(list) != 1 || object(list[0])["used"] != 1.0 || object(list[0])["left"] != 2.0 {
		t.Errorf("got %v, want one use", list)
	}
}

// TestGroupInvite_is_no_oracle: without a valid invite nothing is learned, and few guesses are answered.
func TestGroupInvite_is_no_oracle(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, _, _, gid := trio(t, h, nil)
	_, id := alice.link(gid, 1)
	for _, hash := range []string{"", "00", id, id + "%", "' OR 1=1 --"} {
		if status, got := h.ask(http.MethodPost, wire.LookPath, "", map[string]any{"hash": hash}); status != http.StatusBadRequest {
			t.Errorf("%q: got %d, %v, want 400", hash, status, got)
		}
	}
	plain := h.invite(accounts.InviteOptions{}).String()
	if status, got := h.look("", plain); status != http.StatusOK || len(got) != 0 {
		t.Errorf("an invite into no group: got %d, %v, want nothing", status, got)
	}
	if got := h.joinBy(alice.token.String(), plain); got != http.StatusGone {
		t.Errorf("alice joins no group: got %d, want 410", got)
	}
	for who, bearer := range map[string]string{"a stranger": "", "a user": alice.token.String()} {
		limited := false
		for range 30 {
			status, got := h.look(bearer, wire.NewInvite("http://h", nil).String())
			if status == http.StatusTooManyRequests {
				limited = true
				break
			}
			if status != http.StatusGone || len(got) != 0 {
				t.Errorf("%s guesses: got %d, %v, want 410", who, status, got)
			}
		}
		if !limited {
			t.Errorf("%s: 30 guesses were answered", who)
		}
	}
}

// TestGroupInvite_expired: by the server's clock.
func TestGroupInvite_expired(t *testing.T) {
	t.Parallel()
	now := &clock{}
	h := newHost(t, server.Options{Clock: now.time})
	alice, _, _, gid := trio(t, h, nil)
	link, _ := alice.link(gid, 1)
	now.jump(accounts.InviteLife + time.Minute)
	h.wantJoin("dave", h.token("dave").String(), link, http.StatusGone)
	group := wire.InvitesPath + "?group=" + strconv.Itoa(int(gid))
	if _, got := h.ask(http.MethodGet, group, alice.token.String(), nil); len(got["invites"].([]any)) != 0 { //nolint:forcetypeassert // a test
		t.Errorf("list: got %v, want none", got)
	}
}
