// Command idle opens many connections that are signed in and silent, and reports what one costs the server.
//
//	go run ./bench/idle            # ten thousand; as many files have to be allowed (ulimit -Hn)
//	go run ./bench/idle -silent    # that do not even say who they are
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/parley-chat/parley/bench/rig"
)

const (
	// perAddress keeps the connections of one source address below the number of its ephemeral ports.
	perAddress = 15_000
	// dialers is how many connections are opened at the same time.
	dialers = 32
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	isChild, err := rig.Child(ctx, os.Args)
	if !isChild {
		var o options
		flag.IntVar(&o.connections, "connections", 10_000, "connections to open")
		flag.DurationVar(&o.settle, "settle", 150*time.Second,
			"how long to wait before measuring; the system gets memory back after two minutes")
		flag.BoolVar(&o.silent, "silent", false, "do not even sign in; the server lets such connections go after 5 seconds")
		flag.Parse()
		if o.silent {
			o.settle = time.Second
		}
		err = run(ctx, o)
	}
	stop()
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "idle:", err)
		os.Exit(1)
	}
}

type options struct {
	connections int
	settle      time.Duration
	silent      bool
}

func run(ctx context.Context, o options) (err error) {
	name := func(i int) string { return fmt.Sprintf("user%d", i) }
	users := o.connections
	if o.silent {
		users = 1
	}
	srv, tokens, err := rig.Start(ctx, users, name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.Stop()) }()
	before, err := srv.RSS()
	if err != nil {
		return err
	}
	slabBefore := slab()
	clients := make([]interface{ Close() error }, o.connections)
	defer func() {
		for _, c := range clients {
			if c != nil {
				_ = c.Close()
			}
		}
	}()
	start := time.Now()
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(dialers)
	for i := range clients {
		g.Go(func() error {
			local := fmt.Sprintf("127.0.0.%d", 1+i/perAddress)
			if o.silent {
				d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(local)}}
				c, err := d.DialContext(gctx, "tcp", srv.Addr)
				clients[i] = c
				return err
			}
			c, err := rig.Dial(gctx, srv.Addr, local, tokens[i])
			if err == nil {
				clients[i] = c
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	return report(ctx, o, srv, before, slabBefore, time.Since(start))
}

// report waits and prints the cost of the connections.
func report(ctx context.Context, o options, srv *rig.Server, before, slabBefore int64, took time.Duration) error {
	cpu, err := srv.CPU()
	if err != nil {
		return err
	}
	select {
	case <-time.After(o.settle):
	case <-ctx.Done():
		return ctx.Err()
	}
	after, err := srv.RSS()
	if err != nil {
		return err
	}
	cpuAfter, err := srv.CPU()
	if err != nil {
		return err
	}
	n := float64(o.connections)
	_, err = fmt.Fprintf(os.Stdout, `| connections | connected in | server RSS before / after MB | KiB per connection | kernel slab KiB per connection, both ends | idle CPU %% |
|---|---|---|---|---|---|
| %.0f | %.1f s | %d / %d | %.1f | %.1f | %.2f |
`, n, took.Seconds(), before>>20, after>>20, float64(after-before)/n/1024, float64(slab()-slabBefore)/n/1024,
		100*(cpuAfter-cpu).Seconds()/o.settle.Seconds())
	return err
}

// slab returns the size of the kernel's slab in bytes.
func slab() int64 {
	b, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		if kib, ok := strings.CutPrefix(line, "Slab:"); ok {
			n, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(kib), " kB"), 10, 64)
			return n << 10
		}
	}
	return 0
}
