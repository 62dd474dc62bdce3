package rtc

import (
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/pion/turn/v5"

	"github.com/parley-chat/parley/internal/pionlog"
	"github.com/parley-chat/parley/mesibo/call"
)

// turnServer starts a TURN server on this machine.
func turnServer(t *testing.T) call.ICEServer {
	t.Helper()
	const secret, realm = "secret", "test"
	log := pionlog.Factory{Logger: slog.New(slog.DiscardHandler)}
	conn, err := (&net.ListenConfig{}).ListenPacket(t.Context(), "udp4", "127.0.0.1:0")
	check(t, err)
	server, err := turn.NewServer(turn.ServerConfig{
		Realm: realm, LoggerFactory: log, AuthHandler: turn.LongTermTURNRESTAuthHandler(secret, log.NewLogger("turn")),
		PacketConnConfigs: []turn.PacketConnConfig{{
			PacketConn: conn,
			RelayAddressGenerator: &turn.RelayAddressGeneratorStatic{
				RelayAddress: net.IPv4(127, 0, 0, 1), Address: "127.0.0.1",
			},
		}},
	})
	check(t, err)
	t.Cleanup(func() { check(t, server.Close()) })
	user, password, err := turn.GenerateLongTermTURNRESTCredentials(secret, "alice", time.Hour)
	check(t, err)
	return call.ICEServer{URLs: []string{"turn:" + conn.LocalAddr().String()}, Username: user, Credential: password}
}

// A side that hides its addresses shows only those of the relay.
func TestRelay(t *testing.T) {
	t.Parallel()
	server := turnServer(t)
	caller, callee := pair(t, func(_ bool, c *Config, _ *options) {
		c.Servers, c.RelayOnly = []call.ICEServer{server}, true
	})
	begin := time.Now()
	connect(t, caller, callee)
	if d := time.Since(begin); d > 1500*time.Millisecond {
		t.Errorf("connected after %v", d)
	}
	check(t, callee.set.Speaker.Hear(within(t, patience), 440))
	check(t, caller.set.Speaker.Hear(within(t, patience), 1000))
	if d := caller.pc.LocalDescription().SDP; !strings.Contains(d, "typ relay") || strings.Contains(d, "typ host") {
		t.Errorf("shown are\n%s", d)
	}
	caller.await("quality", 1, patience)
	if !caller.Stats().Relayed {
		t.Error("it is not known to be relayed")
	}
}
