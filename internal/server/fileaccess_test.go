package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/wire"
)

// fileMessage returns a message with a file.
func fileMessage(peer, url string) *wire.Send {
	m := message(peer, "")
	m.Content.File = &wire.File{Url: url, Name: "a.bin"}
	return m
}

// refused sends a message that must be refused.
func (d *device) refused(m *wire.Send) {
	d.t.Helper()
	r := d.call(&wire.Request{Op: &wire.Request_Send{Send: m}})
	if r.GetResult() != wire.ResultBadRequest || !strings.Contains(r.GetReason(), "file") {
		d.t.Errorf("send: got %v, want a refusal because of the file", r)
	}
}

// sent sends a message that must be accepted and returns its id.
func (d *device) sent(m *wire.Send) uint64 {
	d.t.Helper()
	r := d.send(m)
	if r.GetStatus() != wire.StatusSent {
		d.t.Fatalf("send: got status %#x", r.GetStatus())
	}
	return r.GetId()
}

// TestFile_rights: senders and recipients may read a file; other users cannot tell whether it exists.
func TestFile_rights(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob, eve := h.device("alice"), h.device("bob"), h.device("eve")
	a, b, e := alice.token.String(), bob.token.String(), eve.token.String()
	data := random(2000)
	id := h.put(a, data)
	h.wants(a, id, data)
	h.wants(b, id, nil)
	if got := h.get("", id); got.code != http.StatusUnauthorized || got.head.Get("WWW-Authenticate") != "Bearer" {
		t.Errorf("without a token: %v", got)
	}
	bob.refused(fileMessage("eve", h.url(id))) // he only knows the URL
	alice.refused(fileMessage("bob", h.url(strings.Repeat("ab", 16))))
	alice.refused(fileMessage("bob", h.url(h.begin(a, 10)))) // not finished yet
	alice.sent(fileMessage("bob", "https://elsewhere.example/v1/files/"+strings.Repeat("ab", 16)))
	alice.sent(fileMessage("bob", "https://elsewhere.example/a.png"))

	mid := alice.sent(fileMessage("bob", h.url(id)))
	h.wants(b, id, data)
	h.wants(e, id, nil)
	forwarded := bob.sent(fileMessage("eve", h.url(id)))
	h.wants(e, id, data)

	alice.must(wire.ResultOK, recall(&wire.Recall{Peer: "bob", Ids: []uint64{mid}}))
	h.wants(a, id, data) // still her own file
	h.wants(b, id, data) // he has sent it himself
	bob.must(wire.ResultOK, recall(&wire.Recall{Peer: "eve", Ids: []uint64{forwarded}}))
	h.wants(b, id, nil)
	h.wants(e, id, nil)

	eve.must(wire.ResultOK, block("alice", true))
	if r := alice.send(fileMessage("eve", h.url(id))); r.GetStatus() != wire.StatusBlocked {
		t.Errorf("got %v", r)
	}
	h.wants(e, id, nil)
}

// TestFile_modify: after a modification, the right to read follows the new content.
func TestFile_modify(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob := h.device("alice"), h.device("bob")
	a, b := alice.token.String(), bob.token.String()
	one, two := random(100), random(100)
	first, second, bobs := h.put(a, one), h.put(a, two), h.put(b, random(100))
	mid := alice.sent(fileMessage("bob", h.url(first)))
	change := func(result uint32, url string) {
		t.Helper()
		alice.must(result, modify(&wire.Modify{Peer: "bob", Id: mid, Content: &wire.Content{File: &wire.File{Url: url}}}))
	}
	change(wire.ResultBadRequest, h.url(bobs))
	h.wants(b, first, one)
	change(wire.ResultOK, h.url(second))
	h.wants(b, first, nil)
	h.wants(b, second, two)
	change(wire.ResultOK, h.url(second)+"?name=other") // the same file by another URL
	h.wants(b, second, two)
	change(wire.ResultOK, "")
	h.wants(b, second, nil)
}

// TestFile_in_a_group: members who got a message may read its file, and only members may read the group's picture.
func TestFile_in_a_group(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, bob, eve := h.device("alice"), h.device("bob"), h.device("eve")
	a, b, e := alice.token.String(), bob.token.String(), eve.token.String()
	picture, sent := random(300), random(400)
	pid, fid := h.put(a, picture), h.put(b, sent)
	m := create("bob")
	m.PictureUrl = h.url(pid)
	gid := alice.createGroup(m)
	h.wants(b, pid, picture)
	h.wants(e, pid, nil)
	toGroup := groupMessage(gid, "")
	toGroup.Content.File = &wire.File{Url: h.url(fid)}
	bob.sent(toGroup)
	h.wants(a, fid, sent)
	h.wants(e, fid, nil)

	waitMS(t)
	alice.group(editMembers(&wire.GroupEditMembers{GroupId: gid, Addresses: []string{"eve"}}))
	h.wants(e, pid, picture)
	h.wants(e, fid, nil) // sent before she came
	alice.group(editMembers(&wire.GroupEditMembers{GroupId: gid, Addresses: []string{"bob"}, Remove: true}))
	h.wants(b, pid, nil)
	h.wants(b, fid, sent) // his own

	bobs := h.url(h.put(b, random(10)))
	_, result := alice.group(setGroup(&wire.GroupSet{GroupId: gid, PictureUrl: &bobs}))
	if result != wire.ResultBadRequest {
		t.Errorf("another user's picture: got %#x", result)
	}
	none := ""
	if _, result := alice.group(setGroup(&wire.GroupSet{GroupId: gid, PictureUrl: &none})); result != wire.ResultOK {
		t.Errorf("no picture: got %#x", result)
	}
	h.wants(e, pid, nil)
	again := create("bob")
	again.PictureUrl = bobs
	_, result = alice.group(&wire.Request{Op: &wire.Request_GroupCreate{GroupCreate: again}})
	if result != wire.ResultBadRequest {
		t.Errorf("new group: got %#x", result)
	}
}

// TestFile_of_a_profile: all users may read the current picture of a profile.
func TestFile_of_a_profile(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice, eve := h.device("alice"), h.token("eve").String()
	a := alice.token.String()
	one, two := random(300), random(300)
	first, second := h.put(a, one), h.put(a, two)
	url := func(s string) *wire.Request { return setSelf(&wire.SetSelf{PictureUrl: &s}) }
	alice.must(wire.ResultOK, url(h.url(first)))
	h.wants(eve, first, one)
	alice.must(wire.ResultBadRequest, url(h.url(h.put(eve, random(10)))))
	h.wants(eve, first, one)
	alice.must(wire.ResultOK, url(h.url(second)))
	h.wants(eve, first, nil)
	h.wants(eve, second, two)
	app := h.appToken()
	code, answer := h.backend(
		app,
		map[string]any{"op": "userset", "addr": "alice", "picture_url": h.url(strings.Repeat("ab", 16))},
	)
	if code != http.StatusBadRequest {
		t.Errorf("backend, no such file: %d %v", code, answer)
	}
	code, answer = h.backend(app, map[string]any{"op": "userset", "addr": "alice", "picture_url": h.url(first)})
	if code != http.StatusOK {
		t.Errorf("backend: %d %v", code, answer)
	}
	h.wants(eve, first, one)
	h.wants(eve, second, nil)
}

// TestFile_of_an_expired_message: only the owner may read the file of a message that was never delivered.
func TestFile_of_an_expired_message(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice := h.device("alice")
	bob := h.token("bob").String()
	data := random(100)
	id := h.put(alice.token.String(), data)
	m := fileMessage("bob", h.url(id))
	m.Expiry = 1
	alice.sent(m)
	h.wants(bob, id, data)
	if s := alice.nextStatus(); s.GetStatus() != wire.StatusExpired {
		t.Fatalf("got %v", s)
	}
	h.wants(bob, id, nil)
}

// TestFile_at_an_older_address: URLs with an earlier public URL of the server stay valid.
func TestFile_at_an_older_address(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice := h.device("alice")
	id := h.put(alice.token.String(), random(100))
	old := h.url(id)
	h.stop()
	h.address = "127.0.0.1:0"
	h.start()
	alice.connect()
	bob := h.token("bob").String()
	alice.sent(fileMessage("bob", strings.ToUpper(old[:4])+old[4:]))
	if a := h.get(bob, id); a.code != http.StatusOK {
		t.Errorf("got %v", a)
	}
}

// TestDownload_ranges: range and conditional requests follow HTTP.
func TestDownload_ranges(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	tok := h.token("alice").String()
	data := random(10_000)
	id := h.put(tok, data, "Upload-Metadata", meta(map[string]string{"filename": "../../NUL.txt"}))
	full := h.get(tok, id)
	etag := full.head.Get("ETag")
	if got := full.head.Get("Content-Disposition"); got != "attachment; filename=_NUL.txt" {
		t.Errorf("got %q", got)
	}
	for _, tc := range []struct {
		name     string
		header   head
		code     int
		from, to int
	}{
		{"all", nil, 200, 0, 10_000},
		{"a part", head{"Range", "bytes=100-199"}, 206, 100, 200},
		{"the rest", head{"Range", "bytes=9000-"}, 206, 9000, 10_000},
		{"the last", head{"Range", "bytes=-1"}, 206, 9999, 10_000},
		{"more than there is", head{"Range", "bytes=9999-20000"}, 206, 9999, 10_000},
		{"behind the end", head{"Range", "bytes=10000-"}, 416, -1, 0},
		{"no range", head{"Range", "bytes=x"}, 416, -1, 0},
		{"the wrong way round", head{"Range", "bytes=5-4"}, 416, -1, 0},
		{"the same file", head{"Range", "bytes=100-199", "If-Range", etag}, 206, 100, 200},
		{"another file", head{"Range", "bytes=100-199", "If-Range", `"other"`}, 200, 0, 10_000},
		{"weakly the same", head{"Range", "bytes=100-199", "If-Range", "W/" + etag}, 200, 0, 10_000},
		{"known", head{"If-None-Match", etag}, 304, -1, 0},
		{"known among others", head{"If-None-Match", `"a", ` + etag}, 304, -1, 0},
		{"not known", head{"If-None-Match", `"a"`}, 200, 0, 10_000},
		{"only another", head{"If-Match", `"a"`}, 412, -1, 0},
	} {
		a := h.get(tok, id, tc.header...)
		if a.code != tc.code {
			t.Errorf("%s: got %d, want %d", tc.name, a.code, tc.code)
			continue
		}
		if tc.from >= 0 && string(a.body) != string(data[tc.from:tc.to]) {
			t.Errorf("%s: got %d bytes, want those from %d to %d", tc.name, len(a.body), tc.from, tc.to)
		}
		if a.code == 206 && a.head.Get("Content-Range") != fmt.Sprintf("bytes %d-%d/10000", tc.from, tc.to-1) {
			t.Errorf("%s: got %q", tc.name, a.head.Get("Content-Range"))
		}
	}
	two := h.get(tok, id, "Range", "bytes=0-9,20-29")
	if two.code != 206 || !strings.HasPrefix(two.head.Get("Content-Type"), "multipart/byteranges") {
		t.Errorf("two parts: %d %v", two.code, two.head)
	}
	a := h.do("HEAD", id, tok, nil, nil)
	if a.code != 200 || a.head.Get("Content-Length") != "10000" || a.head.Get("ETag") != etag || len(a.body) != 0 {
		t.Errorf("head: %v %v", a, a.head)
	}
}

// askGrant requests a grant.
func (h *host) askGrant(bearer string, q map[string]any) (grant string, a *answer) {
	h.t.Helper()
	b, err := json.Marshal(q)
	if err != nil {
		h.t.Fatal(err)
	}
	a = h.do("POST", wire.GrantsPath, bearer, nil, b)
	var reply struct {
		Grant, URL string
		Expires    int64
	}
	if a.code == http.StatusOK {
		if err := json.Unmarshal(a.body, &reply); err != nil {
			h.t.Fatal(err)
		}
		if reply.URL == "" || reply.Expires == 0 {
			h.t.Errorf("got %s", a.body)
		}
	}
	return reply.Grant, a
}

func (h *host) mustGrant(bearer string, q map[string]any) string {
	h.t.Helper()
	g, a := h.askGrant(bearer, q)
	if a.code != http.StatusOK || !strings.HasPrefix(g, wire.GrantPrefix) {
		h.t.Fatalf("grant %v: %v", q, a)
	}
	return g
}

// TestGrants: a grant permits its purpose and nothing else.
func TestGrants(t *testing.T) {
	t.Parallel()
	now := &clock{}
	h := newHost(t, server.Options{Clock: now.time})
	alice, bob := h.device("alice"), h.device("bob")
	a, b := alice.token.String(), bob.token.String()
	data := random(5000)
	up := h.mustGrant(a, map[string]any{"purpose": "upload", "max_size": 5000})
	id := h.begin(up, 5000)
	if got := h.patch(up, id, 0, data[:1000]); got.code != http.StatusNoContent {
		t.Fatal(got)
	}
	other := h.mustGrant(a, map[string]any{"purpose": "upload"})
	mine := h.mustGrant(a, map[string]any{"purpose": "upload", "file": id})
	for _, tc := range []struct {
		name   string
		answer *answer
		want   int
	}{
		{"larger than allowed", h.do("POST", "", up, tus("Upload-Length", "5001"), nil), 413},
		{"another grant's upload", h.patch(other, id, 1000, data[1000:]), 404},
		{"another grant asks", h.do("HEAD", id, other, tus(), nil), 404},
		{"a new upload by a grant for one", h.do("POST", "", mine, tus("Upload-Length", "1"), nil), 403},
		{"download by a grant to upload", h.get(up, id), 403},
		{"a grant by a grant", h.do("POST", wire.GrantsPath, up, nil, []byte(`{"purpose":"upload"}`)), 403},
		{"no purpose", h.do("POST", wire.GrantsPath, a, nil, []byte(`{}`)), 400},
		{"no JSON", h.do("POST", wire.GrantsPath, a, nil, []byte(`[`)), 400},
		{"for too long", h.do("POST", wire.GrantsPath, a, nil, []byte(`{"purpose":"upload","seconds":86401}`)), 400},
		{"negative size", h.do("POST", wire.GrantsPath, a, nil, []byte(`{"purpose":"upload","max_size":-1}`)), 400},
		{"too much", h.do("POST", wire.GrantsPath, a, nil, []byte(`{"purpose":"`+strings.Repeat("x", 5000)+`"}`)), 400},
		{"no file", h.do("POST", wire.GrantsPath, a, nil, []byte(`{"purpose":"download","file":"../x"}`)), 400},
		{"another user's file", h.do("POST", wire.GrantsPath, b, nil, []byte(`{"purpose":"upload","file":"`+id+`"}`)), 404},
		{
			"a file that one may not read",
			h.do("POST", wire.GrantsPath, b, nil, []byte(`{"purpose":"download","file":"`+id+`"}`)), 404,
		},
		{"nobody", h.do("POST", wire.GrantsPath, "", nil, []byte(`{"purpose":"upload"}`)), 401},
	} {
		if tc.answer.code != tc.want {
			t.Errorf("%s: got %v, want %d", tc.name, tc.answer, tc.want)
		}
	}
	if got := h.patch(mine, id, 1000, data[1000:2000]); got.code != http.StatusNoContent {
		t.Error(got)
	}
	if got := h.patch(up, id, 2000, data[2000:]); got.code != http.StatusNoContent {
		t.Error(got)
	}
	down := h.mustGrant(a, map[string]any{"purpose": "download", "file": id, "seconds": 60})
	h.wants(down, id, data)
	h.wants(down, h.put(a, data), nil) // for one file only
	if got := h.do("POST", "", down, tus("Upload-Length", "1"), nil); got.code != http.StatusForbidden {
		t.Errorf("upload by a grant to download: %v", got)
	}
	now.jump(time.Minute)
	if got := h.get(down, id); got.code != http.StatusUnauthorized {
		t.Errorf("after its time: %v", got)
	}
	every := h.mustGrant(b, map[string]any{"purpose": "download"})
	h.wants(every, id, nil)
	alice.sent(fileMessage("bob", h.url(id)))
	h.wants(every, id, data)
	h.restart()
	h.wants(every, id, data)
	if err := h.srv.RevokeToken(t.Context(), bob.token.ID()); err != nil {
		t.Fatal(err)
	}
	if got := h.get(every, id); got.code != http.StatusUnauthorized {
		t.Errorf("of a token that is not valid any more: %v", got)
	}
}
