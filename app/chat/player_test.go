package chat_test

import (
	"errors"
	"image"
	"log/slog"
	"testing"
	"time"

	"github.com/parley-chat/parley/app/apptest"
	"github.com/parley-chat/parley/app/chat"
	"github.com/parley-chat/parley/widgets"
)

// reel is an animation of so many frames, each 100 ms long.
type reel struct {
	frames, loops, at int
	each              time.Duration
	broken            bool
}

func newReel(frames, loops int) *reel {
	return &reel{frames: frames, loops: loops, each: 100 * time.Millisecond}
}

func (r *reel) Moves() bool { return r.frames > 1 }

func (r *reel) Loops() int { return r.loops }

func (r *reel) Next() (image.Image, time.Duration, bool, error) {
	if r.broken && r.at == 1 {
		return nil, 0, false, errors.New("damaged")
	}
	r.at++
	last := r.at%r.frames == 0
	return image.NewGray(image.Rect(0, 0, r.at, 1)), r.each, last, nil
}

// cinema is a player of reels, by path, with what it shows.
type cinema struct {
	*chat.Player

	t      *testing.T
	queue  *apptest.Queue
	reels  map[string]*reel
	now    map[uint64]int // the number of the frame that is shown
	shown  int
	loaded int
}

func newCinema(t *testing.T, reels map[string]*reel) *cinema {
	t.Helper()
	c := &cinema{t: t, queue: apptest.NewQueue(), reels: reels, now: map[uint64]int{}}
	c.Player = chat.NewPlayer(func(path string, _ int) (chat.Animation, error) {
		c.loaded++
		r := c.reels[path]
		if r == nil {
			return nil, errors.New("none")
		}
		again := *r
		return &again, nil
	}, c.queue, slog.New(slog.DiscardHandler), func(key uint64, frame *widgets.Photo) {
		c.now[key], _ = frame.Size()
		c.shown++
	}, func() {})
	return c
}

// after lets time go by, in which the decoder is quick.
func (c *cinema) after(d time.Duration) {
	for range d / (10 * time.Millisecond) {
		c.queue.WorkAll(c.t.Context())
		c.queue.Advance(10 * time.Millisecond)
	}
	c.queue.WorkAll(c.t.Context())
}

func TestPlayer(t *testing.T) {
	c := newCinema(t, map[string]*reel{"a": newReel(4, 0)})
	c.Want(1, "a", 100)
	c.after(50 * time.Millisecond)
	if c.now[1] != 1 || !c.Moves(1) || !c.Playing(1) {
		t.Fatalf("frame %d, moves %t, playing %t", c.now[1], c.Moves(1), c.Playing(1))
	}
	c.after(200 * time.Millisecond)
	if c.now[1] != 3 {
		t.Errorf("frame %d after 250 ms, want 3", c.now[1])
	}
	c.after(900 * time.Millisecond) // three times four frames take 1200 ms
	if c.now[1] != 12 || !c.Playing(1) {
		t.Errorf("frame %d at the end, playing %t", c.now[1], c.Playing(1))
	}
	c.after(100 * time.Millisecond)
	if c.now[1] != 0 || c.Playing(1) || c.queue.Timers() != 0 || c.queue.Busy() {
		t.Errorf("frame %d, playing %t, %d timers after the end", c.now[1], c.Playing(1), c.queue.Timers())
	}
	shown := c.shown
	c.Want(1, "a", 100)
	c.after(time.Second)
	if c.shown != shown {
		t.Error("it plays again by itself")
	}
	if !c.Again(1) || c.Again(1) {
		t.Error("Again, and while it plays")
	}
	c.after(50 * time.Millisecond)
	if c.now[1] != 1 {
		t.Errorf("frame %d after a press", c.now[1])
	}
	c.Want(1, "another", 100)
	c.after(50 * time.Millisecond)
	if c.now[1] != 0 || c.Playing(1) || c.Moves(1) {
		t.Error("another file that cannot be read plays")
	}
}

func TestPlayer_once(t *testing.T) {
	c := newCinema(t, map[string]*reel{"a": newReel(2, 1), "long": newReel(1000, 0), "broken": newReel(5, 0), "still": newReel(1, 0)})
	c.reels["broken"].broken = true
	c.reels["long"].each = 10 * time.Minute
	c.Want(1, "a", 100)
	if c.after(250 * time.Millisecond); c.Playing(1) {
		t.Error("a file that says once is played more often")
	}
	c.Want(2, "long", 100)
	if c.after(29 * time.Second); !c.Playing(2) {
		t.Error("it has ended before 30 s")
	}
	if c.after(1100 * time.Millisecond); c.Playing(2) {
		t.Error("it plays after 30 s")
	}
	c.Want(3, "broken", 100)
	if c.after(300 * time.Millisecond); c.Playing(3) || c.now[3] != 0 {
		t.Error("a damaged one goes on")
	}
	c.Want(4, "still", 100)
	if c.after(50 * time.Millisecond); c.Moves(4) || !c.Stands(4) || c.Playing(4) || c.Again(4) {
		t.Error("a picture of one frame moves")
	}
}

// TestPlayer_out of view: nothing is decoded, and what was played counts.
func TestPlayer_outOfView(t *testing.T) {
	c := newCinema(t, map[string]*reel{"a": newReel(4, 0)})
	c.Want(1, "a", 100)
	c.after(950 * time.Millisecond)
	c.Only(nil)
	if c.now[1] != 0 || c.Playing(1) || c.queue.Timers() != 0 {
		t.Fatal("it goes on out of view")
	}
	shown := c.shown
	if c.after(time.Second); c.shown != shown {
		t.Fatal("a frame came later")
	}
	c.Want(1, "a", 100)
	c.after(350 * time.Millisecond)
	if !c.Playing(1) {
		t.Fatal("the rest is not played")
	}
	if c.after(100 * time.Millisecond); c.Playing(1) {
		t.Error("it is played more than three times")
	}
	c.Again(1)
	c.queue.Work(t.Context())
	c.End()
	c.after(time.Second)
	if c.Playing(1) || c.queue.Timers() != 0 {
		t.Error("it goes on after the end")
	}
	if c.Want(2, "a", 100); c.Playing(2) {
		t.Error("one begins after the end")
	}
}

func TestPlayer_few(t *testing.T) {
	c := newCinema(t, map[string]*reel{"a": newReel(50, 0)})
	for key := range uint64(5) {
		c.Want(key+1, "a", 100)
		c.after(10 * time.Millisecond)
	}
	if c.loaded != 3 || !c.Playing(1) || c.Playing(4) {
		t.Fatalf("%d are played, want 3", c.loaded)
	}
	c.Only(map[uint64]bool{2: true, 3: true, 4: true})
	c.Want(4, "a", 100)
	c.after(50 * time.Millisecond)
	c.Only(map[uint64]bool{3: true, 4: true})
	c.Want(1, "a", 100)
	c.after(50 * time.Millisecond)
	if !c.Again(2) { // pressed
		t.Fatal("not again")
	}
	if c.Playing(3) || !c.Playing(4) || !c.Playing(1) || !c.Playing(2) {
		t.Error("not the oldest one made room")
	}
}
