// Package display runs windowed programs on a virtual display, and looks at them from outside.
package display

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	screenWidth, screenHeight = 1280, 800
	// Xvfb stores the pixels after the header of an XWD file with a table of 256 colours.
	pixelsAt   = 160 + 256*12
	lineBytes  = screenWidth * 4
	lookEvery  = 2 * time.Millisecond
	lookFor    = time.Minute
	stillAfter = 250 * time.Millisecond
	// colours is the least number of colours in a painted area: those of an avatar and of smooth letters.
	colours = 40
)

// Screen is a virtual display whose memory is a file.
type Screen struct {
	Display string // such as :5
	server  *exec.Cmd
	memory  *os.File
}

// Open starts a display of 1280 by 800, whose memory is a file in dir. The caller closes it.
func Open(ctx context.Context, dir string) (*Screen, error) {
	told, tell, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("open a display: %w", err)
	}
	defer func() { _ = told.Close() }()
	server := exec.CommandContext(ctx, "Xvfb", "-displayfd", "3", "-fbdir", dir, "-nolisten", "tcp",
		"-screen", "0", fmt.Sprintf("%dx%dx24", screenWidth, screenHeight))
	server.ExtraFiles = []*os.File{tell}
	err = server.Start()
	_ = tell.Close()
	if err != nil {
		return nil, fmt.Errorf("open a display: %w", err)
	}
	s := &Screen{server: server}
	number, err := bufio.NewReader(told).ReadString('\n')
	if err == nil {
		s.Display = ":" + strings.TrimSpace(number)
		s.memory, err = os.Open(filepath.Join(dir, "Xvfb_screen0"))
	}
	if err != nil {
		s.Close()
		return nil, fmt.Errorf("open a display: %w", err)
	}
	return s, nil
}

// Close ends the display.
func (s *Screen) Close() {
	if s.memory != nil {
		_ = s.memory.Close()
	}
	_ = s.server.Process.Signal(syscall.SIGTERM) // a shell may have it ignore interrupts
	_ = s.server.Wait()                          // its exit status does not matter
}

// read copies an area.
func (s *Screen) read(area image.Rectangle) ([]byte, error) {
	lines := make([]byte, area.Dy()*lineBytes)
	if _, err := s.memory.ReadAt(lines, pixelsAt+int64(area.Min.Y)*lineBytes); err != nil {
		return nil, fmt.Errorf("look at the display: %w", err)
	}
	pixels := make([]byte, 0, area.Dx()*area.Dy()*4)
	for y := range area.Dy() {
		line := lines[y*lineBytes:]
		pixels = append(pixels, line[area.Min.X*4:area.Max.X*4]...)
	}
	return pixels, nil
}

// painted reports whether an area shows letters and avatars.
func painted(pixels []byte) bool {
	seen := make(map[[4]byte]struct{}, colours)
	for i := 0; i+4 <= len(pixels); i += 4 {
		seen[[4]byte(pixels[i:])] = struct{}{}
		if len(seen) >= colours {
			return true
		}
	}
	return false
}

// WaitPainted returns once an area shows letters and pictures; after a minute without, an error.
func (s *Screen) WaitPainted(ctx context.Context, area image.Rectangle) error {
	return s.wait(ctx, area, painted)
}

// WaitBlank returns once an area has few colours.
func (s *Screen) WaitBlank(ctx context.Context, area image.Rectangle) error {
	return s.wait(ctx, area, func(pixels []byte) bool { return !painted(pixels) })
}

var errNotSeen = errors.New("not seen")

func (s *Screen) wait(ctx context.Context, area image.Rectangle, condition func([]byte) bool) error {
	ctx, cancel := context.WithTimeoutCause(ctx, lookFor, errNotSeen)
	defer cancel()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		pixels, err := s.read(area)
		if err != nil {
			return err
		}
		if condition(pixels) {
			return nil
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// Change is when an area changed after a click: for the first and for the last time.
type Change struct{ First, Last time.Duration }

// Click clicks a point and watches an area until it no longer changes. The time counts from the release of the button,
// including the start of xdotool, which takes about ten milliseconds.
func (s *Screen) Click(ctx context.Context, at image.Point, area image.Rectangle) (seen Change, err error) {
	if err := s.do(ctx, "mousemove", strconv.Itoa(at.X), strconv.Itoa(at.Y), "mousedown", "1"); err != nil {
		return Change{}, err
	}
	last, err := s.read(area)
	if err != nil {
		return Change{}, err
	}
	began := time.Now()
	released := make(chan error, 1)
	go func() { released <- s.do(ctx, "mouseup", "1") }()
	defer func() { err = errors.Join(err, <-released) }()
	changed := began
	err = s.wait(ctx, area, func(pixels []byte) bool {
		if !bytes.Equal(pixels, last) {
			last, changed = pixels, time.Now()
			if seen.First == 0 {
				seen.First = changed.Sub(began)
			}
			seen.Last = changed.Sub(began)
		}
		return seen.First > 0 && time.Since(changed) > stillAfter
	})
	return seen, err
}

func (s *Screen) do(ctx context.Context, args ...string) error {
	cmd := exec.CommandContext(ctx, "xdotool", args...)
	cmd.Env = append(os.Environ(), "DISPLAY="+s.Display)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("xdotool %s: %w: %s", args[0], err, out)
	}
	return nil
}
