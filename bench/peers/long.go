package main

import (
	"context"
	"fmt"
	"image"
	"os"
	"time"

	"github.com/parley-chat/parley/bench/display"
)

// long is how a program gets a long chat, and where in its window of 1180 by 760 what is measured stands.
type long struct {
	fill     func(ctx context.Context, home string, h history) error
	list     image.Rectangle // the chat list
	chat     image.Rectangle // the messages, without the scroll bar, which fades
	longRow  image.Point
	shortRow image.Point
}

var (
	longParley = long{
		fillParley, image.Rect(0, 96, 320, 700), image.Rect(330, 60, 1150, 700), image.Pt(160, 188), image.Pt(160, 252), // below Echo's
	}
	longDino = long{
		fillDino, image.Rect(5, 54, 300, 700), image.Rect(320, 60, 1150, 690), image.Pt(90, 81), image.Pt(90, 140),
	}
	longGajim = long{
		fillGajim, image.Rect(75, 148, 415, 700), image.Rect(430, 95, 1150, 690), image.Pt(200, 170), image.Pt(200, 221),
	}
)

const (
	opened     = 5 // clicks on the long chat
	wheelSteps = 100
	wheelEvery = 20 * time.Millisecond
)

// measureLong measures the program with a chat of many messages.
func (p peer) measureLong(ctx context.Context, o options) error {
	home, err := os.MkdirTemp("", "parley-peers")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(home) }()
	screen, err := display.Open(ctx, home)
	if err != nil {
		return err
	}
	defer screen.Close()
	// The first start makes the databases.
	program, _, err := p.startLong(ctx, screen, home, image.Rect(0, 0, windowWidth, windowHeight))
	if err != nil {
		return err
	}
	program.Kill()
	if err := p.long.fill(ctx, home, o.history); err != nil {
		return err
	}
	var times []time.Duration
	for i := range o.starts {
		program, painted, err := p.startLong(ctx, screen, home, p.long.list)
		if err != nil {
			return err
		}
		program.Kill()
		if i > 0 {
			times = append(times, painted)
		}
	}
	fmt.Printf("%s with a chat of %d messages: start to painted chat list: %s\n", p.name, o.history.messages, summary(times))
	return p.useLong(ctx, screen, home, o)
}

// startLong starts the program and waits until an area is painted.
func (p peer) startLong(ctx context.Context, screen *display.Screen, home string, area image.Rectangle,
) (*display.Process, time.Duration, error) {
	if err := screen.WaitBlank(ctx, area); err != nil {
		return nil, 0, fmt.Errorf("wait for the end of the last window: %w", err)
	}
	began := time.Now()
	program, err := p.launch(ctx, screen, home)
	if err != nil {
		return nil, 0, err
	}
	if err := screen.WaitPainted(ctx, area); err != nil {
		program.Kill()
		return nil, 0, fmt.Errorf("wait for the window: %w", err)
	}
	return program, time.Since(began), nil
}

// useLong opens the long chat and turns the wheel in it.
func (p peer) useLong(ctx context.Context, screen *display.Screen, home string, o options) error {
	program, _, err := p.startLong(ctx, screen, home, p.long.list)
	if err != nil {
		return err
	}
	defer program.Kill()
	if err := program.Report(ctx, "with the chat list", o.settle); err != nil {
		return err
	}
	var first, last []time.Duration
	for range opened {
		if _, err := screen.Click(ctx, p.long.shortRow, p.long.chat); err != nil {
			return fmt.Errorf("open a short chat: %w", err)
		}
		seen, err := screen.Click(ctx, p.long.longRow, p.long.chat)
		if err != nil {
			return fmt.Errorf("open the long chat: %w", err)
		}
		first, last = append(first, seen.First), append(last, seen.Last)
	}
	fmt.Printf("click to the long chat: first change %s; until it stands still %s\n", summary(first), summary(last))
	middle := p.long.chat.Min.Add(p.long.chat.Max).Div(2)
	turned, err := screen.Turn(ctx, middle, p.long.chat, display.WheelUp, wheelSteps, wheelEvery)
	if err != nil {
		return err
	}
	fmt.Printf("%d steps of the wheel upwards: %v\n", wheelSteps, turned)
	return program.Report(ctx, "after scrolling", o.settle)
}
