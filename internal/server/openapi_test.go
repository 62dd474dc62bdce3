package server_test

import (
	"maps"
	"net/http"
	"slices"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/admin"
	"github.com/parley-chat/parley/internal/wire"
)

// contract is docs/openapi.yaml.
func contract(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromFile("../../docs/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return doc
}

func schema(t *testing.T, doc *openapi3.T, name string) *openapi3.Schema {
	t.Helper()
	ref := doc.Components.Schemas[name]
	if ref == nil {
		t.Fatalf("docs/openapi.yaml has no schema %s", name)
	}
	return ref.Value
}

// TestOpenAPI_operations: the described operations are exactly the existing ones.
func TestOpenAPI_operations(t *testing.T) {
	t.Parallel()
	doc := contract(t)
	if doc.Paths.Value(admin.Path).Post == nil {
		t.Errorf("%s is not described", admin.Path)
	}
	want := admin.Operations()
	for _, kind := range []string{"Request", "Reply"} {
		s := schema(t, doc, kind)
		got := slices.Sorted(maps.Keys(s.Discriminator.Mapping))
		if !slices.Equal(got, want) || len(s.OneOf) != len(want) {
			t.Errorf("%s: got %v, want %v", kind, got, want)
		}
	}
}

// TestOpenAPI_calls checks requests and replies, including failures, against their description.
func TestOpenAPI_calls(t *testing.T) {
	t.Parallel()
	doc := contract(t)
	h := newHost(t, server.Options{})
	app := h.appToken()
	check := func(name string, v map[string]any) {
		t.Helper()
		if err := schema(t, doc, name).VisitJSON(v); err != nil {
			t.Errorf("%s: %v: %v", name, v, err)
		}
	}
	called := make(map[string]bool)
	var gid, usertoken, invite any
	dave := h.device("dave")
	for _, q := range []map[string]any{
		{"op": "useradd", "addr": "alice", "name": "Alice", "appid": "shop", "expiry": 60.0, "active": true},
		{"op": "useradd", "addr": "bob"},
		{
			"op": "userset", "addr": "bob", "name": "Bob", "active": true, "status": "x", "picture": "",
			"picture_url": "u", "visibility": 2.0,
		},
		{"op": "usertoken", "addr": "bob", "appid": "shop", "label": "phone", "expiry": 1.0},
		{"op": "tokendel"},
		{"op": "inviteadd", "addr": "erin", "uses": 1.0, "expiry": 60.0, "gid": 0.0},
		{"op": "invitesget"},
		{"op": "invitedel"},
		{"op": "usersget", "addr": "*", "after": "alice", "count": 3.0},
		{
			"op": "groupadd", "name": "g", "status": "x", "flag": float64(wire.GroupLoopback), "expiry": 60.0, "picture": "",
			"picture_url": "u", "m": []any{"alice", "bob"}, "key": "k",
		},
		{"op": "groupset", "name": "h"},
		{
			"op": "groupeditmembers", "m": []any{"dave", "nobody"}, "cansend": true, "canrecv": true, "canpub": false,
			"cansub": false, "canlist": true, "admin": 1.0,
		},
		{"op": "groupeditmembers", "m": []any{"dave"}, "delete": true},
		{"op": "groupgetmembers", "after": "", "count": 2.0},
		{
			"op": "message", "from": "alice", "to": "bob", "id": 5.0, "type": 1.0, "flag": 3.0,
			"expiry": 60.0, "refid": "7", "msg": "x", "key": "k",
		},
		{"op": "message", "from": "alice", "msg": "to the group"},
		{"op": "groupkeep", "age": 60.0},
		{"op": "groupdel"},
		{"op": "usersuspend", "addr": "bob", "expiry": 60.0, "reason": "x"},
		{"op": "userban", "addr": "bob", "reason": "x"},
		{"op": "userrestore", "addr": "bob"},
		{"op": "reportsget", "afterid": 0.0, "closed": true, "count": 3.0},
		{"op": "reportclose", "reportid": 1.0, "note": "x"},
		{"op": "userget", "addr": "bob"},
		{"op": "groupsget", "aftergid": 0.0, "count": 1.0},
		{"op": "serverget"},
		{"op": "auditget", "actor": "apptoken", "target": "bob", "count": 3.0},
		{"op": "notice", "all": true, "msg": "x"},
		{"op": "notice", "addr": "bob", "msg": "x"},
		{"op": "userdel", "addr": "bob"},
	} {
		op, _ := q["op"].(string)
		switch {
		case op == "tokendel":
			q["tokenid"] = usertoken
		case op == "reportsget":
			if r := dave.call(report("bob", 0, wire.ReportSpam, "x")); r.GetResult() != wire.ResultOK {
				t.Fatal(r)
			}
		case op == "invitedel":
			q["inviteid"] = invite
		case len(op) > 5 && op[:5] == "group" && op != "groupadd" && op != "groupsget", op == "message" && q["to"] == nil:
			q["gid"] = gid
		}
		check(op+"Request", q)
		check("Request", q)
		answer := h.works(app, q)
		check(op+"Reply", answer)
		check("Reply", answer)
		called[op] = true
		switch op {
		case "groupadd":
			gid = object(answer["group"])["gid"]
		case "inviteadd":
			invite = object(answer["invite"])["inviteid"]
		case "usertoken":
			usertoken = object(answer["user"])["tokenid"]
		}
		// An undescribed field is refused.
		q["frob"] = 1.0
		if err := schema(t, doc, op+"Request").VisitJSON(q); err == nil {
			t.Errorf("%s: an unknown field is allowed", op)
		}
		if code, answer := h.backend(app, q); code != http.StatusBadRequest {
			t.Errorf("%s: an unknown field was taken: %v", op, answer)
		} else {
			check("Failure", answer)
		}
	}
	if got := slices.Sorted(maps.Keys(called)); !slices.Equal(got, admin.Operations()) {
		t.Errorf("called %v, want all of %v", got, admin.Operations())
	}
}
