package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/archive"
	"github.com/parley-chat/parley/internal/dirlock"
	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/backup"
	"github.com/parley-chat/parley/internal/wire"
)

// importCmd moves the server of a desktop app to this one.
type importCmd struct {
	Source     string `arg:"" help:"Folder of Parley's data (or a copy of it), or a backup that Parley has written."`
	Passphrase string `help:"FILE with the passphrase of the backup; default: it is read from the standard input." placeholder:"FILE"`
}

// Run runs the command.
func (c *importCmd) Run(ctx context.Context, std streams, common *common) (err error) {
	info, err := os.Stat(c.Source)
	if err != nil {
		return err
	}
	from, renew := c.Source, !info.IsDir()
	if renew {
		if from, err = os.MkdirTemp("", "parley-import-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(from)) }()
		if err := c.unpack(ctx, std, from); err != nil {
			return err
		}
	}
	if inner := filepath.Join(from, serverFolder); isDir(inner) {
		from = inner
	}
	m, err := backup.Import(ctx, from, common.Data, renew, time.Now())
	if errors.Is(err, dirlock.ErrInUse) {
		return fmt.Errorf("%w: close Parley, or let it move (Settings, Account, Move to a server), and try again", err)
	}
	if err != nil {
		return err
	}
	if !renew { // Parley must not run it again
		if err := backup.SetMoved(from, true); err != nil {
			return err
		}
	}
	if err := (&checkCmd{}).Run(ctx, streams{in: std.in, out: io.Discard, err: std.err}, common); err != nil {
		return fmt.Errorf("%w: see parleyd check", err)
	}
	_, _ = fmt.Fprintf(std.out, `%d files with %s are in %s now, and checked.
Start the server with the address that devices reach it at, and then run
    parleyd address
In Parley choose Settings, Account, Server address, and enter what it prints.
`, len(m.Entries), bytesText(m.Size()), common.Data)
	return nil
}

// serverFolder is where the desktop app has its server.
const serverFolder = "server"

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// unpack unpacks the server of a backup.
func (c *importCmd) unpack(ctx context.Context, std streams, to string) error {
	word, err := c.passphrase(std)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(to)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }() // what matters is synced by Import
	return archive.Read(ctx, c.Source, word, nil, func(m archive.Manifest) error {
		if !m.Account.Local {
			return fmt.Errorf("the backup is of an account at %s, and has no server in it", m.Account.Server)
		}
		return nil
	}, func(e *archive.Entry) error {
		if !strings.HasPrefix(e.Name, serverFolder+"/") {
			return nil
		}
		name := filepath.FromSlash(e.Name)
		if err := root.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			return err
		}
		f, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		_, err = io.Copy(f, e)
		return errors.Join(err, f.Close())
	})
}

func (c *importCmd) passphrase(std streams) (string, error) {
	if c.Passphrase != "" {
		return readSecret("--passphrase", c.Passphrase)
	}
	_, _ = fmt.Fprintln(std.err, "Passphrase of the backup:")
	return secretWord("-", std)
}

// addressCmd prints where devices reach the server.
type addressCmd struct{}

// Run runs the command.
func (*addressCmd) Run(ctx context.Context, std streams, common *common) error {
	return withAccounts(common.Data, false, func(a *server.Accounts) error {
		url, pin, err := a.Server(ctx)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintln(std.out, wire.ServerText(url, pin))
		return nil
	})
}
