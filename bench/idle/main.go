// Command idle opens many connections that are signed in and say nothing, and reports what one costs the server.
//
//	ulimit -n 20000; go run ./bench/idle -connections 10000
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
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/parley-chat/parley/bench/rig"
)

const (
	// perAddress keeps the connections of one source address below the ports that a system lends.
	perAddress = 15_000
	// dialers connect at the same time.
	dialers = 32
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	isChild, err := rig.Child(ctx, os.Args)
	if !isChild {
		connections := flag.Int("connections", 10_000, "connections to open")
		settle := flag.Duration("settle", 30*time.Second, "how long to wait before measuring")
		flag.Parse()
		err = run(ctx, *connections, *settle)
	}
	stop()
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "idle:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, connections int, settle time.Duration) (err error) {
	name := func(i int) string { return fmt.Sprintf("user%d", i) }
	srv, tokens, err := rig.Start(ctx, connections, name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.Stop()) }()
	before, err := srv.RSS()
	if err != nil {
		return err
	}
	slabBefore := slab()
	clients := make([]*rig.Client, connections)
	defer func() {
		for _, c := range clients {
			if c != nil {
				c.Close()
			}
		}
	}()
	start := time.Now()
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(dialers)
	for i := range clients {
		g.Go(func() error {
			local := fmt.Sprintf("127.0.0.%d", 1+i/perAddress)
			c, err := rig.Dial(gctx, srv.Addr, local, tokens[i])
			clients[i] = c
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	took := time.Since(start)
	cpu, err := srv.CPU()
	if err != nil {
		return err
	}
	select {
	case <-time.After(settle):
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
	n := int64(connections)
	_, err = fmt.Fprintf(os.Stdout, `| connections | connected in | server RSS before / after MB | KiB per connection | kernel slab KiB per connection, both ends | idle CPU %% |
|---|---|---|---|---|---|
| %d | %.1f s | %d / %d | %.1f | %.1f | %.2f |
`, n, took.Seconds(), before>>20, after>>20, float64(after-before)/float64(n)/1024, float64(slab()-slabBefore)/float64(n)/1024,
		100*(cpuAfter-cpu).Seconds()/settle.Seconds())
	return err
}

// slab is what the kernel holds in bytes.
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
