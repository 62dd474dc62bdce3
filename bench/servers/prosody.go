package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"

	"github.com/parley-chat/parley/bench/pairs"
)

// prosody is Prosody with its archive of messages in files.
type prosody struct {
	addr string
	run  *process
}

const prosodyConfig = `
pidfile = "%[1]s/prosody.pid"
data_path = "%[1]s/data"
daemonize = false
interfaces = { "127.0.0.1" }
c2s_ports = { %[2]d }
s2s_ports = { }
allow_unencrypted_plain_auth = true
c2s_require_encryption = false
modules_enabled = { "roster", "saslauth", "disco", "private", "blocklist", "ping", "carbons", "smacks", "mam", "offline" }
modules_disabled = { "s2s", "tls" }
default_archive_policy = true
authentication = "internal_plain"
storage = "internal"
log = { warn = "*console" }
VirtualHost "localhost"
`

func (p *prosody) start(ctx context.Context, dir string, n int) error {
	port, err := freePort(ctx)
	if err != nil {
		return err
	}
	// As "prosodyctl register" writes it, which takes a third of a second for each.
	accounts := filepath.Join(dir, "data", host, "accounts")
	if err := os.MkdirAll(accounts, 0o755); err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	for i := range n {
		account := fmt.Sprintf("return {\n\t[%q] = %q;\n};\n", "password", password)
		if err := write(filepath.Join(accounts, user(i)+".dat"), account); err != nil {
			return err
		}
	}
	config := filepath.Join(dir, "prosody.cfg.lua")
	if err := write(config, fmt.Sprintf(prosodyConfig, dir, port)); err != nil {
		return err
	}
	if err := chown(ctx, dir, "prosody"); err != nil {
		return err
	}
	if p.run, err = startProcess(dir, "prosody", nil, "/usr/bin/prosody", "-F", "--config", config); err != nil {
		return err
	}
	p.addr = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	return p.run.listens(ctx, p.addr)
}

// write writes a file that every user may read.
func write(name, text string) error {
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// chown makes a folder that of the user, where root calls it.
func chown(ctx context.Context, dir, user string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	return command(ctx, dir, "", "", "chown", "-R", user+":", dir)
}

func (p *prosody) processes() []int { return []int{p.run.cmd.Process.Pid} }

func (p *prosody) link(ctx context.Context, from, to int, text string) (pairs.Link, error) {
	return newXMPPLink(ctx, p.addr, from, to, text)
}

func (p *prosody) online(ctx context.Context, i int) (func(), error) {
	return xmppOnline(ctx, p.addr, i)
}

func (p *prosody) stop() error { return stop(p.run) }

// stop stops a process that was perhaps not started.
func stop(p *process) error {
	if p == nil {
		return nil
	}
	return p.stop()
}
