package transport_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/internal/transport"
)

func get(t *testing.T, c *http.Client, url string) (status int, body string, err error) {
	t.Helper()
	t.Cleanup(c.CloseIdleConnections)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := c.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = answer.Body.Close() }()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(data), nil
}

func TestHTTPClient(t *testing.T) {
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/away" {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
			return
		}
		_, _ = io.WriteString(w, "hello")
	}))
	t.Cleanup(srv.Close)
	dialled := 0
	e := transport.Endpoint{
		URL: srv.URL, Pin: wire.PinOf(srv.Certificate()),
		NetDial: func(ctx context.Context, network, address string) (net.Conn, error) {
			dialled++
			return (&net.Dialer{}).DialContext(ctx, network, address)
		},
	}
	if _, body, err := get(t, e.HTTPClient(), srv.URL); err != nil || body != "hello" || dialled != 1 {
		t.Errorf("got %q, %v, dialled %d times", body, err, dialled)
	}
	if status, _, err := get(t, e.HTTPClient(), srv.URL+"/away"); err != nil || status != http.StatusFound {
		t.Errorf("led away: %d, %v", status, err)
	}
	e.Pin = make([]byte, wire.PinSize)
	if _, _, err := get(t, e.HTTPClient(), srv.URL); !errors.Is(err, transport.ErrPin) {
		t.Errorf("another certificate: %v", err)
	}
	if _, _, err := get(t, e.ForeignClient(), srv.URL); err == nil || errors.Is(err, transport.ErrPin) {
		t.Errorf("a certificate that nobody vouches for: %v", err)
	}
}

func TestForeignClient_stays_encrypted(t *testing.T) {
	srv := httptest.NewServer(http.RedirectHandler("http://127.0.0.1:1/", http.StatusFound))
	t.Cleanup(srv.Close)
	if _, _, err := get(t, transport.Endpoint{}.ForeignClient(), srv.URL); err == nil {
		t.Error("it followed to an address without encryption")
	}
}
