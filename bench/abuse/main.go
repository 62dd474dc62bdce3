// Command abuse measures what one pair of users notices while others attack the server, which has its usual limits: the
// round trip of a message, from the sender to the recipient and back to the sender as a receipt.
//
//	go run ./bench/abuse
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/parley-chat/parley/bench/rig"
)

// The users of the server.
const (
	alice     = iota          // the pair
	bob                       //
	eve                       // the attacker's devices
	firstIdle = eve + devices // those who are online
)

// options say how much is measured.
type options struct {
	idle    int
	members int
	only    string
	every   time.Duration
	length  time.Duration
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	isChild, err := rig.Child(ctx, os.Args)
	switch {
	case isChild:
	case len(os.Args) == 2 && os.Args[1] == attackerWord:
		err = attack(ctx)
	default:
		var o options
		flag.IntVar(&o.idle, "idle", 5000, "users who are online and do nothing")
		flag.StringVar(&o.only, "only", "", "measure only attacks whose name has this in it, and none")
		flag.IntVar(&o.members, "members", 1000, "members of the stranger's group")
		flag.DurationVar(&o.every, "every", 20*time.Millisecond, "time between two messages of the pair")
		flag.DurationVar(&o.length, "time", 15*time.Second, "length of each measurement")
		flag.Parse()
		err = run(ctx, o)
	}
	stop()
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "abuse:", err)
		os.Exit(1)
	}
}

func name(i int) string {
	if eve <= i && i < firstIdle {
		i = eve
	}
	return fmt.Sprintf("user%d", i)
}

func run(ctx context.Context, o options) (err error) {
	srv, tokens, err := rig.StartLimited(ctx, firstIdle+o.idle, name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.Stop()) }()
	f := &field{Addr: srv.Addr, Tokens: tokens, Idle: o.idle, Members: o.members, Length: o.length}
	a, err := startAttacker(ctx, f)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.stop()) }()
	p, err := newPair(ctx, f)
	if err != nil {
		return err
	}
	tw := tabwriter.NewWriter(os.Stdout, 0, 0, 1, ' ', 0)
	_, _ = fmt.Fprintln(tw, "| attack\t| p50 ms\t| p99 ms\t| most ms\t| server CPU %\t| server RSS MB\t| what it did\t|")
	_, _ = fmt.Fprintln(tw, "|---\t|---\t|---\t|---\t|---\t|---\t|---\t|")
	for _, row := range []struct{ label, attack string }{
		{"none", "nothing"},
		{"400 half requests without a token", "half requests"},
		{"one user at the limit, on 8 devices", "flood"},
		{"ProfileSync in a loop, on 8 devices", "profile syncs"},
		{fmt.Sprintf("none, %d users online", o.idle), "go online"},
		{"one of them renames in a loop", "renames"},
		{fmt.Sprintf("a stranger's group of %d", o.members), "group changes"},
		{"none, at the end", "nothing"},
	} {
		if !strings.Contains(row.attack, o.only) && row.attack != "nothing" {
			continue
		}
		if err := measure(ctx, o, srv, a, p, row.label, row.attack, tw); err != nil {
			return fmt.Errorf("%s: %w", row.label, err)
		}
	}
	return nil
}

// measure prints one row.
func measure(
	ctx context.Context, o options, srv *rig.Server, a *attacker, p *pair, label, name string, tw *tabwriter.Writer,
) error {
	if _, err := a.say(name); err != nil {
		return err
	}
	cpu, err := srv.CPU()
	if err != nil {
		return err
	}
	start := time.Now()
	g, ctx := errgroup.WithContext(ctx)
	during, stop := context.WithTimeout(ctx, o.length)
	defer stop()
	var (
		did  string
		took []time.Duration
		rss  int64
	)
	g.Go(func() (err error) {
		did, err = a.say("run")
		return err
	})
	g.Go(func() (err error) {
		if took, err = p.roundTrips(during, o.every); err == nil {
			rss, err = srv.RSS()
		}
		return err
	})
	if err := g.Wait(); err != nil {
		return fmt.Errorf("measure: %w", err)
	}
	used, err := srv.CPU()
	if err != nil {
		return err
	}
	slices.Sort(took)
	_, _ = fmt.Fprintf(tw, "| %s\t| %.1f\t| %.1f\t| %.1f\t| %.0f\t| %d\t| %s\t|\n", label, ms(took[len(took)/2]),
		ms(took[len(took)*99/100]), ms(took[len(took)-1]), 100*(used-cpu).Seconds()/time.Since(start).Seconds(), rss>>20, did)
	if err := tw.Flush(); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// pair is a sender a and a recipient b.
type pair struct{ a, b *rig.Client }

func newPair(ctx context.Context, f *field) (*pair, error) {
	a, err := rig.Dial(ctx, f.Addr, "", f.Tokens[alice])
	if err != nil {
		return nil, err
	}
	b, err := rig.Dial(ctx, f.Addr, "", f.Tokens[bob])
	if err != nil {
		return nil, err
	}
	go func() { _ = acknowledge(b) }() // until the server stops
	return &pair{a, b}, nil
}

// acknowledge reads events until the connection ends.
func acknowledge(c *rig.Client) error {
	for {
		f, err := c.Read()
		if err != nil {
			return err
		}
		if events := f.GetEvents().GetEvents(); len(events) > 0 {
			if err := c.Ack(events[len(events)-1].GetSeq()); err != nil {
				return err
			}
		}
	}
}

// roundTrips sends one message after the other until ctx ends.
func (p *pair) roundTrips(ctx context.Context, every time.Duration) (took []time.Duration, err error) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for ctx.Err() == nil {
		start := time.Now()
		if err := p.roundTrip(); err != nil {
			return nil, err
		}
		took = append(took, time.Since(start))
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
	return took, nil
}

func (p *pair) roundTrip() error {
	if err := p.a.Request(rig.Message(name(bob), []byte("hello"))); err != nil {
		return err
	}
	for sent, delivered := uint64(0), uint64(0); sent == 0 || delivered < sent; {
		f, err := p.a.Read()
		if err != nil {
			return err
		}
		if r := f.GetResponse(); r != nil {
			if sent = r.GetSend().GetSeq(); sent == 0 {
				return fmt.Errorf("not sent: %v", r)
			}
		}
		events := f.GetEvents().GetEvents()
		for _, e := range events {
			delivered = max(delivered, e.GetStatus().GetUpTo())
		}
		if len(events) > 0 {
			if err := p.a.Ack(events[len(events)-1].GetSeq()); err != nil {
				return err
			}
		}
	}
	return nil
}
