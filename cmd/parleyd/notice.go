package main

import (
	"context"

	"github.com/parley-chat/parley/internal/server"
)

type noticeCmd struct {
	User string `help:"Address of the user." placeholder:"ADDRESS" xor:"to" required:""`
	All  bool   `help:"All users." xor:"to" required:""`
	Text string `arg:"" help:"What they read, or - to read it from the standard input."`
}

// Run runs the command.
func (c *noticeCmd) Run(ctx context.Context, std streams, common *common) error {
	text, err := wholeText(c.Text, std)
	if err != nil {
		return err
	}
	return withAccounts(common.Data, false, func(a *server.Accounts) error { return a.AddNotice(ctx, c.User, text) })
}
