package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/gorilla/websocket"

	"github.com/parley-chat/parley/internal/certificate"
	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/admin"
	"github.com/parley-chat/parley/internal/wire"
)

// outcome is the result of one command.
type outcome struct {
	out, err string
	failure  error
}

func parleyd(t *testing.T, args ...string) outcome {
	t.Helper()
	return parleydIn(t, "", args...)
}

// parleydIn is parleyd with a standard input.
func parleydIn(t *testing.T, in string, args ...string) outcome {
	t.Helper()
	var out, errs bytes.Buffer
	failure := run(t.Context(), args, streams{strings.NewReader(in), &out, &errs})
	return outcome{out.String(), errs.String(), failure}
}

func (o outcome) ok(t *testing.T) string {
	t.Helper()
	if o.failure != nil {
		t.Fatalf("got %v, %s", o.failure, o.err)
	}
	return strings.TrimSpace(o.out)
}

// serve runs parleyd serve until the test ends, and returns the URL that tokens name.
func serve(t *testing.T, args ...string) (url string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := run(ctx, append([]string{"serve"}, args...), streams{strings.NewReader(""), w, t.Output()})
		_ = w.CloseWithError(err)
		done <- err
	}()
	stop = func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
		done <- nil
	}
	t.Cleanup(stop)
	b := make([]byte, 1024)
	n, err := r.Read(b)
	if err != nil {
		t.Fatalf("serve: %v", err)
	}
	go func() { _, _ = io.Copy(io.Discard, r) }() // until stop
	line := strings.TrimSpace(string(b[:n]))
	return line[strings.LastIndexByte(line, ' ')+1:], stop
}

// connect dials the token's server and returns the HTTP status, and the connection when it was upgraded.
func connect(t *testing.T, printed string) (*websocket.Conn, int) {
	t.Helper()
	tok, err := wire.ParseToken(printed)
	if err != nil {
		t.Fatalf("parse %q: %v", printed, err)
	}
	d := websocket.Dialer{Subprotocols: []string{wire.Subprotocol}, TLSClientConfig: &tls.Config{
		InsecureSkipVerify: tok.Pin != nil,
		VerifyConnection: func(cs tls.ConnectionState) error {
			if !bytes.Equal(wire.PinOf(cs.PeerCertificates[0]), tok.Pin) {
				return errors.New("the certificate is not the token's")
			}
			return nil
		},
	}}
	ws, res, err := d.DialContext(t.Context(), strings.Replace(tok.URL, "http", "ws", 1)+wire.ConnectPath,
		http.Header{"Authorization": {"Bearer " + printed}})
	if res == nil {
		t.Fatalf("dial: %v", err)
	}
	return ws, res.StatusCode
}

func TestRun_serve_and_administer(t *testing.T) {
	data := t.TempDir()
	url, stop := serve(t, "--data", data, "--addr", "127.0.0.1:0")
	token := parleyd(t, "user", "add", "alice", "--name", "Alice Martin", "--data", data).ok(t)
	if tok, err := wire.ParseToken(token); err != nil || tok.URL != url || tok.Address != "alice" || tok.Pin != nil {
		t.Fatalf("got %v, %v, want a token of alice for %s", tok, err, url)
	}
	ws, status := connect(t, token)
	if status != http.StatusSwitchingProtocols {
		t.Fatalf("connect: got %d, want 101", status)
	}
	defer func() { _ = ws.Close() }()

	// The same folder a second time.
	second := parleyd(t, "serve", "--data", data, "--addr", "127.0.0.1:0")
	if second.failure == nil || !strings.Contains(second.failure.Error(), "in use by another") {
		t.Errorf("second serve: got %v, want that the folder is in use", second.failure)
	}

	// A running server notices the changes of another process.
	parleyd(t, "token", "revoke", token, "--data", data).ok(t)
	_ = ws.SetReadDeadline(time.Now().Add(10 * time.Second))
	_, b, err := ws.ReadMessage()
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	if f, err := wire.DecodeServer(b); err != nil || f.GetGoodbye().GetStatus() != wire.ConnAuthFail {
		t.Errorf("got %v, %v, want a goodbye with AUTHFAIL", f, err)
	}
	if _, status := connect(t, token); status != http.StatusUnauthorized {
		t.Errorf("connect with a revoked token: got %d, want 401", status)
	}
	if list := parleyd(t, "token", "list", "--user", "ALICE", "--data", data).ok(t); !strings.Contains(list, "revoked") {
		t.Errorf("got %s, want a revoked token", list)
	}

	other := parleyd(t, "token", "new", "alice", "--label", "laptop", "--valid", "1h", "--data", data).ok(t)
	parleyd(t, "user", "disable", "alice", "--data", data).ok(t)
	if _, status := connect(t, other); status != http.StatusUnauthorized {
		t.Errorf("connect as a disabled user: got %d, want 401", status)
	}
	if list := parleyd(t, "user", "list", "--data", data).ok(t); !strings.Contains(list, "Alice Martin") ||
		!strings.Contains(list, "disabled") {
		t.Errorf("got %s, want Alice Martin, disabled", list)
	}
	parleyd(t, "user", "enable", "alice", "--data", data).ok(t)
	parleyd(t, "user", "suspend", "alice", "--for", "72h", "--reason", "insults", "--data", data).ok(t)
	if got := parleyd(t, "user", "list", "--data", data).ok(t); !strings.Contains(got, "suspended until ") {
		t.Errorf("got %s, want that alice is suspended", got)
	}
	parleyd(t, "user", "restore", "alice", "--data", data).ok(t)
	parleyd(t, "user", "rename", "alice", "Alice B.", "--data", data).ok(t)
	if _, status := connect(t, other); status != http.StatusSwitchingProtocols {
		t.Errorf("connect as an enabled user: got %d, want 101", status)
	}
	stop()
}

func TestRun_application_tokens(t *testing.T) {
	data := t.TempDir()
	url, _ := serve(t, "--data", data, "--addr", "127.0.0.1:0")
	token := parleyd(t, "apptoken", "new", "--label", "shop", "--data", data).ok(t)
	call := func() int {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+admin.Path,
			strings.NewReader(`{"op":"useradd","addr":"alice"}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		req.Close = true
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		return res.StatusCode
	}
	if got := call(); got != http.StatusOK {
		t.Errorf("got %d, want 200", got)
	}
	parleyd(t, "apptoken", "revoke", token, "--data", data).ok(t)
	if list := parleyd(t, "apptoken", "list", "--data", data).ok(t); !strings.Contains(list, "shop") ||
		!strings.Contains(list, "revoked") {
		t.Errorf("got %s, want a revoked token", list)
	}
	if got := call(); got != http.StatusUnauthorized {
		t.Errorf("got %d, want 401", got)
	}
	who := "shell " + shellUser()
	if list := parleyd(t, "audit", "--actor", who, "--data", data).ok(t); !strings.Contains(list, "apptoken.new") ||
		!strings.Contains(list, "apptoken.revoke") || strings.Contains(list, "user.add") {
		t.Errorf("audit: got %s, want the changes by %s", list, who)
	}
	if list := parleyd(t, "audit", "--since", "1h", "--data", data).ok(t); !strings.Contains(list, "apptoken shop") ||
		!strings.Contains(list, "user.add") {
		t.Errorf("audit: got %s, want the user that the application added", list)
	}
	scoped := parleyd(t, "apptoken", "new", "--scope", "groups", "--valid", "24h", "--data", data).ok(t)
	token = scoped
	if got := call(); got != http.StatusForbidden {
		t.Errorf("useradd with the scope groups: got %d, want 403", got)
	}
}

// The metrics have an address of their own; what a proxy says about addresses is believed where it is named.
func TestRun_serve_behind_a_proxy(t *testing.T) {
	data := t.TempDir()
	var out guarded
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, []string{
			"serve", "--data", data, "--addr", "127.0.0.1:0", "--metrics-addr", "127.0.0.1:0",
			"--trusted-proxies", "127.0.0.0/8,10.0.0.0/8",
		}, streams{strings.NewReader(""), &out, &out})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	metrics := out.find(t, `metrics at (\S+)`)
	url := out.find(t, `tokens name (\S+)`)
	get := func(url string) (int, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+wire.NewToken("http://"+req.Host, "alice", nil).String())
		req.Header.Set("X-Forwarded-For", "203.0.113.9, 192.0.2.44, 10.1.2.3")
		req.Close = true
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(body)
	}
	if code, body := get(metrics); code != http.StatusOK || !strings.Contains(body, "parley_connections 0") {
		t.Errorf("metrics: got %d, %.200s", code, body)
	}
	if code, _ := get(url + "/metrics"); code != http.StatusNotFound {
		t.Errorf("metrics at the clients' address: got %d, want 404", code)
	}
	if code, _ := get(url + wire.DevicesPath); code != http.StatusUnauthorized {
		t.Errorf("devices: got %d, want 401", code)
	}
	if got := out.find(t, `access refused" remote=([0-9.]+)`); got != "192.0.2.44" {
		t.Errorf("address of the client: got %s, want the last that is no proxy's", got)
	}
}

// guarded is a buffer that several goroutines write.
type guarded struct {
	mu   sync.Mutex
	text strings.Builder
	more chan struct{} // closed by the next write
}

func (g *guarded) Write(b []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.more != nil {
		close(g.more)
		g.more = nil
	}
	return g.text.Write(b)
}

// find waits for a part of the text and returns what the group of the pattern matches.
func (g *guarded) find(t *testing.T, pattern string) string {
	t.Helper()
	for {
		g.mu.Lock()
		found := regexp.MustCompile(pattern).FindStringSubmatch(g.text.String())
		if found == nil && g.more == nil {
			g.more = make(chan struct{})
		}
		more := g.more
		g.mu.Unlock()
		if found != nil {
			return found[1]
		}
		select {
		case <-more:
		case <-t.Context().Done():
			t.Fatalf("the output has no %s", pattern)
		}
	}
}

func TestRun_serve_with_its_own_certificate(t *testing.T) {
	data := t.TempDir()
	_, stop := serve(t, "--data", data, "--addr", "0.0.0.0:0", "--url", "https://127.0.0.1:1")
	stop()
	b, err := certificate.Own(data)
	if err != nil {
		t.Fatal(err)
	}
	if got := b.Leaf.NotAfter.Year() - time.Now().Year(); got != certificate.Years {
		t.Errorf("valid for %d years, want %d", got, certificate.Years)
	}
	if b.Leaf.PublicKeyAlgorithm != x509.ECDSA {
		t.Errorf("got %v, want ECDSA", b.Leaf.PublicKeyAlgorithm)
	}

	// The same certificate again, so that the pins of earlier tokens stay valid.
	url, _ := serve(t, "--data", data, "--addr", "127.0.0.1:0", "--tls-cert", data+"/"+certificate.FileName, "--tls-key",
		data+"/"+certificate.FileName)
	token := parleyd(t, "user", "add", "alice", "--data", data).ok(t)
	tok, err := wire.ParseToken(token)
	if err != nil || tok.URL != url || !strings.HasPrefix(url, "https://") {
		t.Fatalf("got %v, %v, want a token for %s", tok, err, url)
	}
	tok.Pin = wire.PinOf(b.Leaf)
	if _, status := connect(t, tok.String()); status != http.StatusSwitchingProtocols {
		t.Errorf("connect: got %d, want 101", status)
	}
}

func TestRun_errors(t *testing.T) {
	data := t.TempDir()
	for _, tc := range []struct {
		name  string
		args  []string
		usage bool
		want  string
	}{
		{"nothing", nil, true, "Usage: parleyd <command>"},
		{"unknown command", []string{"frobnicate"}, true, "unexpected argument frobnicate"},
		{"unknown flag", []string{"user", "list", "--frob"}, true, "unknown flag --frob"},
		{"missing argument", []string{"user", "add", "--data", data}, true, `expected "<address>"`},
		{"no url yet", []string{"user", "add", "alice", "--data", data}, false, "start the server first"},
		{
			"damaged url",
			[]string{"user", "add", "carol", "--server", "chat", "--data", data},
			false,
			"names no usable server",
		},
		{
			"no such user",
			[]string{"token", "new", "bob", "--server", "https://chat.example", "--data", data},
			false,
			"no such user",
		},
		{"no such token", []string{"token", "revoke", "abc", "--data", data}, false, "no such token"},
		{"bad address", []string{"user", "add", " x", "--data", data}, false, "white space"},
		{
			"half a certificate",
			[]string{"serve", "--data", data, "--addr", "127.0.0.1:0", "--tls-cert", "x"},
			false,
			"belong together",
		},
		{
			"half a webhook",
			[]string{"serve", "--data", data, "--addr", "127.0.0.1:0", "--webhook", "http://x"},
			false,
			"belong together",
		},
		{
			"no webhook",
			[]string{"serve", "--data", data, "--addr", "127.0.0.1:0", "--webhook", "x", "--webhook-secret", "y"},
			false, "not an http or https URL",
		},
		{"no secret", []string{
			"serve", "--data", data, "--addr", "127.0.0.1:0", "--webhook", "http://x", "--webhook-secret",
			data,
		}, false, "--webhook-secret"},
		{
			"unknown bucket",
			[]string{"serve", "--data", data, "--addr", "127.0.0.1:0", "--files", "ftp://x"},
			false,
			"--files",
		},
		{
			"missing bucket",
			[]string{"serve", "--data", data, "--addr", "127.0.0.1:0", "--files", "file:///no/such/folder"},
			false, "--files",
		},
		{"no size", []string{"serve", "--data", data, "--max-file", "0"}, true, "no number of bytes"},
		{"size too large", []string{"serve", "--data", data, "--quota", "9999999999T"}, true, "no number of bytes"},
		{"no such application token", []string{"apptoken", "revoke", "abc", "--data", data}, false, "no such token"},
		{"no public address", []string{"serve", "--data", t.TempDir(), "--addr", "0.0.0.0:0"}, false, "give --url"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := parleyd(t, tc.args...)
			if got.failure == nil || errors.Is(got.failure, errUsage) != tc.usage {
				t.Fatalf("got %v, want an error (usage: %v)", got.failure, tc.usage)
			}
			if said := got.err + got.failure.Error(); !strings.Contains(said, tc.want) {
				t.Errorf("got %q, want %q in it", said, tc.want)
			}
		})
	}
}

func TestRun_help(t *testing.T) {
	for _, args := range [][]string{
		{"help"}, {"--help"}, {"user", "--help"}, {"user", "add", "--help"}, {"serve", "-h"}, {"token", "revoke", "--help"},
	} {
		got := parleyd(t, args...)
		if got.failure != nil || !strings.Contains(got.out, "Usage: parleyd") || got.err != "" {
			t.Errorf("%v: got %v, %q, %q, want usage on the standard output", args, got.failure, got.out, got.err)
		}
	}
}

// TestRun_every_flag_has_help: whatever its text is from.
func TestRun_every_flag_has_help(t *testing.T) {
	var c cli
	parser, err := newParser(&c, streams{})
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	err = kong.Visit(parser.Model, func(node kong.Visitable, next kong.Next) error {
		switch node := node.(type) {
		case *kong.Flag:
			known[node.Name] = true
			if node.Help == "" {
				t.Errorf("--%s has no help", node.Name)
			}
		case *kong.Command:
			if node.Help == "" {
				t.Errorf("%s has no help", node.Path())
			}
		}
		return next(nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range flagHelp {
		if !known[name] {
			t.Errorf("there is no --%s", name)
		}
	}
}

// TestRun_secrets_from_standard_input: what is revoked need not be an argument, which other users can see.
func TestRun_secrets_from_standard_input(t *testing.T) {
	data := t.TempDir()
	token := parleyd(t, "user", "add", "alice", "--server", "https://chat.example", "--data", data).ok(t)
	parleydIn(t, token+"\n", "token", "revoke", "-", "--data", data).ok(t)
	if list := parleyd(t, "token", "list", "--data", data).ok(t); !strings.Contains(list, "revoked") {
		t.Errorf("got %s, want a revoked token", list)
	}
	app := parleyd(t, "apptoken", "new", "--data", data).ok(t)
	parleydIn(t, app, "apptoken", "revoke", "-", "--data", data).ok(t)
	if list := parleyd(t, "apptoken", "list", "--data", data).ok(t); !strings.Contains(list, "revoked") {
		t.Errorf("got %s, want a revoked token", list)
	}
	if got := parleydIn(t, "", "token", "revoke", "-", "--data", data); got.failure == nil {
		t.Error("an empty input revokes something")
	}
}

func TestRun_serve_remembers_its_name(t *testing.T) {
	data := t.TempDir()
	for _, tc := range []struct{ given, want string }{
		{"", "http://127.0.0.1:"},
		{"https://chat.example/", "https://chat.example"},
		{"", "https://chat.example"},
		{"https://192.0.2.7:8443", "https://192.0.2.7:8443"},
		{"", "http://127.0.0.1:"},
	} {
		args := []string{"--data", data, "--addr", "127.0.0.1:0"}
		if tc.given != "" {
			args = append(args, "--url", tc.given)
		}
		url, stop := serve(t, args...)
		stop()
		if !strings.HasPrefix(url, tc.want) {
			t.Errorf("--url %q: got %s, want %s", tc.given, url, tc.want)
		}
	}
}

func TestUser_ban(t *testing.T) {
	data := t.TempDir()
	parleyd(t, "user", "add", "alice", "--server", "http://h", "--data", data).ok(t)
	parleyd(t, "user", "ban", "alice", "--reason", "spam", "--data", data).ok(t)
	if got := parleyd(t, "user", "list", "--data", data).ok(t); !strings.Contains(got, "banned") {
		t.Errorf("got %s, want that alice is banned", got)
	}
	if got := parleyd(t, "token", "list", "--data", data).ok(t); !strings.Contains(got, "revoked") {
		t.Errorf("got %s, want that the token is revoked", got)
	}
}

func TestNotice(t *testing.T) {
	data := t.TempDir()
	parleyd(t, "user", "add", "alice", "--server", "http://h", "--data", data).ok(t)
	parleyd(t, "notice", "--user", "alice", "hello", "--data", data).ok(t)
	parleydIn(t, "to all", "notice", "--all", "-", "--data", data).ok(t)
	for _, args := range [][]string{{"hello"}, {"--user", "nobody", "hello"}, {"--user", "alice", "--all", "hello"}} {
		if o := parleyd(t, append(append([]string{"notice"}, args...), "--data", data)...); o.failure == nil {
			t.Errorf("%q: got no error", args)
		}
	}
	if got := parleyd(t, "audit", "--data", data).ok(t); !strings.Contains(got, "notice.new  alice") {
		t.Errorf("got %s, want that the notice is in the audit log", got)
	}
}

func TestReport(t *testing.T) {
	data := t.TempDir()
	parleyd(t, "user", "add", "alice", "--server", "http://h", "--data", data).ok(t)
	if got := parleyd(t, "report", "list", "--all", "--data", data).ok(t); !strings.HasPrefix(got, "ID ") {
		t.Errorf("got %s, want an empty list", got)
	}
	for _, args := range [][]string{{"show", "1"}, {"close", "1"}} {
		if o := parleyd(t, append(append([]string{"report"}, args...), "--data", data)...); !errors.Is(o.failure, accounts.ErrNoReport) {
			t.Errorf("%q: got %v, want ErrNoReport", args, o.failure)
		}
	}
}

// TestRun_token_lifetime: tokens have the lifetime with which the server was started, unless another one is asked for.
func TestRun_token_lifetime(t *testing.T) {
	data := t.TempDir()
	wants := func(label, state string) {
		t.Helper()
		list := parleyd(t, "token", "list", "--data", data).ok(t)
		if !regexp.MustCompile(`(?m)^\S+ +alice +` + label + ` *\S+ +` + state + `$`).MatchString(list) {
			t.Errorf("%q: got %s, want one %s", label, list, state)
		}
	}
	until := func(d time.Duration) string { return "until " + time.Now().Add(d).Format(time.DateOnly) }
	const day = 24 * time.Hour
	_, stop := serve(t, "--data", data, "--addr", "127.0.0.1:0", "--token-lifetime", "90d")
	parleyd(t, "user", "add", "alice", "--data", data).ok(t)
	wants("", until(90*day))
	parleyd(t, "token", "new", "alice", "--label", "bot", "--forever", "--data", data).ok(t)
	wants("bot", "valid")
	parleyd(t, "token", "new", "alice", "--label", "guest", "--valid", "24h", "--data", data).ok(t)
	wants("guest", until(day))
	stop()
	serve(t, "--data", data, "--addr", "127.0.0.1:0", "--token-lifetime", "0")
	parleyd(t, "token", "new", "alice", "--label", "later", "--data", data).ok(t)
	wants("later", "valid")
	for _, args := range [][]string{
		{"token", "new", "alice", "--forever", "--valid", "1h", "--data", data},
		{"serve", "--token-lifetime", "10m", "--data", data},
		{"serve", "--token-lifetime", "-1d", "--data", data},
	} {
		if got := parleyd(t, args...); !errors.Is(got.failure, errUsage) {
			t.Errorf("%v: got %v, want a usage error", args, got.failure)
		}
	}
}
