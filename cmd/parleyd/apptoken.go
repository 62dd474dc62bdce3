package main

import (
	"context"
	"flag"
	"fmt"
	"text/tabwriter"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/accounts"
)

func appTokenCommands() []command {
	return []command{
		{
			name: "new", about: "Creates an application token and prints it. Keep it on your own servers.",
			setup: appTokenNew,
		},
		{name: "list", about: "Lists application tokens, without their secrets.", setup: appTokenList},
		{
			name: "revoke", args: "TOKEN", about: "Revokes an application token; TOKEN is the token or its id.",
			setup: appTokenRevoke,
		},
	}
}

func appTokenNew(fs *flag.FlagSet, std streams) action {
	data := dataFlag(fs)
	label := fs.String("label", "", "`text` that says what it is for")
	return func(ctx context.Context, _ []string) error {
		return withAccounts(*data, false, func(a *server.Accounts) error {
			t, err := a.NewAppToken(ctx, *label)
			if err != nil {
				return err
			}
			_, _ = fmt.Fprintln(std.out, t)
			return nil
		})
	}
}

func appTokenList(fs *flag.FlagSet, std streams) action {
	data := dataFlag(fs)
	return func(ctx context.Context, _ []string) error {
		return withAccounts(*data, false, func(a *server.Accounts) error {
			tokens, err := a.AppTokens(ctx)
			if err != nil {
				return err
			}
			tw := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
			_, _ = fmt.Fprintln(tw, "ID\tLABEL\tSINCE\tSTATE")
			for _, t := range tokens {
				state := "valid"
				if t.Revoked {
					state = "revoked"
				}
				_, _ = fmt.Fprintf(tw, "%s\t%s\t%s\t%s\n", t.ID, t.Label, day(t.Created), state)
			}
			return tw.Flush()
		})
	}
}

func appTokenRevoke(fs *flag.FlagSet, _ streams) action {
	data := dataFlag(fs)
	return func(ctx context.Context, args []string) error {
		return withAccounts(*data, false, func(a *server.Accounts) error {
			return a.RevokeAppToken(ctx, accounts.AppTokenID(args[0]))
		})
	}
}
