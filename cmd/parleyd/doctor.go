package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/files"
	"github.com/parley-chat/parley/internal/wire"
)

// errUnwell is returned by doctor after it has printed what is wrong.
var errUnwell = errors.New("something is wrong with the installation")

type doctorCmd struct {
	Addr   string `help:"Address that the server listens on, as for serve." default:"127.0.0.1:8080"`
	Domain string `hidden:"" help:"As for serve."`
}

// doctor prints what it finds.
type doctor struct {
	std    streams
	unwell bool
}

func (d *doctor) good(format string, args ...any) {
	_, _ = fmt.Fprintf(d.std.out, "ok       "+format+"\n", args...)
}

func (d *doctor) note(format string, args ...any) {
	_, _ = fmt.Fprintf(d.std.out, "note     "+format+"\n", args...)
}

func (d *doctor) bad(format string, args ...any) {
	d.unwell = true
	_, _ = fmt.Fprintf(d.std.out, "PROBLEM  "+format+"\n", args...)
}

// Run looks at everything and says all that is wrong, not only the first thing.
func (c *doctorCmd) Run(ctx context.Context, std streams, common *common) error {
	d := &doctor{std: std}
	d.versions()
	if d.folder(common.Data) {
		d.disk(common.Data)
		d.clock(common.Data)
		d.server(ctx, common.Data)
	}
	addr := c.Addr
	if c.Domain != "" && addr == defaultAddr {
		addr = ":443"
	}
	d.port(ctx, addr, c.Domain)
	if d.unwell {
		return errUnwell
	}
	return nil
}

// version returns that of this program.
func version() string {
	const unknown = "unknown"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return unknown
	}
	return cmp.Or(info.Main.Version, unknown)
}

func (d *doctor) versions() {
	d.good("parleyd %s, %s, %s/%s", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// folder reports whether there is a data folder to look into.
func (d *doctor) folder(dir string) bool {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.note("There is no data in %s yet. Start the server once, or give the folder with --data.", dir)
		return false
	case err != nil:
		d.bad("The data folder cannot be looked at: %v. Run this as the user of the server, such as with  sudo -u parleyd", err)
		return false
	case !info.IsDir():
		d.bad("%s is no folder. Give another one with --data.", dir)
		return false
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		d.bad("Other users of this machine can look into %s. Run:  chmod 700 %s", dir, dir)
	default:
		d.good("data folder %s", dir)
	}
	_, err = os.ReadDir(dir)
	if err != nil {
		d.bad("The data folder cannot be read: %v. Run this as the user of the server, such as with  sudo -u parleyd", err)
	}
	return err == nil
}

func (d *doctor) disk(dir string) {
	const few, enough = 256 << 20, 5 << 30
	free, err := files.FreeSpace(dir)
	switch {
	case err != nil:
		d.bad("It cannot be found out how much room the disk of %s has: %v.", dir, err)
	case free < few:
		d.bad("The disk of %s has %d MB left. The server stops taking messages soon: make room.", dir, free>>20)
	case free < enough:
		d.note("The disk of %s has %d MB left.", dir, free>>20)
	default:
		d.good("%d GB free on the disk", free>>30)
	}
}

// clock compares the clock with when the database was last written: a clock that has gone back expires messages wrongly.
func (d *doctor) clock(dir string) {
	released := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	now := time.Now()
	if now.Before(released) {
		d.bad("The clock says %s, which is in the past. Set it; on Debian:  apt install systemd-timesyncd", day(now))
		return
	}
	info, err := os.Stat(filepath.Join(dir, "parley.db"))
	if err == nil && info.ModTime().After(now.Add(time.Minute)) {
		d.bad("The data was written at %s, which is in the future. Set the clock of this machine.",
			info.ModTime().Format(time.DateTime))
		return
	}
	d.good("clock %s", now.Format(time.RFC3339))
}

// server looks at the address in tokens and the certificate there.
func (d *doctor) server(ctx context.Context, dir string) {
	var public string
	err := withAccounts(dir, false, func(a *server.Accounts) (err error) {
		public, err = a.PublicURL(ctx)
		return err
	})
	switch {
	case err != nil:
		d.bad("The database cannot be read: %v. Run  parleyd check", err)
		return
	case public == "":
		d.note("The server was not started yet, so tokens and invites cannot be made.")
		return
	}
	u, err := url.Parse(public)
	if err != nil {
		d.bad("The server's URL %q is not one. Give --url.", public)
		return
	}
	if ip := net.ParseIP(u.Hostname()); ip != nil && ip.IsLoopback() {
		d.note("Tokens name %s: only this machine reaches it. Give --domain or --url to be reached by others.", public)
		return
	}
	if net.ParseIP(u.Hostname()) == nil {
		addrs, err := net.DefaultResolver.LookupHost(ctx, u.Hostname())
		if err != nil {
			d.bad("The name %s is not known: %v. Add an A or AAAA record for it at your domain's DNS.", u.Hostname(), err)
			return
		}
		d.good("%s is %v", u.Hostname(), addrs)
	}
	if u.Scheme == "https" {
		d.certificate(ctx, u)
	}
}

func (d *doctor) certificate(ctx context.Context, u *url.URL) {
	const patience, soon = 10 * time.Second, 14 * 24 * time.Hour
	port := cmp.Or(u.Port(), "443")
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	dialer := tls.Dialer{Config: &tls.Config{
		ServerName: u.Hostname(), InsecureSkipVerify: true, //nolint:gosec // what is wrong with it is found out below
	}}
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		d.bad("%s is not reached from this machine: %v. Is the server started, and port %s open in the firewall?", u, err, port)
		return
	}
	defer func() { _ = conn.Close() }() // nothing was written
	secured, _ := conn.(*tls.Conn)
	chain := secured.ConnectionState().PeerCertificates
	left := time.Until(chain[0].NotAfter)
	switch {
	case left <= 0:
		d.bad("The certificate of %s expired on %s. Renew it.", u.Host, day(chain[0].NotAfter))
	case left < soon:
		d.bad("The certificate of %s expires on %s. Renew it.", u.Host, day(chain[0].NotAfter))
	default:
		d.good("certificate of %s until %s, key %x", u.Host, day(chain[0].NotAfter), wire.PinOf(chain[0])[:4])
	}
}

// port finds out whether the server answers, or could be started.
func (d *doctor) port(ctx context.Context, addr, name string) {
	_, failed := askHealth(ctx, addr, name)
	if failed == nil {
		d.good("the server on %s works", addr)
		return
	}
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	switch {
	case err == nil:
		_ = ln.Close() // nobody has connected
		d.note("No server runs on %s. Start it:  systemctl start parleyd  or  parleyd serve", addr)
	case errors.Is(err, fs.ErrPermission):
		d.bad("%s can be used by root alone. Use a port from 1024 on, or the service of the package.", addr)
	default:
		d.bad("Something uses %s that is no working parleyd: %v; %v.", addr, err, failed)
	}
}
