package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/server/relay"
)

// TestTurnFlags: what is given turns on one relay, and what makes no sense is refused with the flag's name.
func TestTurnFlags(t *testing.T) {
	t.Parallel()
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("shared\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const urls = "turn:turn.example.org:3478?transport=udp,turns:turn.example.org:5349?transport=tcp"
	own := turnFlags{Turn: ":3478", TurnPublic: "192.0.2.1", TurnPorts: "50000-50999"}
	r, turn, err := own.options()
	if err != nil || turn != nil || r.PublicIP.String() != "192.0.2.1" || r.Addr != ":3478" ||
		r.Ports != (relay.PortRange{First: 50000, Last: 50999}) {
		t.Errorf("got %+v, %v, %v", r, turn, err)
	}
	r, turn, err = (&turnFlags{TurnServers: urls, TurnSecret: secret}).options()
	if err != nil || r != nil || len(turn.URLs) != 2 || turn.Secret != "shared" {
		t.Errorf("got %+v, %v, %v", r, turn, err)
	}
	if r, turn, err := (&turnFlags{Turn: ":3478", TurnPorts: "50000-50999"}).options(); r != nil || turn != nil || err != nil {
		t.Errorf("without a public address: %v, %v, %v", r, turn, err)
	}
	for want, f := range map[string]turnFlags{
		"--turn-public":  {TurnPublic: "turn.example.org", TurnPorts: own.TurnPorts},
		"--turn-ports":   {TurnPublic: own.TurnPublic, TurnPorts: "50000"},
		"--turn-secret":  {TurnServers: urls},
		"--turn-servers": {TurnServers: "turn.example.org", TurnSecret: secret},
		"not both":       {TurnServers: urls, TurnSecret: secret, TurnPublic: own.TurnPublic, TurnPorts: own.TurnPorts},
		"no such file":   {TurnServers: urls, TurnSecret: secret + "2"},
	} {
		if _, _, err := f.options(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
