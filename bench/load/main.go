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
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/parley-chat/parley/bench/pairs"
	"github.com/parley-chat/parley/bench/rig"
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
	links := make([]pairs.Link, o.pairs)
	text := []byte(strings.Repeat("x", o.size))
	for i := range links {
		a, err := rig.Dial(ctx, srv.Addr, "", tokens[2*i])
		if err != nil {
			return err
		}
		b, err := rig.Dial(ctx, srv.Addr, "", tokens[2*i+1])
		if err != nil {
			return err
		}
		links[i] = rig.NewLink(a, b, name(2*i+1), text)
	}
	cpu, err := srv.CPU()
	if err != nil {
		return err
	}
	all, took, err := pairs.Drive(ctx, links, pairs.Options{Duration: o.duration, Window: window, Rate: rate})
	if err != nil {
		return err
	}
	used, err := srv.CPU()
	if err != nil {
		return err
	}
	rss, err := srv.RSS()
	if err != nil {
		return err
	}
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
