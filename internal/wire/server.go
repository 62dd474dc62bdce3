package wire

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// pinFragment starts what is behind the # of a server's address, before the pin in base64.
const pinFragment = "pin="

// ErrServer is wrapped by every error of ParseServer.
var ErrServer = errors.New("not the address of a server")

// ServerText prints the address of a server together with its pin, which may be nil.
func ServerText(server string, pin []byte) string {
	server = strings.TrimSuffix(server, "/")
	if len(pin) == 0 {
		return server
	}
	return server + "/#" + pinFragment + base64.RawURLEncoding.EncodeToString(pin)
}

// ParseServer returns the URL and the pin of what ServerText has printed, or of the server that an invite or access
// token names.
func ParseServer(s string) (server string, pin []byte, err error) {
	s = strings.TrimSpace(s)
	if IsInvite(s) {
		i, err := ParseInvite(s)
		return i.URL, i.Pin, err
	}
	if strings.HasPrefix(s, tokenPrefix) {
		t, err := ParseToken(s)
		return t.URL, t.Pin, err
	}
	u, err := url.Parse(s)
	if err != nil {
		return "", nil, fmt.Errorf("%w: %s", ErrServer, "it is no URL")
	}
	if u.Fragment != "" {
		text, ok := strings.CutPrefix(u.Fragment, pinFragment)
		if pin, err = base64.RawURLEncoding.Strict().DecodeString(text); !ok || err != nil || len(pin) == 0 {
			return "", nil, fmt.Errorf("%w: its pin is damaged or incomplete", ErrServer)
		}
	}
	u.Fragment = ""
	server = strings.TrimSuffix(u.String(), "/")
	if err := validServer(server, pin); err != nil {
		return "", nil, fmt.Errorf("%w: %w", ErrServer, err)
	}
	return server, pin, nil
}
