package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/wire"
)

type tokenCmd struct {
	New    tokenNew    `cmd:"" help:"Creates an access token for a user and prints it."`
	List   tokenList   `cmd:"" help:"Lists access tokens, without their secrets."`
	Revoke tokenRevoke `cmd:"" help:"Revokes an access token."`
}

type tokenNew struct {
	Address string        `arg:"" help:"Address of the user."`
	App     string        `help:"Name of the only application that may use it (default any)."`
	Label   string        `help:"Text that says which device it is for."`
	Valid   time.Duration `help:"Duration for which it is valid, such as 720h (default: as serve --token-lifetime)." xor:"valid"`
	Forever bool          `help:"It never expires, as a program needs that does not store a renewed one." xor:"valid"`
	urlFlags
}

// Run runs the command.
func (c *tokenNew) Run(ctx context.Context, std streams, common *common) error {
	opts := accounts.TokenOptions{App: c.App, Label: c.Label, Forever: c.Forever}
	if c.Valid != 0 {
		opts.Expires = time.Now().Add(c.Valid)
	}
	return withAccounts(common.Data, c.Server != "", func(a *server.Accounts) error {
		if err := c.check(ctx, a); err != nil {
			return err
		}
		t, err := c.newToken(ctx, a, c.Address, opts)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintln(std.out, t)
		return nil
	})
}

type tokenList struct {
	User string `help:"Only those of the user with this address." placeholder:"ADDRESS"`
}

// Run runs the command.
func (c *tokenList) Run(ctx context.Context, std streams, common *common) error {
	return withAccounts(common.Data, false, func(a *server.Accounts) error {
		tokens, err := a.Tokens(ctx, c.User)
		if err != nil {
			return err
		}
		tw := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
		_, _ = fmt.Fprintln(tw, "ID\tADDRESS\tLABEL\tAPP\tSINCE\tSTATE")
		for _, t := range tokens {
			_, _ = fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\t%s\n", t.ID, t.Address, t.Label, t.App, day(t.Created), tokenState(t))
		}
		return tw.Flush()
	})
}

func tokenState(t accounts.TokenInfo) string {
	switch {
	case t.Revoked:
		return "revoked"
	case t.Expires.IsZero():
		return "valid"
	case time.Now().After(t.Expires):
		return "expired"
	default:
		return "until " + day(t.Expires)
	}
}

type tokenRevoke struct {
	Token string `arg:"" help:"Its id, as in the list, or - to read the token itself from the standard input."`
}

// Run runs the command.
func (c *tokenRevoke) Run(ctx context.Context, std streams, common *common) error {
	text, err := secretWord(c.Token, std)
	if err != nil {
		return err
	}
	return withAccounts(common.Data, false, func(a *server.Accounts) error {
		if t, err := wire.ParseToken(text); err == nil {
			if text, err = a.DeviceOf(ctx, t); err != nil {
				return err
			}
		}
		return a.RevokeToken(ctx, text)
	})
}

// secretWord returns an argument, or the first line of the standard input for "-". Arguments are visible to every user
// of the machine, so secrets come in that way.
func secretWord(arg string, std streams) (string, error) {
	if arg != "-" {
		return arg, nil
	}
	scan := bufio.NewScanner(std.in)
	if !scan.Scan() {
		if err := scan.Err(); err != nil {
			return "", fmt.Errorf("standard input: %w", err)
		}
		return "", errors.New("the standard input is empty")
	}
	return strings.TrimSpace(scan.Text()), nil
}

// wholeText returns an argument, or the whole standard input for "-".
func wholeText(arg string, std streams) (string, error) {
	if arg != "-" {
		return arg, nil
	}
	text, err := io.ReadAll(io.LimitReader(std.in, wire.MaxText+1))
	if err != nil {
		return "", fmt.Errorf("standard input: %w", err)
	}
	return string(text), nil
}

// lifetime is how long access tokens are valid, 0 for ever.
type lifetime time.Duration

// UnmarshalText implements encoding.TextUnmarshaler.
func (l *lifetime) UnmarshalText(text []byte) error {
	if string(text) == "0" {
		*l = 0
		return nil
	}
	return (*age)(l).UnmarshalText(text)
}
