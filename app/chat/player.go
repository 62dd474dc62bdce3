package chat

import (
	"context"
	"image"
	"log/slog"
	"time"

	"github.com/parley-chat/parley/widgets"
)

// Animation is a moving picture; see mesibo.Animation. It is used on one goroutine at a time, never on the user
// interface's.
type Animation interface {
	Moves() bool
	Loops() int
	Next() (img image.Image, delay time.Duration, last bool, err error)
}

const (
	mostPlaying = 3                // pictures that move at once
	mostLoops   = 3                // after which a picture stands still
	mostPlay    = 30 * time.Second // likewise
)

// Player plays moving pictures, a few times each. It is used on the user interface's goroutine, and decodes on others.
type Player struct {
	load func(path string, maxSide int) (Animation, error) // called on other goroutines
	ui   Dispatcher
	log  *slog.Logger
	show func(key uint64, frame *widgets.Photo) // nil: the picture stands still
	// known is called when it turned out whether a picture moves.
	known func()

	reels map[uint64]*reel
	turn  int
	ended bool
}

// reel is one picture.
type reel struct {
	path  string
	side  int
	moves bool
	done  bool // it stands still from now on, or always did
	loops int  // that are left; 0 before the file was read
	left  time.Duration

	turn      int // when it began to play; 0 while it does not
	animation Animation
	due       time.Time // of the next frame
	cancel    func()
}

// NewPlayer makes a Player.
func NewPlayer(
	load func(path string, maxSide int) (Animation, error), ui Dispatcher, log *slog.Logger,
	show func(key uint64, frame *widgets.Photo), known func(),
) *Player {
	return &Player{load: load, ui: ui, log: log, show: show, known: known, reels: map[uint64]*reel{}}
}

// Moves reports whether a picture is known to move.
func (p *Player) Moves(key uint64) bool {
	r := p.reels[key]
	return r != nil && r.moves
}

// Stands reports whether a picture is known not to move.
func (p *Player) Stands(key uint64) bool {
	r := p.reels[key]
	return r != nil && r.done && !r.moves
}

// Playing reports whether a picture moves now.
func (p *Player) Playing(key uint64) bool {
	r := p.reels[key]
	return r != nil && r.turn > 0
}

// Only stops all pictures but these.
func (p *Player) Only(keys map[uint64]bool) {
	for key, r := range p.reels {
		if r.turn > 0 && !keys[key] {
			p.stop(key, r)
		}
	}
}

// Want plays a picture, unless it was played already, or enough others are.
func (p *Player) Want(key uint64, path string, side int) {
	r := p.reels[key]
	if r == nil || r.path != path {
		if r != nil {
			p.stop(key, r)
		}
		r = &reel{path: path, left: mostPlay}
		p.reels[key] = r
	}
	if r.side = side; r.turn > 0 || r.done || p.ended || p.count() >= mostPlaying {
		return
	}
	p.start(key, r)
}

// Again plays a picture that moves and has stopped once more. It reports whether that is so.
func (p *Player) Again(key uint64) bool {
	r := p.reels[key]
	if r == nil || !r.moves || r.turn > 0 || p.ended {
		return false
	}
	if p.count() >= mostPlaying {
		p.stopOldest()
	}
	r.done, r.loops, r.left = false, 0, mostPlay
	p.start(key, r)
	return true
}

// End stops all.
func (p *Player) End() {
	p.Only(nil)
	p.ended = true
}

func (p *Player) count() (n int) {
	for _, r := range p.reels {
		if r.turn > 0 {
			n++
		}
	}
	return n
}

func (p *Player) stopOldest() {
	oldest, found := uint64(0), false
	for key, r := range p.reels {
		if r.turn > 0 && (!found || r.turn < p.reels[oldest].turn) {
			oldest, found = key, true
		}
	}
	if found {
		p.reels[oldest].done = true
		p.stop(oldest, p.reels[oldest])
	}
}

func (p *Player) start(key uint64, r *reel) {
	p.turn++
	r.turn = p.turn
	turn, path, side := r.turn, r.path, r.side
	var a Animation
	var err error
	p.ui.Async(func(context.Context) { a, err = p.load(path, side) }, func() {
		if r.turn != turn {
			return
		}
		if err != nil {
			p.log.Debug("picture not played", slog.Any("error", err))
			r.done = true
			p.stop(key, r)
			return
		}
		news := r.moves != a.Moves()
		if r.moves = a.Moves(); !r.moves {
			r.done = true
			p.stop(key, r)
			p.known()
			return
		}
		if r.loops == 0 {
			if r.loops = mostLoops; a.Loops() > 0 {
				r.loops = min(mostLoops, a.Loops())
			}
		}
		r.animation, r.due = a, p.ui.Now()
		p.step(key, r)
		if news {
			p.known()
		}
	})
}

// step decodes the next frame, and shows it when it is due.
func (p *Player) step(key uint64, r *reel) {
	turn, a := r.turn, r.animation
	var photo *widgets.Photo
	var delay time.Duration
	var last bool
	var err error
	p.ui.Async(func(context.Context) {
		var img image.Image
		if img, delay, last, err = a.Next(); err == nil {
			photo = widgets.NewPhoto(img)
		}
	}, func() {
		switch {
		case r.turn != turn:
		case err != nil:
			p.log.Debug("picture not played to its end", slog.Any("error", err))
			r.done = true
			p.stop(key, r)
		default:
			p.after(r, r.due.Sub(p.ui.Now()), func() { p.shown(key, r, photo, delay, last) })
		}
	})
}

// after calls f after a delay, unless the picture is stopped before.
func (p *Player) after(r *reel, delay time.Duration, f func()) {
	if delay <= 0 {
		f()
		return
	}
	r.cancel = p.ui.After(delay, func() {
		r.cancel = nil
		f()
	})
}

func (p *Player) shown(key uint64, r *reel, photo *widgets.Photo, delay time.Duration, last bool) {
	p.show(key, photo)
	delay = min(delay, r.left)
	r.left -= delay
	r.due = p.ui.Now().Add(delay)
	if last {
		r.loops--
	}
	if r.loops > 0 && r.left > 0 {
		p.step(key, r)
		return
	}
	p.after(r, delay, func() {
		r.done = true
		p.stop(key, r)
	})
}

// stop shows the picture as it stands, and forgets what was decoded.
func (p *Player) stop(key uint64, r *reel) {
	if r.cancel != nil {
		r.cancel()
		r.cancel = nil
	}
	r.turn, r.animation = 0, nil
	p.show(key, nil)
}
