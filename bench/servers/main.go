// Command servers measures Parley's server beside Prosody, ejabberd and Tinode, the latter two with PostgreSQL: a message
// is sent, stored, received and answered with a delivery receipt, and the receipt is back at the sender. All of them run
// at the same time on loopback without TLS, with folders of their own, and are measured in turn.
//
//	go run ./bench/servers                        # five rounds of all, with one and eight messages under way, and 500 a second
//	go run ./bench/servers -only parley,prosody -rounds 1
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

	"github.com/parley-chat/parley/bench/pairs"
	"github.com/parley-chat/parley/bench/rig"
)

type options struct {
	pairs, size, rounds, rate, idle int
	duration                        time.Duration
	windows, only, tinode           string
}

// users returns how many users a server needs.
func (o options) users() int { return 2*o.pairs + o.idle }

// server is one of those that are measured.
type server interface {
	// start makes users user(0) to user(n-1), and starts the server in an empty folder.
	start(ctx context.Context, dir string, n int) error
	// processes returns those of the server and of its database.
	processes() []int
	// link connects the devices of two users.
	link(ctx context.Context, from, to int, text string) (pairs.Link, error)
	// online connects a user's device, which stays until the returned function is called.
	online(ctx context.Context, user int) (end func(), err error)
	stop() error
}

func user(i int) string { return fmt.Sprintf("user%d", i) }

const password = "password"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	isChild, err := rig.Child(ctx, os.Args)
	if !isChild {
		var o options
		flag.IntVar(&o.pairs, "pairs", 16, "pairs of users")
		flag.IntVar(&o.size, "size", 1000, "bytes of a text")
		flag.IntVar(&o.rounds, "rounds", 5, "how often each is measured")
		flag.IntVar(&o.rate, "rate", 500, "messages a second of all pairs in the open loop; 0: none")
		flag.IntVar(&o.idle, "idle", 1000, "idle connections; 0: none")
		flag.DurationVar(&o.duration, "time", 6*time.Second, "length of each measurement")
		flag.StringVar(&o.windows, "windows", "1,8", "messages under way in each pair")
		flag.StringVar(&o.only, "only", "parley,prosody,ejabberd,tinode", "the servers")
		flag.StringVar(&o.tinode, "tinode", "", "folder with the programs server and tinode-db of Tinode, built for PostgreSQL")
		flag.Parse()
		err = run(ctx, o)
	}
	stop()
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "servers:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) (err error) {
	all := map[string]server{
		"parley": &parley{}, "prosody": &prosody{}, "ejabberd": &ejabberd{}, "tinode": &tinode{programs: o.tinode},
	}
	modes, err := o.modes()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "parley-servers")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := os.Chmod(dir, 0o755); err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	names := strings.Split(o.only, ",")
	for _, name := range names {
		if all[name] == nil {
			return fmt.Errorf("%q is none of parley, prosody, ejabberd and tinode", name)
		}
		defer func() { err = errors.Join(err, all[name].stop()) }()
		if err := start(ctx, all[name], dir+"/"+name, o.users()); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if err := compare(ctx, o, all, names, modes); err != nil || o.idle == 0 {
		return err
	}
	fmt.Printf("\nMemory of %d idle connections:\n\n", o.idle)
	for _, name := range names {
		if err := idle(ctx, o, name, all[name]); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// start starts a server in a new folder.
func start(ctx context.Context, s server, dir string, users int) error {
	if err := os.Mkdir(dir, 0o755); err != nil { // other users' programs look into it
		return fmt.Errorf("make a folder: %w", err)
	}
	return s.start(ctx, dir, users)
}

// compare measures the servers in turn and prints tables.
func compare(ctx context.Context, o options, all map[string]server, names []string, modes []mode) error {
	rows := map[string][]row{}
	for round := range o.rounds {
		for _, m := range modes {
			for _, name := range names {
				r, err := measure(ctx, o, all[name], m)
				if err != nil {
					return fmt.Errorf("%s, %s: %w", name, m.label, err)
				}
				_, _ = fmt.Fprintf(os.Stderr, "%d %s, %s: %s\n", round+1, name, m.label, r)
				rows[name+m.label] = append(rows[name+m.label], r)
			}
		}
	}
	return show(modes, names, rows)
}

// mode is one way to send.
type mode struct {
	label        string
	window, rate int
}

func (o options) modes() (modes []mode, err error) {
	for word := range strings.SplitSeq(o.windows, ",") {
		n, err := strconv.Atoi(word)
		if err != nil {
			return nil, fmt.Errorf("windows: %w", err)
		}
		modes = append(modes, mode{label: fmt.Sprintf("%d under way", n), window: n})
	}
	if o.rate > 0 {
		modes = append(modes, mode{label: fmt.Sprintf("%d a second", o.rate), window: 10_000, rate: o.rate})
	}
	return modes, nil
}

// row is what one measurement has found.
type row struct {
	rate           float64 // round trips a second
	p50, p99, p999 time.Duration
	cpu            time.Duration // of one round trip, server and database
	pss            int64         // afterwards, bytes
}

func (r row) String() string {
	return fmt.Sprintf("%.0f/s, p50 %.1f, p99 %.1f, p99.9 %.1f ms, %d µs each, %d MB",
		r.rate, ms(r.p50), ms(r.p99), ms(r.p999), r.cpu.Microseconds(), r.pss>>20)
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func measure(ctx context.Context, o options, s server, m mode) (row, error) {
	links := make([]pairs.Link, o.pairs)
	defer func() {
		for _, l := range links {
			if l != nil {
				l.Close()
			}
		}
	}()
	text := strings.Repeat("x", o.size)
	for i := range links {
		var err error
		if links[i], err = s.link(ctx, 2*i, 2*i+1, text); err != nil {
			return row{}, err
		}
	}
	before, err := use(s.processes()...)
	if err != nil {
		return row{}, err
	}
	took, elapsed, err := pairs.Drive(ctx, links, pairs.Options{Duration: o.duration, Window: m.window, Rate: m.rate})
	if err != nil {
		return row{}, err
	}
	after, err := use(s.processes()...)
	if err != nil {
		return row{}, err
	}
	if len(took) == 0 {
		return row{}, errors.New("no message came back")
	}
	return row{
		rate: float64(len(took)) / elapsed.Seconds(),
		p50:  took[len(took)/2], p99: took[len(took)*99/100], p999: took[len(took)*999/1000],
		cpu: (after.cpu - before.cpu) / time.Duration(len(took)), pss: after.pss,
	}, nil
}

// show prints the median of each figure.
func show(modes []mode, names []string, rows map[string][]row) error {
	tw := tabwriter.NewWriter(os.Stdout, 0, 0, 1, ' ', 0)
	for _, m := range modes {
		_, _ = fmt.Fprintf(tw, "\n| %s\t| round trips/s\t| p50 ms\t| p99 ms\t| p99.9 ms\t| CPU µs each\t| PSS MB\t|\n", m.label)
		_, _ = fmt.Fprintln(tw, "|---\t|---\t|---\t|---\t|---\t|---\t|---\t|")
		for _, name := range names {
			all := rows[name+m.label]
			_, _ = fmt.Fprintf(tw, "| %s\t| %.0f\t| %.1f\t| %.1f\t| %.1f\t| %d\t| %d\t|\n", name,
				median(all, func(r row) float64 { return r.rate }),
				median(all, func(r row) float64 { return ms(r.p50) }),
				median(all, func(r row) float64 { return ms(r.p99) }),
				median(all, func(r row) float64 { return ms(r.p999) }),
				int(median(all, func(r row) float64 { return float64(r.cpu.Microseconds()) })),
				int(median(all, func(r row) float64 { return float64(r.pss >> 20) })))
		}
		if err := tw.Flush(); err != nil {
			return fmt.Errorf("print: %w", err)
		}
	}
	return nil
}

func median(rows []row, figure func(row) float64) float64 {
	all := make([]float64, len(rows))
	for i, r := range rows {
		all[i] = figure(r)
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// idle connects users who then do nothing, and prints what one of them takes.
func idle(ctx context.Context, o options, name string, s server) error {
	before, err := use(s.processes()...)
	if err != nil {
		return err
	}
	for i := range o.idle {
		end, err := s.online(ctx, 2*o.pairs+i)
		if err != nil {
			return err
		}
		defer end()
	}
	select {
	case <-time.After(5 * time.Second): // until it has done what connecting was about
	case <-ctx.Done():
		return ctx.Err()
	}
	after, err := use(s.processes()...)
	if err != nil {
		return err
	}
	fmt.Printf("- %s: %d MB, that is %.1f KiB each, of which the program had %d MB before\n", name, (after.pss-before.pss)>>20,
		float64(after.pss-before.pss)/1024/float64(o.idle), before.pss>>20)
	return nil
}
