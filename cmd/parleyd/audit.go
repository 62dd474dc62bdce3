package main

import (
	"context"
	"fmt"
	"os/user"
	"text/tabwriter"
	"time"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/audit"
)

type auditCmd struct {
	Since  time.Duration `help:"How far back, such as 24h (default: everything)."`
	Actor  string        `help:"Who: a user as 'user alice', an application as 'apptoken shop', the shell as 'shell root'."`
	Target string        `help:"What was changed, as the list shows it."`
	Limit  int           `help:"How many at most, the newest." default:"100"`
}

// Run runs the command.
func (c *auditCmd) Run(ctx context.Context, std streams, common *common) error {
	return withAccounts(common.Data, false, func(a *server.Accounts) error {
		f := audit.Filter{Actor: c.Actor, Target: c.Target, Limit: c.Limit}
		if c.Since != 0 {
			f.Since = time.Now().Add(-c.Since)
		}
		list, err := a.Audit(ctx, f)
		if err != nil {
			return err
		}
		tw := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
		_, _ = fmt.Fprintln(tw, "TIME\tACTOR\tFROM\tACTION\tTARGET")
		for _, e := range list {
			_, _ = fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\n", e.Time().Format(time.RFC3339), e.Actor, e.Place, e.Action, e.Target)
		}
		return tw.Flush()
	})
}

// shellUser returns the name of the user who runs the command, for the audit log.
func shellUser() string {
	u, err := user.Current()
	if err != nil {
		return "unknown"
	}
	return u.Username
}
