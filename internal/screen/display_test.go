//go:build display && (linux || freebsd || netbsd || openbsd)

package screen

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jezek/xgb/randr"
	"github.com/jezek/xgb/xproto"

	"github.com/parley-chat/parley/internal/goroutine/leaktest"
	"github.com/parley-chat/parley/mesibo/call"
)

// These tests start X servers of their own, Xvfb; tools/e2e.sh runs them.

const (
	width, height = 640, 480
	red           = 0xff0000
	white         = 0xffffff
	green         = 0x00ff00
)

// Y, Cb and Cr of the colours.
var (
	yRed   = [3]byte{81, 90, 240}
	yWhite = [3]byte{235, 128, 128}
	yGreen = [3]byte{145, 54, 34}
)

// TestMain fails the run when goroutines are left at its end.
func TestMain(m *testing.M) { os.Exit(leaktest.Main(m)) }

// server is a running X server, and a connection that paints on it.
type server struct {
	*display

	name string
	stop func()
}

func serve(t *testing.T, arguments ...string) *server {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	ctx, cancel := context.WithCancel(context.Background()) //nolint:usetesting // the server outlives t.Context
	size := fmt.Sprintf("%dx%dx24", width, height)
	c := exec.CommandContext(ctx, "Xvfb", append([]string{
		"-displayfd", "3", "-screen", "0", size, "-noreset", "-nolisten", "tcp",
	}, arguments...)...)
	c.ExtraFiles = []*os.File{write}
	err = c.Start()
	_ = write.Close()
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	var stopped atomic.Bool
	stop := func() {
		if !stopped.Swap(true) {
			cancel()
			_ = c.Wait()
		}
	}
	t.Cleanup(stop)
	number, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		t.Fatalf("Xvfb has not started: %v", err)
	}
	s := &server{name: ":" + strings.TrimSpace(number), stop: stop}
	if s.display, err = open(s.name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.conn.Close)
	s.paint(t, s.window(t, image.Rect(0, 0, width, height), red))
	s.setCursor(t, 1, 0)
	return s
}

// setCursor sets the mouse cursor: a green square, whose side is in pixels, or nothing for a bit 0. The hot spot is at
// 4, 6 where it is inside.
func (s *server) setCursor(t *testing.T, side uint16, bit uint32) {
	t.Helper()
	bitmap, err := xproto.NewPixmapId(s.conn)
	if err != nil {
		t.Fatal(err)
	}
	context, err := xproto.NewGcontextId(s.conn)
	if err != nil {
		t.Fatal(err)
	}
	cursor, err := xproto.NewCursorId(s.conn)
	if err != nil {
		t.Fatal(err)
	}
	xproto.CreatePixmap(s.conn, 1, bitmap, xproto.Drawable(s.root), side, side)
	xproto.CreateGC(s.conn, context, xproto.Drawable(bitmap), xproto.GcForeground, []uint32{bit})
	xproto.PolyFillRectangle(s.conn, xproto.Drawable(bitmap), context, []xproto.Rectangle{{Width: side, Height: side}})
	if err := xproto.CreateCursorChecked(s.conn, cursor, bitmap, bitmap, 0, 0xffff, 0, 0, 0xffff, 0,
		min(4, side-1), min(6, side-1)).Check(); err != nil {
		t.Fatal(err)
	}
	if err := xproto.ChangeWindowAttributesChecked(s.conn, s.root, xproto.CwCursor,
		[]uint32{uint32(cursor)}).Check(); err != nil {
		t.Fatal(err)
	}
}

// window shows a window of one colour.
func (s *server) window(t *testing.T, at image.Rectangle, colour uint32) xproto.Window {
	t.Helper()
	w, err := xproto.NewWindowId(s.conn)
	if err != nil {
		t.Fatal(err)
	}
	if err := xproto.CreateWindowChecked(s.conn, s.screen.RootDepth, w, s.root, int16(at.Min.X), int16(at.Min.Y),
		uint16(at.Dx()), uint16(at.Dy()), 0, xproto.WindowClassInputOutput, s.screen.RootVisual,
		xproto.CwBackPixel|xproto.CwOverrideRedirect, []uint32{colour, 1}).Check(); err != nil {
		t.Fatal(err)
	}
	return w
}

func (s *server) paint(t *testing.T, w xproto.Window) {
	t.Helper()
	if err := xproto.MapWindowChecked(s.conn, w).Check(); err != nil {
		t.Fatal(err)
	}
}

// watcher gets the frames of a screen.
type watcher struct {
	frames chan *image.YCbCr
	losses chan struct{}
	stop   func()
}

func watch(t *testing.T, s Screen, size image.Point) *watcher {
	t.Helper()
	w := &watcher{frames: make(chan *image.YCbCr), losses: make(chan struct{}, 10)}
	quit := make(chan struct{})
	stop, err := s.Start(size.X, size.Y, 100, func(f *image.YCbCr) {
		kept := *f
		kept.Y, kept.Cb, kept.Cr = append([]byte{}, f.Y...), append([]byte{}, f.Cb...), append([]byte{}, f.Cr...)
		select {
		case w.frames <- &kept:
		case <-quit:
		}
	}, func() { w.losses <- struct{}{} })
	if err != nil {
		t.Fatal(err)
	}
	var stopped atomic.Bool
	w.stop = func() {
		if !stopped.Swap(true) {
			close(quit)
			stop()
		}
		stop() // once more does no harm
	}
	t.Cleanup(w.stop)
	return w
}

// until waits for a frame that is as wanted.
func (w *watcher) until(t *testing.T, what string, wanted func(f *image.YCbCr) bool) {
	t.Helper()
	timeout := time.After(20 * time.Second)
	for {
		select {
		case f := <-w.frames:
			if wanted(f) {
				return
			}
		case <-w.losses:
			t.Fatalf("lost before %s is seen", what)
		case <-timeout:
			t.Fatalf("%s is not seen", what)
		}
	}
}

// lost waits for the loss, and checks that nothing is called after it.
func (w *watcher) lost(t *testing.T) {
	t.Helper()
	timeout := time.After(20 * time.Second)
	for {
		select {
		case <-w.frames:
			continue
		case <-w.losses:
		case <-timeout:
			t.Fatal("the loss is not noticed")
		}
		break
	}
	w.stop()
	select {
	case <-w.losses:
		t.Error("lost is called twice")
	case <-w.frames:
		t.Error("a frame after the loss")
	default:
	}
}

func colour(f *image.YCbCr, x, y int) [3]byte {
	return [3]byte{f.Y[f.YOffset(x, y)], f.Cb[f.COffset(x, y)], f.Cr[f.COffset(x, y)]}
}

// shows reports whether a rectangle has one colour and all around it another.
func shows(f *image.YCbCr, at image.Rectangle, in, out [3]byte) bool {
	for y := range f.Rect.Dy() {
		for x := range f.Rect.Dx() {
			want := out
			if image.Pt(x, y).In(at) {
				want = in
			}
			if colour(f, x, y) != want {
				return false
			}
		}
	}
	return true
}

// kinds are the arguments of servers that share memory, and of those that do not.
var kinds = map[string][]string{"shared memory": nil, "connection": {"-extension", "MIT-SHM"}}

// TestMemory: shared memory is used where it can be.
func TestMemory(t *testing.T) {
	t.Parallel()
	for name, arguments := range kinds {
		s := serve(t, arguments...)
		shared := runtime.GOOS == "linux" && arguments == nil
		d, err := open(s.name)
		if err != nil {
			t.Fatal(err)
		}
		g, err := newGrabber(d, Screen{})
		if err != nil {
			t.Fatal(err)
		}
		defer g.close()
		if got := g.memory != nil; got != shared {
			t.Errorf("%s: shared memory %v, want %v", name, got, shared)
		}
		if !g.cursor {
			t.Error("no cursor")
		}
	}
}

// TestWindows: windows are seen where they are, in exact colours, when they come, move and go.
func TestWindows(t *testing.T) {
	t.Parallel()
	for name, arguments := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, arguments...)
			w := watch(t, Screen{display: s.name}, image.Pt(width, height))
			w.until(t, "red", func(f *image.YCbCr) bool {
				return f.Rect == image.Rect(0, 0, width, height) && shows(f, image.Rectangle{}, yRed, yRed)
			})
			at := image.Rect(20, 30, 120, 80)
			window := s.window(t, at, white)
			s.paint(t, window)
			w.until(t, "a window", func(f *image.YCbCr) bool { return shows(f, at, yWhite, yRed) })
			xproto.ConfigureWindow(s.conn, window, xproto.ConfigWindowX|xproto.ConfigWindowY, []uint32{500, 400})
			moved := at.Add(image.Pt(480, 370))
			w.until(t, "the window elsewhere", func(f *image.YCbCr) bool { return shows(f, moved, yWhite, yRed) })
			xproto.DestroyWindow(s.conn, window)
			w.until(t, "red again", func(f *image.YCbCr) bool { return shows(f, image.Rectangle{}, yRed, yRed) })
		})
	}
}

// TestSmaller: the picture is scaled, and its colours stay.
func TestSmaller(t *testing.T) {
	t.Parallel()
	s := serve(t)
	s.paint(t, s.window(t, image.Rect(0, 0, width, height/2), green))
	w := watch(t, Screen{display: s.name}, image.Pt(333, 200))
	w.until(t, "a smaller picture", func(f *image.YCbCr) bool {
		return f.Rect == image.Rect(0, 0, 266, 200) && shows(f, image.Rect(0, 0, 266, 100), yGreen, yRed)
	})
}

// TestCursor: the mouse cursor is seen where the pointer is.
func TestCursor(t *testing.T) {
	t.Parallel()
	s := serve(t)
	const side = 16
	s.setCursor(t, side, 1)
	w := watch(t, Screen{display: s.name}, image.Pt(width, height))
	for _, at := range []image.Point{{104, 206}, {304, 16}} {
		xproto.WarpPointer(s.conn, 0, s.root, 0, 0, 0, 0, int16(at.X), int16(at.Y))
		corner := at.Sub(image.Pt(4, 6))
		w.until(t, "the cursor", func(f *image.YCbCr) bool {
			return shows(f, image.Rectangle{corner, corner.Add(image.Pt(side, side))}, yGreen, yRed)
		})
	}
}

// TestResize: a display that becomes smaller and larger again stays visible.
func TestResize(t *testing.T) {
	t.Parallel()
	for name, arguments := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, arguments...)
			w := watch(t, Screen{display: s.name}, image.Pt(width, height))
			for _, size := range []image.Point{{320, 240}, {width, height}} {
				s.resize(t, size)
				w.until(t, fmt.Sprintf("%v", size), func(f *image.YCbCr) bool {
					return f.Rect.Max == size && shows(f, image.Rectangle{}, yRed, yRed)
				})
			}
		})
	}
}

// resize makes a mode of the only monitor, and sets it.
func (s *server) resize(t *testing.T, size image.Point) {
	t.Helper()
	name := fmt.Sprintf("test-%dx%d", size.X, size.Y)
	mode, err := randr.CreateMode(s.conn, s.root, randr.ModeInfo{
		Width: uint16(size.X), Height: uint16(size.Y), DotClock: 1, Htotal: 1, Vtotal: 1, NameLen: uint16(len(name)),
	}, name).Reply()
	if err != nil {
		t.Fatal(err)
	}
	all, err := randr.GetScreenResources(s.conn, s.root).Reply()
	if err != nil {
		t.Fatal(err)
	}
	crtc := all.Crtcs[0]
	err = randr.AddOutputModeChecked(s.conn, all.Outputs[0], mode.Mode).Check()
	if err == nil {
		_, err = randr.SetCrtcConfig(s.conn, crtc, xproto.TimeCurrentTime, all.ConfigTimestamp, 0, 0, 0,
			randr.RotationRotate0, nil).Reply()
	}
	if err == nil {
		err = randr.SetScreenSizeChecked(s.conn, s.root, uint16(size.X), uint16(size.Y), 100, 100).Check()
	}
	if err == nil {
		_, err = randr.SetCrtcConfig(s.conn, crtc, xproto.TimeCurrentTime, all.ConfigTimestamp, 0, 0, mode.Mode,
			randr.RotationRotate0, all.Outputs).Reply()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestMonitors: each monitor is captured by its name, and is lost when it is disconnected.
func TestMonitors(t *testing.T) {
	t.Parallel()
	s := serve(t)
	all, err := list(s.name)
	if err != nil || len(all) != 1 || all[0].Size != image.Pt(width, height) {
		t.Fatalf("got %v, %v", all, err)
	}
	right := image.Rect(width/2, 0, width, height)
	s.paint(t, s.window(t, right, white))
	outputs, err := randr.GetScreenResources(s.conn, s.root).Reply()
	if err != nil {
		t.Fatal(err)
	}
	s.monitor(t, "left", image.Rect(0, 0, width/2, height), false, outputs.Outputs)
	name := s.monitor(t, "right", right, true, nil)
	all, err = list(s.name)
	if err != nil || len(all) != 2 || all[0].Name != "right" || all[1].Name != "left" {
		t.Fatalf("got %v, %v", all, err)
	}
	first := watch(t, Screen{display: s.name}, right.Size())
	first.until(t, "the primary monitor", func(f *image.YCbCr) bool {
		return f.Rect.Max == right.Size() && shows(f, image.Rectangle{}, yWhite, yWhite)
	})
	second := watch(t, all[1], right.Size())
	second.until(t, "the left monitor", func(f *image.YCbCr) bool { return shows(f, image.Rectangle{}, yRed, yRed) })
	whole := watch(t, Screen{Whole: true, display: s.name}, image.Pt(width, height))
	whole.until(t, "both monitors", func(f *image.YCbCr) bool { return f.Rect.Max == image.Pt(width, height) })
	named := watch(t, all[0], right.Size())
	named.until(t, "the right monitor", func(f *image.YCbCr) bool { return shows(f, image.Rectangle{}, yWhite, yWhite) })
	if err := randr.DeleteMonitorChecked(s.conn, s.root, name).Check(); err != nil {
		t.Fatal(err)
	}
	named.lost(t)
	first.until(t, "the other monitor", func(f *image.YCbCr) bool { return shows(f, image.Rectangle{}, yRed, yRed) })
	if _, err := all[0].Start(width, height, 5, nothing, func() {}); !errors.Is(err, call.ErrNoDevice) {
		t.Errorf("a monitor that is gone: got %v", err)
	}
}

// monitor makes a part of the display a monitor, and returns its name.
func (s *server) monitor(t *testing.T, name string, at image.Rectangle, primary bool, on []randr.Output) xproto.Atom {
	t.Helper()
	atom, err := xproto.InternAtom(s.conn, false, uint16(len(name)), name).Reply()
	if err != nil {
		t.Fatal(err)
	}
	if err := randr.SetMonitorChecked(s.conn, s.root, randr.MonitorInfo{
		Name: atom.Atom, Primary: primary, X: int16(at.Min.X), Y: int16(at.Min.Y), Width: uint16(at.Dx()),
		Height: uint16(at.Dy()), WidthInMillimeters: 100, HeightInMillimeters: 100, NOutput: uint16(len(on)), Outputs: on,
	}).Check(); err != nil {
		t.Fatal(err)
	}
	return atom.Atom
}

// TestServerEnds: when the X server ends the screen is lost, once, and cannot be captured again.
func TestServerEnds(t *testing.T) {
	t.Parallel()
	for name, arguments := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, arguments...)
			screen := Screen{display: s.name}
			w := watch(t, screen, image.Pt(width, height))
			w.until(t, "a frame", func(*image.YCbCr) bool { return true })
			s.stop()
			w.lost(t)
			if _, err := screen.Start(width, height, 5, nothing, func() {}); !errors.Is(err, call.ErrNoDevice) {
				t.Errorf("got %v, want no device", err)
			}
		})
	}
}

// TestStop: stop ends the goroutines and releases the memory. Others must not run beside it.
func TestStop(t *testing.T) {
	for name, arguments := range kinds {
		s := serve(t, arguments...)
		before := runtime.NumGoroutine()
		for range 5 {
			w := watch(t, Screen{display: s.name}, image.Pt(width, height))
			w.until(t, "a frame", func(*image.YCbCr) bool { return true })
			w.stop()
		}
		for deadline := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before; runtime.Gosched() {
			if time.Now().After(deadline) {
				t.Fatalf("%s: %d goroutines left", name, runtime.NumGoroutine()-before)
			}
		}
		if maps, err := os.ReadFile("/proc/self/maps"); err == nil && bytes.Contains(maps, []byte("/SYSV")) {
			t.Errorf("%s: shared memory left", name)
		}
	}
}

// TestRate: there are at most as many frames a second as wanted, and none after stop.
func TestRate(t *testing.T) {
	t.Parallel()
	s := serve(t)
	const frames, fps = 6, 20
	var count atomic.Int64
	enough := make(chan time.Time, 1)
	begin := time.Now()
	stop, err := Screen{display: s.name}.Start(width, height, fps, func(*image.YCbCr) {
		if count.Add(1) == frames {
			enough <- time.Now()
		}
	}, func() { t.Error("lost") })
	if err != nil {
		t.Fatal(err)
	}
	if took := (<-enough).Sub(begin); took < frames*time.Second/fps {
		t.Errorf("%d frames took %v", frames, took)
	}
	stop()
	at := count.Load()
	s.conn.Sync()
	if now := count.Load(); now != at {
		t.Errorf("%d frames after stop", now-at)
	}
}
