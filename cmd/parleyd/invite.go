package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"github.com/parley-chat/parley/internal/qr"
	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/wire"
)

type inviteCmd struct {
	New    inviteNew    `cmd:"" help:"Creates an invite, and prints it as a link and a QR code."`
	List   inviteList   `cmd:"" help:"Lists invites, without their secrets."`
	Revoke inviteRevoke `cmd:"" help:"Withdraws an invite; who was let in stays."`
}

type inviteNew struct {
	For   string        `help:"ADDRESS of the user who is let in; of an existing user it makes another device."`
	Group uint32        "help:\"`NUMBER` of a group that the new user joins.\""
	Admin bool          `help:"The new user may invite others (see --invites of parleyd serve)."`
	Uses  int           `help:"How often it can be used." default:"1"`
	Valid time.Duration `help:"How long it is valid." default:"168h"`
	QR    bool          `help:"Print the QR code." name:"qr" default:"true" negatable:""`
	urlFlags
}

// Run runs the command.
func (c *inviteNew) Run(ctx context.Context, std streams, common *common) error {
	return withAccounts(common.Data, c.Server != "", func(a *server.Accounts) error {
		if err := c.check(ctx, a); err != nil {
			return err
		}
		invite, err := a.NewInvite(ctx, accounts.InviteOptions{
			Address: c.For, Group: c.Group, Admin: c.Admin, Uses: c.Uses, Expires: time.Now().Add(c.Valid),
		})
		if err != nil {
			return err
		}
		invite.URL = cmp.Or(c.Server, invite.URL)
		if _, err := wire.ParseInvite(invite.String()); err != nil {
			return fmt.Errorf("--server: %w", err)
		}
		return printInvite(std.out, invite, c.QR)
	})
}

// printInvite prints the links to an invite, and the code of the one that opens the program.
func printInvite(w io.Writer, invite wire.Invite, code bool) error {
	_, _ = fmt.Fprintln(w, invite.Link())
	if page := invite.Page(); page != "" {
		_, _ = fmt.Fprintln(w, page)
	}
	if !code {
		return nil
	}
	q, err := qr.New(invite.Link())
	if err != nil {
		return err
	}
	_, _ = fmt.Fprint(w, q.Terminal())
	return nil
}

type inviteList struct{}

// Run runs the command.
func (*inviteList) Run(ctx context.Context, std streams, common *common) error {
	return withAccounts(common.Data, false, func(a *server.Accounts) error {
		list, err := a.Invites(ctx, 0)
		if err != nil {
			return err
		}
		tw := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
		_, _ = fmt.Fprintln(tw, "ID\tBY\tFOR\tGROUP\tUSED\tLEFT\tSTATE")
		for _, i := range list {
			state := "until " + day(i.Expires)
			switch {
			case i.Left <= 0:
				state = "used up"
			case !i.Valid(time.Now()):
				state = "expired"
			}
			group := ""
			if i.Group != 0 {
				group = fmt.Sprint(i.Group)
			}
			_, _ = fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%d\t%d\t%s\n",
				i.ID, cmp.Or(i.Creator.Address, "(operator)"), i.Address, group, i.Used, i.Left, state)
		}
		return tw.Flush()
	})
}

type inviteRevoke struct {
	Invite string `arg:"" help:"Its id, as in the list, or - to read the invite itself from the standard input."`
}

// Run runs the command.
func (c *inviteRevoke) Run(ctx context.Context, std streams, common *common) error {
	text, err := secretWord(c.Invite, std)
	if err != nil {
		return err
	}
	if i, err := wire.ParseInvite(text); err == nil {
		text = i.ID()
	}
	return withAccounts(common.Data, false, func(a *server.Accounts) error { return a.RevokeInvite(ctx, 0, text) })
}

// firstInvite prints an invite for the first user, an administrator, while there is no user.
func firstInvite(ctx context.Context, srv *server.Server, std streams) error {
	users, err := srv.Users(ctx)
	if err != nil || len(users) > 0 {
		return err
	}
	// What a service prints stays in the system's log.
	if os.Getenv("JOURNAL_STREAM") != "" {
		_, _ = fmt.Fprintln(std.out, "There is no user yet. An invite for the first one: parleyd invite new --admin")
		return nil
	}
	invite, err := srv.NewInvite(ctx, accounts.InviteOptions{Admin: true})
	if err != nil {
		return err
	}
	_, _ = fmt.Fprint(std.out, "\nThere is no user yet. This invite lets in the first one, who may invite others. Open the link\n"+
		"in Parley, paste it at \"Join a server\", or scan the code. It is valid once, for seven days.\n\n")
	return printInvite(std.out, invite, true)
}
