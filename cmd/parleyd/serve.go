package main

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/wire"
)

// serveFlags are the flags of parleyd serve.
type serveFlags struct {
	data, addr, url, cert, key, level string
	webhook, webhookSecret            string
	retract                           time.Duration
	sendRate, backendRate             float64
	maxConnections, maxPerAddress     int
	files                             string
	maxFile, quota                    bytesFlag
	turn                              turnFlags
	sfu                               sfuFlags
}

func serveCommand() command {
	return command{
		name:  "serve",
		about: "Runs the server until it is interrupted.",
		setup: func(fs *flag.FlagSet, std streams) action {
			var f serveFlags
			data := dataFlag(fs)
			fs.StringVar(&f.addr, "addr", "127.0.0.1:8080", "`address` to listen on; with TLS unless it is a loopback address")
			fs.StringVar(&f.url, "url", "", "`URL` in new tokens; default: the one of the last start, else --addr")
			fs.StringVar(&f.cert, "tls-cert", "", "certificate `file` (PEM); default: a self-signed one, pinned in tokens")
			fs.StringVar(&f.key, "tls-key", "", "key `file` (PEM) of the certificate")
			fs.StringVar(&f.level, "log-level", "info", "debug, info, warn or error")
			fs.Float64Var(&f.sendRate, "send-rate", 0, "messages per second of one user; more have to wait (default 200)")
			fs.Float64Var(&f.backendRate, "backend-rate", 0, "requests of the backend API per second (default 200)")
			fs.DurationVar(&f.retract, "retract", 0,
				"maximum `age` of a message that is recalled or edited; negative: any age (default 48h)")
			fs.StringVar(&f.webhook, "webhook", "", "`URL` that receives a POST for messages to users who are not connected")
			fs.StringVar(&f.webhookSecret, "webhook-secret", "", "`file` with the secret that signs the webhook's requests")
			fs.IntVar(&f.maxConnections, "max-connections", 0, "connections in all (default 100000)")
			fs.IntVar(&f.maxPerAddress, "max-per-address", 0, "connections of one remote address (default 20000)")
			fs.StringVar(&f.files, "files", "",
				"`URL` of the bucket for files: s3://, gs://, azblob:// or file:///; default: in the data folder")
			fs.Var(&f.maxFile, "max-file", "largest file in `bytes`, such as 500M (default 4G)")
			fs.Var(&f.quota, "quota", "limit in `bytes` for all files of one user, such as 500M (default 20G)")
			f.turn.define(fs)
			f.sfu.define(fs)
			return func(ctx context.Context, _ []string) error {
				f.data = *data
				return f.serve(ctx, std)
			}
		},
	}
}

func (f *serveFlags) serve(ctx context.Context, std streams) (err error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(f.level)); err != nil {
		return fmt.Errorf("--log-level: %w", err)
	}
	log := slog.New(slog.NewTextHandler(std.err, &slog.HandlerOptions{Level: level}))
	secret, err := f.secret()
	if err != nil {
		return err
	}
	relay, turn, err := f.turn.options()
	if err != nil {
		return err
	}
	files, err := openBucket(ctx, f.files)
	if err != nil {
		return err
	}
	if files != nil {
		defer func() { err = errors.Join(err, files.Close()) }()
	}
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", f.addr)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	conf, pin, err := f.transport(ln.Addr())
	if err != nil {
		_ = ln.Close()
		return err
	}
	sfu, err := f.sfu.options(ln.Addr(), relay)
	if err != nil {
		_ = ln.Close()
		return err
	}
	opts := server.Options{
		Dir: f.data, Logger: log, TLS: conf, Pin: pin, SendRate: f.sendRate, SendBurst: int(10 * f.sendRate),
		MaxConnections: f.maxConnections, MaxPerAddress: f.maxPerAddress,
		RetractWindow: f.retract, BackendRate: f.backendRate, WebhookURL: f.webhook, WebhookSecret: secret,
		MaxFile: int64(f.maxFile), Quota: int64(f.quota), Relay: relay, TURN: turn, SFU: sfu,
	}
	if files != nil {
		opts.Bucket = files
	}
	if opts.PublicURL, err = f.publicURL(ctx, ln.Addr(), conf != nil); err != nil {
		_ = ln.Close()
		return err
	}
	srv, err := server.Open(ctx, opts)
	if err != nil {
		_ = ln.Close()
		return fmt.Errorf("%s: %w", f.data, err)
	}
	_, _ = fmt.Fprintf(std.out, "listening on %s, tokens name %s\n", ln.Addr(), opts.PublicURL)
	return srv.Serve(ctx, ln)
}

// secret reads the secret that signs the webhook's requests. It is in a file because flags are visible to every user of
// the machine.
func (f *serveFlags) secret() (string, error) {
	if (f.webhook == "") != (f.webhookSecret == "") {
		return "", errors.New("--webhook and --webhook-secret belong together")
	}
	if f.webhook == "" {
		return "", nil
	}
	if u, err := url.Parse(f.webhook); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return "", fmt.Errorf("--webhook: %q is not an http or https URL", f.webhook)
	}
	return readSecret("--webhook-secret", f.webhookSecret)
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

// transport chooses TLS: with the given certificate, none on a loopback address, otherwise with a self-signed one.
func (f *serveFlags) transport(addr net.Addr) (conf *tls.Config, pin []byte, err error) {
	if (f.cert == "") != (f.key == "") {
		return nil, nil, errors.New("--tls-cert and --tls-key belong together")
	}
	if f.cert != "" {
		cert, err := tls.LoadX509KeyPair(f.cert, f.key)
		if err != nil {
			return nil, nil, fmt.Errorf("certificate: %w", err)
		}
		return tlsConfig(cert), nil, nil
	}
	if tcp, ok := addr.(*net.TCPAddr); ok && tcp.IP.IsLoopback() {
		return nil, nil, nil
	}
	cert, err := ownCertificate(f.data)
	if err != nil {
		return nil, nil, err
	}
	return tlsConfig(cert), wire.PinOf(cert.Leaf), nil
}

// publicURL returns the given URL; else the host name of an earlier start; else the address listened on.
func (f *serveFlags) publicURL(ctx context.Context, addr net.Addr, secure bool) (string, error) {
	if f.url != "" {
		return strings.TrimSuffix(f.url, "/"), nil
	}
	accounts, err := server.OpenAccounts(f.data)
	if err != nil {
		return "", fmt.Errorf("%s: %w", f.data, err)
	}
	saved, err := accounts.PublicURL(ctx)
	if err := errors.Join(err, accounts.Close()); err != nil {
		return "", fmt.Errorf("%s: %w", f.data, err)
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
