package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/backup"
)

type backupCmd struct {
	Dest string `arg:"" help:"The new folder."`
}

// Run runs the command.
func (c *backupCmd) Run(ctx context.Context, std streams, common *common) error {
	m, err := backup.Create(ctx, common.Data, c.Dest, time.Now())
	if err != nil {
		return err
	}
	err = withAccounts(common.Data, false, func(a *server.Accounts) error { return a.NoteBackup(ctx, m.Made) })
	if err != nil {
		_, _ = fmt.Fprintf(std.err, "the backup is complete, but the server does not know of it: %v\n", err)
	}
	_, _ = fmt.Fprintf(std.out, "%s has %d files with %s, all of them read back\n", c.Dest, len(m.Entries), bytesText(m.Size()))
	if n := len(m.Missing); n > 0 {
		_, _ = fmt.Fprintf(std.out, "without the content of %d files, which are not in %s: in a bucket?\n", n, common.Data)
	}
	return nil
}

type restoreCmd struct {
	Source string `arg:"" help:"The folder of the backup."`
}

// Run runs the command.
func (c *restoreCmd) Run(ctx context.Context, std streams, common *common) error {
	m, kept, err := backup.Restore(ctx, c.Source, common.Data, time.Now())
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(std.out, "%s is as it was at %s\n", common.Data, m.Made.Local().Format(time.DateTime))
	if kept != "" {
		_, _ = fmt.Fprintf(std.out, "the database that was there is in %s\n", filepath.Base(kept))
	}
	_, _ = fmt.Fprintln(std.out, "tokens that were revoked since are valid again: see parleyd token list")
	return nil
}

type checkCmd struct {
	Full   bool   `help:"Reads the indexes as well, which takes longer."`
	Folder string `arg:"" optional:"" help:"Folder to look at, such as a backup; default: the data folder."`
}

var errProblems = errors.New("the data is not as it should be")

// Run runs the command.
func (c *checkCmd) Run(ctx context.Context, std streams, common *common) error {
	dir := c.Folder
	if dir == "" {
		dir = common.Data
	}
	problems, err := backup.Check(ctx, dir, c.Full)
	if err != nil {
		return err
	}
	for _, p := range problems {
		_, _ = fmt.Fprintln(std.out, p.Text)
		if !p.Lesser {
			err = errProblems
		}
	}
	if err == nil {
		_, _ = fmt.Fprintln(std.out, "ok")
	}
	return err
}

type compactCmd struct{}

// Run runs the command.
func (*compactCmd) Run(ctx context.Context, std streams, common *common) error {
	before, after, err := backup.Compact(ctx, common.Data)
	if err == nil {
		_, _ = fmt.Fprintf(std.out, "%s before, %s now\n", bytesText(before), bytesText(after))
	}
	return err
}

func bytesText(n int64) string {
	const unit = 1000
	if n < unit*unit {
		return fmt.Sprintf("%d kB", (n+unit-1)/unit)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/(unit*unit))
}
