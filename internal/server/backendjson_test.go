package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/wire"
)

// TestBackend_strict: requests that differ from the description are refused with the cause.
func TestBackend_strict(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	app := h.appToken()
	h.token("alice")
	gid := object(h.works(app, map[string]any{"op": "groupadd", "name": "g", "m": []string{"alice"}})["group"])["gid"]
	edit := fmt.Sprintf(`{"op":"groupeditmembers","gid":%.0f,`, gid)
	for body, cause := range map[string]string{
		`null`: "not a JSON object", `[]`: "not a JSON object", ` 7`: "not a JSON object", `"x"`: "not a JSON object",
		``: "not valid JSON", `{"op":"usersget"`: "not valid JSON", `{"op":"usersget"}{}`: "not valid JSON",
		`{"op":"usersget","count":1,}`: "not valid JSON", `{"op" "usersget"}`: "not valid JSON",

		`{"op":"usersget","Count":1}`:                `no field "Count"`,
		`{"op":"usersget","name":"x"}`:               `no field "name"`,
		`{"op":"usersget","UserHead":{}}`:            `no field "UserHead"`,
		`{"op":"usersget","backendHead":{}}`:         `no field "backendHead"`,
		`{"op":"usersget","":1}`:                     `no field ""`,
		`{"op":"usersget","count":1,"count":1}`:      `"count" appears more than once`,
		`{"op":"usersget","op":"usersget"}`:          `"op" appears more than once`,
		`{"op":"usersget","count":1,"\u0063ount":2}`: `"count" appears more than once`,
		`{"op":"usersget","frob":1,"frob":2}`:        `"frob" appears more than once`,
		`{"op":"usersget"` + manyFields(64) + `}`:    "more than 64 fields",
		`{"op":7}`:                                        "the field op must be text",
		`{"op":"usersget","addr":7}`:                      "the field addr must be text",
		`{"op":"usersget","count":"1"}`:                   "the field count must be a whole number",
		`{"op":"usersget","count":1.5}`:                   "the field count must be a whole number",
		`{"op":"usersget","count":1e400}`:                 "the field count must be a whole number",
		`{"op":"usersget","count":-1}`:                    "between 0 and 20",
		`{"op":"userdel","uid":-1}`:                       "the field uid must be a whole number between 0 and 4294967295",
		`{"op":"userdel","uid":4294967296}`:               "the field uid must be a whole number between 0 and 4294967295",
		`{"op":"userset","addr":"alice","visibility":3}`:  "visibility",
		`{"op":"userset","addr":"alice","active":1}`:      "the field active must be true or false",
		`{"op":"userset","addr":"alice","picture":"%"}`:   "the field picture must be base64 text",
		`{"op":"userset","addr":"alice","picture":[1,2]}`: "the field picture must be base64 text",
		`{"op":"message","from":"alice","refid":"-1"}`:    "the field refid must be a decimal 64-bit number",
		edit + `"m":"alice"}`:                             "the field m must be a list of strings",
		edit + `"m":[["alice"]]}`:                         "the field m must be a list of strings",
		edit + `"cansend":true}`:                          "the field m is missing",
		edit + `"m":null}`:                                "the field m is missing",
		edit + `"m":["alice"],"admin":196609}`:            "the field admin must be between 0 and 65535",
		edit + `"m":["alice"],"admin":-1}`:                "the field admin must be a whole number between 0 and 4294967295",
		edit + `"m":["alice"],"admin":4294967297}`:        "the field admin must be a whole number between 0 and 4294967295",
	} {
		checkRefused(t, h, app, body, cause)
	}
	members, _ := h.works(app, map[string]any{"op": "groupgetmembers", "gid": gid})["members"].([]any)
	if len(members) != 1 || object(members[0])["admin"] != 0.0 {
		t.Errorf("got %v, want alice as she was", members)
	}
	h.works(app, map[string]any{"op": "groupeditmembers", "gid": gid, "m": []string{"alice"}, "admin": wire.AdminOwnerAll})
}

// checkRefused checks that a request is refused with BADREQ and a sentence that contains cause.
func checkRefused(t *testing.T, h *host, app, body, cause string) {
	t.Helper()
	code, answer := h.post(app, []byte(body))
	got, _ := answer["cause"].(string)
	if code != http.StatusBadRequest || answer["error"] != "BADREQ" || !strings.Contains(got, cause) {
		t.Errorf("%.80q: got %d, %v, want %q", body, code, answer, cause)
	}
	for _, word := range []string{"json:", "uint32", "[]", "server.", "Go ", "*string", "\n"} {
		if strings.Contains(got, word) {
			t.Errorf("%.80q: %q is no sentence for people", body, got)
		}
	}
}

// manyFields returns n additional fields.
func manyFields(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"f%d":1`, i)
	}
	return b.String()
}

// TestBackend_unicode: invalid Unicode is refused instead of being replaced.
func TestBackend_unicode(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	app := h.appToken()
	for _, bad := range []string{
		"\xff", "\xed\xa0\x80", "\xc3", "\xc0\x80", `\ud800`, `\udc00`, `\udc00\ud800`, `\ud800\ud800`, `\uD83Dx`,
		`\uD83D\n`, `\uD83D\\ude00`,
		`\ud83d\ude00\ude00`,
	} {
		checkRefused(t, h, app, `{"op":"useradd","addr":"a`+bad+`"}`, "invalid Unicode")
		checkRefused(t, h, app, `{"op":"usersget","`+bad+`":1}`, "invalid Unicode")
	}
	for body, want := range map[string]string{
		`{"op":"useradd","addr":"\ud83d\uDE00"}`:    "\U0001F600",
		`{"op":"useradd","addr":"\u00e9\\ud800"}`:   `é\ud800`,
		`{"op":"useradd","addr":"x\\\ud83d\ude00"}`: "x\\\U0001F600",
		`{"op":"useradd","addr":"\ufffd"}`:          "\uFFFD",
	} {
		if code, answer := h.post(app, []byte(body)); code != http.StatusOK || object(answer["user"])["address"] != want {
			t.Errorf("%s: got %d, %v, want %q", body, code, answer, want)
		}
	}
	// Without a valid token the cause is not revealed.
	if code, answer := h.post("", []byte("\xff")); code != http.StatusUnauthorized {
		t.Errorf("got %d, %v", code, answer)
	}
}

// TestBackend_lengths: every text field accepts its maximum length and not a byte more.
func TestBackend_lengths(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	app := h.appToken()
	for _, tc := range []struct {
		op, field string
		most      int
	}{
		{"usersget", "addr", 200},
		{"usersget", "after", wire.MaxAddress},
		{"usersget", "token", 4096},
		{"useradd", "addr", wire.MaxAddress},
		{"useradd", "name", wire.MaxName},
		{"useradd", "appid", wire.MaxName},
		{"userset", "status", wire.MaxStatusText},
		{"userset", "picture_url", wire.MaxURL},
		{"usertoken", "addr", wire.MaxAddress},
		{"usertoken", "label", wire.MaxName},
		{"tokendel", "tokenid", wire.MaxName},
		{"tokendel", "usertoken", 4096},
		{"groupadd", "name", wire.MaxName},
		{"groupadd", "key", 255},
		{"groupgetmembers", "after", wire.MaxAddress},
		{"message", "from", wire.MaxAddress},
		{"message", "to", wire.MaxAddress},
		{"message", "refid", 20},
		{"message", "msg", wire.MaxText},
	} {
		cause := fmt.Sprintf("the field %s is longer than %d bytes", tc.field, tc.most)
		body := func(text string) string { return fmt.Sprintf(`{"op":%q,%q:%q}`, tc.op, tc.field, text) }
		checkRefused(t, h, app, body(strings.Repeat("x", tc.most+1)), cause)
		_, answer := h.post(app, []byte(body(strings.Repeat("x", tc.most))))
		if got, _ := answer["cause"].(string); strings.Contains(got, "longer") || answer["error"] == "STORAGE" {
			t.Errorf("%s.%s: %d bytes: got %v", tc.op, tc.field, tc.most, answer)
		}
	}
	picture, err := json.Marshal(make([]byte, wire.MaxThumbnail+1))
	if err != nil {
		t.Fatal(err)
	}
	checkRefused(t, h, app, `{"op":"userset","uid":1,"picture":`+string(picture)+`}`,
		"the field picture is longer than 24576 bytes")
	long := strings.Repeat("x", wire.MaxAddress+1)
	checkRefused(t, h, app, `{"op":"groupadd","m":["alice","`+long+`"]}`, "the field m contains text longer than 63 bytes")
	// A very long name is not repeated in the reply.
	checkRefused(t, h, app, `{"op":"`+strings.Repeat("x", 1<<19)+`"}`, "the field op is longer than 255 bytes")
	_, answer := h.post(app, []byte(`{"op":"usersget","`+strings.Repeat("x", 1<<19)+`":1}`))
	if len(fmt.Sprint(answer)) > 500 {
		t.Error("the answer is as long as the request")
	}
	h.works(app, map[string]any{"op": "usersget", "addr": strings.Repeat("*%_\\é", 33)})
}
