package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"time"

	"github.com/parley-chat/parley/bench/chats"
	"github.com/parley-chat/parley/bench/display"
)

const (
	busyHistory = 2000 // messages before
	busyStart   = 15 * time.Second
	wheelEvery  = 15 * time.Millisecond // somewhat more often than the loop paints
)

var (
	jumpButton = image.Pt(1138, 668)
	midChat    = chatArea.Min.Add(chatArea.Max).Div(2)
)

// busy measures the program while messages arrive in the open chat and the wheel is turned.
func busy(ctx context.Context, o options) (err error) {
	dir, err := os.MkdirTemp("", "parley-busy")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	built, err := filepath.Abs(filepath.Join("build", "measured"))
	if err != nil {
		return fmt.Errorf("find a folder: %w", err)
	}
	binary, err := buildMeasured(ctx, built)
	if err != nil {
		return err
	}
	data := filepath.Join(dir, "data")
	if err := chats.Fill(ctx, data, o.chats, busyHistory); err != nil {
		return err
	}
	token, err := chats.Token(ctx, data, chats.Person(o.chats-1))
	if err != nil {
		return err
	}
	screen, err := display.Open(ctx, dir)
	if err != nil {
		return err
	}
	defer screen.Close()
	loop := filepath.Join(dir, "loop")
	if err := os.Setenv(loopVariable, loop); err != nil {
		return fmt.Errorf("say where the loop writes: %w", err)
	}
	p, _, err := start(ctx, screen, binary, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Stop()) }()
	if err := screen.Focus(ctx, "Parley"); err != nil { // otherwise each message would be notified
		return err
	}
	if _, err := screen.Click(ctx, longRow, chatArea); err != nil {
		return fmt.Errorf("open the chat: %w", err)
	}
	return writeAndTurn(ctx, screen, p, token, loop, o.busy)
}

// writeAndTurn has the sender write and turns the wheel for a while, and reports.
func writeAndTurn(ctx context.Context, screen *display.Screen, p *display.Process, token, loop string, while time.Duration,
) error {
	if err := pause(ctx, busyStart); err != nil { // until the pages of the start were returned
		return err
	}
	if err := reportMemory(p, 0); err != nil {
		return err
	}
	w, err := newWriter(token)
	if err != nil {
		return err
	}
	defer w.close()
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, while)
	defer cancel()
	wrote := make(chan error, 1)
	go func() { wrote <- w.run(ctx) }()
	err = turnWheel(ctx, screen, p, began)
	err = errors.Join(err, <-wrote)
	ended := time.Now()
	if err != nil {
		return err
	}
	sent, pictures, accepted := w.count()
	fmt.Printf("%d messages written in %.0f s, %d of them pictures; %d accepted by the server\n",
		sent, ended.Sub(began).Seconds(), pictures, accepted)
	ticks, err := readLoop(loop, began, ended)
	if err != nil {
		return err
	}
	reportLoop(ticks)
	return nil
}

// turnWheel turns the wheel up and down and goes back to the end, where the view follows the messages, until ctx ends.
// It reports memory each minute.
func turnWheel(ctx context.Context, screen *display.Screen, p *display.Process, began time.Time) error {
	minutes := 0
	for ctx.Err() == nil {
		for _, do := range []func() error{
			func() error { return pause(ctx, 2*time.Second) }, // the view follows
			func() error { return screen.Move(ctx, midChat) },
			func() error { return screen.Wheel(ctx, display.WheelUp, 200, wheelEvery) },
			func() error { return screen.Wheel(ctx, display.WheelDown, 100, wheelEvery) },
			func() error { return screen.Wheel(ctx, display.WheelUp, 200, wheelEvery) },
			func() error { return screen.Wheel(ctx, display.WheelDown, 100, wheelEvery) },
			func() error { return screen.Press(ctx, jumpButton) },
		} {
			if err := do(); err != nil && ctx.Err() == nil {
				return err
			}
		}
		if passed := int(time.Since(began) / time.Minute); passed > minutes {
			minutes = passed
			if err := reportMemory(p, passed); err != nil {
				return err
			}
		}
	}
	return nil
}

func reportMemory(p *display.Process, minutes int) error {
	pss, anonymous, err := p.Memory()
	if err != nil {
		return err
	}
	fmt.Printf("after %d minutes: PSS %.0f MB, %.0f MB of it not pages of files\n", minutes, pss, anonymous)
	return nil
}

func pause(ctx context.Context, while time.Duration) error {
	timer := time.NewTimer(while)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
