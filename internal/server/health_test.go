package server_test

import (
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/files"
	"github.com/parley-chat/parley/internal/wire"
)

// get returns the status and the body of a URL.
func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// untilHealth asks for the health until it has a status.
func (h *host) untilHealth(status int) {
	h.t.Helper()
	t, _ := h.t.(*testing.T)
	for {
		if got, _ := get(t, "http://"+h.address+"/healthz"); got == status {
			return
		}
		if h.t.Context().Err() != nil {
			h.t.Fatalf("the health check never answered %d", status)
		}
	}
}

// TestHealth_failing_disk: the server is unhealthy while commits fail, still delivers what is stored, and is healthy when
// they work again, without a message in between.
func TestHealth_failing_disk(t *testing.T) {
	t.Parallel()
	var failing atomic.Bool
	h := newHost(t, server.WithWriterPragmas(server.Options{Logger: discard()}, func() []string {
		if failing.Load() {
			return []string{"query_only(1)"}
		}
		return nil
	}))
	const count = 700 // more than may be unacknowledged
	alice, bob := h.device("alice"), h.device("bob")
	bob.close()
	alice.sendTexts("bob", count, func(i int) string { return fmt.Sprint(i) })
	h.untilHealth(http.StatusOK)
	failing.Store(true)
	h.restart()
	alice.connect()
	alice.request(&wire.Request{Op: &wire.Request_Send{Send: message("bob", "lost")}})
	if bye := alice.ended(); bye.GetStatus() != wire.ConnOffline {
		t.Errorf("got %v, want OFFLINE", bye)
	}
	h.untilHealth(http.StatusServiceUnavailable)
	bob.connect()
	for i := range count {
		if got, want := text(bob.nextMessage()), fmt.Sprint(i); got != want {
			t.Fatalf("got message %q, want %q", got, want)
		}
	}
	failing.Store(false)
	h.untilHealth(http.StatusOK)
}

// TestHealth_full_disk: below the reserve, messages are refused for the time being, and everything else goes on.
func TestHealth_full_disk(t *testing.T) {
	t.Parallel()
	var free atomic.Uint64
	free.Store(files.DiskReserve)
	h := newHost(t, server.WithFreeSpace(server.Options{Logger: discard()}, func(string) (uint64, error) {
		return free.Load(), nil
	}))
	alice, bob := h.device("alice"), h.device("bob")
	alice.sendText("bob", "before")
	free.Store(files.DiskReserve - 1)
	h.untilHealth(http.StatusServiceUnavailable)
	m := message("bob", "later")
	r := alice.call(&wire.Request{Op: &wire.Request_Send{Send: m}})
	if r.GetResult() != wire.ResultRetryLater || r.GetRetryAfter() == 0 {
		t.Errorf("got %v, want RETRYLATER and a time", r)
	}
	before := bob.nextMessage()
	if r := bob.markRead("alice", bob.cursor); r.GetResult() != wire.ResultOK || text(before) != "before" {
		t.Errorf("read: got %v after %q", r, text(before))
	}
	app := h.appToken()
	for _, q := range []map[string]any{
		{"op": "message", "from": "bob", "to": "alice", "msg": "later"}, {"op": "groupadd", "name": "later"},
	} {
		code, answer := h.backend(app, q)
		if code != http.StatusServiceUnavailable || answer["error"] != "RETRYLATER" {
			t.Errorf("the backend's %v: got %d, %v, want RETRYLATER", q["op"], code, answer)
		}
	}
	h.works(app, map[string]any{"op": "usersget", "count": 1})
	free.Store(1 << 40)
	h.untilHealth(http.StatusOK)
	h.works(app, map[string]any{"op": "message", "from": "bob", "to": "alice", "msg": "now"})
	if got := alice.send(m).GetStatus(); got != wire.StatusSent {
		t.Errorf("got %#x, want SENT", got)
	}
}

// TestHealth_damaged_database: the check after the start finds damage in a part of the database that nothing else reads,
// and no request has to wait for it.
func TestHealth_damaged_database(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{Logger: discard()})
	h.srv.CheckDatabase(t.Context())
	h.untilHealth(http.StatusOK)
	h.stop()
	root := query1(t, openRaw(t, h.opts.Dir), `SELECT rootpage FROM sqlite_schema WHERE name = 'pins'`)
	if err := flip(filepath.Join(h.opts.Dir, "parley.db"), 4096*int(root-1)); err != nil {
		t.Fatal(err)
	}
	h.opts = server.WithCheckDelay(h.opts, time.Nanosecond)
	h.start()
	h.untilHealth(http.StatusServiceUnavailable)
	if _, body := get(t, "http://"+h.address+"/healthz"); strings.Contains(body, "pins") {
		t.Errorf("it says %q to anybody", body)
	}
}

// TestPrivate: metrics and profiles are at the operator's address and not at that of the clients.
func TestPrivate(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{MetricsAddr: "127.0.0.1:0"})
	private := "http://" + h.srv.MetricsAddr().String()
	for _, path := range []string{"/metrics", "/debug/pprof/cmdline"} {
		if got, _ := get(t, "http://"+h.address+path); got != http.StatusNotFound {
			t.Errorf("%s at the clients' address: got %d, want 404", path, got)
		}
		if got, _ := get(t, private+path); got != http.StatusOK {
			t.Errorf("%s at the operator's address: got %d, want 200", path, got)
		}
	}
	for _, url := range []string{"http://" + h.address, private} {
		for _, path := range []string{"/healthz", "/readyz"} {
			if got, body := get(t, url+path); got != http.StatusOK || body != "ok\n" {
				t.Errorf("%s: got %d, %q", path, got, body)
			}
		}
	}
}
