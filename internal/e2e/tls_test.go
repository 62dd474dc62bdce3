package e2e_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo"
)

// certificate returns a certificate that no authority has signed, and its pin.
func certificate(t *testing.T) (tls.Certificate, []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now(), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, wire.PinOf(parsed)
}

func TestTLS_with_a_pin(t *testing.T) {
	t.Parallel()
	cert, pin := certificate(t)
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.WithoutCancel(t.Context())
	s, err := server.Open(ctx, server.Options{
		Dir: t.TempDir(), Logger: slog.New(slog.DiscardHandler), PublicURL: "https://" + ln.Addr().String(), Pin: pin,
		TLS: &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{cert}},
	})
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, ln) }()
	t.Cleanup(func() {
		if err := errors.Join(s.Shutdown(ctx), <-served); err != nil {
			t.Error(err)
		}
	})
	if err := s.AddUser(ctx, "alice", "Alice"); err != nil {
		t.Fatal(err)
	}
	token, err := s.NewToken(ctx, "alice", accounts.TokenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	online(t, token.String())

	_, token.Pin = certificate(t) // of another server
	d := newDevice(t, token.String(), t.TempDir())
	if err := d.Start(); err != nil {
		t.Fatal(err)
	}
	d.awaitLine("CONNECTFAILURE")
	if d.GetConnectionStatus() == mesibo.StatusOnline {
		t.Error("online with the wrong certificate")
	}
}

func TestStart_refuses_to_send_the_token_in_the_clear(t *testing.T) {
	t.Parallel()
	m, err := mesibo.New(mesibo.Options{AccessToken: wire.NewToken("http://192.0.2.1:80", "alice", nil).String()})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Start(); !errors.Is(err, mesibo.ResultDenied) {
		t.Errorf("got %v, want ResultDenied", err)
	}
}
