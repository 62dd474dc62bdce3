package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/parley-chat/parley/internal/server"
	"github.com/parley-chat/parley/internal/server/eventlog"
)

// keepFlags say what the server keeps of messages.
type keepFlags struct {
	Keep         age       `help:"AGE such as 365d at which messages are removed from the server (default never)." placeholder:"AGE"`
	KeepSize     byteCount `help:"Size in BYTES of the database from which its oldest messages are removed (default none)." placeholder:"BYTES"`
	MessageQuota byteCount `help:"Limit in BYTES for the messages of one user on the server (default 20G)." placeholder:"BYTES"`
}

func (f *keepFlags) retention() eventlog.Retention {
	return eventlog.Retention{Age: time.Duration(f.Keep), Size: int64(f.KeepSize), Quota: int64(f.MessageQuota)}
}

// age is a duration, such as 30d or 12h.
type age time.Duration

// UnmarshalText implements encoding.TextUnmarshaler.
func (a *age) UnmarshalText(text []byte) error {
	days, isDays := strings.CutSuffix(string(text), "d")
	n, err := strconv.Atoi(days)
	d := time.Duration(n) * 24 * time.Hour
	if !isDays {
		d, err = time.ParseDuration(string(text))
	}
	const most = 36_500 * 24 * time.Hour
	if err != nil || d < time.Hour || d > most {
		return errors.New("it is no age of an hour or more, such as 365d or 12h")
	}
	*a = age(d)
	return nil
}

func (a age) String() string {
	d := time.Duration(a)
	if d%(24*time.Hour) == 0 {
		return fmt.Sprintf("%dd", d/(24*time.Hour))
	}
	return strings.TrimSuffix(strings.TrimSuffix(d.String(), "0s"), "0m")
}

type keepCmd struct {
	List  keepList  `cmd:"" help:"Lists groups whose messages are kept for a time of their own."`
	Set   keepSet   `cmd:"" help:"Sets how long the messages of a group are kept."`
	Clear keepClear `cmd:"" help:"Keeps the messages of a group as long as all others."`
}

type keepSet struct {
	Group uint32 `arg:"" help:"Number of the group."`
	Age   age    `arg:"" help:"Age at which its messages are removed, such as 30d."`
}

// Run runs the command.
func (c *keepSet) Run(ctx context.Context, common *common) error {
	return withAccounts(common.Data, false, func(a *server.Accounts) error {
		return a.KeepGroup(ctx, c.Group, time.Duration(c.Age))
	})
}

type keepClear struct {
	Group uint32 `arg:"" help:"Number of the group."`
}

// Run runs the command.
func (c *keepClear) Run(ctx context.Context, common *common) error {
	return withAccounts(common.Data, false, func(a *server.Accounts) error { return a.KeepGroup(ctx, c.Group, 0) })
}

type keepList struct{}

// Run runs the command.
func (*keepList) Run(ctx context.Context, std streams, common *common) error {
	return withAccounts(common.Data, false, func(a *server.Accounts) error {
		groups, err := a.GroupKeeps(ctx)
		if err != nil {
			return err
		}
		tw := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
		_, _ = fmt.Fprintln(tw, "GROUP\tNAME\tAGE")
		for _, g := range groups {
			_, _ = fmt.Fprintf(tw, "%d\t%s\t%s\n", g.GID, g.Name, age(g.Age))
		}
		return tw.Flush()
	})
}
