package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/certificate"
	"github.com/parley-chat/parley/internal/wire"
)

func write(t *testing.T, name, text string) string {
	t.Helper()
	if !filepath.IsAbs(name) {
		name = filepath.Join(t.TempDir(), name)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestConfig_precedence: a flag goes before the environment, and that before the file.
func TestConfig_precedence(t *testing.T) {
	file := write(t, "parleyd.yaml", "# limits\nsend-rate: 1\nbackend-rate: 1.5\nmax-connections: 1\nquota: 5G\n"+
		"turn-servers: [turn:a.example, turn:b.example]\nlog-level: warn\n")
	t.Setenv("PARLEYD_BACKEND_RATE", "2")
	t.Setenv("PARLEYD_MAX_CONNECTIONS", "2")
	c, _, _, err := parse([]string{"serve", "--config", file, "--max-connections", "3"}, streams{})
	if err != nil {
		t.Fatal(err)
	}
	s := c.Serve
	if s.SendRate != 1 || s.BackendRate != 2 || s.MaxConnections != 3 || s.Quota != 5<<30 ||
		s.TurnServers != "turn:a.example,turn:b.example" || s.LogLevel.String() != "WARN" || s.Addr != defaultAddr {
		t.Errorf("got %+v", s)
	}
}

// TestConfig_mistakes: where they are, by line and column.
func TestConfig_mistakes(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	for text, want := range map[string]string{
		"addr: 127.0.0.1:0\nsend-rat: 5\n":        `parleyd.yaml:2:1: there is no setting "send-rat"`,
		"addr: 127.0.0.1:0\n\nsend-rate: many\n":  "parleyd.yaml:3:1: --send-rate",
		"max-file: 5X\n":                          "parleyd.yaml:1:1: --max-file",
		"addr: 127.0.0.1:0\ninvites: everybody\n": "parleyd.yaml:2:1: --invites",
		"addr: 127.0.0.1:0\ntls-cert: x\n":        "parleyd.yaml:2:1: --tls-cert and --tls-key belong together",
		"addr: 127.0.0.1:0\nsfu-people: 1000\n":   "parleyd.yaml:2:1: --sfu-people",
		"addr: [\n":                               "[1:7]",
		"addr: {a: b}\n":                          "parleyd.yaml:1:",
		"addr: a\naddr: b\n":                      "[2:1]",
		"- addr\n":                                "parleyd.yaml:1:1: the file is a list of settings",
		"help: true\n":                            `there is no setting "help"`,
		"webhook: x\nwebhook-secret: /none\n":     "parleyd.yaml:1:1: --webhook",
	} {
		file := write(t, "parleyd.yaml", text)
		got := parleyd(t, "serve", "--config", file, "--data", data)
		if said := got.err; got.failure == nil || !strings.Contains(said+got.failure.Error(), want) {
			t.Errorf("%q: got %v, %s, want %s", text, got.failure, said, want)
		}
	}
	if got := parleyd(t, "serve", "--config", filepath.Join(data, "none.yaml")); got.failure == nil {
		t.Error("a file that does not exist is no mistake")
	}
	// Other commands read the data folder from it, and nothing else.
	file := write(t, "parleyd.yaml", "data: "+data+"\nfiles: ftp://x\n")
	parleyd(t, "user", "add", "alice", "--server", "https://chat.example", "--config", file).ok(t)
	if _, err := os.Stat(filepath.Join(data, "parley.db")); err != nil {
		t.Error(err)
	}
}

// syncBuffer is a log that is read while it is written.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for !cond() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("not in time: %s", what)
		}
	}
}

// TestServe_reloads: a renewed certificate and another log level count without a restart, and a mistake changes nothing.
func TestServe_reloads(t *testing.T) {
	dir := t.TempDir()
	pair := func() []byte {
		b, err := certificate.New(time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	first, second := pair(), pair()
	cert := write(t, filepath.Join(dir, "cert.pem"), string(first))
	file := write(t, filepath.Join(dir, "parleyd.yaml"), "addr: 127.0.0.1:0\ndata: "+t.TempDir()+"\ntls-cert: "+cert+
		"\ntls-key: "+cert+"\nlog-level: warn\n")
	var log syncBuffer
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := run(ctx, []string{"serve", "--config", file}, streams{nil, w, &log})
		_ = w.CloseWithError(err)
		done <- err
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	b := make([]byte, 1024)
	n, err := r.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(io.Discard, r) }()
	address, _, _ := strings.Cut(strings.TrimPrefix(string(b[:n]), "listening on "), ",")
	shows := func(want []byte) func() bool {
		p, err := tls.X509KeyPair(want, want)
		if err != nil {
			t.Fatal(err)
		}
		return func() bool {
			d := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}}
			c, err := d.DialContext(t.Context(), "tcp", address)
			if err != nil {
				return false
			}
			defer func() { _ = c.Close() }()
			state := c.(*tls.Conn).ConnectionState() //nolint:forcetypeassert // it is one
			return bytes.Equal(wire.PinOf(state.PeerCertificates[0]), wire.PinOf(p.Leaf))
		}
	}
	eventually(t, "the first certificate", shows(first))
	write(t, cert, "half a file")
	eventually(t, "that the mistake is logged", func() bool {
		return strings.Contains(log.String(), "the certificate is not read again")
	})
	eventually(t, "the first certificate still", shows(first))
	part := write(t, filepath.Join(dir, "new.part"), string(second))
	if err := os.Rename(part, cert); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the second certificate", shows(second))
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(text), "warn", "debug", 1)
	write(t, file, changed+"send-rate: 5\nkeep: 30d\nadmin-page: true\n")
	logged := func(what string) func() bool { return func() bool { return strings.Contains(log.String(), what) } }
	eventually(t, "the new limits", logged("name=send-rate from=default to=5"))
	eventually(t, "what has to wait", logged("counts from the next start on\" settings=[admin-page]"))
	for _, what := range []string{"name=keep from=default to=30d", "name=log-level from=WARN to=DEBUG"} {
		if !logged(what)() {
			t.Errorf("%q is not in the log: %s", what, log.String())
		}
	}
	for text, want := range map[string]string{
		"send-rat: 5\n":             "parleyd.yaml:",
		"\n\nsend-rate: -5\n":       "parleyd.yaml:8:1: ",
		"max-file: much\n":          "parleyd.yaml:6:1: ",
		"turn-servers: turn:a.b\n":  "parleyd.yaml:6:1: --turn-servers and --turn-secret belong together",
		"max-connections: [1, 2]\n": "--max-connections",
	} {
		write(t, file, changed+text)
		eventually(t, "that a mistake is logged: "+text, logged(want))
	}
	write(t, file, changed+"send-rate: 7\n")
	eventually(t, "that the limits of before the mistakes have counted", logged("name=send-rate from=5 to=7"))
}

// TestLive: a setting that counts at once is one that there is, and server.Options have it.
func TestLive(t *testing.T) {
	var c cli
	parser, err := newParser(&c, streams{})
	if err != nil {
		t.Fatal(err)
	}
	settings := settingsOf(parser.Model)
	for _, name := range live {
		if settings[name] == "" {
			t.Errorf("there is no setting %q", name)
		}
	}
	if !slices.IsSorted(live) {
		t.Error("the names are not sorted")
	}
}

// TestServe_acme: the certificate that is kept from an earlier start is served for the domain, and none for other names.
// There is no certificate authority in this test; tools/acme has one.
func TestServe_acme(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	key, leaf := named(t, "chat.example.org")
	if err := os.MkdirAll(filepath.Join(data, "acme"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(data, "acme", "chat.example.org"), key)
	url, _ := serve(t, "--data", data, "--addr", "127.0.0.1:0", "--domain", "chat.example.org",
		"--acme-directory", "https://127.0.0.1:1/")
	if !strings.HasPrefix(url, "https://chat.example.org:") {
		t.Fatalf("got %s", url)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(url, "https://"))
	client := func(name string) *http.Client {
		return &http.Client{Transport: &http.Transport{
			TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: name}, DisableKeepAlives: true,
		}}
	}
	get := func(name string) error {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://127.0.0.1:"+port+"/healthz", nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := client(name).Do(req)
		if err != nil {
			return err
		}
		return res.Body.Close()
	}
	if err := get("chat.example.org"); err != nil {
		t.Error(err)
	}
	if err := get("other.example.org"); err == nil {
		t.Error("a certificate for another name")
	}
}

// named returns a certificate for a name, signed by itself, as autocert keeps them, and the certificate alone.
func named(t *testing.T, name string) (kept string, leaf *x509.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{name}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().AddDate(0, 3, 0), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	if leaf, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	sec1, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	b := pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: sec1})
	return string(append(b, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)), leaf
}
