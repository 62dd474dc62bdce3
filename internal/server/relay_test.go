package server_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

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
