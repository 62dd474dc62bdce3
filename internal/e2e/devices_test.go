package e2e_test

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/parley-chat/parley/mesibo"
	"github.com/parley-chat/parley/mesibo/mesibotest"
)

// A user's devices see each other, not those of others, and can sign each other out.
func TestDevices(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	first := newDevice(t, srv.Token("alice"), t.TempDir())
	second := newDevice(t, srv.Token("alice"), t.TempDir())
	other := newDevice(t, srv.Token("bob"), t.TempDir())
	first.start()
	second.start()
	list, err := first.GetDevices(t.Context())
	if err != nil || len(list) != 2 || !list[0].Current || list[1].Current {
		t.Fatalf("devices of alice: got %+v, %v, want 2, the first current", list, err)
	}
	strangers, err := other.GetDevices(t.Context())
	if err != nil || len(strangers) != 1 {
		t.Fatalf("devices of bob: got %+v, %v, want 1", strangers, err)
	}
	if err := first.RemoveDevice(t.Context(), strangers[0].ID); !errors.Is(err, mesibo.ErrNoDevice) {
		t.Errorf("another user's device: got %v, want ErrNoDevice", err)
	}
	if err := first.RemoveDevice(t.Context(), "../../healthz"); !errors.Is(err, mesibo.ErrNoDevice) {
		t.Errorf("no device: got %v, want ErrNoDevice", err)
	}
	if err := first.RemoveDevice(t.Context(), list[1].ID); err != nil {
		t.Fatal(err)
	}
	second.await("signed out", func() bool { return second.GetConnectionStatus() != mesibo.StatusOnline })
	if _, err := second.GetDevices(t.Context()); !errors.Is(err, mesibo.ResultAuthFail) {
		t.Errorf("with a revoked token: got %v, want ResultAuthFail", err)
	}
	if err := first.RemoveDevice(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	if _, err := first.GetDevices(t.Context()); !errors.Is(err, mesibo.ResultAuthFail) {
		t.Errorf("after signing out: got %v, want ResultAuthFail", err)
	}
	if left, err := other.GetDevices(t.Context()); err != nil || !slices.Equal(left, strangers) {
		t.Errorf("devices of bob: got %+v, %v, want %+v", left, err, strangers)
	}
}

// A user invites another device of the user's own, which needs no right, and which is named.
func TestInvite(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	first := newDevice(t, srv.Token("alice"), t.TempDir())
	if _, may, err := first.GetInvites(t.Context()); err != nil || may {
		t.Errorf("got %v, %v, want that the operator alone invites others", may, err)
	}
	if _, err := first.CreateInvite(t.Context(), mesibo.InviteParams{}); !errors.Is(err, mesibo.ResultDenied) {
		t.Errorf("for others: got %v, want ResultDenied", err)
	}
	invite, err := first.CreateInvite(t.Context(), mesibo.InviteParams{Address: "alice"})
	if err != nil || !mesibo.IsInvite(invite.Link) || invite.Left != 1 || mesibo.IsInvite(srv.Token("bob")) {
		t.Fatalf("got %+v, %v", invite, err)
	}
	if list, _, err := first.GetInvites(t.Context()); err != nil || len(list) != 1 || list[0].ID != invite.ID {
		t.Errorf("got %+v, %v", list, err)
	}
	second := newDevice(t, srv.Token("bob"), t.TempDir())
	token, err := second.RedeemInvite(t.Context(), invite.Link, mesibo.RedeemParams{Device: "laptop"})
	if err != nil || token == "" || second.GetAddress() != "alice" {
		t.Fatalf("got %q, %v", second.GetAddress(), err)
	}
	second.start()
	if _, err := first.RedeemInvite(t.Context(), invite.Link, mesibo.RedeemParams{}); !errors.Is(err, mesibo.ErrInviteUsed) {
		t.Errorf("a second time: got %v, want ErrInviteUsed", err)
	}
	if _, err := first.RedeemInvite(t.Context(), "x", mesibo.RedeemParams{}); !errors.Is(err, mesibo.ErrInvalidToken) {
		t.Errorf("no invite: got %v, want ErrInvalidToken", err)
	}
	list, err := second.GetDevices(t.Context())
	at := slices.IndexFunc(list, func(d mesibo.Device) bool { return d.Current })
	if err != nil || at < 0 || list[at].Label != "laptop" || !list[at].Online || list[at].Seen.IsZero() {
		t.Fatalf("got %+v, %v", list, err)
	}
	if err := second.SetDeviceLabel(t.Context(), list[at].ID, "my laptop"); err != nil {
		t.Error(err)
	}
	if list, err := first.GetDevices(t.Context()); err != nil || list[at].Label != "my laptop" {
		t.Errorf("got %+v, %v", list, err)
	}
	again, err := first.CreateInvite(t.Context(), mesibo.InviteParams{Address: "alice"})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(first.RevokeInvite(t.Context(), again.ID)); err != nil {
		t.Error(err)
	}
	if err := first.RevokeInvite(t.Context(), again.ID); !errors.Is(err, mesibo.ResultBadRequest) {
		t.Errorf("withdrawn twice: got %v", err)
	}
}

// A file that the server does not have any more must not be deleted here.
func TestCanDownload(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	alice := newDevice(t, srv.Token("alice"), t.TempDir())
	if _, err := alice.CanDownload(t.Context(), &mesibo.FileInfo{}); !errors.Is(err, mesibo.ResultFail) {
		t.Errorf("while stopped: got %v, want ResultFail", err)
	}
	if _, err := alice.CanDownload(t.Context(), nil); !errors.Is(err, mesibo.ResultBadRequest) {
		t.Errorf("without a file: got %v, want ResultBadRequest", err)
	}
	alice.start()
	path := filepath.Join(t.TempDir(), "note.txt")
	if err := os.WriteFile(path, []byte("Hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := &mesibo.FileInfo{Path: path}
	alice.must(alice.SendFile(mesibo.NewMessageParams("alice", mesibo.FlagDefault), alice.Random(), f))
	alice.await("uploaded", func() bool { return f.IsTransferred() && f.GetURL() != "" })
	if ok, err := alice.CanDownload(t.Context(), f); !ok || err != nil {
		t.Errorf("a file that is there: got %v, %v, want true", ok, err)
	}
	for _, url := range []string{"/v1/files/00000000000000000000000000000000", "https://example.org/a", ""} {
		if ok, err := alice.CanDownload(t.Context(), &mesibo.FileInfo{URL: url}); ok || err != nil {
			t.Errorf("%q: got %v, %v, want false", url, ok, err)
		}
	}
	srv.Stop()
	if _, err := alice.CanDownload(t.Context(), f); !errors.Is(err, mesibo.ResultConnectFail) {
		t.Errorf("without a server: got %v, want ResultConnectFail", err)
	}
}

// Connections go through the proxy that Options choose: a SOCKS5 one here.
func TestProxy(t *testing.T) {
	t.Parallel()
	srv := mesibotest.NewServer(t)
	proxy := &socks{}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go proxy.serve(listener)
	through := &url.URL{Scheme: "socks5", Host: listener.Addr().String()}
	alice := openDevice(t, mesibo.Options{
		Path: t.TempDir(), AccessToken: srv.Token("alice"),
		Proxy: func(*http.Request) (*url.URL, error) { return through, nil },
	})
	alice.start()
	if proxy.calls.Load() == 0 {
		t.Error("the connection did not go through the proxy")
	}
	before := proxy.calls.Load()
	if _, err := alice.GetFileLimit(t.Context()); err != nil || proxy.calls.Load() == before {
		t.Errorf("a request beside it: %v, %d calls of the proxy, want more than %d", err, proxy.calls.Load(), before)
	}
}

// socks is a SOCKS5 proxy without passwords, for IPv4 and host names.
type socks struct{ calls atomic.Int32 }

func (s *socks) serve(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		s.calls.Add(1)
		go func() { _ = s.forward(conn) }() // it ends with the connection
	}
}

func (s *socks) forward(conn net.Conn) error {
	defer conn.Close()
	hello := make([]byte, 2)
	if _, err := io.ReadFull(conn, hello); err != nil {
		return err
	}
	if _, err := io.CopyN(io.Discard, conn, int64(hello[1])); err != nil {
		return err
	}
	if _, err := conn.Write([]byte{5, 0}); err != nil {
		return err
	}
	head := make([]byte, 5) // version, command, 0, kind of address, its first byte
	if _, err := io.ReadFull(conn, head); err != nil {
		return err
	}
	rest := make([]byte, 3+2)
	if head[3] == 3 {
		rest = make([]byte, int(head[4])+2)
	}
	if _, err := io.ReadFull(conn, rest); err != nil {
		return err
	}
	host := net.IP(append([]byte{head[4]}, rest[:3]...)).String()
	if head[3] == 3 {
		host = string(rest[:len(rest)-2])
	}
	port := binary.BigEndian.Uint16(rest[len(rest)-2:])
	far, err := new(net.Dialer).Dial("tcp", net.JoinHostPort(host, strconv.Itoa(int(port))))
	if err != nil {
		return err
	}
	defer far.Close()
	if _, err := conn.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0}); err != nil {
		return err
	}
	go func() { _, _ = io.Copy(far, conn) }() // it ends with the connection
	_, err = io.Copy(conn, far)
	return err
}
