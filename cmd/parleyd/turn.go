package main

import (
	"errors"
	"flag"
	"fmt"
	"net/netip"
	"strings"

	"github.com/pion/stun/v4"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/relay"
)

// turnFlags are the flags for calls between devices that do not reach each other.
type turnFlags struct {
	addr, public, ports string // of the server's own relay
	servers, secret     string // of the operator's
}

func (f *turnFlags) define(fs *flag.FlagSet) {
	fs.StringVar(&f.public, "turn-public", "",
		"`IP` at which devices reach this machine: turns on the relay for calls (TURN)")
	fs.StringVar(&f.addr, "turn", ":3478", "`address` of the relay, for UDP, TCP and (as --addr) TLS")
	fs.StringVar(&f.ports, "turn-ports", "50000-50999", "UDP `ports` of the relay, one for each relayed device")
	fs.StringVar(&f.servers, "turn-servers", "",
		"`URLs` of your own TURN server instead, such as turn:turn.example.org:3478?transport=udp, separated by commas")
	fs.StringVar(&f.secret, "turn-secret", "", "`file` with the secret that it shares with parleyd (use-auth-secret)")
}

// options returns what the flags say: at most one of the two.
func (f *turnFlags) options() (*server.Relay, *server.TURN, error) {
	if (f.servers == "") != (f.secret == "") {
		return nil, nil, errors.New("--turn-servers and --turn-secret belong together")
	}
	switch {
	case f.servers != "" && f.public != "":
		return nil, nil, errors.New("give --turn-public or --turn-servers, not both")
	case f.servers != "":
		turn, err := f.foreign()
		return nil, turn, err
	case f.public == "":
		return nil, nil, nil
	}
	ip, err := netip.ParseAddr(f.public)
	if err != nil {
		return nil, nil, fmt.Errorf("--turn-public: %q is not an IP address", f.public)
	}
	ports, err := relay.ParsePortRange(f.ports)
	if err != nil {
		return nil, nil, fmt.Errorf("--turn-ports: %w", err)
	}
	return &server.Relay{Addr: f.addr, PublicIP: ip, Ports: ports}, nil, nil
}

func (f *turnFlags) foreign() (*server.TURN, error) {
	urls := strings.Split(f.servers, ",")
	for _, u := range urls {
		if _, err := stun.ParseURI(u); err != nil {
			return nil, fmt.Errorf("--turn-servers: %q: %w", u, err)
		}
	}
	secret, err := readSecret("--turn-secret", f.secret)
	if err != nil {
		return nil, err
	}
	return &server.TURN{URLs: urls, Secret: secret}, nil
}
