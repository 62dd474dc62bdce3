package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/backup"
)

type userExport struct {
	Address string `arg:"" help:"Address of the user."`
	Dest    string `arg:"" help:"The new folder."`
}

// Run runs the command.
func (c *userExport) Run(ctx context.Context, std streams, common *common) error {
	x, err := backup.ExportUser(ctx, common.Data, c.Address, c.Dest)
	if err == nil {
		_, _ = fmt.Fprintf(std.out, "%s has %d messages and %d files of %s\n", c.Dest, x.Messages, len(x.Files), x.Address)
	}
	return err
}

type userErase struct {
	Address    string `arg:"" help:"Address of the user."`
	Everywhere bool   `help:"Also what others have received: their devices remove it as well."`
	Yes        bool   `help:"Confirms it."`
}

var errNotConfirmed = errors.New("nothing can be brought back afterwards: make a backup or an export, and add --yes")

// Run runs the command.
func (c *userErase) Run(ctx context.Context, std streams, common *common) error {
	if !c.Yes {
		return errNotConfirmed
	}
	done, err := server.EraseUser(ctx, common.Data, c.Address, c.Everywhere)
	switch {
	case err != nil:
		return err
	case done:
		_, _ = fmt.Fprintf(std.out, "%s is erased; the address stays reserved\n", c.Address)
	default:
		_, _ = fmt.Fprintf(std.out, "%s cannot sign in any more; the running server removes the rest within a minute\n", c.Address)
	}
	return nil
}
