package main

import (
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/parley-chat/parley/internal/server"
)

// sfuOptions returns what flags say, for a server at an address.
func sfuOptions(t *testing.T, addr string, relay *server.Relay, args ...string) (*server.SFU, error) {
	t.Helper()
	var f sfuFlags
	parser, err := kong.New(&f)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(args); err != nil {
		return nil, err
	}
	return f.options(net.TCPAddrFromAddrPort(netip.MustParseAddrPort(addr)), relay)
}

// TestSFUFlags_own: where the program is, and at which address and ports devices reach it.
func TestSFUFlags_own(t *testing.T) {
	folder := t.TempDir()
	program := filepath.Join(folder, sfuProgram)
	if err := os.WriteFile(program, []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	relay := &server.Relay{PublicIP: netip.MustParseAddr("192.0.2.7")}
	const outside = "203.0.113.5:443"
	ports := server.SFU{Program: program, UDPPort: 7882, TCPPort: 7881}
	with := func(change func(o *server.SFU)) *server.SFU {
		o := ports
		change(&o)
		return &o
	}
	at := func(ip string) *server.SFU {
		return with(func(o *server.SFU) { o.PublicIP = netip.MustParseAddr(ip) })
	}
	t.Setenv("PATH", folder)
	for what, c := range map[string]struct {
		addr  string
		relay *server.Relay
		args  []string
		want  *server.SFU
	}{
		"in PATH":         {addr: outside, want: at("203.0.113.5")},
		"named":           {addr: outside, args: []string{"--sfu", program}, want: at("203.0.113.5")},
		"none":            {addr: outside, args: []string{"--sfu", "none"}},
		"any address":     {addr: "0.0.0.0:443", want: &ports},
		"as the relay":    {addr: "0.0.0.0:443", relay: relay, want: at("192.0.2.7")},
		"its own address": {addr: outside, relay: relay, args: []string{"--sfu-ip", "198.51.100.9"}, want: at("198.51.100.9")},
		"this machine":    {addr: "127.0.0.1:0", want: &server.SFU{Program: program, Loopback: true}},
		"ports and people": {
			addr: "0.0.0.0:443", args: []string{"--sfu-udp", "1000", "--sfu-tcp", "1001", "--sfu-people", "200"},
			want: with(func(o *server.SFU) { o.UDPPort, o.TCPPort, o.MaxPeople = 1000, 1001, 200 }),
		},
	} {
		got, err := sfuOptions(t, c.addr, c.relay, c.args...)
		if err != nil || (got == nil) != (c.want == nil) || got != nil && *got != *c.want {
			t.Errorf("%s: got %+v, %v, want %+v", what, got, err, c.want)
		}
	}
	t.Setenv("PATH", t.TempDir())
	if got, err := sfuOptions(t, outside, nil); got != nil || err != nil {
		t.Errorf("without the program: %+v, %v", got, err)
	}
}

// TestSFUFlags_elsewhere: a LiveKit server that is named by URL.
func TestSFUFlags_elsewhere(t *testing.T) {
	t.Parallel()
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("shared\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const url = "wss://livekit.example.org/path"
	args := []string{"--sfu-url", url, "--sfu-key", "key", "--sfu-secret-file", secret, "--sfu-people", "9"}
	for _, more := range [][]string{nil, {"--sfu", "none"}} {
		got, err := sfuOptions(t, "0.0.0.0:443", nil, append(args, more...)...)
		if want := (server.SFU{URL: url, Key: "key", Secret: "shared", MaxPeople: 9}); err != nil || *got != want {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
	}
}

// TestSFUFlags_wrong: what makes no sense is refused with the flag's name.
func TestSFUFlags_wrong(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	program, secret, empty := filepath.Join(folder, "sfu"), filepath.Join(folder, "secret"), filepath.Join(folder, "empty")
	for name, text := range map[string]string{program: "#!/bin/sh\n", secret: "shared", empty: "\n"} {
		if err := os.WriteFile(name, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	elsewhere := func(url, key, file string) []string {
		return []string{"--sfu-url", url, "--sfu-key", key, "--sfu-secret-file", file}
	}
	const url = "wss://livekit.example.org"
	for what, c := range map[string]struct {
		want string
		args []string
	}{
		"no such program": {"--sfu:", []string{"--sfu", filepath.Join(folder, "other")}},
		"no program":      {"--sfu:", []string{"--sfu", secret + "/"}},
		"a host name":     {"--sfu-ip", []string{"--sfu", program, "--sfu-ip", "sfu.example.org"}},
		"no UDP port":     {"--sfu-udp", []string{"--sfu", program, "--sfu-udp", "65536"}},
		"no TCP port":     {"--sfu-tcp", []string{"--sfu", program, "--sfu-tcp", "65536"}},
		"too many people": {"--sfu-people", []string{"--sfu", program, "--sfu-people", "201"}},
		"too many there":  {"--sfu-people", append(elsewhere(url, "key", secret), "--sfu-people", "201")},
		"no URL":          {"belong together", elsewhere("", "key", secret)},
		"no key":          {"belong together", elsewhere(url, "", secret)},
		"no secret":       {"belong together", elsewhere(url, "key", "")},
		"not a WebSocket": {"--sfu-url", elsewhere("https://livekit.example.org", "key", secret)},
		"no host":         {"--sfu-url", elsewhere("wss:///rtc", "key", secret)},
		"an empty secret": {"is empty", elsewhere(url, "key", empty)},
		"no such file":    {"--sfu-secret-file", elsewhere(url, "key", secret+"2")},
		"both":            {"not both", append(elsewhere(url, "key", secret), "--sfu", program)},
	} {
		if got, err := sfuOptions(t, "0.0.0.0:443", nil, c.args...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %+v, %v, want %s", what, got, err, c.want)
		}
	}
}

// TestServe_wrong_SFU: the command ends with the reason before it listens for long.
func TestServe_wrong_SFU(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	for want, args := range map[string][]string{
		"--sfu-people": {"--sfu-people", "1000"}, "--sfu-url": {"--sfu-url", "ftp://x", "--sfu-key", "k", "--sfu-secret-file", "f"},
		"--sfu-udp": {"--sfu-udp", "many"},
	} {
		got := parleyd(t, append([]string{"serve", "--data", data, "--addr", "127.0.0.1:0"}, args...)...)
		if got.failure == nil || !strings.Contains(got.failure.Error()+got.err, want) {
			t.Errorf("got %v, %s, want %s", got.failure, got.err, want)
		}
	}
}
