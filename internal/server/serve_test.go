package server_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/wire"
)

func TestShutdown_says_goodbye(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	alice := h.device("alice")
	silent := &device{t: t, h: h, token: h.token("bob")}
	silent.open() // without Hello
	defer silent.close()
	m := message("bob", "before the end")
	id := alice.request(&wire.Request{Op: &wire.Request_Send{Send: m}})
	alice.answer(id)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		h.stop()
	}()
	for _, d := range []*device{alice, silent} {
		if bye := d.ended(); bye.GetStatus() != wire.ConnShutdown {
			t.Errorf("%s: got %v, want SHUTDOWN", d.token.Address, bye)
		}
		d.close()
	}
	<-stopped
	if _, _, err := h.dial(alice.token.String()); err == nil {
		t.Error("a server that has stopped takes connections")
	}
	h.start()
	bob := h.device("bob")
	if got := text(bob.nextMessage()); got != "before the end" {
		t.Errorf("got %q", got)
	}
}

func TestServe_ends_with_its_context(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	h.stop()
	ctx, cancel := context.WithCancel(t.Context())
	srv, err := server.Open(ctx, h.opts)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := server.Open(ctx, h.opts); !errors.Is(err, server.ErrDirInUse) {
		t.Errorf("second open: got %v, want %v", err, server.ErrDirInUse)
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ctx, listen(t)) }()
	cancel()
	if err := <-served; err != nil {
		t.Errorf("got %v, want nil", err)
	}
	srv, err = server.Open(t.Context(), h.opts) // the folder is free again
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

// failingListener fails once, like a system without free file descriptors.
type failingListener struct {
	net.Listener
	failed atomic.Bool
}

func (l *failingListener) Accept() (net.Conn, error) {
	if !l.failed.Swap(true) {
		return nil, &net.OpError{Op: "accept", Net: "tcp", Err: syscall.EMFILE}
	}
	return l.Listener.Accept()
}

func TestServe_goes_on_when_accepting_fails(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{})
	h.stop()
	srv, err := server.Open(t.Context(), h.opts)
	if err != nil {
		t.Fatal(err)
	}
	ln := listen(t)
	h.srv, h.address = srv, ln.Addr().String()
	served := make(chan error, 1)
	go func() { served <- srv.Serve(t.Context(), &failingListener{Listener: ln}) }()
	h.device("alice").close()
	if err := srv.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	if err := <-served; err != nil {
		t.Errorf("serve: %v", err)
	}
}

// TestShutdown_does_not_wait_for_idle_sockets: an idle socket does not delay Shutdown.
func TestShutdown_does_not_wait_for_idle_sockets(t *testing.T) {
	// Not parallel: it measures time.
	h := newHost(t, server.Options{})
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", h.address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	alice := h.device("alice") // accepted after the idle one
	stopped := make(chan time.Duration, 1)
	go func() {
		start := time.Now()
		h.stop()
		stopped <- time.Since(start)
	}()
	if bye := alice.ended(); bye.GetStatus() != wire.ConnShutdown {
		t.Errorf("got %v, want SHUTDOWN", bye)
	}
	alice.close()
	if took := <-stopped; took > 4*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	h := newHost(t, server.Options{MetricsAddr: "127.0.0.1:0"})
	alice := h.device("alice")
	alice.sendText("alice", "note")
	alice.next()
	alice.send(message("nobody", "x"))
	phone := asPhone(alice)
	h.token("bob")
	phone.status(phone.dial("bob"), wire.CallCancel)
	_, got := get(t, "http://"+h.srv.MetricsAddr().String()+"/metrics")
	for _, want := range []string{
		`parley_connections 1`, `parley_messages_total{status="sent"} 1`, `parley_messages_total{status="invalid_dest"} 1`,
		`parley_calls_total{status="cancel"} 1`, `parley_events_pushed_total`, `parley_commit_seconds_count`, `parley_commit_batch_size_bucket`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is missing", want)
		}
	}
}
