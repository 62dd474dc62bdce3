// Command window measures the program as its user meets it, on a virtual display: from the start to the painted chat
// list, from a click to the painted chat, and memory and processor time afterwards.
//
//	sh tools/build.sh build/parley && go run -tags migrated_fynedo ./bench/window
//
// With -busy it measures a chat in which messages arrive all the time: how long the program's own code and painting take on
// the window's goroutine, and memory. It then builds the program itself; see loop.go.
//
// It needs Xvfb and xdotool. The display's memory is read directly, so that watching costs the program nothing.
package main

import (
	"context"
	"flag"
	"fmt"
	"image"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/parley-chat/parley/bench/chats"
	"github.com/parley-chat/parley/bench/display"
)

// Areas of a window of 1180 by 760 in the corner of the display.
var (
	listArea = image.Rect(0, 96, 320, 700)    // the chat list
	chatArea = image.Rect(330, 60, 1170, 700) // the open chat
	longRow  = image.Pt(160, 188)             // below Echo's, which has greeted last
	shortRow = image.Pt(160, 252)
)

type options struct {
	binary   string
	chats    int
	messages int
	starts   int
	settle   time.Duration
	busy     time.Duration
}

func main() {
	var o options
	flag.StringVar(&o.binary, "binary", "build/parley", "the program to measure")
	flag.IntVar(&o.chats, "chats", 40, "conversations in the list")
	flag.IntVar(&o.messages, "messages", 12_000, "messages in the longest conversation")
	flag.IntVar(&o.starts, "starts", 9, "how often to start the program")
	flag.DurationVar(&o.settle, "settle", 30*time.Second, "how long to look at memory and processor time")
	flag.DurationVar(&o.busy, "busy", 0, "measure instead a chat in which 100 messages a second arrive for so long, while the wheel is turned")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	measure := run
	if o.busy > 0 {
		measure = busy
	}
	err := measure(ctx, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "window:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	dir, err := os.MkdirTemp("", "parley-window")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	data := filepath.Join(dir, "data")
	began := time.Now()
	if err := chats.Fill(ctx, data, o.chats, o.messages); err != nil {
		return err
	}
	fmt.Printf("%d chats, %d messages in one of them, made in %.0f s\n", o.chats, o.messages, time.Since(began).Seconds())

	screen, err := display.Open(ctx, dir)
	if err != nil {
		return err
	}
	defer screen.Close()
	var starts []time.Duration
	for range o.starts {
		p, painted, err := start(ctx, screen, o.binary, dir)
		if err != nil {
			return err
		}
		starts = append(starts, painted)
		if err := p.Stop(); err != nil {
			return err
		}
	}
	slices.Sort(starts)
	fmt.Printf("start to painted chat list: median %d ms, fastest %d, slowest %d, of %d\n",
		starts[len(starts)/2].Milliseconds(), starts[0].Milliseconds(), starts[len(starts)-1].Milliseconds(), len(starts))

	p, _, err := start(ctx, screen, o.binary, dir)
	if err != nil {
		return err
	}
	defer func() { _ = p.Stop() }()
	return useWindow(ctx, screen, p, o.settle)
}

// start runs the program and waits for the chat list.
func start(ctx context.Context, screen *display.Screen, binary, dir string) (*display.Process, time.Duration, error) {
	if err := screen.WaitBlank(ctx, listArea); err != nil {
		return nil, 0, err
	}
	began := time.Now()
	p, err := display.Start(ctx, screen.Display, dir, binary, "--data", filepath.Join(dir, "data"))
	if err != nil {
		return nil, 0, err
	}
	if err := screen.WaitPainted(ctx, listArea); err != nil {
		_ = p.Stop()
		return nil, 0, fmt.Errorf("wait for the chat list: %w", err)
	}
	return p, time.Since(began), nil
}

func useWindow(ctx context.Context, screen *display.Screen, p *display.Process, settle time.Duration) error {
	if err := p.Report(ctx, "with the chat list", settle); err != nil {
		return err
	}
	for range 3 { // the second and third start are warm
		for _, at := range []struct {
			name string
			row  image.Point
		}{{"the long conversation", longRow}, {"a short conversation", shortRow}} {
			opened, err := screen.Click(ctx, at.row, chatArea)
			if err != nil {
				return fmt.Errorf("open %s: %w", at.name, err)
			}
			fmt.Printf("click to %s: %d ms to the first change, %d ms until it stands still\n",
				at.name, opened.First.Milliseconds(), opened.Last.Milliseconds())
		}
	}
	if _, err := screen.Click(ctx, longRow, chatArea); err != nil {
		return err
	}
	return p.Report(ctx, "with the long conversation", settle)
}
