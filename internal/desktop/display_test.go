//go:build display && (linux || freebsd || netbsd || openbsd)

package desktop

import (
	"bytes"
	"context"
	"crypto/rand"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"
)

// These tests need a display; tools/e2e.sh has one. They have the same names on every system with X11.

// copied copies something with xclip, and waits until xclip owns the clipboard, which happens a moment after it says
// so.
func copied(t *testing.T, form string, what []byte) {
	t.Helper()
	c := exec.CommandContext(within(t), "xclip", "-selection", "clipboard", "-t", form, "-i")
	c.Stdin = bytes.NewReader(what)
	if err := c.Run(); err != nil {
		t.Fatal(err)
	}
	for ctx := within(t); ; {
		got, err := exec.CommandContext(ctx, "xclip", "-selection", "clipboard", "-t", form, "-o").Output()
		if bytes.Equal(got, what) {
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("xclip has not copied: %v", err)
		}
	}
}

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// TestImage: pictures of every size are pasted as they were copied, also through xclip.
func TestImage(t *testing.T) {
	for name, size := range map[string]int{
		"small": 100, "a piece": pieceSize, "one more": pieceSize + 1, "whole pieces": 3 * pieceSize, "large": 5<<20 + 17,
	} {
		t.Run(name, func(t *testing.T) {
			var k Desktop
			defer k.Close()
			want := make([]byte, size)
			_, _ = rand.Read(want)
			if err := k.CopyImage(want); err != nil {
				t.Fatal(err)
			}
			files, got, err := k.Paste(within(t))
			if err != nil || len(files) > 0 || !bytes.Equal(got, want) {
				t.Errorf("pasted: got %d bytes, %q, %v; want %d", len(got), files, err, size)
			}
			if got, err = exec.CommandContext(within(t), "xclip", "-selection", "clipboard", "-t", pngType,
				"-o").Output(); err != nil || !bytes.Equal(got, want) {
				t.Errorf("by xclip: got %d bytes, %v; want %d", len(got), err, size)
			}
			_, _ = rand.Read(want)
			copied(t, pngType, want)
			if _, got, err = k.Paste(within(t)); err != nil || !bytes.Equal(got, want) {
				t.Errorf("from xclip: got %d bytes, %v; want %d", len(got), err, size)
			}
		})
	}
}

// TestCopyImage_replaced: a program that fetches a picture in pieces gets all of it, also when another one copies
// something meanwhile.
func TestCopyImage_replaced(t *testing.T) {
	var k Desktop
	defer k.Close()
	want := make([]byte, 3*pieceSize)
	_, _ = rand.Read(want)
	if err := k.CopyImage(want); err != nil {
		t.Fatal(err)
	}
	d, err := openDisplay()
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	from, err := d.request(within(t), pngType)
	if err != nil {
		t.Fatal(err)
	}
	copied(t, "UTF8_STRING", []byte("something else"))
	if got, err := d.collect(within(t), from); err != nil || !bytes.Equal(got, want) {
		t.Errorf("got %d bytes, %v", len(got), err)
	}
}

func TestPaste_files(t *testing.T) {
	copied(t, "text/uri-list", []byte("file:///tmp/a%20b.png\r\nfile:///tmp/c.txt\r\n"))
	files, image, err := New(Options{}).Paste(within(t))
	if want := []string{"/tmp/a b.png", "/tmp/c.txt"}; err != nil || len(image) > 0 || !slices.Equal(files, want) {
		t.Errorf("got %q, %d bytes, %v; want %q", files, len(image), err, want)
	}
}

func TestPaste_text(t *testing.T) {
	copied(t, "UTF8_STRING", []byte("file:///tmp/only-text"))
	files, image, err := New(Options{}).Paste(within(t))
	if err != nil || len(files) > 0 || len(image) > 0 {
		t.Errorf("got %q, %d bytes, %v", files, len(image), err)
	}
}

// TestPaste_silent: Paste does not wait for ever for a program that has copied something and does not answer.
func TestPaste_silent(t *testing.T) {
	d, err := openDisplay()
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	s := &served{d: d, png: []byte("x"), readers: make(map[reader][]byte)}
	if err := s.begin(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := New(Options{}).Paste(within(t)); err == nil {
		t.Error("got no error")
	}
}

// dragging moves the pointer of the display and owns the selection of drags.
type dragging struct {
	t *testing.T
	d *display
}

func (g dragging) pointer(kind byte, detail byte, x, y int16) {
	g.t.Helper()
	if err := xtest.FakeInputChecked(g.d.conn, kind, detail, 0, g.d.root, x, y, 0).Check(); err != nil {
		g.t.Fatal(err)
	}
}

func (g dragging) begin() {
	g.t.Helper()
	atom, err := g.d.atom("XdndSelection")
	if err == nil {
		err = xproto.SetSelectionOwnerChecked(g.d.conn, g.d.window, atom, xproto.TimeCurrentTime).Check()
	}
	if err != nil {
		g.t.Fatal(err)
	}
}

// TestUseFixes_beside_events: while one connection learns of the extension, others get events.
func TestUseFixes_beside_events(t *testing.T) {
	busy, err := openDisplay()
	if err != nil {
		t.Fatal(err)
	}
	defer busy.close()
	name, err := busy.atom("PARLEY_TEST")
	if err != nil {
		t.Fatal(err)
	}
	go func() { // until the connection is closed
		for range busy.events {
		}
	}()
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-done:
				return
			default:
			}
			if err := xproto.ChangePropertyChecked(busy.conn, xproto.PropModeReplace, busy.window, name, xproto.AtomString, 8, 1,
				[]byte("x")).Check(); err != nil {
				t.Error(err)
				return
			}
		}
	}()
	for range 50 {
		d, err := openDisplay()
		if err != nil {
			t.Fatal(err)
		}
		if err := d.announceDrags(); err != nil {
			t.Error(err)
		}
		d.close()
	}
	close(done)
	<-ended
}

func TestWatchDrags(t *testing.T) {
	d, err := openDisplay()
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	if err := xtest.Init(d.conn); err != nil {
		t.Fatal(err)
	}
	window, err := xproto.NewWindowId(d.conn)
	if err == nil {
		err = xproto.CreateWindowChecked(d.conn, 0, window, d.root, 100, 100, 200, 100, 0, xproto.WindowClassInputOutput, 0,
			xproto.CwOverrideRedirect, []uint32{1}).Check()
	}
	if err == nil {
		err = xproto.MapWindowChecked(d.conn, window).Check()
	}
	if err != nil {
		t.Fatal(err)
	}
	type place struct {
		over bool
		x, y float32
	}
	seen := make(chan place, 100)
	ctx, cancel := context.WithCancel(within(t))
	ended := make(chan error)
	go func() {
		ended <- New(Options{}).WatchDrags(ctx, uintptr(window), func(over bool, x, y float32) { seen <- place{over, x, y} })
	}()
	await := func(want place) {
		t.Helper()
		for {
			select {
			case got := <-seen:
				if got == want {
					return
				}
			case <-ctx.Done():
				t.Fatalf("never told of %v", want)
			}
		}
	}
	g := dragging{t, d}
	for range 2 { // a second drag is seen as well
		g.pointer(xproto.MotionNotify, 0, 50, 50)
		g.pointer(xproto.ButtonPress, 1, 0, 0)
		for len(seen) == 0 { // until the drag is noticed
			g.begin()
			g.pointer(xproto.MotionNotify, 0, 150, 125)
			select {
			case got := <-seen:
				seen <- got
			case <-time.After(100 * time.Millisecond):
			}
		}
		await(place{true, 0.25, 0.25})
		g.pointer(xproto.MotionNotify, 0, 200, 150)
		await(place{true, 0.5, 0.5})
		g.pointer(xproto.MotionNotify, 0, 350, 150)
		await(place{})
		g.pointer(xproto.MotionNotify, 0, 200, 150)
		await(place{true, 0.5, 0.5})
		g.pointer(xproto.ButtonRelease, 1, 0, 0)
		await(place{})
	}
	g.pointer(xproto.ButtonPress, 1, 0, 0)
	g.pointer(xproto.MotionNotify, 0, 210, 150)
	g.pointer(xproto.ButtonRelease, 1, 0, 0)
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("ended with %v", err)
	}
	if len(seen) > 0 {
		t.Errorf("a press that drags nothing: told of %v", <-seen)
	}
}

// TestIdle: the time without keys and mouse ends with a key.
func TestIdle(t *testing.T) {
	d, err := openDisplay()
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	if err := xtest.Init(d.conn); err != nil {
		t.Fatal(err)
	}
	var k Desktop
	for ctx, long := within(t), time.Duration(0); long < 50*time.Millisecond; {
		if long, err = k.Idle(); err != nil || ctx.Err() != nil {
			t.Fatalf("idle: got %v, %v, want a time that grows", long, err)
		}
	}
	before := time.Now()
	if err := xtest.FakeInputChecked(d.conn, xproto.MotionNotify, 0, 0, d.root, 5, 5, 0).Check(); err != nil {
		t.Fatal(err)
	}
	if idle, err := k.Idle(); err != nil || idle > time.Since(before)+20*time.Millisecond {
		t.Errorf("after the mouse was moved: got %v, %v, want next to nothing", idle, err)
	}
}
