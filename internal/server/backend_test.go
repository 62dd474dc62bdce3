package server_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/admin"
	"github.com/parley-chat/parley/internal/wire"
)

// appToken creates an application token.
func (h *host) appToken() string {
	h.t.Helper()
	token, err := h.srv.NewAppToken(h.t.Context(), accounts.AppTokenOptions{Label: "test"})
	if err != nil {
		h.t.Fatal(err)
	}
	return token
}

// post sends a body to the backend API and returns the status and the reply.
func (h *host) post(token string, body []byte) (int, map[string]any) {
	h.t.Helper()
	req, err := http.NewRequestWithContext(
		h.t.Context(),
		http.MethodPost,
		"http://"+h.address+admin.Path,
		bytes.NewReader(body),
	)
	if err != nil {
		h.t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	req.Close = true
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	var answer map[string]any
	if err := json.Unmarshal(b, &answer); err != nil {
		h.t.Fatalf("answer %q: %v", b, err)
	}
	return res.StatusCode, answer
}

// backend calls an operation and returns the status and the reply.
func (h *host) backend(token string, q map[string]any) (int, map[string]any) {
	h.t.Helper()
	b, err := json.Marshal(q)
	if err != nil {
		h.t.Fatal(err)
	}
	code, answer := h.post(token, b)
	if (answer["result"] == true) != (code == http.StatusOK) || answer["op"] != q["op"] ||
		(code != http.StatusOK && (answer["error"] == "" || answer["code"] != float64(code))) {
		h.t.Errorf("%v: got %d, %v", q, code, answer)
	}
	return code, answer
}

// works is backend for a request that must succeed.
func (h *host) works(token string, q map[string]any) map[string]any {
	h.t.Helper()
	code, answer := h.backend(token, q)
	if code != http.StatusOK {
		h.t.Fatalf("%v: got %d, %v", q, code, answer)
	}
	return answer
}

func object(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

func TestBackend_users(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	app := h.appToken()
	u := object(h.works(app, map[string]any{"op": "useradd", "addr": "alice", "name": "Alice", "expiry": 60})["user"])
	printed, _ := u["token"].(string)
	tok, err := wire.ParseToken(printed)
	if err != nil || tok.Address != "alice" {
		t.Fatalf("got %v, %v", tok, err)
	}
	alice := &device{t: t, h: h, token: tok, acks: true}
	alice.connect()
	defer alice.close()

	h.works(app, map[string]any{"op": "userset", "addr": "alice", "status": "busy"})
	again := object(h.works(app, map[string]any{"op": "userset", "uid": u["uid"], "name": "Alice M."})["user"])
	if again["name"] != "Alice M." || again["active"] != true {
		t.Errorf("got %v", again)
	}
	r := alice.call(&wire.Request{Op: &wire.Request_ProfileSync{ProfileSync: &wire.ProfileSync{}}})
	p := r.GetProfileSync().GetProfiles()[0]
	if p.GetName() != "Alice M." || p.GetStatus() != "busy" {
		t.Errorf("got %v, want that what was set before is kept", p)
	}

	other := object(h.works(app, map[string]any{"op": "usertoken", "addr": "alice", "label": "phone"})["user"])
	h.works(app, map[string]any{"op": "tokendel", "tokenid": other["tokenid"]})
	h.works(app, map[string]any{"op": "tokendel", "usertoken": printed})
	if bye := alice.ended(); bye.GetStatus() != wire.ConnAuthFail {
		t.Errorf("got %v, want AUTHFAIL", bye)
	}

	for _, name := range []string{"bob_1", "bob%2", "carol"} {
		h.works(app, map[string]any{"op": "useradd", "addr": name})
	}
	list := h.works(app, map[string]any{"op": "usersget", "addr": "BOB_*", "count": 5})
	if users, _ := list["users"].([]any); len(users) != 1 || object(users[0])["address"] != "bob_1" ||
		list["more"] != false {
		t.Errorf("got %v, want bob_1", list)
	}
	one := h.works(app, map[string]any{"op": "usersget", "count": 3})
	two := h.works(app, map[string]any{"op": "usersget", "count": 3, "after": "bob_1"})
	if a, _ := one["users"].([]any); len(a) != 3 || one["more"] != true || two["more"] != false {
		t.Errorf("got %v and %v", one, two)
	}
}

func TestBackend_userdel(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	app := h.appToken()
	alice, bob, carol, gid := trio(t, h, nil)
	h.works(app, map[string]any{"op": "userdel", "addr": "bob"})
	if bye := bob.ended(); bye.GetStatus() != wire.ConnAuthFail {
		t.Errorf("got %v, want AUTHFAIL", bye)
	}
	carol.checkChange(wire.GroupChange_REMOVED, "", "bob")
	if got, _ := alice.group(getGroup(gid)); got.GetGroup().GetMembers() != 2 {
		t.Errorf("got %v, want two members", got)
	}
	if got := alice.send(message("bob", "x")).GetStatus(); got != wire.StatusInvalidDest {
		t.Errorf("got status %#x, want INVALIDDEST", got)
	}
	u := object(h.works(app, map[string]any{"op": "useradd", "addr": "bob"})["user"])
	if u["active"] != true {
		t.Errorf("got %v, want bob back", u)
	}
}

func TestBackend_groups(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	app := h.appToken()
	alice, bob := h.device("alice"), h.device("bob")
	add := map[string]any{
		"op":   "groupadd",
		"name": "News",
		"flag": wire.GroupSendBySelected,
		"m":    []string{"alice", "bob", "nobody"},
		"key":  "k1",
	}
	g := h.works(app, add)
	if again := h.works(app, add); object(again["group"])["gid"] != object(g["group"])["gid"] {
		t.Errorf("the same key made two groups: %v, %v", g, again)
	}
	if refused, _ := g["refused"].([]any); len(refused) != 1 || refused[0] != "nobody" {
		t.Errorf("got %v", g)
	}
	number, _ := object(g["group"])["gid"].(float64)
	gid := uint32(number)
	for _, d := range []*device{alice, bob} {
		if c := d.checkChange(wire.GroupChange_CREATED, "", "alice", "bob"); c.GetGroup().GetGroupId() != gid {
			t.Errorf("got %v", c)
		}
	}
	h.works(app, map[string]any{"op": "groupset", "gid": gid, "status": "daily"})
	if c := bob.checkChange(wire.GroupChange_SETTINGS, ""); c.GetGroup().GetName() != "News" ||
		c.GetGroup().GetStatus() != "daily" {
		t.Errorf("got %v, want only another status", c)
	}
	h.works(
		app,
		map[string]any{"op": "groupeditmembers", "gid": gid, "m": []string{"bob"}, "cansend": false, "canlist": false},
	)
	bob.checkChange(wire.GroupChange_PERMISSIONS, "", "bob")
	if got := bob.send(groupMessage(gid, "x")).GetStatus(); got != wire.StatusNotMember {
		t.Errorf("got status %#x, want NOTMEMBER", got)
	}
	members, _ := h.works(app, map[string]any{"op": "groupgetmembers", "gid": gid})["members"].([]any)
	if len(members) != 2 || object(members[1])["address"] != "bob" ||
		object(members[1])["flags"] != float64(wire.MemberAll&^wire.MemberSend&^wire.MemberList) {
		t.Errorf("got %v", members)
	}
	h.works(app, map[string]any{"op": "groupeditmembers", "gid": gid, "m": []string{"bob"}, "delete": true})
	bob.checkChange(wire.GroupChange_REMOVED, "", "bob")
	h.works(app, map[string]any{"op": "groupdel", "gid": gid})
	if code, answer := h.backend(app, map[string]any{"op": "groupdel", "gid": gid}); code != http.StatusNotFound ||
		answer["error"] != "NOSUCHGROUP" {
		t.Errorf("got %d, %v", code, answer)
	}
}

func TestBackend_message(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	app := h.appToken()
	alice, bob, carol, gid := trio(t, h, nil)
	q := map[string]any{
		"op":    "message",
		"from":  "alice",
		"to":    "bob",
		"msg":   "hello",
		"type":  1,
		"flag":  both,
		"key":   "once",
		"refid": "77",
	}
	first := h.works(app, q)
	if again := h.works(app, q); again["mid"] != first["mid"] {
		t.Errorf("the same key made two messages: %v, %v", first, again)
	}
	m := bob.nextMessage()
	if text(m) != "hello" || m.GetFrom() != "alice" || m.GetType() != 1 || m.GetRefId() != 77 ||
		strconv.FormatUint(m.GetId(), 10) != first["mid"] {
		t.Errorf("got %v", m)
	}
	if own := nextOf(alice, (*wire.Event).GetMessage); own.GetId() != m.GetId() {
		t.Errorf("got %v, want the sender's copy", own)
	}
	checkStatus(t, alice.nextStatus(), wire.StatusDelivered, "bob", 2)
	h.works(app, map[string]any{"op": "message", "from": "bob", "gid": gid, "msg": "all"})
	if m := carol.nextMessage(); text(m) != "all" || m.GetGroupId() != gid {
		t.Errorf("got %v", m)
	}
	h.works(app, map[string]any{"op": "message", "from": "bob", "to": "carol", "msg": "now", "flag": wire.FlagTransient})
	if m := nextSignal(carol, (*wire.Signal).GetMessage); text(m) != "now" {
		t.Errorf("got %v", m)
	}
	h.token("dave")
	carol.must(wire.ResultOK, block("bob", true))
	for name, tc := range map[string]struct {
		q    map[string]any
		code int
		want string
	}{
		"unknown sender":    {map[string]any{"from": "nobody", "to": "bob"}, 404, "NOSUCHUSER"},
		"unknown recipient": {map[string]any{"from": "bob", "to": "nobody"}, 404, "INVALIDDEST"},
		"unknown group":     {map[string]any{"from": "bob", "gid": 1}, 404, "INVALIDDEST"},
		"no member":         {map[string]any{"from": "dave", "gid": gid}, 403, "NOTMEMBER"},
		"blocked":           {map[string]any{"from": "bob", "to": "carol"}, 403, "BLOCKED"},
		"offline":           {map[string]any{"from": "bob", "to": "dave", "expiry": 0}, 409, "USEROFFLINE"},
		"nobody":            {map[string]any{"from": "bob"}, 400, "BADREQ"},
		"both":              {map[string]any{"from": "bob", "to": "carol", "gid": gid}, 400, "BADREQ"},
		"type":              {map[string]any{"from": "bob", "to": "carol", "type": 1 << 16}, 400, "BADREQ"},
		"number":            {map[string]any{"from": "bob", "to": "carol", "refid": "x"}, 400, "BADREQ"},
		"key":               {map[string]any{"from": "bob", "to": "carol", "key": strings.Repeat("x", 256)}, 400, "BADREQ"},
	} {
		tc.q["op"] = "message"
		if code, answer := h.backend(app, tc.q); code != tc.code || answer["error"] != tc.want {
			t.Errorf("%s: got %d, %v, want %d, %s", name, code, answer, tc.code, tc.want)
		}
	}
}

func TestBackend_refusals(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{BackendRate: 20})
	app := h.appToken()
	user := h.token("alice").String()
	for name, tc := range map[string]struct {
		token, body string
		code        int
		want        string
	}{
		"no token":       {"", `{"op":"usersget"}`, 401, "AUTHFAIL"},
		"a user's token": {user, `{"op":"usersget"}`, 401, "AUTHFAIL"},
		"no json":        {app, `op=usersget`, 400, "BADREQ"},
		"a list":         {app, `[]`, 400, "BADREQ"},
		"two":            {app, `{"op":"usersget"}{}`, 400, "BADREQ"},
		"unknown op":     {app, `{"op":"frob"}`, 400, "BADOP"},
		"unknown field":  {app, `{"op":"usersget","adr":"x"}`, 400, "BADREQ"},
		"wrong type":     {app, `{"op":"usersget","count":"x"}`, 400, "BADREQ"},
		"count":          {app, `{"op":"usersget","count":21}`, 400, "BADREQ"},
		"who":            {app, `{"op":"userset","name":"x"}`, 400, "BADREQ"},
		"nobody":         {app, `{"op":"userset","uid":99,"name":"x"}`, 404, "NOSUCHUSER"},
		"bad name":       {app, `{"op":"userset","addr":"alice","name":"\u0007"}`, 400, "BADREQ"},
		"bad address":    {app, `{"op":"useradd","addr":" x"}`, 400, "BADREQ"},
		"bad picture":    {app, `{"op":"userset","addr":"alice","picture":"AAAA"}`, 400, "BADREQ"},
		"expiry":         {app, `{"op":"useradd","addr":"bob","expiry":-1}`, 400, "BADREQ"},
		"no such token":  {app, `{"op":"tokendel","tokenid":"x"}`, 404, "NOSUCHTOKEN"},
		"damaged token":  {app, `{"op":"tokendel","usertoken":"x"}`, 400, "BADREQ"},
		"too long":       {app, `{"op":"message","msg":"` + strings.Repeat("x", 2<<20) + `"}`, 413, "TOOLONG"},
	} {
		code, answer := h.post(tc.token, []byte(tc.body))
		if code != tc.code || answer["error"] != tc.want || answer["result"] != false || answer["cause"] == "" {
			t.Errorf("%s: got %d, %v, want %d, %s", name, code, answer, tc.code, tc.want)
		}
	}
	// The token may be a field of the request.
	if code, answer := h.post("", []byte(`{"op":"usersget","token":"`+app+`"}`)); code != http.StatusOK {
		t.Errorf("got %d, %v", code, answer)
	}
	limited := slices.ContainsFunc(make([]int, 1000), func(int) bool {
		code, _ := h.post(app, []byte(`{"op":"frob"}`))
		return code == http.StatusTooManyRequests
	})
	if !limited {
		t.Error("1,000 requests at once were taken")
	}
}

func TestAppTokens(t *testing.T) {
	t.Parallel()
	a, err := server.OpenAccounts(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Close() }()
	token, err := a.NewAppToken(t.Context(), accounts.AppTokenOptions{Label: "shop"})
	if err != nil || !strings.HasPrefix(token, "parleyapp_") {
		t.Fatalf("got %q, %v", token, err)
	}
	if err := a.RevokeAppToken(t.Context(), accounts.AppTokenID(token)); err != nil {
		t.Error(err)
	}
	list, err := a.AppTokens(t.Context())
	if err != nil || len(list) != 1 || list[0].Label != "shop" || !list[0].Revoked ||
		list[0].ID != accounts.AppTokenID(token) {
		t.Errorf("got %v, %v", list, err)
	}
	if err := a.RevokeAppToken(t.Context(), "x"); err == nil {
		t.Error("an unknown token was revoked")
	}
}
