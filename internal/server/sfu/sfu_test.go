package sfu

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/gorilla/websocket"
)

const (
	patience = 30 * time.Second
	shortest = 20 * time.Millisecond // of what takes longer in earnest
)

var errNoProgram = errors.New("no such program")

// hall is a machine on which LiveKit servers can be started.
type hall struct {
	t *testing.T
	s *SFU

	mu       sync.Mutex
	launches int
	broken   bool // nothing can be started
	running  *livekit
	admitted map[member]bool
	changed  chan struct{}
}

// livekit is a process that answers as LiveKit does.
type livekit struct {
	hall   *hall
	server *httptest.Server
	ended  chan struct{}
	end    func()

	// Under hall.mu.
	rooms    map[string]int
	requests []string
	sockets  int
	refuses  int // so many requests fail
}

// newHall runs an SFU whose child is a fake.
func newHall(t *testing.T, change func(c *Config)) *hall {
	t.Helper()
	h := &hall{t: t, admitted: make(map[member]bool), changed: make(chan struct{})}
	c := Config{
		Program: "fake", MaxPeople: 50, Idle: shortest, Clock: time.Now, launch: h.launch, retry: shortest,
		Logger: slog.New(slog.DiscardHandler), Admits: h.admits,
	}
	if change != nil {
		change(&c)
	}
	h.s = New(c)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		h.s.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.running != nil {
			t.Error("a child is left")
		}
	})
	return h
}

func (h *hall) launch(context.Context, *Config) (*child, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.launches++
	h.note()
	if h.broken {
		return nil, errNoProgram
	}
	k := h.newLiveKit()
	h.running = k
	return &child{base: k.server.URL, ended: k.ended, stop: k.end}, nil
}

// newLiveKit starts one that ends with the test at the latest.
func (h *hall) newLiveKit() *livekit {
	k := &livekit{hall: h, ended: make(chan struct{}), rooms: make(map[string]int)}
	k.server = httptest.NewServer(k)
	k.end = sync.OnceFunc(func() {
		k.server.CloseClientConnections()
		k.server.Close()
		h.mu.Lock()
		if h.running == k {
			h.running = nil
		}
		h.note()
		h.mu.Unlock()
		close(k.ended)
	})
	h.t.Cleanup(k.end)
	return k
}

// note wakes who waits. Under mu.
func (h *hall) note() {
	close(h.changed)
	h.changed = make(chan struct{})
}

func (h *hall) admits(room string, number uint32) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.admitted[member{room, number}]
}

func (h *hall) admit(room string, number uint32, in bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.admitted[member{room, number}] = in
}

// await waits until something is so, under mu.
func (h *hall) await(what string, so func() bool) {
	h.t.Helper()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		h.mu.Lock()
		done, changed := so(), h.changed
		h.mu.Unlock()
		if done {
			return
		}
		select {
		case <-changed:
		case <-timer.C:
			h.t.Fatalf("%s: never", what)
		}
	}
}

func (h *hall) open(room string) {
	h.t.Helper()
	if err := h.s.Open(h.t.Context(), room); err != nil {
		h.t.Fatalf("open %s: %v", room, err)
	}
}

// child returns the one that runs.
func (h *hall) child() *livekit {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.running
}

// hasRooms is a condition for await.
func (h *hall) hasRooms(want ...string) func() bool {
	return func() bool {
		return h.running != nil && slices.Equal(slices.Sorted(maps.Keys(h.running.rooms)), want)
	}
}

// ServeHTTP does what LiveKit does.
func (k *livekit) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var c claims
	_, err := jwt.ParseWithClaims(tokenOf(r), &c, func(*jwt.Token) (any, error) { return []byte(k.hall.s.c.Secret), nil })
	if err != nil || c.Issuer != k.hall.s.c.Key {
		k.hall.t.Errorf("%s: token %v", r.URL.Path, err)
	}
	if r.URL.Path == Path {
		k.signal(w, r)
		return
	}
	var req request
	if err := json.NewDecoder(r.Body).Decode(&req); err != nil {
		k.hall.t.Error(err)
	}
	method := strings.TrimPrefix(r.URL.Path, servicePath)
	k.hall.mu.Lock()
	defer k.hall.mu.Unlock()
	defer k.hall.note()
	line := method + " " + req.Name + req.Room
	if method != "CreateRoom" && method != "DeleteRoom" {
		line += " " + req.Identity
		if !c.Video.RoomAdmin || c.Video.Room != req.Room {
			k.hall.t.Errorf("%s with %+v", method, c.Video)
		}
	}
	if req.Permission != nil && req.Permission.CanPublish {
		line += " publish"
	}
	if k.refuses > 0 {
		k.refuses--
		http.Error(w, "busy", http.StatusInternalServerError)
		return
	}
	k.requests = append(k.requests, line)
	switch method {
	case "CreateRoom":
		k.rooms[req.Name] = req.MaxParticipants
	case "DeleteRoom":
		delete(k.rooms, req.Room)
	case "RemoveParticipant":
		if req.Identity == "404" {
			http.Error(w, `{"code":"not_found"}`, http.StatusNotFound)
			return
		}
	}
	_, _ = w.Write([]byte("{}"))
}

// signal is a WebSocket that sends back what comes.
func (k *livekit) signal(w http.ResponseWriter, r *http.Request) {
	conn, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer conn.Close()
	count := func(n int) {
		k.hall.mu.Lock()
		defer k.hall.mu.Unlock()
		k.sockets += n
		k.hall.note()
	}
	count(1)
	defer count(-1)
	for {
		kind, data, err := conn.ReadMessage()
		if err != nil || conn.WriteMessage(kind, data) != nil {
			return
		}
	}
}

// TestSFU_child: it runs while there are rooms, and a little longer, and has the rooms again when it was restarted.
func TestSFU_child(t *testing.T) {
	t.Parallel()
	h := newHall(t, nil)
	h.await("nothing runs without a room", func() bool { return h.launches == 0 })
	h.open("a")
	h.open("b")
	h.open("b")
	h.await("rooms", h.hasRooms("a", "b"))
	h.s.Close("a")
	h.await("one room", h.hasRooms("b"))
	first := h.child()
	h.await("its size", func() bool { return first.rooms["b"] == 50 })
	first.end() // it dies
	h.await("another child", func() bool { return h.running != nil && h.running != first })
	h.await("the room again", h.hasRooms("b"))
	h.open("c")
	h.await("both", h.hasRooms("b", "c"))
	h.s.Close("b")
	h.s.Close("c")
	h.await("the end", func() bool { return h.running == nil })
	h.await("two launches", func() bool { return h.launches == 2 })
	h.open("d") // it is needed again
	h.await("a third", h.hasRooms("d"))
}

// TestSFU_broken: who opens a room learns at once that there is no child, which is tried again later.
func TestSFU_broken(t *testing.T) {
	t.Parallel()
	h := newHall(t, nil)
	h.broken = true
	if err := h.s.Open(t.Context(), "a"); !errors.Is(err, errNoProgram) {
		t.Errorf("got %v", err)
	}
	h.mu.Lock()
	h.broken = false
	h.mu.Unlock()
	for h.s.Open(t.Context(), "a") != nil {
		select {
		case <-time.After(shortest):
		case <-t.Context().Done():
			t.Fatal("it does not work again")
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.s.Open(ctx, "b"); err == nil {
		t.Error("opened without time")
	}
}

// TestSFU_tasks: removals and rights get there, also when the first try fails.
func TestSFU_tasks(t *testing.T) {
	t.Parallel()
	h := newHall(t, nil)
	h.open("a")
	h.mu.Lock()
	h.running.refuses = 1
	h.mu.Unlock()
	h.s.Permit("a", 1, true)
	h.s.Permit("a", 1, false)
	h.s.Remove("a", 2)
	h.s.Remove("a", 404) // connects at this moment
	want := []string{
		"UpdateParticipant a 1 publish", "UpdateParticipant a 1", "RemoveParticipant a 2",
		"RemoveParticipant a 404", "RemoveParticipant a 404",
	}
	var got []string
	h.await("all", func() bool {
		got = slices.DeleteFunc(slices.Clone(h.running.requests), func(r string) bool { return r == "CreateRoom a" })
		return len(got) >= len(want)
	})
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// TestSFU_token: only a token of this server that is still good is one.
func TestSFU_token(t *testing.T) {
	t.Parallel()
	h := newHall(t, nil)
	_, token := h.s.Ticket("a", 7, true)
	if m, err := h.s.check(token); err != nil || m != (member{"a", 7}) {
		t.Errorf("got %v, %v", m, err)
	}
	sign := func(method jwt.SigningMethod, key any, change func(*claims)) string {
		c := claims{RegisteredClaims: jwt.RegisteredClaims{
			Issuer: h.s.c.Key, Subject: "7", ExpiresAt: jwt.NewNumericDate(time.Now().Add(time.Hour)),
		}, Video: grant{Room: "a", RoomJoin: true}}
		change(&c)
		text, err := jwt.NewWithClaims(method, c).SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	own := []byte(h.s.c.Secret)
	none := func(*claims) {}
	if _, err := h.s.check(sign(jwt.SigningMethodHS256, own, none)); err != nil {
		t.Errorf("its own: %v", err)
	}
	for what, token := range map[string]string{
		"nothing":     "",
		"no token":    "a.b.c",
		"another key": sign(jwt.SigningMethodHS256, []byte("another"), none),
		"no key":      sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, none),
		"another sum": sign(jwt.SigningMethodHS512, own, none),
		"too old": sign(jwt.SigningMethodHS256, own, func(c *claims) {
			c.ExpiresAt = jwt.NewNumericDate(time.Now().Add(-time.Second))
		}),
		"for ever":       sign(jwt.SigningMethodHS256, own, func(c *claims) { c.ExpiresAt = nil }),
		"another issuer": sign(jwt.SigningMethodHS256, own, func(c *claims) { c.Issuer = "other" }),
		"no room":        sign(jwt.SigningMethodHS256, own, func(c *claims) { c.Video.Room = "" }),
		"no right":       sign(jwt.SigningMethodHS256, own, func(c *claims) { c.Video.RoomJoin = false }),
		"no number":      sign(jwt.SigningMethodHS256, own, func(c *claims) { c.Subject = "alice" }),
		"a large number": sign(jwt.SigningMethodHS256, own, func(c *claims) { c.Subject = "4294967296" }),
		"of a service":   h.s.token(grant{Room: "a", RoomAdmin: true}, "7", time.Hour),
	} {
		if m, err := h.s.check(token); err == nil {
			t.Errorf("%s: %v", what, m)
		}
	}
}

// TestSFU_proxy: who takes part signals with the child, until that ends; other users do not.
func TestSFU_proxy(t *testing.T) {
	t.Parallel()
	stopping := make(chan struct{})
	h := newHall(t, func(c *Config) { c.Stopping = stopping })
	front := httptest.NewServer(h.s)
	defer front.Close()
	h.open("a")
	dial := func(token string, inQuery bool) (*websocket.Conn, int) {
		t.Helper()
		url, header := "ws"+strings.TrimPrefix(front.URL, "http")+Path, http.Header{}
		if inQuery {
			url += "?access_token=" + token
		} else {
			header.Set("Authorization", "Bearer "+token)
		}
		conn, res, err := websocket.DefaultDialer.DialContext(t.Context(), url, header)
		if err != nil {
			if res == nil {
				t.Fatal(err)
			}
			return nil, res.StatusCode
		}
		t.Cleanup(func() { conn.Close() })
		return conn, res.StatusCode
	}
	_, token := h.s.Ticket("a", 7, true)
	_, foreign := h.s.Ticket("b", 7, true)
	_, other := h.s.Ticket("a", 8, true)
	h.admit("a", 7, true)
	for what, wrong := range map[string]string{"another room": foreign, "another participant": other} {
		if _, status := dial(wrong, false); status != http.StatusForbidden {
			t.Errorf("%s: status %d", what, status)
		}
	}
	if _, status := dial("", false); status != http.StatusUnauthorized {
		t.Errorf("no token: status %d", status)
	}
	var conns []*websocket.Conn
	for i := range linksMost {
		conn, status := dial(token, i%2 == 0)
		if conn == nil {
			t.Fatalf("status %d", status)
		}
		conns = append(conns, conn)
		if err := conn.WriteMessage(websocket.BinaryMessage, []byte("offer")); err != nil {
			t.Fatal(err)
		}
		if _, got, err := conn.ReadMessage(); err != nil || string(got) != "offer" {
			t.Fatalf("got %q, %v", got, err)
		}
	}
	if _, status := dial(token, false); status != http.StatusTooManyRequests {
		t.Errorf("too many: status %d", status)
	}
	h.admit("a", 7, false) // it leaves the call
	h.s.Remove("a", 7)
	for _, conn := range conns {
		if _, _, err := conn.ReadMessage(); err == nil {
			t.Error("it goes on")
		}
	}
	h.await("no connection", func() bool { return h.running.sockets == 0 })
	h.admit("a", 8, true)
	conn, _ := dial(other, false)
	close(stopping)
	if _, _, err := conn.ReadMessage(); err == nil {
		t.Error("it goes on while the server stops")
	}
}

// TestSFU_proxy_waits: a device that connects while the child is being restarted waits for it.
func TestSFU_proxy_waits(t *testing.T) {
	t.Parallel()
	h := newHall(t, nil)
	front := httptest.NewServer(h.s)
	defer front.Close()
	h.open("a")
	h.admit("a", 7, true)
	first := h.child()
	first.end()
	_, token := h.s.Ticket("a", 7, true)
	conn, _, err := websocket.DefaultDialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(front.URL, "http")+Path,
		http.Header{"Authorization": {"Bearer " + token}})
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
}

// TestSFU_elsewhere: a server that is named by URL is used as it is.
func TestSFU_elsewhere(t *testing.T) {
	t.Parallel()
	outside := &hall{t: t, changed: make(chan struct{})}
	k := outside.newLiveKit()
	h := newHall(t, func(c *Config) {
		c.Program, c.URL, c.Key, c.Secret = "", "ws"+strings.TrimPrefix(k.server.URL, "http"), "key", "secret of the key"
	})
	outside.s = h.s
	h.open("a")
	url, token := h.s.Ticket("a", 7, false)
	if url != h.s.c.URL || token == "" {
		t.Errorf("got %s", url)
	}
	h.s.Remove("a", 7)
	h.s.Close("a")
	outside.await("all", func() bool { return len(k.requests) == 3 && len(k.rooms) == 0 })
	front := httptest.NewServer(h.s)
	defer front.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, front.URL+Path+"?access_token="+token, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := front.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusNotFound {
		t.Errorf("status %d", res.StatusCode)
	}
	k.end()
	if err := h.s.Open(t.Context(), "b"); err == nil {
		t.Error("opened what is not there")
	}
}
