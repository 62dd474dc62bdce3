package server

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"log/slog"
	"net/netip"
	"net/url"
	"time"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/relay"
	"github.com/parley-chat/parley/internal/wire"
)

// openRelay starts the server's own TURN server, when there is to be one.
func (s *Server) openRelay(ctx context.Context) error {
	o := s.opts.Relay
	if o == nil {
		return nil
	}
	key, err := s.accounts.GrantKey(ctx)
	if err != nil {
		return err
	}
	public, err := s.accounts.PublicURL(ctx)
	if err != nil {
		return err
	}
	c := relay.Config{
		Addr: o.Addr, PublicIP: o.PublicIP, Ports: o.Ports, TLS: s.opts.TLS, Key: derive(key, "relay"),
		Logger: s.log, Metrics: s.metrics, Clock: s.opts.Clock, Active: s.mayRelay,
	}
	if sfu := s.opts.SFU; sfu != nil && sfu.PublicIP.IsValid() {
		c.SFU = netip.AddrPortFrom(sfu.PublicIP, sfu.UDPPort)
	}
	if u, err := url.Parse(public); err == nil && s.opts.TLS != nil {
		c.Host = u.Hostname() // the certificate is for it
	}
	s.relay, err = relay.Listen(c)
	return err
}

// mayRelay reports whether a user's devices may use the relay. When that cannot be found out they may: calls go on.
func (s *Server) mayRelay(uid uint32) bool {
	active, err := accounts.IsActive(context.Background(), s.record, uid, s.opts.Clock())
	if err != nil {
		s.log.Warn("relay", slog.Any("error", err))
		return true
	}
	return active
}

func (s *Server) closeRelay() error {
	if s.relay == nil {
		return nil
	}
	return s.relay.Close()
}

// derive returns a key for a purpose.
func derive(key []byte, purpose string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(purpose))
	return mac.Sum(nil)
}

// iceServers returns the servers through which a user's calls may go.
func (s *Server) iceServers(uid uint32) *wire.CallServersReply {
	reply := &wire.CallServersReply{Ttl: uint32(relay.Validity / time.Second)}
	var servers []relay.ICEServer
	switch {
	case s.opts.TURN != nil:
		o := s.opts.TURN
		servers = []relay.ICEServer{relay.Credentials([]byte(o.Secret), o.URLs, uid, s.opts.Clock())}
	case s.relay != nil:
		servers = s.relay.Servers(uid)
	}
	for _, server := range servers {
		reply.Servers = append(reply.Servers, &wire.ICEServer{
			Urls: server.URLs, Username: server.Username, Credential: server.Credential,
		})
	}
	return reply
}
