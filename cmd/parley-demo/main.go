// Command parley-demo is the desktop program without a display: two users chat through the real screens, the real SDK
// and the real server. Only the window's driver is missing; the windows are drawn into pictures.
//
// It prints what happens, writes the pictures to build/demo, and fails when it did not see something.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/zalando/go-keyring"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// longest bounds the duration of the whole demo.
const longest = 5 * time.Minute

func run(args []string) error {
	flags := flag.NewFlagSet("parley-demo", flag.ExitOnError)
	pictures := flags.String("o", filepath.Join("build", "demo"), "write the pictures to `DIR`")
	history := flags.Int("messages", 1200, "length of the long chat")
	level := slog.LevelError
	flags.TextVar(&level, "log-level", level, "debug, info, warn or error")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := os.MkdirAll(*pictures, 0o750); err != nil {
		return fmt.Errorf("make the folder for pictures: %w", err)
	}
	data, err := os.MkdirTemp("", "parley-demo-")
	if err != nil {
		return fmt.Errorf("make a folder for data: %w", err)
	}
	defer func() { _ = os.RemoveAll(data) }() // temporary data
	keyring.MockInit()                        // the demo's tokens do not belong in the user's keyring

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	s := newStage(data, *pictures, os.Stdout,
		slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level})))
	return s.play(ctx, *history)
}
