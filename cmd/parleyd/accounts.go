package main

import (
	"context"
	"errors"
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
type urlFlags struct {
	Server string `help:"URL of the server in the token; default: the one it was started with." placeholder:"URL"`
}

// check makes sure that tokens can be created.
func (f *urlFlags) check(ctx context.Context, a *server.Accounts) error {
	known, err := a.PublicURL(ctx)
	switch {
	case err != nil || known != "":
		return err
	case f.Server == "":
		return errors.New("start the server first, or give --server, the URL that clients reach it at")
	default:
		return a.SetPublicURL(ctx, f.Server, nil)
	}
}

// newToken is called after check.
func (f *urlFlags) newToken(ctx context.Context, a *server.Accounts, address string,
	opts accounts.TokenOptions,
) (wire.Token, error) {
	t, err := a.NewToken(ctx, address, opts)
	if err != nil || f.Server == "" {
		return t, err
	}
	t.URL = f.Server
	if _, err := wire.ParseToken(t.String()); err != nil {
		return wire.Token{}, fmt.Errorf("--server: %w", err)
	}
	return t, nil
}

type userCmd struct {
	Add     userAdd     `cmd:"" help:"Adds a user and prints the user's first access token."`
	List    userList    `cmd:"" help:"Lists all users."`
	Rename  userRename  `cmd:"" help:"Renames a user."`
	Disable userDisable `cmd:"" help:"Disables a user; messages are kept."`
	Admin   userAdmin   `cmd:"" help:"Makes a user an administrator, who may invite others."`
	Suspend userSuspend `cmd:"" help:"Keeps a user from connecting for some time; messages wait."`
	Ban     userBan     `cmd:"" help:"Disables a user for ever: tokens and invites of the user become invalid."`
	Restore userRestore `cmd:"" aliases:"enable" help:"Lets a disabled, suspended or banned user in again."`
	Export  userExport  `cmd:"" help:"Writes what the server has of a user into a new folder."`
	Erase   userErase   `cmd:"" help:"Removes a user's messages, profile, tokens and memberships for good."`
}

type userAdd struct {
	Address string `arg:"" help:"Address of the user."`
	Name    string `help:"Name that others see (default: the address)."`
	urlFlags
}

// Run runs the command.
func (c *userAdd) Run(ctx context.Context, std streams, common *common) error {
	return withAccounts(common.Data, c.Server != "", func(a *server.Accounts) error {
		name := c.Name
		if name == "" {
			name = c.Address
		}
		if err := c.check(ctx, a); err != nil {
			return err
		}
		if err := a.AddUser(ctx, c.Address, name); err != nil {
			return err
		}
		t, err := c.newToken(ctx, a, c.Address, accounts.TokenOptions{})
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintln(std.out, t)
		return nil
	})
}

type userList struct{}

// Run runs the command.
func (*userList) Run(ctx context.Context, std streams, common *common) error {
	return withAccounts(common.Data, false, func(a *server.Accounts) error {
		users, err := a.Users(ctx)
		if err != nil {
			return err
		}
		tw := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
		_, _ = fmt.Fprintln(tw, "ADDRESS\tNAME\tSINCE\tSTATE\tROLE")
		for _, u := range users {
			state, role := "active", "member"
			if u.Admin {
				role = "administrator"
			}
			switch {
			case u.Address == wire.ServerAddress:
				role = "notices"
			case u.Banned:
				state = "banned"
			case u.Disabled:
				state = "disabled"
			case !u.Suspended.IsZero():
				state = "suspended until " + u.Suspended.Format(time.DateTime)
			}
			_, _ = fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\n", u.Address, u.Name, day(u.Created), state, role)
		}
		return tw.Flush()
	})
}

func day(t time.Time) string { return t.Format(time.DateOnly) }

type userRename struct {
	Address string `arg:"" help:"Address of the user."`
	Name    string `arg:"" help:"Name that others see."`
}

// Run runs the command.
func (c *userRename) Run(ctx context.Context, common *common) error {
	return withAccounts(common.Data, false, func(a *server.Accounts) error {
		return a.SetUserName(ctx, c.Address, c.Name)
	})
}

type userDisable struct {
	Address string `arg:"" help:"Address of the user."`
}

// Run runs the command.
func (c *userDisable) Run(ctx context.Context, common *common) error {
	return withAccounts(common.Data, false, func(a *server.Accounts) error { return a.DisableUser(ctx, c.Address, true) })
}

type userSuspend struct {
	Address string        `arg:"" help:"Address of the user."`
	For     time.Duration `help:"For how long, such as 72h." required:""`
	Reason  string        `help:"What the user reads as the reason."`
}

// Run runs the command.
func (c *userSuspend) Run(ctx context.Context, common *common) error {
	return withAccounts(common.Data, false, func(a *server.Accounts) error {
		return a.SuspendUser(ctx, c.Address, time.Now().Add(c.For), c.Reason)
	})
}

type userBan struct {
	Address string `arg:"" help:"Address of the user."`
	Reason  string `help:"What the user reads as the reason."`
}

// Run runs the command.
func (c *userBan) Run(ctx context.Context, common *common) error {
	return withAccounts(common.Data, false, func(a *server.Accounts) error { return a.BanUser(ctx, c.Address, c.Reason) })
}

type userRestore struct {
	Address string `arg:"" help:"Address of the user."`
}

// Run runs the command.
func (c *userRestore) Run(ctx context.Context, common *common) error {
	return withAccounts(common.Data, false, func(a *server.Accounts) error { return a.RestoreUser(ctx, c.Address) })
}

type userAdmin struct {
	Address string `arg:"" help:"Address of the user."`
	Off     bool   `help:"The user is no administrator any more."`
}

// Run runs the command.
func (c *userAdmin) Run(ctx context.Context, common *common) error {
	return withAccounts(common.Data, false, func(a *server.Accounts) error { return a.SetAdmin(ctx, c.Address, !c.Off) })
}
