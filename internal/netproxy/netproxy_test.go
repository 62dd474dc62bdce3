package netproxy_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/parley-chat/parley/internal/netproxy"
)

func TestParse(t *testing.T) {
	tests := []struct {
		in, want string
		err      error
	}{
		{"", netproxy.Environment, nil},
		{"direct", netproxy.None, nil},
		{" proxy.example:3128 ", "http://proxy.example:3128", nil},
		{"socks5://localhost", "socks5://localhost:1080", nil},
		{"socks5h://u:p@[::1]:9050", "socks5h://u:p@[::1]:9050", nil},
		{"https://proxy.example", "https://proxy.example", nil},
		{"ftp://proxy.example", "", netproxy.ErrURL},
		{"http://", "", netproxy.ErrURL},
		{"http://proxy.example/path", "", netproxy.ErrURL},
		{"http://a b", "", netproxy.ErrURL},
	}
	for _, tt := range tests {
		got, err := netproxy.Parse(tt.in)
		if got != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("Parse(%q): got %q, %v, want %q, %v", tt.in, got, err, tt.want, tt.err)
		}
	}
}

func TestProxy(t *testing.T) {
	var p netproxy.Proxy
	proxyFor := func(target string) string {
		t.Helper()
		u, err := p.For(httptest.NewRequestWithContext(t.Context(), http.MethodGet, target, http.NoBody))
		if err != nil {
			t.Fatal(err)
		}
		if u == nil {
			return ""
		}
		return u.String()
	}
	if err := p.Set("socks5://127.0.0.1:9050"); err != nil {
		t.Fatal(err)
	}
	for target, want := range map[string]string{
		"https://chat.example.org": "socks5://127.0.0.1:9050", "http://127.0.0.1:8080": "", "http://localhost:1": "",
		"http://[::1]:1": "",
	} {
		if got := proxyFor(target); got != want {
			t.Errorf("proxy for %s: got %q, want %q", target, got, want)
		}
	}
	if err := p.Set("nonsense://"); !errors.Is(err, netproxy.ErrURL) {
		t.Errorf("nonsense: got %v, want ErrURL", err)
	}
	if got := proxyFor("https://chat.example.org"); got == "" {
		t.Error("after nonsense the proxy is gone")
	}
	if err := p.Set(netproxy.None); err != nil {
		t.Fatal(err)
	}
	if got := proxyFor("https://chat.example.org"); got != "" {
		t.Errorf("direct: got %q, want none", got)
	}
}
