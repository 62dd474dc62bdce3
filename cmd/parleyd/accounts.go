package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"text/tabwriter"
	"time"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/wire"
)

// withAccounts opens the data folder for do. A server may run on it at the same time. Without create, a folder that
// does not exist is an error.
func withAccounts(dir string, create bool, do func(*server.Accounts) error) error {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) && !create {
		return fmt.Errorf("no server data in %s: start the server first, or use --server", dir)
	}
	a, err := server.OpenAccounts(dir)
	if err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	return errors.Join(do(a), a.Close())
}

// urlFlags allow tokens to be created before the server has run for the first time.
type urlFlags struct{ url string }

func (f *urlFlags) declare(fs *flag.FlagSet) {
	fs.StringVar(&f.url, "server", "", "`URL` of the server in the token; default: the one it was started with")
}

// check makes sure that tokens can be created.
func (f *urlFlags) check(ctx context.Context, a *server.Accounts) error {
	known, err := a.PublicURL(ctx)
	switch {
	case err != nil || known != "":
		return err
	case f.url == "":
		return errors.New("start the server first, or give --server, the URL that clients reach it at")
	default:
		return a.SetPublicURL(ctx, f.url, nil)
	}
}

// newToken is called after check.
func (f *urlFlags) newToken(ctx context.Context, a *server.Accounts, address string,
	opts accounts.TokenOptions,
) (wire.Token, error) {
	t, err := a.NewToken(ctx, address, opts)
	if err != nil || f.url == "" {
		return t, err
	}
	t.URL = f.url
	if _, err := wire.ParseToken(t.String()); err != nil {
		return wire.Token{}, fmt.Errorf("--server: %w", err)
	}
	return t, nil
}

func userCommands() []command {
	return []command{
		{name: "add", args: "ADDRESS", about: "Adds a user and prints the user's first access token.", setup: userAdd},
		{name: "list", about: "Lists all users.", setup: userList},
		{name: "rename", args: "ADDRESS NAME", about: "Renames a user.", setup: userRename},
		{name: "disable", args: "ADDRESS", about: "Disables a user; messages are kept.", setup: userDisable(true)},
		{name: "enable", args: "ADDRESS", about: "Enables a disabled user again.", setup: userDisable(false)},
	}
}

func userAdd(fs *flag.FlagSet, std streams) action {
	data := dataFlag(fs)
	name := fs.String("name", "", "`name` that others see (default: the address)")
	var u urlFlags
	u.declare(fs)
	return func(ctx context.Context, args []string) error {
		return withAccounts(*data, u.url != "", func(a *server.Accounts) error {
			display := *name
			if display == "" {
				display = args[0]
			}
			if err := u.check(ctx, a); err != nil {
				return err
			}
			if err := a.AddUser(ctx, args[0], display); err != nil {
				return err
			}
			t, err := u.newToken(ctx, a, args[0], accounts.TokenOptions{})
			if err != nil {
				return err
			}
			_, _ = fmt.Fprintln(std.out, t)
			return nil
		})
	}
}

func userList(fs *flag.FlagSet, std streams) action {
	data := dataFlag(fs)
	return func(ctx context.Context, _ []string) error {
		return withAccounts(*data, false, func(a *server.Accounts) error {
			users, err := a.Users(ctx)
			if err != nil {
				return err
			}
			tw := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
			_, _ = fmt.Fprintln(tw, "ADDRESS\tNAME\tSINCE\tSTATE")
			for _, u := range users {
				state := "active"
				if u.Disabled {
					state = "disabled"
				}
				_, _ = fmt.Fprintf(tw, "%s\t%s\t%s\t%s\n", u.Address, u.Name, day(u.Created), state)
			}
			return tw.Flush()
		})
	}
}

func day(t time.Time) string { return t.Format(time.DateOnly) }

func userRename(fs *flag.FlagSet, _ streams) action {
	data := dataFlag(fs)
	return func(ctx context.Context, args []string) error {
		return withAccounts(*data, false, func(a *server.Accounts) error { return a.SetUserName(ctx, args[0], args[1]) })
	}
}

func userDisable(disabled bool) func(*flag.FlagSet, streams) action {
	return func(fs *flag.FlagSet, _ streams) action {
		data := dataFlag(fs)
		return func(ctx context.Context, args []string) error {
			return withAccounts(*data, false, func(a *server.Accounts) error { return a.DisableUser(ctx, args[0], disabled) })
		}
	}
}

func tokenCommands() []command {
	return []command{
		{name: "new", args: "ADDRESS", about: "Creates an access token for a user and prints it.", setup: tokenNew},
		{name: "list", about: "Lists access tokens, without their secrets.", setup: tokenList},
		{
			name: "revoke", args: "TOKEN", about: "Revokes an access token; TOKEN is the token or its id.",
			setup: tokenRevoke,
		},
	}
}

func tokenNew(fs *flag.FlagSet, std streams) action {
	data := dataFlag(fs)
	var (
		opts accounts.TokenOptions
		u    urlFlags
	)
	fs.StringVar(&opts.App, "app", "", "`name` of the only application that may use it (default any)")
	fs.StringVar(&opts.Label, "label", "", "`text` that says which device it is for")
	valid := fs.Duration("valid", 0, "`duration` for which it is valid, such as 720h (default forever)")
	u.declare(fs)
	return func(ctx context.Context, args []string) error {
		if *valid != 0 {
			opts.Expires = time.Now().Add(*valid)
		}
		return withAccounts(*data, u.url != "", func(a *server.Accounts) error {
			if err := u.check(ctx, a); err != nil {
				return err
			}
			t, err := u.newToken(ctx, a, args[0], opts)
			if err != nil {
				return err
			}
			_, _ = fmt.Fprintln(std.out, t)
			return nil
		})
	}
}

func tokenList(fs *flag.FlagSet, std streams) action {
	data := dataFlag(fs)
	user := fs.String("user", "", "only those of the user with this `address`")
	return func(ctx context.Context, _ []string) error {
		return withAccounts(*data, false, func(a *server.Accounts) error {
			tokens, err := a.Tokens(ctx, *user)
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

func tokenRevoke(fs *flag.FlagSet, _ streams) action {
	data := dataFlag(fs)
	return func(ctx context.Context, args []string) error {
		id := args[0]
		if t, err := wire.ParseToken(id); err == nil {
			id = t.ID()
		}
		return withAccounts(*data, false, func(a *server.Accounts) error { return a.RevokeToken(ctx, id) })
	}
}
