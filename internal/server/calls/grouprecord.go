package calls

import (
	"context"
	"time"

	"github.com/parley-chat/parley/internal/server/eventlog"
	"github.com/parley-chat/parley/internal/wire"
)

// keepEvery is how often it is stored that a call goes on: after a crash its record is wrong by that much at most.
const keepEvery = time.Minute

// Load ends the calls of groups that had not ended when the server stopped, as of when they were last known to go on.
// It is called before anything connects.
func (gs *Groups) Load(ctx context.Context) error {
	rows, err := gs.c.Log.GroupCalls(ctx)
	if err != nil {
		return err
	}
	for _, row := range rows {
		gs.c.Metrics.Call(wire.CallComplete)
		go gs.store(&eventlog.EndGroupCall{Call: row, Ended: max(row.Seen, row.Started, row.Answered)})
	}
	return nil
}

// snapshot returns how far a call is. Under mu.
func (gs *Groups) snapshot(c *groupCall) eventlog.LiveGroupCall {
	s := eventlog.LiveGroupCall{
		ID: c.id, GID: c.gid, Nonce: c.nonce, Starter: c.starter, Video: c.video, Started: c.started.UnixMilli(),
		People: c.most,
	}
	s.Seen = max(s.Started, gs.c.Clock().UnixMilli()) // also when the clock was set back
	if !c.answered.IsZero() {
		s.Answered = max(s.Started, c.answered.UnixMilli())
	}
	return s
}

// counts reports whether there is to be a record: there were several participants, or it has rung.
func (c *groupCall) counts() bool { return !c.answered.IsZero() || !c.rings.IsZero() }

// keep stores how far a call is, if there is to be a record, and once more each minute. Under mu.
func (gs *Groups) keep(c *groupCall) {
	if !c.counts() || gs.stopped {
		return
	}
	c.forget()
	c.keeps = time.AfterFunc(keepEvery, func() {
		gs.mu.Lock()
		defer gs.mu.Unlock()
		if gs.live[c.gid] == c {
			gs.keep(c)
		}
	})
	ch := &eventlog.KeepGroupCall{Call: gs.snapshot(c)}
	ch.Done = func(error) {}                     // the next one, or the record, may succeed
	c.submit(func() { _ = gs.c.Log.Submit(ch) }) // an error: the server has stopped
}

// submit lets f wait for the log's queue on a goroutine of its own, because the caller may be the log's writer, after
// what was submitted of this call before. Under mu.
func (c *groupCall) submit(f func()) {
	before, done := c.submitted, make(chan struct{})
	c.submitted = done
	go func() {
		defer close(done)
		if before != nil {
			<-before
		}
		f()
	}()
}

// forget stops the timer of keep.
func (c *groupCall) forget() {
	if c.keeps != nil {
		c.keeps.Stop()
	}
}

// end ends a call and stores its record, if there is to be one. Under mu.
func (gs *Groups) end(c *groupCall) {
	delete(gs.live, c.gid)
	if c.room != "" {
		delete(gs.rooms, c.room)
		gs.c.SFU.Close(c.room)
	}
	c.forget()
	gs.c.Metrics.Call(wire.CallComplete)
	if !c.counts() {
		return
	}
	live := gs.snapshot(c)
	c.submit(func() { gs.store(&eventlog.EndGroupCall{Call: live, Ended: max(live.Seen, live.Answered)}) })
}

// store stores a record. After a failure it tries again until it succeeds.
func (gs *Groups) store(end *eventlog.EndGroupCall) {
	end.Done = func(err error) {
		if err != nil {
			time.AfterFunc(retryAfter, func() { gs.store(end) })
		}
	}
	_ = gs.c.Log.Submit(end) // an error: the server has stopped, and the call ends after the restart
}
