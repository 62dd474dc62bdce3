package server_test

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/devices"
	"github.com/parley-chat/parley/internal/wire"
)

// ask sends JSON, and returns the status and the answer.
func (h *host) ask(method, path, bearer string, q any) (int, map[string]any) {
	h.t.Helper()
	body, err := json.Marshal(q)
	if err != nil {
		h.t.Fatal(err)
	}
	a := h.do(method, path, bearer, nil, body)
	var answer map[string]any
	_ = json.Unmarshal(a.body, &answer) // a refusal is text
	return a.code, answer
}

// redeem redeems an invite for a new token.
func (h *host) redeem(invite, address, name string) (wire.Token, int, map[string]any) {
	h.t.Helper()
	token := wire.NewToken("http://"+h.address, address, nil)
	hash := token.Hash()
	status, answer := h.ask(http.MethodPost, wire.RedeemPath, "", map[string]any{
		"invite": invite, "token": hex.EncodeToString(hash[:]), "address": address, "name": name, "device": "laptop",
	})
	return token, status, answer
}

func (h *host) invite(opts accounts.InviteOptions) wire.Invite {
	h.t.Helper()
	i, err := h.srv.NewInvite(h.t.Context(), opts)
	if err != nil {
		h.t.Fatal(err)
	}
	return i
}

// TestInvite_lets_in_once: the device has a token that nobody else has seen, and the invite is dead.
func TestInvite_lets_in_once(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	invite := h.invite(accounts.InviteOptions{Admin: true})
	token, status, answer := h.redeem(invite.Link(), "zoe", "Zoë Müller")
	if status != http.StatusOK || answer["address"] != "zoe" || answer["new"] != true {
		t.Fatalf("got %d, %v", status, answer)
	}
	d := &device{t: t, h: h, token: token, acks: true}
	d.connect()
	t.Cleanup(d.close)

	// The same device again, whose answer was lost, is answered; another device is not.
	hash := token.Hash()
	again := map[string]any{"invite": invite.String(), "token": hex.EncodeToString(hash[:]), "address": "zoe"}
	if status, answer := h.ask(http.MethodPost, wire.RedeemPath, "", again); status != http.StatusOK ||
		answer["address"] != "zoe" || answer["name"] != "Zoë Müller" {
		t.Errorf("again: got %d, %v", status, answer)
	}
	if _, status, _ := h.redeem(invite.String(), "mallory", "Mallory"); status != http.StatusGone {
		t.Errorf("used up: got %d, want 410", status)
	}
	users, err := h.srv.Users(t.Context())
	if err != nil || len(users) != 1 || !users[0].Admin {
		t.Errorf("got %v, %v, want one administrator", users, err)
	}
}

// TestInvite_of_many_devices_at_once: as many get in as it has uses.
func TestInvite_of_many_devices_at_once(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	invite := h.invite(accounts.InviteOptions{Uses: 3})
	h.web() // made once
	statuses := make([]int, 8)
	var asking sync.WaitGroup
	for i := range statuses {
		asking.Go(func() { _, statuses[i], _ = h.redeem(invite.String(), fmt.Sprintf("user%d", i), "") })
	}
	asking.Wait()
	count := map[int]int{}
	for _, s := range statuses {
		count[s]++
	}
	if count[http.StatusOK] != 3 || count[http.StatusGone] != 5 {
		t.Errorf("got %v, want 3 let in and 5 refused", count)
	}
	if users, err := h.srv.Users(t.Context()); err != nil || len(users) != 3 {
		t.Errorf("got %d users, %v, want 3: who is refused leaves nothing behind", len(users), err)
	}
}

func TestInvite_refusals(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	h.token("alice")
	soon := time.Now().Add(50 * time.Millisecond)
	expired := h.invite(accounts.InviteOptions{Expires: soon})
	open := h.invite(accounts.InviteOptions{})
	h.until("the invite has expired", func() bool { return time.Now().After(soon) })
	for name, c := range map[string]struct {
		invite, address string
		want            int
	}{
		"expired":     {expired.String(), "bob", http.StatusGone},
		"unknown":     {wire.NewInvite("http://h", nil).String(), "bob", http.StatusGone},
		"no invite":   {"x", "bob", http.StatusBadRequest},
		"taken":       {open.String(), "ALICE", http.StatusConflict},
		"bad address": {open.String(), " bob", http.StatusBadRequest},
	} {
		if _, status, _ := h.redeem(c.invite, c.address, ""); status != c.want {
			t.Errorf("%s: got %d, want %d", name, status, c.want)
		}
	}
	if _, status, _ := h.redeem(open.String(), "bob", ""); status != http.StatusOK {
		t.Errorf("a refusal used the invite up: %d", status)
	}
}

// TestInvite_guesses_are_limited: whoever tries secrets gets no answers after a few.
func TestInvite_guesses_are_limited(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	for range 50 {
		if _, status, _ := h.redeem(wire.NewInvite("http://h", nil).String(), "eve", ""); status == http.StatusTooManyRequests {
			return
		}
	}
	t.Error("50 guesses were answered")
}

// TestInvite_of_a_user: who may invite is the server's choice; for devices of one's own everyone may.
func TestInvite_of_a_user(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		inviters devices.Inviters
		admin    bool
		want     int
	}{
		{devices.Nobody, true, http.StatusForbidden},
		{devices.Admins, false, http.StatusForbidden},
		{devices.Admins, true, http.StatusOK},
		{devices.Members, false, http.StatusOK},
	} {
		h := newHost(t, server.Options{Inviters: c.inviters})
		alice, status, _ := h.redeem(h.invite(accounts.InviteOptions{Admin: c.admin}).String(), "alice", "Alice")
		if status != http.StatusOK {
			t.Fatalf("got %d", status)
		}
		bearer := alice.String()
		status, made := h.ask(http.MethodPost, wire.InvitesPath, bearer, map[string]any{"uses": 2, "valid": 3600})
		if status != c.want {
			t.Errorf("%v: got %d, want %d", c, status, c.want)
		}
		status, list := h.ask(http.MethodGet, wire.InvitesPath, bearer, nil)
		if status != http.StatusOK || list["may_invite"] != (c.want == http.StatusOK) {
			t.Errorf("%v: got %d, %v", c, status, list)
		}
		// Another device of her own.
		status, own := h.ask(http.MethodPost, wire.InvitesPath, bearer, map[string]any{"address": "Alice"})
		link, _ := own["link"].(string)
		if status != http.StatusOK {
			t.Fatalf("%v: an own device: got %d", c, status)
		}
		if _, status, answer := h.redeem(link, "", ""); status != http.StatusOK || answer["address"] != "alice" ||
			answer["new"] == true || answer["inviter"] != "alice" {
			t.Errorf("%v: got %d, %v", c, status, answer)
		}
		if c.want != http.StatusOK {
			continue
		}
		h.token("bob")
		if status, _ := h.ask(http.MethodPost, wire.InvitesPath, bearer, map[string]any{"address": "bob"}); status !=
			http.StatusConflict {
			t.Errorf("%v: an invite that signs in as bob: got %d, want 409", c, status)
		}
		id, _ := made["id"].(string)
		if status, _ := h.ask(http.MethodDelete, wire.InvitesPath+"/"+id, h.token("bob").String(), nil); status !=
			http.StatusNotFound {
			t.Errorf("%v: bob withdraws what is not his: got %d", c, status)
		}
		if status, _ := h.ask(http.MethodDelete, wire.InvitesPath+"/"+id, bearer, nil); status != http.StatusNoContent {
			t.Errorf("%v: withdraw: got %d", c, status)
		}
		link, _ = made["link"].(string)
		if _, status, _ := h.redeem(link, "carol", ""); status != http.StatusGone {
			t.Errorf("%v: withdrawn: got %d, want 410", c, status)
		}
	}
}

// TestInvite_into_a_group: the new user is a member. An invite of the operator needs no right, one of a user does.
func TestInvite_into_a_group(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{Inviters: devices.Members})
	app := h.appToken()
	h.token("alice")
	made := h.works(app, map[string]any{"op": "groupadd", "name": "g", "m": []any{"alice"}})
	gid := object(made["group"])["gid"]
	invite := h.works(app, map[string]any{"op": "inviteadd", "gid": gid})
	link, _ := object(invite["invite"])["link"].(string)
	if _, status, _ := h.redeem(link, "zoe", ""); status != http.StatusOK {
		t.Fatalf("got %d", status)
	}
	members := h.works(app, map[string]any{"op": "groupgetmembers", "gid": gid})
	if s := fmt.Sprint(members["members"]); !strings.Contains(s, "zoe") {
		t.Errorf("got %s, want zoe in it", s)
	}
	// Alice has no right to add anyone.
	if status, _ := h.ask(http.MethodPost, wire.InvitesPath, h.token("alice").String(), map[string]any{"group": gid}); status !=
		http.StatusForbidden {
		t.Errorf("got %d, want 403", status)
	}
}

// TestDevices_seen_and_named: the list says when and where from a device was connected, and is renamed.
func TestDevices_seen_and_named(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice := h.device("alice")
	bearer := alice.token.String()
	one := func() map[string]any {
		t.Helper()
		a := h.do(http.MethodGet, wire.DevicesPath, bearer, nil, nil)
		var list []map[string]any
		if err := json.Unmarshal(a.body, &list); err != nil || len(list) != 1 {
			t.Fatalf("got %s, %v", a.body, err)
		}
		return list[0]
	}
	if d := one(); d["online"] != true || d["place"] != "127.0.0.0/24" || d["seen"] == nil {
		t.Errorf("got %v", d)
	}
	id, _ := one()["id"].(string)
	if status, _ := h.ask(http.MethodPatch, wire.DevicesPath+"/"+id, bearer, map[string]any{"label": " my laptop "}); status !=
		http.StatusNoContent {
		t.Errorf("rename: got %d", status)
	}
	if status, _ := h.ask(http.MethodPatch, wire.DevicesPath+"/"+id, h.token("bob").String(),
		map[string]any{"label": "mine"}); status != http.StatusNotFound {
		t.Errorf("bob renames it: got %d", status)
	}
	alice.close()
	h.until("the device is offline", func() bool { return one()["online"] == nil })
	h.restart() // what was seen is stored
	if d := one(); d["label"] != "my laptop" || d["place"] != "127.0.0.0/24" || d["seen"] == nil {
		t.Errorf("got %v", d)
	}
}

// TestInvite_page: the page has no part of the invite, and its script is the one that its policy names.
func TestInvite_page(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	a := h.do(http.MethodGet, wire.InvitePath, "", nil, nil)
	policy := a.head.Get("Content-Security-Policy")
	if a.code != http.StatusOK || !strings.Contains(string(a.body), "parley:join/") ||
		!strings.Contains(policy, "default-src 'none'") || strings.Count(policy, "sha256-") != 2 {
		t.Errorf("got %d, %s", a.code, policy)
	}
}
