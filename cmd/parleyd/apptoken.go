package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/accounts"
)

type appTokenCmd struct {
	New    appTokenNew    `cmd:"" help:"Creates an application token and prints it. Keep it on your own servers."`
	List   appTokenList   `cmd:"" help:"Lists application tokens, without their secrets."`
	Revoke appTokenRevoke `cmd:"" help:"Revokes an application token."`
}

type appTokenNew struct {
	Label string           `help:"Text that says what it is for."`
	Scope []accounts.Scope `help:"What it permits: users, groups, messages, moderation, notices, reports, server (default: everything)." placeholder:"SCOPE"`
	Valid time.Duration    `help:"Duration for which it is valid, such as 2160h (default forever)."`
}

// Run runs the command.
func (c *appTokenNew) Run(ctx context.Context, std streams, common *common) error {
	return withAccounts(common.Data, false, func(a *server.Accounts) error {
		opts := accounts.AppTokenOptions{Label: c.Label, Scopes: c.Scope}
		if c.Valid != 0 {
			opts.Expires = time.Now().Add(c.Valid)
		}
		t, err := a.NewAppToken(ctx, opts)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintln(std.out, t)
		return nil
	})
}

type appTokenList struct{}

// Run runs the command.
func (*appTokenList) Run(ctx context.Context, std streams, common *common) error {
	return withAccounts(common.Data, false, func(a *server.Accounts) error {
		tokens, err := a.AppTokens(ctx)
		if err != nil {
			return err
		}
		tw := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
		_, _ = fmt.Fprintln(tw, "ID\tLABEL\tSINCE\tSCOPES\tSTATE")
		for _, t := range tokens {
			state := "valid"
			switch {
			case t.Revoked:
				state = "revoked"
			case !t.Expires.IsZero() && !time.Now().Before(t.Expires):
				state = "expired"
			case !t.Expires.IsZero():
				state = "until " + day(t.Expires)
			}
			scopes := "all"
			if len(t.Scopes) > 0 {
				scopes = strings.Trim(fmt.Sprint(t.Scopes), "[]")
			}
			_, _ = fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\n", t.ID, t.Label, day(t.Created), scopes, state)
		}
		return tw.Flush()
	})
}

type appTokenRevoke struct {
	Token string `arg:"" help:"Its id, as in the list, or - to read the token itself from the standard input."`
}

// Run runs the command.
func (c *appTokenRevoke) Run(ctx context.Context, std streams, common *common) error {
	text, err := secretWord(c.Token, std)
	if err != nil {
		return err
	}
	return withAccounts(common.Data, false, func(a *server.Accounts) error {
		return a.RevokeAppToken(ctx, accounts.AppTokenID(text))
	})
}
