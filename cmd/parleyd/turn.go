package main

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/pion/stun/v4"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/relay"
)

// turnFlags are the flags for calls between devices that do not reach each other.
type turnFlags struct {
	TurnPublic  string
	Turn        string `default:":3478"`
	TurnPorts   string `default:"50000-50999"`
	TurnServers string
	TurnSecret  string
}

// options returns what the flags say: at most one of the two.
func (f *turnFlags) options() (*server.Relay, *server.TURN, error) {
	if (f.TurnServers == "") != (f.TurnSecret == "") {
		return nil, nil, errors.New("--turn-servers and --turn-secret belong together")
	}
	switch {
	case f.TurnServers != "" && f.TurnPublic != "":
		return nil, nil, errors.New("give --turn-public or --turn-servers, not both")
	case f.TurnServers != "":
		turn, err := f.foreign()
		return nil, turn, err
	case f.TurnPublic == "":
		return nil, nil, nil
	}
	ip, err := netip.ParseAddr(f.TurnPublic)
	if err != nil {
		return nil, nil, fmt.Errorf("--turn-public: %q is not an IP address", f.TurnPublic)
	}
	ports, err := relay.ParsePortRange(f.TurnPorts)
	if err != nil {
		return nil, nil, fmt.Errorf("--turn-ports: %w", err)
	}
	return &server.Relay{Addr: f.Turn, PublicIP: ip, Ports: ports}, nil, nil
}

func (f *turnFlags) foreign() (*server.TURN, error) {
	urls := strings.Split(f.TurnServers, ",")
	for _, u := range urls {
		if _, err := stun.ParseURI(u); err != nil {
			return nil, fmt.Errorf("--turn-servers: %q: %w", u, err)
		}
	}
	secret, err := readSecret("--turn-secret", f.TurnSecret)
	if err != nil {
		return nil, err
	}
	return &server.TURN{URLs: urls, Secret: secret}, nil
}
