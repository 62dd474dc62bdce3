package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/parley-chat/parley/bench/pairs"
)

// ejabberd is ejabberd with its archive of messages in PostgreSQL.
type ejabberd struct {
	addr     string
	run      *process
	database postgres
}

const ejabberdConfig = `
hosts: [localhost]
loglevel: warning
listen:
  - {port: %[1]d, ip: "127.0.0.1", module: ejabberd_c2s, max_stanza_size: 262144}
auth_method: sql
auth_password_format: plain
sql_type: pgsql
sql_server: "127.0.0.1"
sql_port: %[2]s
sql_database: ejabberd
sql_username: postgres
default_db: sql
acl: {local: {user_regexp: ""}}
access_rules: {local: [{allow: local}], c2s: [{allow: all}]}
modules:
  mod_carboncopy: {}
  mod_disco: {}
  mod_mam: {default: always}
  mod_offline: {}
  mod_ping: {}
  mod_roster: {}
  mod_stream_mgmt: {}
`

func (e *ejabberd) start(ctx context.Context, dir string, n int) error {
	if err := e.database.start(ctx, filepath.Join(dir, "postgres")); err != nil {
		return err
	}
	if err := e.fill(ctx, n); err != nil {
		return err
	}
	port, err := e.configure(ctx, dir)
	if err != nil {
		return err
	}
	e.run, err = startProcess(dir, "ejabberd", []string{"HOME=" + dir}, "/usr/sbin/ejabberdctl",
		"--config-dir", dir, "--config", filepath.Join(dir, "ejabberd.yml"), "--ctl-config", filepath.Join(dir, "ejabberdctl.cfg"),
		"--spool", filepath.Join(dir, "spool"), "--logs", filepath.Join(dir, "log"), "foreground")
	if err != nil {
		return err
	}
	e.addr = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	if err := e.run.listens(ctx, e.addr); err != nil {
		log, _ := os.ReadFile(filepath.Join(dir, "log", "ejabberd.log"))
		return fmt.Errorf("%w: %s", err, strings.TrimSpace(lastLines(string(log), 10)))
	}
	return nil
}

// fill makes ejabberd's tables, and users.
func (e *ejabberd) fill(ctx context.Context, n int) error {
	schema, err := os.ReadFile("/usr/share/ejabberd/sql/pg.sql")
	if err != nil {
		return fmt.Errorf("ejabberd's schema: %w", err)
	}
	if err := e.database.sql(ctx, "postgres", "CREATE DATABASE ejabberd;"); err != nil {
		return err
	}
	if err := e.database.sql(ctx, "ejabberd", string(schema)); err != nil {
		return err
	}
	return e.database.sql(ctx, "ejabberd", fmt.Sprintf(
		"INSERT INTO users(username, password) SELECT 'user' || i, '%s' FROM generate_series(0, %d) i;", password, n-1))
}

// configure writes the settings, and returns the port for clients.
func (e *ejabberd) configure(ctx context.Context, dir string) (port int, err error) {
	if port, err = freePort(ctx); err != nil {
		return 0, err
	}
	between, err := freePort(ctx)
	if err != nil {
		return 0, err
	}
	if err := write(filepath.Join(dir, "ejabberd.yml"), fmt.Sprintf(ejabberdConfig, port, e.database.port)); err != nil {
		return 0, err
	}
	// With a port of its own, Erlang starts no daemon that stays.
	control := fmt.Sprintf("ERLANG_NODE=bench%d@localhost\nINET_DIST_INTERFACE=127.0.0.1\nERL_DIST_PORT=%d\n", port, between)
	if err := write(filepath.Join(dir, "ejabberdctl.cfg"), control); err != nil {
		return 0, err
	}
	for _, folder := range []string{"spool", "log"} {
		if err := os.Mkdir(filepath.Join(dir, folder), 0o755); err != nil {
			return 0, fmt.Errorf("make a folder: %w", err)
		}
	}
	if os.Geteuid() != 0 {
		return port, nil
	}
	for _, name := range []string{".", "spool", "log", "ejabberd.yml", "ejabberdctl.cfg"} {
		if err := command(ctx, dir, "", "", "chown", "ejabberd:", name); err != nil {
			return 0, err
		}
	}
	return port, nil
}

func (e *ejabberd) processes() []int {
	return []int{e.run.cmd.Process.Pid, e.database.run.cmd.Process.Pid}
}

func (e *ejabberd) link(ctx context.Context, from, to int, text string) (pairs.Link, error) {
	return newXMPPLink(ctx, e.addr, from, to, text)
}

func (e *ejabberd) online(ctx context.Context, i int) (func(), error) {
	return xmppOnline(ctx, e.addr, i)
}

func (e *ejabberd) stop() (err error) {
	if e.run != nil {
		err = e.run.stopAll() // ejabberdctl leaves Erlang running
	}
	return errors.Join(err, stop(e.database.run))
}
