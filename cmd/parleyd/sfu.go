package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/wire"
)

const (
	sfuProgram = "parley-sfu"
	noSFU      = "none"
)

// sfuFlags are the flags for calls of groups.
type sfuFlags struct {
	SFU           string `name:"sfu"`
	SFUIP         string `name:"sfu-ip"`
	SFUUDP        uint16 `name:"sfu-udp" default:"7882"`
	SFUTCP        uint16 `name:"sfu-tcp" default:"7881"`
	SFUURL        string `name:"sfu-url"`
	SFUKey        string `name:"sfu-key"`
	SFUSecretFile string `name:"sfu-secret-file"`
	SFUPeople     uint   `name:"sfu-people"`
}

// options returns what the flags say, nil for no SFU. addr is what the server listens on, relay its relay for calls.
func (f *sfuFlags) options(addr net.Addr, relay *server.Relay) (*server.SFU, error) {
	if f.SFUPeople > wire.MaxGroupCall {
		return nil, fmt.Errorf("--sfu-people: at most %d", wire.MaxGroupCall)
	}
	if f.SFUURL != "" || f.SFUKey != "" || f.SFUSecretFile != "" {
		return f.foreign()
	}
	program, err := f.find()
	if program == "" || err != nil {
		return nil, err
	}
	o := &server.SFU{Program: program, UDPPort: f.SFUUDP, TCPPort: f.SFUTCP, MaxPeople: int(f.SFUPeople)}
	if f.SFUIP != "" {
		if o.PublicIP, err = netip.ParseAddr(f.SFUIP); err != nil {
			return nil, fmt.Errorf("--sfu-ip: %q is not an IP address", f.SFUIP)
		}
		return o, nil
	}
	f.place(o, addr, relay)
	return o, nil
}

// place says at which address devices reach the SFU, when no flag does.
func (*sfuFlags) place(o *server.SFU, addr net.Addr, relay *server.Relay) {
	tcp, _ := addr.(*net.TCPAddr)
	switch {
	case tcp != nil && tcp.IP.IsLoopback():
		o.Loopback, o.UDPPort, o.TCPPort = true, 0, 0
	case relay != nil:
		o.PublicIP = relay.PublicIP
	case tcp != nil && !tcp.IP.IsUnspecified():
		o.PublicIP = tcp.AddrPort().Addr().Unmap()
	}
}

func (f *sfuFlags) foreign() (*server.SFU, error) {
	switch {
	case f.SFUURL == "" || f.SFUKey == "" || f.SFUSecretFile == "":
		return nil, errors.New("--sfu-url, --sfu-key and --sfu-secret-file belong together")
	case f.SFU != "" && f.SFU != noSFU:
		return nil, errors.New("give --sfu or --sfu-url, not both")
	}
	if u, err := url.Parse(f.SFUURL); err != nil || u.Host == "" || u.Scheme != "ws" && u.Scheme != "wss" {
		return nil, fmt.Errorf("--sfu-url: %q is not a ws or wss URL", f.SFUURL)
	}
	secret, err := readSecret("--sfu-secret-file", f.SFUSecretFile)
	if err != nil {
		return nil, err
	}
	return &server.SFU{URL: f.SFUURL, Key: f.SFUKey, Secret: secret, MaxPeople: int(f.SFUPeople)}, nil
}

// find returns the path of the program, an empty one for none.
func (f *sfuFlags) find() (string, error) {
	switch f.SFU {
	case noSFU:
		return "", nil
	case "":
	default:
		path, err := exec.LookPath(f.SFU)
		if err != nil {
			return "", fmt.Errorf("--sfu: %w", err)
		}
		return path, nil
	}
	if own, err := os.Executable(); err == nil {
		if path, err := exec.LookPath(filepath.Join(filepath.Dir(own), sfuProgram)); err == nil {
			return path, nil
		}
	}
	if path, err := exec.LookPath(sfuProgram); err == nil {
		return path, nil
	}
	return "", nil
}
