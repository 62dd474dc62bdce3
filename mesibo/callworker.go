package mesibo

import (
	"errors"
	"fmt"
	"time"

	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/call"
	"github.com/parley-chat/parley/mesibo/internal/callstate"
)

// This file is the worker of a call: one goroutine that does what the state of the call leads to, in order. It alone
// negotiates with the media and calls the listeners.

// work works until the call has ended and the server knows it.
func (c *Call) work() {
	defer c.calls.workers.Done()
	for {
		c.mu.Lock()
		tasks := c.tasks
		c.tasks = nil
		c.mu.Unlock()
		for _, task := range tasks {
			task()
		}
		if len(tasks) > 0 {
			continue
		}
		c.sendNext()
		if c.finished() {
			break
		}
		<-c.wake
	}
	c.calls.forget(c)
	close(c.done)
}

// finished notes whether the worker has nothing to do any more.
func (c *Call) finished() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	waiting := c.start != nil || len(c.out) > 0
	if c.machine.State() != callstate.Ended || len(c.tasks) > 0 || waiting && !c.gone {
		return false
	}
	c.disarm()
	c.over, c.start = true, nil
	return true
}

func (c *Call) wakeUp() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// do lets the worker do something.
func (c *Call) do(task func()) {
	c.mu.Lock()
	c.tasks = append(c.tasks, task)
	c.mu.Unlock()
	c.wakeUp()
}

// apply lets something happen to the call.
func (c *Call) apply(event func(m *callstate.Machine) []callstate.Action) {
	c.mu.Lock()
	c.applyLocked(event)
	c.mu.Unlock()
	c.wakeUp()
}

// applyLocked is apply under mu, without waking the worker.
func (c *Call) applyLocked(event func(m *callstate.Machine) []callstate.Action) {
	before := c.machine.State()
	for _, a := range event(&c.machine) {
		c.queue(a)
	}
	if c.machine.State() != before {
		c.arm()
	}
}

// queue queues an action. Under mu.
func (c *Call) queue(a callstate.Action) {
	var task func()
	switch a.Kind {
	case callstate.Send:
		c.send(a.Change)
		return
	case callstate.Start:
		task = c.makeOffer
	case callstate.Notify:
		if a.Status == wire.CallAnswer {
			c.answered = time.Now()
			c.sendMuted(false)
		}
		c.up = c.up || a.Status == callstate.StatusConnected
		task = func() { c.notify(CallStatus(a.Status)) }
	case callstate.MakeAnswer:
		task = func() { c.makeAnswer(c.offer) }
	case callstate.TakeOver:
		task = c.takeOver
	case callstate.Accept:
		task = func() { c.accept(a.Change) }
	case callstate.Remote:
		if len(c.tasks) >= mostTasks {
			return
		}
		task = func() { c.changed(a.Change) }
	case callstate.End:
		c.trim()
		task = func() { c.end(CallStatus(a.Status), a.ByRemote) }
	}
	c.tasks = append(c.tasks, task)
}

// arm starts the timer of the state that the call is in. Under mu.
func (c *Call) arm() {
	c.disarm()
	t := &c.calls.times
	var after time.Duration
	switch c.machine.State() {
	case callstate.Starting, callstate.Calling, callstate.Ringing, callstate.Incoming, callstate.Answering:
		after = t.ring
	case callstate.Answered:
		after = t.connect
	case callstate.Reconnecting:
		after = t.reconnect
	case callstate.Ended:
		after = t.linger
	case callstate.New, callstate.Connected:
		return
	}
	armed := c.armed
	c.timer = time.AfterFunc(after, func() { c.expire(armed) })
}

// disarm stops the timer. Under mu.
func (c *Call) disarm() {
	c.armed++
	if c.timer != nil {
		c.timer.Stop()
	}
}

func (c *Call) expire(armed int) {
	c.mu.Lock()
	if c.armed == armed {
		c.gone = c.machine.State() == callstate.Ended
		c.applyLocked((*callstate.Machine).Expired)
	}
	c.mu.Unlock()
	c.wakeUp()
}

// abandon ends the call without a word to the server.
func (c *Call) abandon(status CallStatus) {
	c.mu.Lock()
	c.gone = true
	c.applyLocked(func(m *callstate.Machine) []callstate.Action { return m.Fail(uint32(status)) })
	c.mu.Unlock()
	c.wakeUp()
}

func (c *Call) fail(status CallStatus) {
	c.apply(func(m *callstate.Machine) []callstate.Action { return m.Fail(uint32(status)) })
}

// mediaFailed ends the call because the media cannot do what they have to.
func (c *Call) mediaFailed(err error) {
	c.m.log.Warn("the media of a call failed", errAttr(err))
	status := CallStatusError
	if errors.Is(err, call.ErrNoDevice) || errors.Is(err, call.ErrNoCodec) {
		status = CallStatusHWError
	}
	c.fail(status)
}

// makeMedia makes the media of the call; false when it has ended.
func (c *Call) makeMedia() bool {
	devices := c.calls.devices()
	c.mu.Lock()
	if !c.machine.IsLive() {
		c.mu.Unlock()
		return false
	}
	c.made++
	c.candidates, c.described = nil, false
	events := mediaEvents{c: c, made: c.made}
	cp, caller := c.cp.clone(), c.machine.IsCaller()
	c.mu.Unlock()
	if len(cp.IceServers) == 0 {
		cp.IceServers = c.calls.servers(c.session)
	}
	media, err := c.calls.engine(callMediaOptions{
		Media: devices, Servers: cp.IceServers, RelayOnly: cp.RelayOnly, Caller: caller, Loopback: c.calls.isLocal(),
		Video: cp.Video, Audio: cp.Audio, Logger: c.m.log,
	}, events)
	if err != nil {
		c.mediaFailed(err)
		return false
	}
	c.sourceMu.Lock()
	defer c.sourceMu.Unlock()
	c.sourced = false
	c.mu.Lock()
	c.media = media
	source := c.source
	c.mu.Unlock()
	c.applyMuted()
	c.applySinks()
	if cp.Video.Enabled {
		c.startSource(media, source)
	}
	return true
}

// startSource lets the video of this user come from a source. Under sourceMu.
func (c *Call) startSource(media callMedia, source VideoSource) {
	devices := c.calls.devices()
	device := deviceOf(&devices, source)
	err := call.ErrNoDevice
	if device != nil {
		err = media.SetVideoSource(source, device)
	}
	if err != nil {
		c.m.log.Warn("no video in a call", errAttr(err))
		c.tellProblem(fmt.Errorf("no video is sent: %w", err))
		return
	}
	c.sourced = true
}

// makeOffer is the caller's first step.
func (c *Call) makeOffer() {
	if !c.makeMedia() {
		return
	}
	offer, err := c.media.Offer()
	if err != nil {
		c.mediaFailed(err)
		return
	}
	c.begin(offer)
}

// makeAnswer answers the first offer.
func (c *Call) makeAnswer(offer string) {
	if !c.makeMedia() {
		return
	}
	answer, err := c.media.Answer(offer)
	if err != nil {
		c.mediaFailed(err)
		return
	}
	c.mu.Lock()
	c.answers = [2]string{offer, answer}
	video := c.cp.Video.Enabled && c.muted&MuteStatusVideo == 0
	c.applyLocked(func(m *callstate.Machine) []callstate.Action { return m.AnswerMade(answer, video) })
	c.describe()
	c.mu.Unlock()
	c.wakeUp()
}

// takeOver answers the call of the other party, which calls at the same moment, instead of calling.
func (c *Call) takeOver() {
	c.closeMedia()
	c.mu.Lock()
	offer := c.crossing
	c.mu.Unlock()
	c.makeAnswer(offer)
}

func (c *Call) closeMedia() {
	c.mu.Lock()
	media := c.media
	c.media = nil
	c.made++
	c.mu.Unlock()
	if media != nil {
		media.Close()
	}
}

// end is the last task of a call.
func (c *Call) end(status CallStatus, byRemote bool) {
	c.closeMedia()
	c.notifyEnd(status, byRemote)
}
