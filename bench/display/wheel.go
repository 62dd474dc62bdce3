package display

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"strconv"
	"time"
)

// Buttons of the mouse that are the wheel.
const (
	WheelUp   = 4
	WheelDown = 5
)

const (
	// settled is for how long an area must not change, after the wheel has stopped, to stand still. A program that does
	// not paint for longer while it loads messages has stopped, as far as its user can see.
	settled = 2 * time.Second
	turnFor = time.Minute
)

// Turned is what an area showed while the wheel was turned.
type Turned struct {
	Frames int           // different pictures
	Wheel  time.Duration // how long the wheel was turned
	Last   time.Duration // from the first step to the last change
	Gap    time.Duration // the longest time between two changes, or between the first step and the first change
}

func (t Turned) String() string {
	return fmt.Sprintf("%d frames in %d ms, of which the wheel was turned for %d ms; the longest time without a new one %d ms",
		t.Frames, t.Last.Milliseconds(), t.Wheel.Milliseconds(), t.Gap.Milliseconds())
}

// Turn turns the wheel over a point, a step each time that interval has passed, and watches an area until it no longer
// changes. Times count from the start of xdotool, which takes about ten milliseconds.
func (s *Screen) Turn(ctx context.Context, at image.Point, area image.Rectangle, button, steps int,
	interval time.Duration,
) (Turned, error) {
	if err := s.Move(ctx, at); err != nil {
		return Turned{}, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, turnFor, errNotSeen)
	defer cancel()
	stopped := make(chan error, 1)
	began := time.Now()
	go func() { stopped <- s.Wheel(ctx, button, steps, interval) }()
	seen, err := s.watch(ctx, area, began, stopped)
	if err != nil {
		return Turned{}, fmt.Errorf("turn the wheel: %w", err)
	}
	return seen, nil
}

// Wheel turns the wheel where the pointer is.
func (s *Screen) Wheel(ctx context.Context, button, steps int, interval time.Duration) error {
	return s.do(ctx, "click", "--repeat", strconv.Itoa(steps), "--delay", strconv.FormatInt(interval.Milliseconds(), 10),
		strconv.Itoa(button))
}

// watch looks at an area until the wheel has stopped and nothing changes any more.
func (s *Screen) watch(ctx context.Context, area image.Rectangle, began time.Time, stopped <-chan error) (seen Turned, err error) {
	last, err := s.read(area)
	if err != nil {
		return seen, err
	}
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	turning := true
	for {
		select {
		case err := <-stopped:
			if err != nil {
				return seen, err
			}
			turning, seen.Wheel = false, time.Since(began)
		case <-look.C:
			now, err := s.read(area)
			if err != nil {
				return seen, err
			}
			passed := time.Since(began)
			if !bytes.Equal(now, last) {
				seen.Gap = max(seen.Gap, passed-seen.Last)
				last, seen.Last = now, passed
				seen.Frames++
			}
			if !turning && passed-max(seen.Last, seen.Wheel) > settled {
				return seen, nil
			}
		case <-ctx.Done():
			return seen, context.Cause(ctx)
		}
	}
}

// Move moves the pointer.
func (s *Screen) Move(ctx context.Context, to image.Point) error {
	return s.do(ctx, "mousemove", strconv.Itoa(to.X), strconv.Itoa(to.Y))
}

// Press clicks a point, and does not wait for what that changes.
func (s *Screen) Press(ctx context.Context, at image.Point) error {
	return s.do(ctx, "mousemove", strconv.Itoa(at.X), strconv.Itoa(at.Y), "click", "1")
}

// Focus gives the keyboard to the window of this title: no window manager does.
func (s *Screen) Focus(ctx context.Context, title string) error {
	return s.do(ctx, "search", "--onlyvisible", "--name", title, "windowfocus", "--sync")
}
