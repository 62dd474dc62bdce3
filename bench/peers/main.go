// Command peers measures Parley beside Dino, Gajim and Telegram Desktop, as Debian has them, in turn on a virtual display.
// Each has a session bus and a home of its own, and no network to reach.
//
// With an empty home it measures from the start to the painted window, memory, threads and processor time afterwards, and
// the size on the disk. With a chat of 12,000 messages, which Telegram Desktop cannot have without its server, it measures
// from the start to the painted chat list, from a click to the painted chat, a hundred steps of the wheel, and memory.
//
//	sh tools/bench.sh peers
//
// It needs Xvfb, xdotool, sqlite3, dbus-run-session and the programs.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"image"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/parley-chat/parley/bench/display"
)

// peer is a program that is measured.
type peer struct {
	name    string
	command []string
	pack    string // of Debian
	long    *long  // how it gets a long chat; nil where it cannot have one
}

type options struct {
	binary  string
	starts  int
	settle  time.Duration
	history history
	only    string
	program string
}

func main() {
	var o options
	flag.StringVar(&o.binary, "binary", "build/parley", "Parley")
	flag.IntVar(&o.starts, "starts", 7, "how often to start each program; the first start does not count")
	flag.DurationVar(&o.settle, "settle", time.Minute, "how long to look at memory and processor time")
	flag.IntVar(&o.history.chats, "chats", 40, "chats in the list")
	flag.IntVar(&o.history.messages, "messages", 12_000, "messages in the longest chat")
	flag.StringVar(&o.only, "only", "", "measure only what is empty or long: the window with an empty home, or with the long chat")
	flag.StringVar(&o.program, "program", "", "measure only the program of this name")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	path, err := filepath.Abs(o.binary)
	if err != nil {
		return fmt.Errorf("find %s: %w", o.binary, err)
	}
	for _, p := range []peer{
		{"Parley", []string{path}, "", &longParley},
		{"Dino", []string{"dino-im"}, "dino-im", &longDino},
		{"Gajim", []string{"gajim"}, "gajim", &longGajim},
		{"Telegram Desktop", []string{"telegram-desktop"}, "telegram-desktop", nil},
	} {
		if o.program != "" && o.program != p.name {
			continue
		}
		if o.only != "long" {
			if err := p.measure(ctx, path, o.starts, o.settle); err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
		}
		if p.long != nil && o.only != "empty" {
			if err := p.measureLong(ctx, o); err != nil {
				return fmt.Errorf("%s with a long chat: %w", p.name, err)
			}
		}
	}
	return nil
}

func (p peer) measure(ctx context.Context, binary string, starts int, settle time.Duration) error {
	size, err := p.size(ctx, binary)
	if err != nil {
		return err
	}
	var times []time.Duration
	for i := range starts {
		painted, err := p.start(ctx, 0)
		if err != nil {
			return err
		}
		if i > 0 {
			times = append(times, painted)
		}
	}
	fmt.Printf("%s: %.0f MB installed; start to painted window: %s\n", p.name, size, summary(times))
	_, err = p.start(ctx, settle)
	return err
}

// start starts the program with an empty home, and returns how long its window took; with settle, it then reports what
// the program needs.
func (p peer) start(ctx context.Context, settle time.Duration) (painted time.Duration, err error) {
	dir, err := os.MkdirTemp("", "parley-peers")
	if err != nil {
		return 0, fmt.Errorf("make a folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	screen, err := display.Open(ctx, dir)
	if err != nil {
		return 0, err
	}
	defer screen.Close()
	began := time.Now()
	program, err := p.launch(ctx, screen, dir)
	if err != nil {
		return 0, err
	}
	defer program.Kill()
	if err := screen.WaitPainted(ctx, image.Rect(0, 0, 1280, 800)); err != nil {
		return 0, err
	}
	painted = time.Since(began)
	if settle > 0 {
		err = program.Report(ctx, p.name, settle)
	}
	return painted, err
}

// launch starts the program on a session bus of its own.
func (p peer) launch(ctx context.Context, screen *display.Screen, home string) (*display.Process, error) {
	command := append([]string{"dbus-run-session", "--"}, p.command...)
	if os.Getuid() == 0 { // Gajim refuses to run as root
		if err := own(home); err != nil {
			return nil, fmt.Errorf("make a home: %w", err)
		}
		id := strconv.Itoa(nobody)
		command = append([]string{"setpriv", "--reuid=" + id, "--regid=" + id, "--clear-groups"}, command...)
	}
	return display.Start(ctx, screen.Display, home, command[0], command[1:]...)
}

const nobody = 65534 // the user who runs the programs in place of root

// own lets that user own a home and all in it.
func own(home string) error {
	return filepath.WalkDir(home, func(path string, entry fs.DirEntry, err error) error {
		if err == nil {
			err = os.Lchown(path, nobody, nobody)
		}
		if err != nil && entry != nil && entry.IsDir() && errors.Is(err, fs.ErrPermission) {
			return fs.SkipDir // a portal's file system, into which root does not see
		}
		return err
	})
}

// summary returns the median of some times, the shortest and the longest.
func summary(times []time.Duration) string {
	slices.Sort(times)
	return fmt.Sprintf("median %d ms, fastest %d, slowest %d, of %d",
		times[len(times)/2].Milliseconds(), times[0].Milliseconds(), times[len(times)-1].Milliseconds(), len(times))
}

// size returns the size of the program on the disk in MB: of the package, without what it depends on.
func (p peer) size(ctx context.Context, binary string) (float64, error) {
	if p.pack == "" {
		info, err := os.Stat(binary)
		if err != nil {
			return 0, fmt.Errorf("look at the program: %w", err)
		}
		return float64(info.Size()) / 1e6, nil
	}
	packs := []string{p.pack}
	if data, err := exec.CommandContext(ctx, "dpkg-query", "-W", "-f", "${Installed-Size}", p.pack+"-common").Output(); err == nil &&
		len(data) > 0 {
		packs = append(packs, p.pack+"-common")
	}
	total := 0.0
	for _, pack := range packs {
		out, err := exec.CommandContext(ctx, "dpkg-query", "-W", "-f", "${Installed-Size}", pack).Output()
		if err != nil {
			return 0, fmt.Errorf("%s is not installed: %w", pack, err)
		}
		kib, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
		if err != nil {
			return 0, fmt.Errorf("size of %s: %w", pack, err)
		}
		total += kib * 1024 / 1e6
	}
	return total, nil
}
