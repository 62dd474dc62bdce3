package server_test

import (
	"net/http"
	"reflect"
	"testing"

	"github.com/parley-chat/parley/internal/server"
)

// TestBackend_repeatedUseradd: useradd of an existing user changes the given fields and enables the user.
func TestBackend_repeatedUseradd(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	app := h.appToken()
	add := func(q map[string]any) map[string]any {
		t.Helper()
		q["op"], q["addr"] = "useradd", "alice"
		return object(h.works(app, q)["user"])
	}
	first := add(map[string]any{"name": "Alice"})
	for name, tc := range map[string]struct {
		q      map[string]any
		name   string
		active bool
	}{
		"nothing given": {map[string]any{}, "Alice", true},
		"null":          {map[string]any{"name": nil, "active": nil}, "Alice", true},
		"a name":        {map[string]any{"name": "A."}, "A.", true},
		"shut out":      {map[string]any{"active": false}, "Alice", false},
	} {
		add(map[string]any{"name": "Alice", "active": true})
		u := add(tc.q)
		if u["name"] != tc.name || u["active"] != tc.active || u["uid"] != first["uid"] || u["tokenid"] == first["tokenid"] {
			t.Errorf("%s: got %v, want %s, %v", name, u, tc.name, tc.active)
		}
	}
	add(map[string]any{"active": false})
	if u := add(map[string]any{}); u["active"] != true {
		t.Errorf("got %v, want that the user is let in again", u)
	}
}

func TestBackend_usertokenDisabled(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	app := h.appToken()
	h.works(app, map[string]any{"op": "useradd", "addr": "alice", "active": false})
	q := map[string]any{"op": "usertoken", "addr": "alice"}
	code, answer := h.backend(app, q)
	if code != http.StatusConflict || answer["error"] != "USERDISABLED" {
		t.Errorf("got %d, %v", code, answer)
	}
	if err := schema(t, contract(t), "Failure").VisitJSON(answer); err != nil {
		t.Error(err)
	}
	if list, err := h.srv.Tokens(t.Context(), "alice"); err != nil || len(list) != 1 { // useradd's
		t.Errorf("got %v, %v", list, err)
	}
	h.works(app, map[string]any{"op": "userset", "addr": "alice", "active": true})
	h.works(app, q)
}

// TestBackend_repeatedGroupadd: a repeated key returns the same group in its current state.
func TestBackend_repeatedGroupadd(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	app := h.appToken()
	people := []string{"nobody", "alice", "noone", "bob"}
	h.token("alice")
	h.token("bob")
	add := map[string]any{"op": "groupadd", "name": "g", "m": people, "key": "k"}
	first := h.works(app, add)
	if got := first["refused"]; !reflect.DeepEqual(got, []any{"nobody", "noone"}) {
		t.Errorf("got %v", got)
	}
	if again := h.works(app, add); !reflect.DeepEqual(again, first) {
		t.Errorf("got %v, want %v", again, first)
	}
	gid := object(first["group"])["gid"]
	h.works(app, map[string]any{"op": "groupset", "gid": gid, "name": "h"})
	h.works(app, map[string]any{"op": "groupeditmembers", "gid": gid, "m": []string{"bob"}, "delete": true})
	h.token("noone") // exists by now, but was not added
	later := h.works(app, add)
	if g := object(later["group"]); g["gid"] != gid || g["name"] != "h" || g["members"] != 1.0 {
		t.Errorf("got %v, want the group as it is", later)
	}
	if got := later["refused"]; !reflect.DeepEqual(got, []any{"nobody", "noone", "bob"}) {
		t.Errorf("got %v, want who is not in the group", got)
	}
	h.works(app, map[string]any{"op": "groupdel", "gid": gid})
	if last := h.works(app, add); object(last["group"])["gid"] != gid {
		t.Errorf("got %v, want the deleted group", last)
	}
	message := map[string]any{"op": "message", "from": "alice", "to": "bob", "msg": "x", "key": "k"}
	if one, two := h.works(app, message), h.works(app, message); !reflect.DeepEqual(one, two) {
		t.Errorf("got %v and %v", one, two)
	}
}
