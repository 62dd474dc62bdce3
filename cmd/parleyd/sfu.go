package main

import (
	"errors"
	"flag"
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

	sfuUDP, sfuTCP = 7882, 7881
)

// sfuFlags are the flags for calls of groups.
type sfuFlags struct {
	program, ip      string // of the server's own SFU
	udp, tcp         uint
	url, key, secret string // of the operator's
	people           uint
}

func (f *sfuFlags) define(fs *flag.FlagSet) {
	fs.StringVar(&f.program, "sfu", "", "`program` for calls of more than four people, or \"none\"; default: "+sfuProgram+
		" beside parleyd or in PATH, when it is there")
	fs.StringVar(
		&f.ip,
		"sfu-ip",
		"",
		"`IP` at which devices reach it; default: that of --turn-public or --addr, or found out",
	)
	fs.UintVar(&f.udp, "sfu-udp", sfuUDP, "UDP `port` for its sound and video; on a loopback address a free one")
	fs.UintVar(&f.tcp, "sfu-tcp", sfuTCP, "TCP `port` for those who cannot use UDP; as with --sfu-udp")
	fs.StringVar(&f.url, "sfu-url", "", "`URL` (ws or wss) of your own LiveKit server instead")
	fs.StringVar(&f.key, "sfu-key", "", "its API `key`")
	fs.StringVar(&f.secret, "sfu-secret-file", "", "`file` with the secret of the key")
	fs.UintVar(&f.people, "sfu-people", 0, "devices in one call, at most 200 (default 50)")
}

// options returns what the flags say, nil for no SFU. addr is what the server listens on, relay its relay for calls.
func (f *sfuFlags) options(addr net.Addr, relay *server.Relay) (*server.SFU, error) {
	if f.people > wire.MaxGroupCall {
		return nil, fmt.Errorf("--sfu-people: at most %d", wire.MaxGroupCall)
	}
	if f.url != "" || f.key != "" || f.secret != "" {
		return f.foreign()
	}
	program, err := f.find()
	if program == "" || err != nil {
		return nil, err
	}
	if f.udp > 1<<16-1 || f.tcp > 1<<16-1 {
		return nil, errors.New("--sfu-udp and --sfu-tcp are ports")
	}
	o := &server.SFU{Program: program, UDPPort: uint16(f.udp), TCPPort: uint16(f.tcp), MaxPeople: int(f.people)}
	if f.ip != "" {
		if o.PublicIP, err = netip.ParseAddr(f.ip); err != nil {
			return nil, fmt.Errorf("--sfu-ip: %q is not an IP address", f.ip)
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
	case f.url == "" || f.key == "" || f.secret == "":
		return nil, errors.New("--sfu-url, --sfu-key and --sfu-secret-file belong together")
	case f.program != "" && f.program != noSFU:
		return nil, errors.New("give --sfu or --sfu-url, not both")
	}
	if u, err := url.Parse(f.url); err != nil || u.Host == "" || u.Scheme != "ws" && u.Scheme != "wss" {
		return nil, fmt.Errorf("--sfu-url: %q is not a ws or wss URL", f.url)
	}
	secret, err := readSecret("--sfu-secret-file", f.secret)
	if err != nil {
		return nil, err
	}
	return &server.SFU{URL: f.url, Key: f.key, Secret: secret, MaxPeople: int(f.people)}, nil
}

// find returns the path of the program, an empty one for none.
func (f *sfuFlags) find() (string, error) {
	switch f.program {
	case noSFU:
		return "", nil
	case "":
	default:
		path, err := exec.LookPath(f.program)
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
