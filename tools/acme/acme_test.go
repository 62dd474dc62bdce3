// Package acme_test lets parleyd get, serve and renew a certificate of a real certificate authority: Pebble, the one with
// which Let's Encrypt tests clients. It is a module of its own, so that the program's does not depend on Pebble.
package acme_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/letsencrypt/pebble/v2/ca"
	"github.com/letsencrypt/pebble/v2/db"
	"github.com/letsencrypt/pebble/v2/va"
	"github.com/letsencrypt/pebble/v2/wfe"
	"github.com/miekg/dns"
)

const domain = "chat.example.org"

// nameServer answers that every name is this machine.
func nameServer(t *testing.T) string {
	t.Helper()
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0") // Pebble asks over TCP
	if err != nil {
		t.Fatal(err)
	}
	started := make(chan struct{})
	srv := &dns.Server{
		Listener: ln, NotifyStartedFunc: func() { close(started) },
		Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
			m := new(dns.Msg).SetReply(q)
			if len(q.Question) == 1 && q.Question[0].Qtype == dns.TypeA {
				head := dns.RR_Header{Name: q.Question[0].Name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 1}
				m.Answer = []dns.RR{&dns.A{Hdr: head, A: net.IPv4(127, 0, 0, 1)}}
			}
			_ = w.WriteMsg(m) // the authority asks again
		}),
	}
	ended := make(chan error, 1)
	go func() { ended <- srv.ActivateAndServe() }()
	<-started
	t.Cleanup(func() {
		if err := errors.Join(srv.Shutdown(), <-ended); err != nil {
			t.Error(err)
		}
	})
	return ln.Addr().String()
}

// authority is a certificate authority, once it is open.
type authority struct {
	*httptest.Server

	handler atomic.Pointer[http.Handler]
	roots   *x509.CertPool
	file    string // the certificate of its own server
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{}
	a.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := a.handler.Load()
		if h == nil {
			http.Error(w, "not open yet", http.StatusServiceUnavailable)
			return
		}
		// Let's Encrypt says where the order is in the answer to the request for its certificate, Pebble does not, and
		// golang.org/x/crypto/acme relies on it.
		if id, ok := strings.CutPrefix(r.URL.Path, "/finalize-order/"); ok {
			w.Header().Set("Location", a.URL+"/my-order/"+id)
		}
		(*h).ServeHTTP(w, r)
	}))
	t.Cleanup(a.Close)
	a.file = filepath.Join(t.TempDir(), "authority.pem")
	b := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.Certificate().Raw})
	if err := os.WriteFile(a.file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return a
}

// open starts to issue certificates, for names whose owner answers at a port of this machine. They last for 45 s, and
// are due for renewal when two thirds of that are over.
func (a *authority) open(t *testing.T, port int) {
	t.Helper()
	t.Setenv("PEBBLE_VA_NOSLEEP", "1")
	logger := log.New(io.Discard, "", 0)
	store := db.NewMemoryStore()
	issuer := ca.New(logger, store, "", "ecdsa", 0, 1, map[string]ca.Profile{"default": {ValidityPeriod: 45}})
	checker := va.New(logger, 1, port, true, nameServer(t), store)
	front := wfe.New(logger, store, checker, issuer, []string{"example.net"}, true, false, 1, 1)
	handler := front.Handler()
	a.handler.Store(&handler)
	a.roots = x509.NewCertPool()
	if !a.roots.AppendCertsFromPEM(issuer.GetRootCert(0).PEM()) {
		t.Fatal("the authority has no root certificate")
	}
}

// parleyd builds the server.
func parleyd(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("PARLEYD"); path != "" {
		return path
	}
	path := filepath.Join(t.TempDir(), "parleyd")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", path, "./cmd/parleyd")
	cmd.Dir = filepath.Join("..", "..")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return path
}

// serve starts parleyd and returns the port that it listens on.
func serve(t *testing.T, path, data, directory, trusted string) (port int, stop func()) {
	t.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), path, "serve", "--data", data, "--addr", "127.0.0.1:0",
		"--domain", domain, "--acme-directory", directory, "--log-level", "warn")
	cmd.Env = append(os.Environ(), "SSL_CERT_FILE="+trusted)
	cmd.Stderr = t.Output()
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	ended := false
	stop = func() {
		if !ended {
			ended = true
			_ = cmd.Process.Kill()
			_ = cmd.Wait() // killed
		}
	}
	t.Cleanup(stop)
	lines := bufio.NewReader(out)
	line, err := lines.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	address, _, _ := strings.Cut(strings.TrimPrefix(line, "listening on "), ",")
	_, number, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatalf("parleyd says %q", line)
	}
	if port, err = strconv.Atoi(number); err != nil {
		t.Fatal(err)
	}
	return port, stop
}

// visit asks for the health of the server by a name, and returns the serial number of its certificate.
func visit(t *testing.T, roots *x509.CertPool, port int, name string) (*big.Int, error) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: name, MinVersion: tls.VersionTLS12}, DisableKeepAlives: true,
		TLSHandshakeTimeout: time.Minute,
	}}
	url := "https://127.0.0.1:" + strconv.Itoa(port) + "/healthz"
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		t.Errorf("%s: got %s", name, res.Status)
	}
	return res.TLS.PeerCertificates[0].SerialNumber, res.Body.Close()
}

// TestCertificate: with a domain the server gets a certificate when it is first asked by that name, renews it, serves no
// other name, and goes on with what it has after a restart while there is no authority.
func TestCertificate(t *testing.T) {
	path, data := parleyd(t), t.TempDir()
	a := newAuthority(t)
	port, stop := serve(t, path, data, a.URL+wfe.DirectoryPath, a.file)
	a.open(t, port)
	first, err := visit(t, a.roots, port, domain)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := visit(t, a.roots, port, "other.example.org"); err == nil {
		t.Error("there is a certificate for another name")
	}
	renewed, soon := first, time.NewTicker(200*time.Millisecond)
	defer soon.Stop()
	for ; renewed.Cmp(first) == 0; <-soon.C { // nothing else says that there is a new one
		if renewed, err = visit(t, a.roots, port, domain); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	a.Close()
	port, _ = serve(t, path, data, a.URL+wfe.DirectoryPath, a.file)
	if _, err := visit(t, a.roots, port, domain); err != nil {
		t.Errorf("after a restart without an authority: %v", err)
	}
}
