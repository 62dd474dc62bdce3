// Package relay carries sound and video of calls between devices that do not reach each other: a TURN server
// (RFC 8656) over UDP, TCP and TLS on one port. Users get credentials that are valid for an hour, as in
// draft-uberti-behave-turn-rest.
package relay

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/pion/turn/v5"

	"github.com/parley-chat/parley/internal/pionlog"
)

// Config configures a Server.
type Config struct {
	// Addr is the address to listen on, for UDP and TCP.
	Addr string
	// PublicIP is the address at which devices reach this machine. It is the address of all relayed traffic.
	PublicIP netip.Addr
	// Ports is the range of the UDP ports of relayed traffic. Each device in a relayed call uses one.
	Ports PortRange
	// Host is the host name in URLs. Default: PublicIP.
	Host string
	// TLS is for devices behind a firewall that lets only TLS through, on the same port. Default: none.
	TLS *tls.Config
	// Key signs the credentials.
	Key    []byte
	Logger *slog.Logger
	// Metrics may be nil.
	Metrics Metrics
	// Clock returns the time. Default: time.Now.
	Clock func() time.Time
	// Active reports whether a user may use the relay. It may read the database. Default: all users may.
	Active func(uid uint32) bool
	// SFU is where sound and video of calls of groups go, which devices may reach. The zero AddrPort is nowhere.
	SFU netip.AddrPort
	// Private allows devices to be reached at loopback and private addresses.
	Private bool
}

// isSFU reports whether an address is that of the SFU.
func (c *Config) isSFU(addr netip.Addr) bool { return c.SFU.IsValid() && addr == c.SFU.Addr().Unmap() }

// Metrics counts what the relay does.
type Metrics interface {
	// Refused counts a refusal, by reason.
	Refused(reason string)
	// ObserveRelays sets the function that counts the devices that use the relay.
	ObserveRelays(count func() int)
	// RelayBytes counts relayed bytes.
	RelayBytes(n int)
}

// PortRange is a range of ports. Both ends belong to it.
type PortRange struct{ First, Last uint16 }

// ParsePortRange parses a range such as 50000-50999.
func ParsePortRange(text string) (PortRange, error) {
	var r PortRange
	if n, err := fmt.Sscanf(text, "%d-%d", &r.First, &r.Last); n != 2 || err != nil || r.String() != text || !r.valid() {
		return PortRange{}, fmt.Errorf("%q is not a range of ports such as 50000-50999", text)
	}
	return r, nil
}

func (r PortRange) String() string {
	return strconv.Itoa(int(r.First)) + "-" + strconv.Itoa(int(r.Last))
}

func (r PortRange) valid() bool { return r.First > 0 && r.First <= r.Last }

func (r PortRange) contains(port uint16) bool { return port >= r.First && port <= r.Last }

// realm is the realm of the credentials, which is the same for all servers.
const realm = "parley"

// Server is a TURN server. Its methods may be called from any goroutine.
type Server struct {
	c      Config       // immutable, like all up to conns
	port   string       // in URLs
	relays *relays      // the running allocations
	conns  *connections // the TCP connections
	turn   *turn.Server

	askedMu sync.Mutex // also held while Active is called
	asked   map[string]answer
}

var errPublicIP = errors.New("the public address of the relay is not an address at which devices can reach it")

// Listen opens the ports and starts the server. The caller must call Close.
func Listen(c Config) (*Server, error) { return start(c, defaultTimeouts) }

func start(c Config, t timeouts) (*Server, error) {
	switch {
	case !c.PublicIP.IsValid(), c.PublicIP.IsUnspecified(), c.PublicIP.IsMulticast():
		return nil, errPublicIP
	case !c.Ports.valid():
		return nil, fmt.Errorf("%v is not a range of ports", c.Ports)
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	udp, tcp, err := listen(c.Addr)
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(tcp.Addr().String())
	if err != nil {
		return nil, errors.Join(err, udp.Close(), tcp.Close())
	}
	s := &Server{
		c: c, port: port, relays: newRelays(&c), conns: newConnections(tcp, c.TLS, t),
		asked: make(map[string]answer),
	}
	s.turn, err = turn.NewServer(turn.ServerConfig{
		Realm: realm, AuthHandler: s.authenticate, LoggerFactory: pionlog.Factory{Logger: c.Logger},
		QuotaHandler: s.relays.mayAllocate, EventHandler: s.relays.events(),
		PacketConnConfigs: []turn.PacketConnConfig{{
			PacketConn: udp, RelayAddressGenerator: s.relays, PermissionHandler: s.relays.permits,
		}},
		ListenerConfigs: []turn.ListenerConfig{{
			Listener: s.conns, RelayAddressGenerator: s.relays, PermissionHandler: s.relays.permits,
		}},
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start relay: %w", err), udp.Close(), tcp.Close())
	}
	if c.Metrics != nil {
		c.Metrics.ObserveRelays(s.relays.count)
	}
	return s, nil
}

// listen opens the same port for UDP and TCP.
func listen(addr string) (net.PacketConn, net.Listener, error) {
	const tries = 20 // for port 0: the port that is free for TCP may not be so for UDP
	for n := 1; ; n++ {
		tcp, err := net.Listen("tcp", addr) //nolint:noctx // it returns at once
		if err != nil {
			return nil, nil, fmt.Errorf("listen for relayed calls: %w", err)
		}
		udp, err := net.ListenPacket("udp", tcp.Addr().String()) //nolint:noctx // as above
		if err == nil {
			return udp, tcp, nil
		}
		_ = tcp.Close()
		if _, port, e := net.SplitHostPort(addr); e != nil || port != "0" || n == tries {
			return nil, nil, fmt.Errorf("listen for relayed calls: %w", err)
		}
	}
}

// Close ends all relayed traffic and waits until the ports are free.
func (s *Server) Close() error {
	err := s.turn.Close()
	s.conns.closeAll()
	s.relays.closeAll()
	return err //nolint:wrapcheck // it says what could not be closed
}
