package wire_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/parley-chat/parley/internal/wire"
)

func TestParseServer(t *testing.T) {
	t.Parallel()
	const url = "https://chat.example.org:8443"
	pin := bytes.Repeat([]byte{7}, wire.PinSize)
	for text, want := range map[string][]byte{
		url: nil, " " + url + "/\n": nil, wire.ServerText(url, nil): nil, wire.ServerText(url, pin): pin,
		wire.NewInvite(url, pin).Link(): pin, wire.NewInvite(url, nil).Page(): nil,
		wire.NewToken(url, "ann", pin).String(): pin,
	} {
		if server, got, err := wire.ParseServer(text); err != nil || server != url || !bytes.Equal(got, want) {
			t.Errorf("%q: got %s, %x, %v", text, server, got, err)
		}
	}
	for _, text := range []string{
		"", "chat.example.org", "ftp://chat.example.org", url + "/path", url + "/#pin=", url + "/#pin=AAAA", url + "/#other",
	} {
		if _, _, err := wire.ParseServer(text); !errors.Is(err, wire.ErrServer) {
			t.Errorf("%q: got %v", text, err)
		}
	}
}
