package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
)

// postgres is a PostgreSQL with its usual settings, so that it answers a commit when that is on the disk.
type postgres struct {
	port string
	dir  string
	bin  string
	run  *process
}

const databaseUser = "postgres"

func (p *postgres) start(ctx context.Context, dir string) error {
	p.dir = dir
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil || len(found) == 0 {
		return errors.Join(errors.New("PostgreSQL is not installed"), err)
	}
	p.bin = filepath.Dir(found[len(found)-1])
	if err := os.Mkdir(dir, 0o755); err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	if err := chown(ctx, dir, databaseUser); err != nil {
		return err
	}
	data := filepath.Join(dir, "data")
	if err := command(ctx, dir, databaseUser, "",
		p.bin+"/initdb", "-D", data, "-A", "trust", "-U", databaseUser, "-E", "UTF8", "--no-instructions"); err != nil {
		return err
	}
	port, err := freePort(ctx)
	if err != nil {
		return err
	}
	p.port = strconv.Itoa(port)
	p.run, err = startProcess(dir, databaseUser, nil, p.bin+"/postgres",
		"-D", data, "-k", dir, "-p", p.port, "-c", "listen_addresses=127.0.0.1")
	if err != nil {
		return err
	}
	return p.run.listens(ctx, net.JoinHostPort("127.0.0.1", p.port))
}

// sql runs statements.
func (p *postgres) sql(ctx context.Context, database, statements string) error {
	return command(ctx, p.dir, databaseUser, statements, p.bin+"/psql", "-X", "-q", "-v", "ON_ERROR_STOP=1",
		"-h", "127.0.0.1", "-p", p.port, "-U", databaseUser, "-d", database)
}
