// Command load measures round trips through a server: a message is sent, written to the disk, received and acknowledged
// by the recipient, and the delivery receipt is back at the sender.
//
//	go run ./bench/load                          # sixteen pairs, one and eight messages under way, then 100 per second
//	go run ./bench/load -pairs 100 -windows 4
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/parley-chat/parley/bench/rig"
	"github.com/parley-chat/parley/internal/wire"
)

type options struct {
	pairs    int
	size     int
	duration time.Duration
	windows  string
	rate     int
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	isChild, err := rig.Child(ctx, os.Args)
	if !isChild {
		var o options
		flag.IntVar(&o.pairs, "pairs", 16, "pairs of users")
		flag.IntVar(&o.size, "size", 1000, "bytes of a text")
		flag.DurationVar(&o.duration, "time", 8*time.Second, "length of each measurement")
		flag.StringVar(&o.windows, "windows", "1,8", "messages under way per pair, several measurements")
		flag.IntVar(&o.rate, "rate", 100, "messages per second of all pairs in the last measurement; 0: none")
		flag.Parse()
		err = run(ctx, o)
	}
	stop()
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	tw := tabwriter.NewWriter(os.Stdout, 0, 0, 1, ' ', 0)
	_, _ = fmt.Fprintln(tw,
		"| pairs\t| under way\t| round trips/s\t| p50 ms\t| p99 ms\t| server CPU µs/round trip\t| server RSS MB\t|")
	_, _ = fmt.Fprintln(tw, "|---\t|---\t|---\t|---\t|---\t|---\t|---\t|")
	for word := range strings.SplitSeq(o.windows, ",") {
		window, err := strconv.Atoi(word)
		if err != nil {
			return fmt.Errorf("windows: %w", err)
		}
		if err := measure(ctx, o, window, 0, tw); err != nil {
			return err
		}
	}
	if o.rate > 0 {
		if err := measure(ctx, o, 1000, o.rate, tw); err != nil {
			return err
		}
	}
	return tw.Flush()
}

// measure runs one server and prints one row. rate 0: as fast as the window allows.
func measure(ctx context.Context, o options, window, rate int, tw *tabwriter.Writer) (err error) {
	name := func(i int) string { return fmt.Sprintf("user%d", i) }
	srv, tokens, err := rig.Start(ctx, 2*o.pairs, name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.Stop()) }()
	pairs := make([]*pair, o.pairs)
	for i := range pairs {
		pairs[i] = &pair{peer: name(2*i + 1), text: []byte(strings.Repeat("x", o.size)), free: make(chan struct{}, window)}
		if pairs[i].a, err = rig.Dial(ctx, srv.Addr, "", tokens[2*i]); err != nil {
			return err
		}
		if pairs[i].b, err = rig.Dial(ctx, srv.Addr, "", tokens[2*i+1]); err != nil {
			return err
		}
		if rate > 0 {
			pairs[i].every = time.Second * time.Duration(o.pairs) / time.Duration(rate)
			pairs[i].offset = pairs[i].every * time.Duration(i) / time.Duration(o.pairs)
		}
	}
	cpu, err := srv.CPU()
	if err != nil {
		return err
	}
	start := time.Now()
	if err := drive(ctx, pairs, o.duration); err != nil {
		return err
	}
	took := time.Since(start)
	used, err := srv.CPU()
	if err != nil {
		return err
	}
	rss, err := srv.RSS()
	if err != nil {
		return err
	}
	var all []time.Duration
	for _, p := range pairs {
		all = append(all, p.took...)
	}
	slices.Sort(all)
	label := strconv.Itoa(window)
	if rate > 0 {
		label = fmt.Sprintf("%d/s", rate)
	}
	_, _ = fmt.Fprintf(tw, "| %d\t| %s\t| %.0f\t| %.1f\t| %.1f\t| %d\t| %d\t|\n", o.pairs, label,
		float64(len(all))/took.Seconds(), ms(all[len(all)/2]), ms(all[len(all)*99/100]),
		(used-cpu).Microseconds()/int64(len(all)), rss>>20)
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// drive has all pairs send until the time is over and the last receipt is back.
func drive(ctx context.Context, pairs []*pair, d time.Duration) error {
	g, ctx := errgroup.WithContext(ctx)
	defer context.AfterFunc(ctx, func() {
		for _, p := range pairs {
			_ = p.a.Close()
			_ = p.b.Close()
		}
	})()
	deadline := time.Now().Add(d)
	for _, p := range pairs {
		p.began, p.finished = make(chan time.Time, cap(p.free)), make(chan struct{})
		g.Go(func() error { return p.send(ctx, deadline) })
		g.Go(func() error { return p.receipts() })
		g.Go(func() error { return p.receive() })
	}
	if err := g.Wait(); err != nil {
		return fmt.Errorf("drive: %w", err)
	}
	return nil
}

// pair is a sender a and a recipient b.
type pair struct {
	a, b          *rig.Client
	peer          string
	text          []byte
	free          chan struct{} // holds one element for each message under way
	every, offset time.Duration
	began         chan time.Time // when the messages under way were sent, in order
	finished      chan struct{}
	took          []time.Duration
}

func (p *pair) send(ctx context.Context, deadline time.Time) error {
	defer close(p.finished)
	next := time.Now().Add(p.offset)
	for time.Now().Before(deadline) && ctx.Err() == nil {
		if p.every > 0 {
			timer := time.NewTimer(time.Until(next))
			select {
			case <-timer.C:
			case <-ctx.Done():
			}
			next = next.Add(p.every)
		}
		select {
		case p.free <- struct{}{}:
		case <-ctx.Done():
			return nil
		}
		p.began <- time.Now()
		if err := p.a.Request(rig.Message(p.peer, p.text)); err != nil {
			return err
		}
	}
	return nil
}

// receipts reads the sender's connection. A DELIVERED covers all messages up to its number.
func (p *pair) receipts() error {
	var sent []uint64 // numbers of the messages whose receipt is missing, in order
	for {
		select {
		case <-p.finished:
			if len(p.free) == 0 {
				_ = p.a.Close()
				_ = p.b.Close()
				return nil
			}
		default:
		}
		f, err := p.a.Read()
		if err != nil {
			return err
		}
		if r := f.GetResponse(); r != nil {
			if r.GetSend().GetStatus() != wire.StatusSent {
				return fmt.Errorf("not sent: %v", r)
			}
			sent = append(sent, r.GetSend().GetSeq())
		}
		for _, e := range f.GetEvents().GetEvents() {
			if e.GetStatus().GetStatus() != wire.StatusDelivered {
				continue
			}
			for len(sent) > 0 && sent[0] <= e.GetStatus().GetUpTo() {
				p.took = append(p.took, time.Since(<-p.began))
				<-p.free
				sent = sent[1:]
			}
		}
		if n := len(f.GetEvents().GetEvents()); n > 0 {
			if err := p.a.Ack(f.GetEvents().GetEvents()[n-1].GetSeq()); err != nil {
				return err
			}
		}
	}
}

func (p *pair) receive() error {
	for {
		f, err := p.b.Read()
		if err != nil {
			return nil //nolint:nilerr // receipts closes the connection at the end
		}
		if n := len(f.GetEvents().GetEvents()); n > 0 {
			if err := p.b.Ack(f.GetEvents().GetEvents()[n-1].GetSeq()); err != nil {
				return err
			}
		}
	}
}
