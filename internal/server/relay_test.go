package server_test

import (
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pion/turn/v5"

	"github.com/parley-chat/parley/internal/pionlog"
	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/relay"
	"github.com/parley-chat/parley/internal/wire"
)

// iceServers asks for the servers through which calls of a device may go.
func (d *device) iceServers() []*wire.ICEServer {
	d.t.Helper()
	res := d.call(&wire.Request{Op: &wire.Request_CallServers{CallServers: &wire.CallServers{}}})
	if res.GetResult() != wire.ResultOK {
		d.t.Fatalf("got %v", res)
	}
	return res.GetCallServers().GetServers()
}

// TestRelay_user_is_gone: credentials of a user who is disabled, or has no token any more, are good for nothing.
func TestRelay_user_is_gone(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(h *host, d *device) error{
		"disabled": func(h *host, _ *device) error { return h.srv.DisableUser(h.t.Context(), "alice", true) },
		"revoked":  func(h *host, d *device) error { return h.srv.RevokeToken(h.t.Context(), d.token.ID()) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHost(t, server.Options{Relay: &server.Relay{
				Addr: "127.0.0.1:0", PublicIP: netip.MustParseAddr("127.0.0.1"),
				Ports: relay.PortRange{First: 30000, Last: 40000},
			}})
			d := h.device("alice")
			servers := d.iceServers()
			h.device("bob")
			first := allocate(t, servers[1])
			if first == nil {
				t.Fatal("not allocated")
			}
			if err := end(h, d); err != nil {
				t.Fatal(err)
			}
			for deadline := time.Now().Add(20 * time.Second); ; {
				again := allocate(t, servers[1])
				if again == nil {
					break
				}
				if time.Now().After(deadline) {
					t.Fatal("still allocated")
				}
				if err := again.Close(); err != nil {
					t.Log(err)
				}
			}
		})
	}
}

// allocate allocates a port at a relay, nil when it refuses.
func allocate(t *testing.T, s *wire.ICEServer) net.PacketConn {
	t.Helper()
	udp, err := net.ListenPacket("udp", "127.0.0.1:0") //nolint:noctx // it returns at once
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = udp.Close() })
	addr := strings.TrimSuffix(strings.TrimPrefix(s.GetUrls()[0], "turn:"), "?transport=udp")
	c, err := turn.NewClient(&turn.ClientConfig{
		STUNServerAddr: addr, TURNServerAddr: addr, Conn: udp, Username: s.GetUsername(), Password: s.GetCredential(),
		LoggerFactory: pionlog.Factory{Logger: slog.New(slog.DiscardHandler)},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if err := c.Listen(); err != nil {
		t.Fatal(err)
	}
	port, err := c.Allocate()
	if err != nil {
		return nil
	}
	t.Cleanup(func() { _ = port.Close() }) // of one that is over, too
	return port
}

// TestCallServers: a device gets credentials of its user, for the relay of this server, those of another one, or none.
func TestCallServers(t *testing.T) {
	t.Parallel()
	t.Run("none", func(t *testing.T) {
		t.Parallel()
		h := newHost(t, server.Options{})
		if got := h.device("alice").iceServers(); len(got) != 0 {
			t.Errorf("got %v", got)
		}
	})
	t.Run("own", func(t *testing.T) {
		t.Parallel()
		h := newHost(t, server.Options{Relay: &server.Relay{
			Addr: "127.0.0.1:0", PublicIP: netip.MustParseAddr("127.0.0.1"),
			Ports: relay.PortRange{First: 20000, Last: 30000},
		}})
		alice, bob := h.device("alice").iceServers(), h.device("bob").iceServers()
		if len(alice) != 2 || len(bob) != 2 {
			t.Fatalf("got %v, %v", alice, bob)
		}
		if !slices.Equal(alice[1].GetUrls(), bob[1].GetUrls()) || alice[1].GetUsername() == bob[1].GetUsername() ||
			alice[1].GetCredential() == bob[1].GetCredential() {
			t.Errorf("alice has %v, bob %v", alice[1], bob[1])
		}
	})
	t.Run("another", func(t *testing.T) {
		t.Parallel()
		urls := []string{"turns:turn.example.org:5349?transport=tcp"}
		h := newHost(t, server.Options{TURN: &server.TURN{URLs: urls, Secret: "shared"}})
		got := h.device("alice").iceServers()
		if len(got) != 1 || !slices.Equal(got[0].GetUrls(), urls) || !strings.HasSuffix(got[0].GetUsername(), ":1") ||
			got[0].GetCredential() == "" {
			t.Errorf("got %v", got)
		}
	})
}
