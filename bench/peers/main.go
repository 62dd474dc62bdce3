// Command peers measures the first window of Parley beside those of Dino, Gajim and Telegram Desktop, as Debian has them,
// in turn on one virtual display: from the start to the painted window, memory, threads and processor time afterwards, and
// the size on the disk. Each has a session bus and an empty home of its own, and no network to reach.
//
//	sh tools/bench.sh peers
//
// It needs Xvfb, dbus-run-session and the programs.
package main

import (
	"context"
	"flag"
	"fmt"
	"image"
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
}

func main() {
	binary := flag.String("binary", "build/parley", "Parley")
	starts := flag.Int("starts", 7, "how often to start each program; the first start does not count")
	settle := flag.Duration("settle", time.Minute, "how long to look at memory and processor time")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, *binary, *starts, *settle)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, binary string, starts int, settle time.Duration) error {
	path, err := filepath.Abs(binary)
	if err != nil {
		return fmt.Errorf("find %s: %w", binary, err)
	}
	for _, p := range []peer{
		{"Parley", []string{path}, ""},
		{"Dino", []string{"dino-im"}, "dino-im"},
		{"Gajim", []string{"gajim"}, "gajim"},
		{"Telegram Desktop", []string{"telegram-desktop"}, "telegram-desktop"},
	} {
		if err := p.measure(ctx, path, starts, settle); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
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
	slices.Sort(times)
	fmt.Printf("%s: %.0f MB installed; start to painted window: median %d ms, fastest %d, slowest %d, of %d\n", p.name, size,
		times[len(times)/2].Milliseconds(), times[0].Milliseconds(), times[len(times)-1].Milliseconds(), len(times))
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
	command := append([]string{"dbus-run-session", "--"}, p.command...)
	if os.Getuid() == 0 { // Gajim refuses to run as root
		const nobody = 65534
		if err := os.Chown(dir, nobody, nobody); err != nil {
			return 0, fmt.Errorf("make a home: %w", err)
		}
		id := strconv.Itoa(nobody)
		command = append([]string{"setpriv", "--reuid=" + id, "--regid=" + id, "--clear-groups"}, command...)
	}
	program, err := display.Start(ctx, screen.Display, dir, command[0], command[1:]...)
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
