package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/devices"
)

// defaultAddr is that of serveCmd.
const defaultAddr = "127.0.0.1:8080"

// serveCmd are the flags of parleyd serve.
type serveCmd struct {
	Addr           string `default:"127.0.0.1:8080"`
	URL            string `name:"url"`
	LogLevel       slog.Level
	SendRate       float64
	BackendRate    float64
	Retract        time.Duration
	Webhook        string
	WebhookSecret  string
	MaxConnections int
	MaxPerAddress  int
	MetricsAddr    string
	Traces         string
	TrustedProxies []netip.Prefix
	ProxyProtocol  bool
	Files          string
	MaxFile        byteCount
	Quota          byteCount

	MessageRequests bool `default:"true" negatable:""`

	AdminPage bool

	Directory accounts.Listing `enum:"all,contacts,exact" default:"all"`

	Invites devices.Inviters `enum:"nobody,admins,members" default:"admins"`

	TokenLifetime lifetime

	tlsFlags
	keepFlags `group:"How long messages are kept:"`
	turnFlags `group:"Calls between devices that do not reach each other:"`
	sfuFlags  `group:"Calls of groups:"`
}

// Run runs the server.
func (f *serveCmd) Run(ctx context.Context, std streams, common *common, again parseAgain, k *kong.Context) (err error) {
	log, level := newLog(std.err, f.LogLevel)
	secret, err := f.secret()
	if err != nil {
		return err
	}
	relay, turn, err := f.turnFlags.options()
	if err != nil {
		return err
	}
	files, err := openBucket(ctx, f.Files)
	if err != nil {
		return err
	}
	if files != nil {
		defer func() { err = errors.Join(err, files.Close()) }()
	}
	spans, err := openTraces(ctx, f.Traces, log)
	if err != nil {
		return err
	}
	defer spans.stop()
	ln, err := f.listen(ctx)
	if err != nil {
		return err
	}
	crypt, err := f.transport(common.Data, ln.Addr())
	if err != nil {
		_ = ln.Close()
		return err
	}
	sfu, err := f.sfuFlags.options(ln.Addr(), relay)
	if err != nil {
		_ = ln.Close()
		return err
	}
	opts := f.options(common.Data, crypt)
	opts.Logger, opts.Traces, opts.WebhookSecret = log, spans.provider, secret
	opts.Relay, opts.TURN, opts.SFU = relay, turn, sfu
	if files != nil {
		opts.Bucket = files
	}
	if opts.PublicURL, err = f.publicURL(ctx, common.Data, ln.Addr(), crypt.conf != nil); err != nil {
		_ = ln.Close()
		return err
	}
	srv, err := server.Open(ctx, opts)
	if err != nil {
		_ = ln.Close()
		return fmt.Errorf("%s: %w", common.Data, err)
	}
	if err := announce(context.WithoutCancel(ctx), srv, ln.Addr(), opts.PublicURL, std); err != nil {
		_ = ln.Close()
		return errors.Join(err, srv.Close())
	}
	r := reloader{
		flags: f, settings: settingsOf(k.Model), again: again, level: level, transport: crypt, log: log, config: common.Config,
		limit: srv.SetLimits,
		renew: func(pin []byte) error { return srv.SetPublicURL(context.WithoutCancel(ctx), opts.PublicURL, pin) },
	}
	stop, err := r.start(ctx)
	if err != nil {
		_ = ln.Close()
		return errors.Join(err, srv.Close())
	}
	defer stop()
	return srv.Serve(ctx, ln)
}

// newLog returns a logger to w, whose level can be changed.
func newLog(w io.Writer, l slog.Level) (*slog.Logger, *slog.LevelVar) {
	level := new(slog.LevelVar)
	level.Set(l)
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level})), level
}

// options returns those that the flags alone say.
func (f *serveCmd) options(dir string, crypt *transport) server.Options {
	opts := f.limits()
	opts.Dir, opts.TLS, opts.Pin = dir, crypt.conf, crypt.pin
	opts.MetricsAddr, opts.TrustedProxies, opts.ProxyProtocol = f.MetricsAddr, f.TrustedProxies, f.ProxyProtocol
	opts.WebhookURL, opts.Directory = f.Webhook, f.Directory
	opts.AdminPage, opts.MessageRequests, opts.TokenLifetime = f.AdminPage, f.MessageRequests, time.Duration(f.TokenLifetime)
	return opts
}

// limits returns the options that a running server can change.
func (f *serveCmd) limits() server.Options {
	return server.Options{
		SendRate: f.SendRate, SendBurst: int(10 * f.SendRate), BackendRate: f.BackendRate,
		MaxConnections: f.MaxConnections, MaxPerAddress: f.MaxPerAddress, MaxFile: int64(f.MaxFile), Quota: int64(f.Quota),
		RetractWindow: f.Retract, Retention: f.retention(), Inviters: f.Invites,
	}
}

// Validate implements kong.Validatable.
func (f *serveCmd) Validate() error {
	for _, l := range []struct {
		name  string
		value float64
	}{
		{"send-rate", f.SendRate},
		{"backend-rate", f.BackendRate},
		{"max-connections", float64(f.MaxConnections)},
		{"max-per-address", float64(f.MaxPerAddress)},
	} {
		if !(l.value >= 0) || math.IsInf(l.value, 1) {
			return fmt.Errorf("--%s: %v is no limit", l.name, l.value)
		}
	}
	return nil
}

// check refuses what the next start would refuse, as far as that can be known before.
func (f *serveCmd) check() error {
	_, err := f.secret()
	_, _, turn := f.turnFlags.options()
	return cmp.Or(err, turn, f.tlsFlags.check())
}

// listen listens at the address, which is that of HTTPS where a domain but no address was named.
func (f *serveCmd) listen(ctx context.Context) (net.Listener, error) {
	addr := f.Addr
	if f.Domain != "" && addr == defaultAddr {
		addr = ":443"
	}
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	return ln, nil
}

// announce prints where the server is, and on the first start an invite.
func announce(ctx context.Context, srv *server.Server, addr net.Addr, url string, std streams) error {
	_, _ = fmt.Fprintf(std.out, "listening on %s, tokens name %s\n", addr, url)
	if metrics := srv.MetricsAddr(); metrics != nil {
		_, _ = fmt.Fprintf(std.out, "metrics at http://%s/metrics\n", metrics)
	}
	return firstInvite(ctx, srv, std)
}

// secret reads the secret that signs the webhook's requests. It is in a file because flags are visible to every user of
// the machine.
func (f *serveCmd) secret() (string, error) {
	if (f.Webhook == "") != (f.WebhookSecret == "") {
		return "", errors.New("--webhook and --webhook-secret belong together")
	}
	if f.Webhook == "" {
		return "", nil
	}
	if u, err := url.Parse(f.Webhook); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return "", fmt.Errorf("--webhook: %q is not an http or https URL", f.Webhook)
	}
	return readSecret("--webhook-secret", f.WebhookSecret)
}

// readSecret reads the secret in a file that a flag names.
func readSecret(name, file string) (string, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	secret := strings.TrimSpace(string(b))
	if secret == "" {
		return "", fmt.Errorf("%s: %s is empty", name, file)
	}
	return secret, nil
}

// publicURL returns the given URL; else the host name of an earlier start; else the address listened on.
func (f *serveCmd) publicURL(ctx context.Context, dir string, addr net.Addr, secure bool) (string, error) {
	if f.URL != "" {
		return strings.TrimSuffix(f.URL, "/"), nil
	}
	if f.Domain != "" {
		if tcp, ok := addr.(*net.TCPAddr); ok && tcp.Port != 443 {
			return "https://" + net.JoinHostPort(f.Domain, strconv.Itoa(tcp.Port)), nil
		}
		return "https://" + f.Domain, nil
	}
	accounts, err := server.OpenAccounts(dir)
	if err != nil {
		return "", fmt.Errorf("%s: %w", dir, err)
	}
	saved, err := accounts.PublicURL(ctx)
	if err := errors.Join(err, accounts.Close()); err != nil {
		return "", fmt.Errorf("%s: %w", dir, err)
	}
	if u, err := url.Parse(saved); err == nil && u.Hostname() != "" && net.ParseIP(u.Hostname()) == nil {
		return saved, nil
	}
	if tcp, ok := addr.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return "", errors.New("give --url, the address that clients reach this server at")
	}
	scheme := "http"
	if secure {
		scheme = "https"
	}
	return scheme + "://" + addr.String(), nil
}
