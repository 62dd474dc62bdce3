package callstate_test

import (
	"context"
	"encoding/binary"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/calls"
	"github.com/parley-chat/parley/internal/server/eventlog"
	"github.com/parley-chat/parley/internal/wire"
	"github.com/parley-chat/parley/mesibo/internal/callstate"
)

// world is the real signalling of the server, with devices that are machines. It is the server's log and hub.
type world struct {
	t     rapid.TB
	calls *calls.Calls

	mu      sync.Mutex // the server's timers use what follows, and the inboxes
	stopped bool
	rows    map[uint64]eventlog.LiveCall
	records map[uint64][]*eventlog.EndCall
	opened  int
	devices []*device
	nonces  uint64
}

// device is a device of a user with its calls.
type device struct {
	w      *world
	uid    uint32
	id     string
	online bool
	inbox  []*wire.CallSignalled
	held   []*wire.CallSignalled // about calls whose id is not known yet
	calls  []*call
}

// call is a call at a device. What it sends is sent in order, and repeated until it is answered.
type call struct {
	callstate.Machine

	d        *device
	id       uint64
	nonce    uint64 // of an own call whose start has not been answered
	out      []*wire.CallSignal
	seq      uint32
	ends     int
	accepted string // the answer that the caller has got
}

var names = map[uint32]string{1: "alice", 2: "bob"}

func (w *world) Submit(ch eventlog.Change) error {
	done, err := w.store(ch)
	if err == nil {
		done(nil)
	}
	return err
}

func (w *world) store(ch eventlog.Change) (done func(error), err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stopped {
		return nil, eventlog.ErrClosed
	}
	switch ch := ch.(type) {
	case *eventlog.OpenCall:
		w.rows[ch.Call.ID] = ch.Call
		w.opened++
		return ch.Done, nil
	case *eventlog.AnswerCall:
		row := w.rows[ch.ID]
		row.CalleeDevice, row.Answer, row.Answered = ch.Device, ch.Answer, ch.Time
		w.rows[ch.ID] = row
		return ch.Done, nil
	case *eventlog.EndCall:
		delete(w.rows, ch.Call.ID)
		w.records[ch.Call.ID] = append(w.records[ch.Call.ID], ch)
		return ch.Done, nil
	}
	return nil, errors.New("an unknown change")
}

func (w *world) Calls(context.Context) ([]eventlog.LiveCall, error) {
	return slices.Collect(maps.Values(w.rows)), nil
}

func (*world) Blocks(uint32, uint32) bool { return false }
func (*world) Call(uint32)                {}

func (w *world) Devices(uid uint32) (ids []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, d := range w.devices {
		if d.uid == uid && d.online {
			ids = append(ids, d.id)
		}
	}
	return ids
}

func (w *world) Signal(uids []uint32, sig *wire.Signal, _ bool) (bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, d := range w.devices {
		if d.online && slices.Contains(uids, d.uid) {
			d.inbox = append(d.inbox, sig.GetCall())
		}
	}
	return true, nil
}

func (w *world) start() {
	w.setStopped(false)
	w.calls = calls.New(calls.Config{
		Log: w, Hub: w, Metrics: w, Logger: slog.New(slog.DiscardHandler), Clock: time.Now,
	})
	if err := w.calls.Load(context.Background()); err != nil {
		w.t.Fatal(err)
	}
	synctest.Wait()
}

func (w *world) restart() {
	w.calls.Stop()
	w.setStopped(true)
	for _, d := range w.devices {
		d.setOnline(false)
	}
	pass(100 * time.Millisecond)
	w.start()
}

func (d *device) user() calls.Device {
	return calls.Device{UserRef: accounts.UserRef{UID: d.uid, Address: names[d.uid]}, ID: d.id}
}

func (w *world) setStopped(stopped bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stopped = stopped
}

// setOnline changes whether the device is connected, with an empty inbox, and reports whether it was.
func (d *device) setOnline(online bool) (before bool) {
	d.w.mu.Lock()
	defer d.w.mu.Unlock()
	before, d.online, d.inbox = d.online, online, nil
	return before
}

func (d *device) connect() {
	if d.online {
		return
	}
	d.setOnline(true)
	d.w.calls.Connected(d.user(), func(sig *wire.Signal) error {
		d.w.mu.Lock()
		defer d.w.mu.Unlock()
		d.inbox = append(d.inbox, sig.GetCall())
		return nil
	})
	synctest.Wait()
	for _, c := range d.calls {
		if len(c.out) == 0 {
			c.do(c.Resumed())
		}
	}
}

func (d *device) disconnect() {
	if d.setOnline(false) {
		d.w.calls.Disconnected(d.user())
		synctest.Wait()
	}
}

func (d *device) dial() {
	d.w.nonces++
	c := &call{d: d, nonce: d.w.nonces}
	d.calls = append(d.calls, c)
	c.do(c.Dial())
}

// receive takes one signal; false when there is none.
func (d *device) receive() bool {
	d.w.mu.Lock()
	if len(d.inbox) == 0 {
		d.w.mu.Unlock()
		return false
	}
	s := d.inbox[0]
	d.inbox = d.inbox[1:]
	d.w.mu.Unlock()
	d.route(s)
	return true
}

func (d *device) route(s *wire.CallSignalled) {
	if s.GetDevice() != "" && s.GetDevice() != d.id {
		return
	}
	for _, c := range slices.Backward(d.calls) { // the newest object of a call has it
		if c.id == s.GetCallId() && (c.IsLive() || len(c.out) > 0) {
			c.do(c.Signalled(s.GetSeq(), s.GetChange()))
			return
		}
	}
	switch {
	case slices.ContainsFunc(d.calls, func(c *call) bool { return c.nonce != 0 }):
		d.held = append(d.held, s)
	case s.GetChange().GetStatus() == wire.CallIncoming:
		c := &call{d: d, id: s.GetCallId()}
		c.seq = d.numbered(c.id)
		d.calls = append(d.calls, c)
		c.do(c.Arrived())
		c.do(c.Rung())
	case s.GetDevice() != "" && s.GetChange().GetStatus()&wire.CallEnded == 0:
		c := &call{d: d, id: s.GetCallId()}
		c.seq = d.numbered(c.id)
		d.calls = append(d.calls, c)
		c.do(c.Forgotten())
	}
}

// numbered returns the highest number that the device has used in a call.
func (d *device) numbered(id uint64) (seq uint32) {
	for _, c := range d.calls {
		if c.id == id {
			seq = max(seq, c.seq)
		}
	}
	return seq
}

// request sends the first waiting request of a call. lost says what the connection loses: 0 nothing, 1 the request, 2
// the reply.
func (c *call) request(lost int) {
	if !c.d.online || c.nonce == 0 && len(c.out) == 0 {
		return
	}
	var reply *wire.CallReply
	done := func(r *wire.CallReply, err error) {
		if err == nil {
			reply = r
		}
	}
	starts := c.nonce != 0
	if lost != 1 {
		if starts {
			s := calls.Start{
				Caller: c.d.user(),
				Peer:   &accounts.UserRef{UID: 3 - c.d.uid, Address: names[3-c.d.uid]},
				Offer:  "offer",
			}
			binary.BigEndian.PutUint64(s.Nonce[:], c.nonce)
			c.d.w.calls.Start(s, done)
		} else {
			c.d.w.calls.Signal(c.d.user(), c.out[0], done)
		}
		synctest.Wait() // for timers that are due
	}
	switch {
	case lost != 0:
		c.d.disconnect()
	case starts:
		c.started(reply)
	default:
		sent := c.out[0]
		c.out = c.out[1:]
		c.do(c.Acknowledged(sent.GetChange().GetStatus(), reply.GetStatus()))
	}
}

// started handles the reply to the start; nil is a refusal.
func (c *call) started(reply *wire.CallReply) {
	status := uint32(wire.CallBusy)
	if reply != nil {
		status = reply.GetStatus()
	}
	c.nonce = 0
	if status != wire.CallIncoming || c.IsLive() {
		for _, other := range c.d.calls {
			if status == wire.CallIncoming && other.id == reply.GetCallId() {
				other.do(other.Replaced())
				if other.IsLive() || other.HasSentAnswer() { // it is being answered, or was
					status = wire.CallSwitched
				}
			}
		}
		c.id = reply.GetCallId()
		c.seq = c.d.numbered(c.id)
	}
	c.do(c.Replied(status))
	held := c.d.held
	c.d.held = nil
	for _, s := range held {
		c.d.route(s)
	}
}

func (c *call) do(actions []callstate.Action) {
	for _, a := range actions {
		switch a.Kind {
		case callstate.Send:
			c.seq++
			c.out = append(c.out, &wire.CallSignal{CallId: c.id, Seq: c.seq, Change: a.Change})
		case callstate.MakeAnswer, callstate.TakeOver:
			c.do(c.AnswerMade(c.d.id, false))
		case callstate.Accept:
			if c.accepted != "" {
				c.d.w.t.Errorf("%s got two answers", c.d.id)
			}
			c.accepted = a.Change.GetSdp()
		case callstate.End:
			if c.ends++; c.ends > 1 || a.Status&wire.CallEnded == 0 {
				c.d.w.t.Errorf("%s: end %d with %#x", c.d.id, c.ends, a.Status)
			}
		case callstate.Start, callstate.Notify, callstate.Remote:
		}
	}
}

// pass lets time pass, and the server's timers do what they have to.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// check: at most one device of the callee has a call, and the caller has that one's answer.
func (w *world) check() {
	answered := make(map[uint64]string)
	accepted := make(map[uint64]string)
	for _, d := range w.devices {
		for _, c := range d.calls {
			switch {
			case c.IsCaller() && c.accepted != "":
				accepted[c.id] = c.accepted
			case !c.IsCaller() && c.IsAnswered():
				if other := answered[c.id]; other != "" {
					w.t.Fatalf("both %s and %s have answered", other, d.id)
				}
				answered[c.id] = d.id
			}
		}
	}
	for id, device := range answered {
		if sdp := accepted[id]; sdp != "" && sdp != device {
			w.t.Fatalf("%s has answered, the caller has the answer of %s", device, sdp)
		}
	}
}

// settle connects everybody and lets all requests and signals arrive.
func (w *world) settle() {
	for range 200 {
		for _, d := range w.devices {
			d.connect()
			for d.receive() {
			}
			for _, c := range d.calls {
				c.request(0)
			}
		}
	}
}

func (w *world) finish() {
	w.settle()
	w.check()
	for _, d := range w.devices {
		for _, c := range d.calls {
			row, ok := w.rows[c.id]
			ours := ok && (row.CalleeDevice == "" || c.IsCaller() || row.CalleeDevice == d.id)
			if c.IsLive() && !ours {
				w.t.Fatalf("%s has call %d in state %d, the server does not", d.id, c.id, c.State())
			}
		}
	}
	for _, d := range w.devices {
		for _, c := range d.calls {
			c.do(c.Hangup())
		}
	}
	w.settle()
	pass(2 * time.Minute) // the server's timers
	for _, d := range w.devices {
		for _, c := range d.calls {
			if c.IsLive() || c.ends != 1 {
				w.t.Errorf("%s: call %d is in state %d and has ended %d times", d.id, c.id, c.State(), c.ends)
			}
		}
	}
	if len(w.rows) != 0 || len(w.records) != w.opened {
		w.t.Errorf("%d calls are left, %d of %d have a record", len(w.rows), len(w.records), w.opened)
	}
	for id, records := range w.records {
		if len(records) != 1 {
			w.t.Errorf("call %d has %d records", id, len(records))
		}
	}
}

// TestModel: the real signalling of the server with devices whose connections lose requests and replies, whose users do
// what they like, and that ends and starts again. Never have two devices answered, and every call ends, once.
func TestModel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rapid.Check(struct{ rapid.TB }{t}, func(rt *rapid.T) { // not *testing.T: it has no deadline here
			w := &world{t: rt, rows: make(map[uint64]eventlog.LiveCall), records: make(map[uint64][]*eventlog.EndCall)}
			w.start()
			for _, id := range []string{"a1", "b1", "b2"} {
				d := &device{w: w, id: id, uid: 1}
				if strings.HasPrefix(id, "b") {
					d.uid = 2
				}
				w.devices = append(w.devices, d)
				d.connect()
			}
			rt.Repeat(w.steps(rt))
			w.finish()
			w.calls.Stop()
		})
	})
}

func (w *world) steps(rt *rapid.T) map[string]func(*rapid.T) {
	device := func() *device { return rapid.SampledFrom(w.devices).Draw(rt, "device") }
	// each does something to a call of a device, if it has any.
	each := func(f func(c *call)) func(*rapid.T) {
		return func(*rapid.T) {
			if d := device(); len(d.calls) > 0 {
				f(rapid.SampledFrom(d.calls).Draw(rt, "call"))
			}
			w.check()
		}
	}
	request := each(func(c *call) { c.request(rapid.SampledFrom([]int{0, 0, 0, 0, 1, 2}).Draw(rt, "lost")) })
	receive := func(*rapid.T) { device().receive(); w.check() }
	return map[string]func(*rapid.T){
		"dial": func(*rapid.T) {
			if d := device(); len(d.calls) < 3 {
				d.dial()
			}
		},
		"request1": request, "request2": request, "request3": request,
		"receive1": receive, "receive2": receive, "receive3": receive,
		"answer1": each(func(c *call) { c.do(c.Answer()) }),
		"answer2": each(func(c *call) { c.do(c.Answer()) }),
		"hangup":  each(func(c *call) { c.do(c.Hangup()) }),
		"leave":   each(func(c *call) { c.do(c.Leave()) }),
		"expire": each(func(c *call) {
			if rapid.IntRange(0, 3).Draw(rt, "really") == 0 {
				c.do(c.Expired())
			}
		}),
		"fail": each(func(c *call) { c.do(c.Fail(callstate.StatusNetworkError)) }),
		"busy": each(func(c *call) { c.do(c.Busy(false)) }),
		"mute": each(func(c *call) {
			if c.IsAnswered() {
				c.do([]callstate.Action{{Kind: callstate.Send, Change: &wire.CallChange{Status: wire.CallMute, Mute: 1}}})
			}
		}),
		"up":         each(func(c *call) { c.do(c.MediaUp()) }),
		"down":       each(func(c *call) { c.do(c.MediaDown()) }),
		"connect":    func(*rapid.T) { device().connect() },
		"disconnect": func(*rapid.T) { device().disconnect() },
		"restart": func(*rapid.T) {
			if rapid.IntRange(0, 5).Draw(rt, "really") == 0 {
				w.restart()
			}
		},
		"wait": func(*rapid.T) {
			seconds := rapid.SampledFrom([]int{0, 0, 1, 11, 46}).Draw(rt, "seconds")
			pass(time.Duration(seconds) * time.Second)
		},
	}
}
