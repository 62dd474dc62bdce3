package mesibo

import (
	"bytes"
	"context"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"

	"github.com/parley-chat/parley/internal/goroutine"
)

// dispatcher calls listeners one after another. Its goroutine lives while there is something to call.
type dispatcher struct {
	log *slog.Logger // immutable

	mu        sync.Mutex
	listeners []any // replaced, never changed in place
	queue     []func(*snapshot)
	busy      bool
	goroutine uint64        // the number of the goroutine that calls, while busy
	idle      chan struct{} // closed when no longer busy
	room      chan struct{} // closed when the queue has room again, nil while no caller waits
}

const mostCalls = 1024

func newDispatcher(log *slog.Logger) *dispatcher {
	idle := make(chan struct{})
	close(idle)
	return &dispatcher{log: log, idle: idle}
}

func (d *dispatcher) add(listener any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.ContainsFunc(d.listeners, func(l any) bool { return same(l, listener) }) {
		d.listeners = append(slices.Clip(d.listeners), listener)
	}
}

func (d *dispatcher) remove(listener any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.listeners = slices.DeleteFunc(slices.Clone(d.listeners), func(l any) bool { return same(l, listener) })
}

func (d *dispatcher) removeAll() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.listeners = nil
}

// same compares listeners; values of a type that cannot be compared are never the same.
func same(a, b any) (equal bool) {
	defer func() {
		if recover() != nil {
			equal = false
		}
	}()
	return a == b
}

// post queues a call. When too many wait already it waits for room, but not on the calling goroutine itself,
// and not beyond ctx; then it returns false.
func (d *dispatcher) post(ctx context.Context, call func(*snapshot)) bool {
	d.mu.Lock()
	for len(d.queue) >= mostCalls && d.goroutine != goroutine.Number() {
		if d.room == nil {
			d.room = make(chan struct{})
		}
		room := d.room
		d.mu.Unlock()
		select {
		case <-ctx.Done():
			return false
		case <-room:
		}
		d.mu.Lock()
	}
	d.queue = append(d.queue, call)
	if !d.busy {
		d.busy, d.idle = true, make(chan struct{})
		go d.run() // drain waits for it
	}
	d.mu.Unlock()
	return true
}

func (d *dispatcher) run() {
	number := goroutine.Number()
	for {
		d.mu.Lock()
		if len(d.queue) == 0 {
			d.busy, d.goroutine = false, 0
			close(d.idle)
			d.mu.Unlock()
			return
		}
		d.goroutine = number
		calls := d.queue
		d.queue = nil
		if d.room != nil {
			close(d.room)
			d.room = nil
		}
		d.mu.Unlock()
		for _, call := range calls {
			d.mu.Lock()
			all := d.listeners
			d.mu.Unlock()
			call(&snapshot{d: d, all: all})
		}
	}
}

// drain waits until nothing is left to call. On the calling goroutine itself it returns at once.
func (d *dispatcher) drain(ctx context.Context) {
	d.mu.Lock()
	idle, own := d.idle, d.goroutine
	d.mu.Unlock()
	if own != 0 && own == goroutine.Number() {
		return
	}
	select {
	case <-idle:
	case <-ctx.Done():
	}
}

// onGoroutine reports whether the caller is a listener.
func (d *dispatcher) onGoroutine() bool {
	d.mu.Lock()
	own := d.goroutine
	d.mu.Unlock()
	return own != 0 && own == goroutine.Number()
}

// snapshot holds the listeners registered when a call began.
type snapshot struct {
	d   *dispatcher
	all []any
}

// each calls f for every listener of a kind; a panic is logged and the next one called.
func each[L any](ls *snapshot, f func(l L)) {
	for _, l := range ls.all {
		if listener, ok := l.(L); ok {
			ls.guard(func() { f(listener) })
		}
	}
}

func (ls *snapshot) guard(f func()) {
	defer func() {
		if p := recover(); p != nil {
			ls.d.log.Error("listener panicked", slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
		}
	}()
	f()
}

func (ls *snapshot) connectionStatus(s ConnectionStatus) {
	each(ls, func(l ConnectionListener) { l.OnConnectionStatus(s) })
}

func (ls *snapshot) messageStatus(p MessageParams) {
	each(ls, func(l MessageListener) {
		own := p
		l.OnMessageStatus(&own)
	})
}

func (ls *snapshot) read(peer string, group uint32, unread int) {
	each(ls, func(l ReadListener) { l.OnRead(peer, group, unread) })
}

func (ls *snapshot) profileUpdated(p *UserProfile) {
	each(ls, func(l ProfileListener) { l.OnUserProfileUpdated(p) })
}

func (ls *snapshot) messageUpdate(p MessageParams, data []byte) {
	each(ls, func(l MessageUpdateListener) {
		own := p
		l.OnMessageUpdate(&own, bytes.Clone(data))
	})
}

func (ls *snapshot) activity(p MessageParams, activity Activity) {
	each(ls, func(l MessageListener) {
		own := p
		l.OnActivity(&own, activity)
	})
}

// has reports whether there is a listener of a kind.
func has[L any](d *dispatcher) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.ContainsFunc(d.listeners, func(l any) bool { _, ok := l.(L); return ok })
}

// filter asks the filters, on the calling goroutine, whether a message may pass. One that panics lets it.
func (d *dispatcher) filter(p MessageParams, direction FilterDirection, data []byte) bool {
	d.mu.Lock()
	ls := &snapshot{d: d, all: d.listeners}
	d.mu.Unlock()
	pass := true
	each(ls, func(f MessageFilter) {
		if pass {
			own := p
			pass = f.OnMessageFilter(&own, direction, bytes.Clone(data))
		}
	})
	return pass
}
