package main

import (
	"bufio"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// The toolkit's loop alone knows what is code of the program and what is painting. So the program that is measured is
// built with a copy of the toolkit whose loop notes how long each takes.

//go:embed measure.go.txt
var measureSource string

// loopVariable names the file into which the loop writes.
const loopVariable = "PARLEY_BENCH_LOOP"

// loopChanges are the places of the toolkit's internal/driver/glfw/loop.go that are measured.
var loopChanges = [...]struct{ old, new string }{
	{"\t\t\tf.f()\n", "\t\t\tloopOwn(\"function\", f.f)\n"},
	{"\t\t\td.pollEvents()\n", "\t\t\tloopOwn(\"events\", d.pollEvents)\n"},
	{"\t\t\td.animation.TickAnimations()\n", "\t\t\tloopOwn(\"animation\", d.animation.TickAnimations)\n"},
	{"\t\t\td.drawSingleFrame()\n", "\t\t\td.drawSingleFrame()\n\t\t\tloopTickDone()\n"},
	{"\tif canvas.EnsureMinSize() {\n", "\tif loopLayout(canvas.EnsureMinSize) {\n"},
	{"\tfreed = canvas.FreeDirtyTextures() > 0\n", "\tloopPaintBegan()\n\tfreed = canvas.FreeDirtyTextures() > 0\n"},
	{"\t\tview.SwapBuffers()\n\t}\n", "\t\tview.SwapBuffers()\n\t}\n\tloopPaintDone()\n"},
}

const toolkit = "fyne.io/fyne/v2"

var errLoop = errors.New("the toolkit's loop is another one than this measures; see bench/window/loop.go")

// buildMeasured builds the program into dir with the changed loop.
func buildMeasured(ctx context.Context, dir string) (binary string, err error) {
	if err := os.RemoveAll(dir); err != nil {
		return "", fmt.Errorf("build to measure: %w", err)
	}
	source, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", toolkit).Output()
	if err != nil {
		return "", fmt.Errorf("find the toolkit: %w", err)
	}
	changed := filepath.Join(dir, "toolkit")
	if err := os.CopyFS(changed, os.DirFS(strings.TrimSpace(string(source)))); err != nil {
		return "", fmt.Errorf("copy the toolkit: %w", err)
	}
	if err := changeLoop(filepath.Join(changed, "internal", "driver", "glfw")); err != nil {
		return "", err
	}
	module := filepath.Join(dir, "measured.mod")
	for from, to := range map[string]string{"go.mod": module, "go.sum": filepath.Join(dir, "measured.sum")} {
		text, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(to, text, 0o600)
		}
		if err != nil {
			return "", fmt.Errorf("build to measure: %w", err)
		}
	}
	binary = filepath.Join(dir, "parley")
	for _, command := range [][]string{
		{"go", "mod", "edit", "-replace", toolkit + "=" + changed, module},
		{"sh", "tools/build.sh", binary, "-modfile=" + module},
	} {
		cmd := exec.CommandContext(ctx, command[0], command[1:]...)
		cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
		if err := cmd.Run(); err != nil {
			return "", fmt.Errorf("build to measure: %s: %w", command[0], err)
		}
	}
	return binary, nil
}

// changeLoop changes the loop in a copy of its package.
func changeLoop(dir string) error {
	path := filepath.Join(dir, "loop.go")
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read the toolkit's loop: %w", err)
	}
	loop := string(text)
	for _, c := range loopChanges {
		if strings.Count(loop, c.old) != 1 {
			return fmt.Errorf("%w: %q", errLoop, c.old)
		}
		loop = strings.Replace(loop, c.old, c.new, 1)
	}
	return errors.Join(os.WriteFile(path, []byte(loop), 0o600),
		os.WriteFile(filepath.Join(dir, "measure.go"), []byte(measureSource), 0o600))
}

// tick is one turn of the loop.
type tick struct {
	at                  time.Time
	painted             bool
	since               time.Duration // the end of the turn before
	own, ownCPU         time.Duration // in code of the program
	what                string        // the longest stretch of it
	longest, longestCPU time.Duration
	paint, paintCPU     time.Duration
}

// readLoop returns what the loop has written between two times.
func readLoop(path string, from, to time.Time) (ticks []tick, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read what the loop took: %w", err)
	}
	defer func() { _ = file.Close() }() // it is only read
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var t tick
		var at int64
		var n [7]int64
		_, err := fmt.Sscan(lines.Text(), &at, &t.painted, &n[0], &n[1], &n[2], &t.what, &n[3], &n[4], &n[5], &n[6])
		if err != nil {
			continue // the last line, while it was written
		}
		for i, to := range []*time.Duration{&t.since, &t.own, &t.ownCPU, &t.longest, &t.longestCPU, &t.paint, &t.paintCPU} {
			*to = time.Duration(n[i]) * time.Microsecond
		}
		if t.at = time.UnixMicro(at); t.at.After(from) && t.at.Before(to) {
			ticks = append(ticks, t)
		}
	}
	return ticks, lines.Err()
}

// Limits of what a user does not notice.
const (
	mostOwn = 16 * time.Millisecond
	mostGap = 50 * time.Millisecond
)

// reportLoop prints what the loop took. Turns of the wheel and messages ask for a frame in each tick.
func reportLoop(ticks []tick) {
	var own, ownCPU, paint, paintCPU, gaps []time.Duration
	var longest, longestCPU tick
	var last time.Time
	for _, t := range ticks {
		own, ownCPU = append(own, t.own), append(ownCPU, t.ownCPU)
		if t.longest > longest.longest {
			longest = t
		}
		if t.longestCPU > longestCPU.longestCPU {
			longestCPU = t
		}
		if !t.painted {
			continue
		}
		paint, paintCPU = append(paint, t.paint), append(paintCPU, t.paintCPU)
		if !last.IsZero() {
			gaps = append(gaps, t.at.Sub(last))
		}
		last = t.at
	}
	fmt.Printf("%d ticks of the loop, %d frames\n", len(ticks), len(paint))
	fmt.Printf("our code in a tick: by the clock %s; of the processor %s\n", spread(own, mostOwn), spread(ownCPU, mostOwn))
	fmt.Printf("the longest stretch of our code: %.1f ms by the clock (%.1f of the processor, %s), %.1f ms of the processor (%s)\n",
		ms(longest.longest), ms(longest.longestCPU), longest.what, ms(longestCPU.longestCPU), longestCPU.what)
	fmt.Printf("painting a frame: by the clock %s; of the processor %s\n", spread(paint, mostOwn), spread(paintCPU, mostOwn))
	fmt.Printf("from a frame to the next: %s\n", spread(gaps, mostGap))
}

// spread returns the median, the 99th percentile and the most of some times, and how many are above a limit.
func spread(times []time.Duration, limit time.Duration) string {
	if len(times) == 0 {
		return "none"
	}
	slices.Sort(times)
	within, _ := slices.BinarySearch(times, limit+1)
	return fmt.Sprintf("median %.1f ms, p99 %.1f, most %.1f, %d of %d above %d ms",
		ms(times[len(times)/2]), ms(times[len(times)*99/100]), ms(times[len(times)-1]), len(times)-within, len(times), limit.Milliseconds())
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
