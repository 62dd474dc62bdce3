package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/accounts"
)

type reportCmd struct {
	List  reportList  `cmd:"" help:"Lists open reports, oldest first."`
	Show  reportShow  `cmd:"" help:"Shows a report, with what the message said."`
	Close reportClose `cmd:"" help:"Closes a report."`
}

type reportList struct {
	All bool `help:"Also those that are closed."`
}

// Run runs the command.
func (c *reportList) Run(ctx context.Context, std streams, common *common) error {
	return withAccounts(common.Data, false, func(a *server.Accounts) error {
		list, err := a.Reports(ctx, accounts.ReportFilter{Closed: c.All})
		if err != nil {
			return err
		}
		tw := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
		_, _ = fmt.Fprintln(tw, "ID\tTIME\tABOUT\tREASON\tFROM\tWHAT\tSTATE")
		for _, r := range list {
			what, state := "user", "open"
			if r.MID != 0 {
				what = "message"
			}
			if !r.Closed.IsZero() {
				state = "closed"
			}
			_, _ = fmt.Fprintf(tw, "%d\t%s\t%s\t%s\t%s\t%s\t%s\n",
				r.ID, r.Created.Format(time.DateTime), r.About, r.ReasonWord(), r.Reporter, what, state)
		}
		return tw.Flush()
	})
}

type reportShow struct {
	ID int64 `arg:"" help:"Its number, as in the list."`
}

// Run runs the command.
func (c *reportShow) Run(ctx context.Context, std streams, common *common) error {
	return withAccounts(common.Data, false, func(a *server.Accounts) error {
		r, err := a.FindReport(ctx, c.ID)
		if err != nil {
			return err
		}
		// Quoted: what users write may be meant for the terminal.
		_, _ = fmt.Fprintf(std.out, "report %d of %s, from %s\nabout:   %s\nreason:  %s\n",
			r.ID, r.Created.Format(time.DateTime), r.Reporter, r.About, r.ReasonWord())
		if r.Text != "" {
			_, _ = fmt.Fprintf(std.out, "says:    %q\n", r.Text)
		}
		if r.MID != 0 {
			_, _ = fmt.Fprintf(std.out, "message: %q\nid:      %d\n", r.Content, r.MID)
		}
		if r.GID != 0 {
			_, _ = fmt.Fprintf(std.out, "group:   %d\n", r.GID)
		}
		if !r.Closed.IsZero() {
			_, _ = fmt.Fprintf(std.out, "closed:  %s %q\n", r.Closed.Format(time.DateTime), r.Note)
		}
		return nil
	})
}

type reportClose struct {
	ID   int64  `arg:"" help:"Its number, as in the list."`
	Note string `help:"What was done about it."`
}

// Run runs the command.
func (c *reportClose) Run(ctx context.Context, common *common) error {
	return withAccounts(common.Data, false, func(a *server.Accounts) error { return a.CloseReport(ctx, c.ID, c.Note) })
}
