package calls_test

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

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/parley-chat/parley/internal/server/accounts"
	"github.com/parley-chat/parley/internal/server/calls"
	"github.com/parley-chat/parley/internal/server/eventlog"
	"github.com/parley-chat/parley/internal/wire"
)

// The users of the model. Carol has no part in any call.
const (
	alice = 1
	bob   = 2
	carol = 3
)

var (
	names   = map[uint32]string{alice: "alice", bob: "bob", carol: "carol"}
	errDisk = errors.New("the disk is full")
)

type startKey struct {
	uid   uint32
	nonce [wire.NonceSize]byte
}

// disk is what is stored.
type disk struct {
	mu      sync.Mutex // timers look while the process commits
	rows    map[uint64]eventlog.LiveCall
	records map[uint64][]*eventlog.EndCall
	opened  map[uint64]eventlog.LiveCall // all calls that there have been
	nonces  map[startKey]bool
}

// call returns a call that there has been.
func (d *disk) call(id uint64) (row eventlog.LiveCall, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	row, ok = d.opened[id]
	return row, ok
}

// apply does what the changes do in the database.
func (d *disk) apply(ch eventlog.Change) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch ch := ch.(type) {
	case *eventlog.OpenCall:
		key := startKey{ch.Call.Caller.UID, ch.Call.Nonce}
		if ch.Over = d.nonces[key]; ch.Over {
			return
		}
		maps.DeleteFunc(d.rows, func(id uint64, row eventlog.LiveCall) bool {
			again := startKey{row.Caller.UID, row.Nonce} == key
			if again {
				delete(d.opened, id)
			}
			return again
		})
		d.rows[ch.Call.ID], d.opened[ch.Call.ID] = ch.Call, ch.Call
	case *eventlog.DropCall:
		delete(d.rows, ch.ID)
		delete(d.opened, ch.ID)
	case *eventlog.AnswerCall:
		if row, ok := d.rows[ch.ID]; ok {
			row.CalleeDevice, row.Answer, row.AnswerVideo, row.Answered = ch.Device, ch.Answer, ch.Video, ch.Time
			d.rows[ch.ID] = row
		}
	case *eventlog.EndCall:
		if _, ok := d.rows[ch.Call.ID]; ok {
			delete(d.rows, ch.Call.ID)
			d.records[ch.Call.ID] = append(d.records[ch.Call.ID], ch)
			d.nonces[startKey{ch.Call.Caller.UID, ch.Call.Nonce}] = true
		}
	}
}

// process is one run of the server.
type process struct {
	w *world

	mu    sync.Mutex
	ended bool
	queue []eventlog.Change
}

func (p *process) Submit(ch eventlog.Change) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return eventlog.ErrClosed
	}
	p.queue = append(p.queue, ch)
	return nil
}

func (p *process) Calls(context.Context) ([]eventlog.LiveCall, error) {
	return slices.Collect(maps.Values(p.w.disk.rows)), nil
}

func (*process) Blocks(uint32, uint32) bool { return false }

func (p *process) Devices(uid uint32) (ids []string) {
	for _, d := range p.w.devices {
		if d.uid == uid && d.online {
			ids = append(ids, d.id)
		}
	}
	return ids
}

func (p *process) Signal(uids []uint32, sig *wire.Signal, droppable bool) (reached bool, err error) {
	if droppable || p != p.w.process {
		p.w.fail("signal %v", sig)
	}
	for _, uid := range uids {
		p.w.check(uid, sig.GetCall())
		reached = reached || len(p.Devices(uid)) > 0
	}
	return reached, nil
}

func (*process) Call(uint32) {}

// commit commits what is queued.
func (p *process) commit(err error, stored bool) {
	p.mu.Lock()
	batch := p.queue
	p.queue = nil
	p.mu.Unlock()
	for _, ch := range batch {
		if err == nil || stored {
			p.w.disk.apply(ch)
		}
	}
	for _, ch := range batch {
		switch ch := ch.(type) {
		case *eventlog.OpenCall:
			ch.Done(err)
		case *eventlog.DropCall:
			ch.Done(err)
		case *eventlog.AnswerCall:
			ch.Done(err)
		case *eventlog.EndCall:
			ch.Done(err)
		}
	}
}

// device is a device of a user, with the requests that it has sent and the server has not got.
type device struct {
	uid     uint32
	id      string
	online  bool
	numbers map[uint64]uint32
	pending []func()
}

func (d *device) calls() calls.Device {
	return calls.Device{UserRef: accounts.UserRef{UID: d.uid, Address: names[d.uid]}, ID: d.id}
}

// numbered is a numbered signal of a device.
type numbered struct {
	device string
	call   uint64
	seq    uint32
}

// world is a server with its users.
type world struct {
	t        rapid.TB
	rt       *rapid.T // nil outside TestModel
	disk     disk
	process  *process
	calls    *calls.Calls
	devices  []*device
	nonces   uint64
	answered map[uint64]string // the device that has been told that it has answered
	answers  map[uint64]string // the answer that the caller has got
	sent     map[numbered]*wire.CallSignalled
	newest   map[numbered]uint32 // by device and call
}

func newWorld(t rapid.TB) *world {
	w := &world{
		t: t, answered: make(map[uint64]string), answers: make(map[uint64]string),
		sent: make(map[numbered]*wire.CallSignalled), newest: make(map[numbered]uint32),
		disk: disk{
			rows: make(map[uint64]eventlog.LiveCall), records: make(map[uint64][]*eventlog.EndCall),
			opened: make(map[uint64]eventlog.LiveCall), nonces: make(map[startKey]bool),
		},
	}
	for id, uid := range map[string]uint32{"a1": alice, "a2": alice, "b1": bob, "b2": bob, "b3": bob, "c1": carol} {
		w.devices = append(w.devices, &device{uid: uid, id: id, numbers: make(map[uint64]uint32)})
	}
	slices.SortFunc(w.devices, func(a, b *device) int { return strings.Compare(a.id, b.id) })
	w.start()
	for _, d := range w.devices {
		w.connect(d)
	}
	return w
}

func (w *world) fail(format string, args ...any) {
	w.t.Helper()
	w.t.Errorf(format, args...)
}

func (w *world) start() {
	w.process = &process{w: w}
	w.calls = calls.New(calls.Config{
		Log: w.process, Hub: w.process, Metrics: w.process, Logger: slog.New(slog.DiscardHandler), Clock: time.Now,
	})
	if err := w.calls.Load(context.Background()); err != nil {
		w.t.Fatal(err)
	}
}

// stop ends the process. What is queued is lost.
func (w *world) stop() {
	w.calls.Stop()
	w.process.mu.Lock()
	w.process.ended = true
	w.process.mu.Unlock()
	for _, d := range w.devices {
		d.online, d.pending = false, nil
	}
}

// check checks a signal to a user.
func (w *world) check(uid uint32, s *wire.CallSignalled) {
	row, ok := w.disk.call(s.GetCallId())
	switch {
	case !ok:
		w.fail("%v is about a call that is not stored", s)
	case uid != row.Caller.UID && uid != row.Callee.UID:
		w.fail("user %d got %v", uid, s)
	case names[row.Caller.UID] == s.GetPeer() == (uid == row.Caller.UID):
		w.fail("user %d got %v, with a wrong peer", uid, s)
	case s.GetDevice() != "" && !slices.ContainsFunc(w.devices, func(d *device) bool {
		return d.uid == uid && d.id == s.GetDevice()
	}):
		w.fail("user %d got %v, for the device of another user", uid, s)
	}
	if s.GetChange().GetStatus() == wire.CallAnswer {
		if had, ok := w.answers[s.GetCallId()]; ok && had != s.GetChange().GetSdp() {
			w.fail("the caller got the answers of %s and %s", had, s.GetChange().GetSdp())
		}
		w.answers[s.GetCallId()] = s.GetChange().GetSdp()
	}
	if s.GetDevice() == "" || !slices.Contains(w.process.Devices(uid), s.GetDevice()) {
		return
	}
	n := numbered{s.GetDevice(), s.GetCallId(), s.GetSeq()}
	latest := numbered{device: n.device, call: n.call}
	switch had := w.sent[n]; {
	case n.seq == 0:
		w.fail("%v has no number", s)
	case had != nil && !proto.Equal(had, s):
		w.fail("%v and %v have the same number", had, s)
	case had == nil && n.seq <= w.newest[latest]:
		w.fail("%v has a lower number than the one before, %d", s, w.newest[latest])
	}
	w.sent[n], w.newest[latest] = s, max(n.seq, w.newest[latest])
}

func (w *world) draw(label string) *device {
	return rapid.SampledFrom(w.devices).Draw(w.rt, label)
}

func (w *world) dial() {
	d := w.draw("caller")
	if d.uid == carol {
		return
	}
	peer := accounts.UserRef{UID: alice + bob - d.uid, Address: names[alice+bob-d.uid]}
	w.nonces++
	s := calls.Start{Caller: d.calls(), Peer: &peer, Offer: "offer"}
	binary.BigEndian.PutUint64(s.Nonce[:], w.nonces)
	d.pending = append(d.pending, func() {
		w.calls.Start(s, func(reply *wire.CallReply, err error) {
			if err == nil && reply.GetStatus()&wire.CallEnded == 0 && w.disk.opened[reply.GetCallId()].ID == 0 {
				w.fail("start: got %v, which is not stored", reply)
			}
		})
	})
}

// statuses are what devices send, answers more often than the rest.
var statuses = []uint32{
	wire.CallAnswer, wire.CallAnswer, wire.CallAnswer, wire.CallAnswer, wire.CallRinging, wire.CallSDP, wire.CallSDP,
	wire.CallDTMF, wire.CallMute, wire.CallInfo, wire.CallInfo, wire.CallBusy, wire.CallComplete, wire.CallCancel, 4,
}

func (w *world) signal() {
	ids := slices.Sorted(maps.Keys(w.disk.opened))
	if len(ids) == 0 {
		return
	}
	// Ids are random, so the newest calls are drawn by their start.
	slices.SortStableFunc(ids, func(a, b uint64) int {
		x, y := w.disk.opened[a].Nonce, w.disk.opened[b].Nonce
		return slices.Compare(y[:], x[:])
	})
	id := ids[rapid.IntRange(0, min(2, len(ids)-1)).Draw(w.rt, "call")]
	d := w.draw("sender")
	d.numbers[id]++
	m := &wire.CallSignal{CallId: id, Seq: d.numbers[id], Change: &wire.CallChange{
		Status: rapid.SampledFrom(statuses).Draw(w.rt, "status"), Sdp: d.id,
		Declined: rapid.Bool().Draw(w.rt, "declined"),
	}}
	d.pending = append(d.pending, func() {
		w.calls.Signal(d.calls(), m, func(reply *wire.CallReply, err error) { w.replied(d, m, reply, err) })
	})
}

// replied checks the reply to a signal.
func (w *world) replied(d *device, m *wire.CallSignal, reply *wire.CallReply, err error) {
	id := m.GetCallId()
	row := w.disk.opened[id]
	switch {
	case err != nil:
	case reply.GetStatus() == 0 || reply.GetCallId() != id:
		w.fail("%v: got %v", m, reply)
	case d.uid != row.Caller.UID && d.uid != row.Callee.UID:
		if reply.GetStatus() != wire.CallBadID {
			w.fail("%s, which has no part in the call, got %v", d.id, reply)
		}
	case reply.GetStatus() == wire.CallAnswer && d.uid == row.Callee.UID:
		if other := w.answered[id]; other != "" && other != d.id {
			w.fail("both %s and %s have answered", other, d.id)
		}
		w.answered[id] = d.id
	}
}

// take delivers requests of a device, in any order, once or twice, or loses them.
func (w *world) take() {
	var senders []*device
	for _, d := range w.devices {
		if len(d.pending) > 0 && d.online {
			senders = append(senders, d)
		}
	}
	if len(senders) == 0 {
		return
	}
	d := rapid.SampledFrom(senders).Draw(w.rt, "device")
	i := rapid.IntRange(0, len(d.pending)-1).Draw(w.rt, "which")
	request := d.pending[i]
	d.pending = slices.Delete(d.pending, i, i+1)
	for range rapid.SampledFrom([]int{1, 1, 1, 2, 0}).Draw(w.rt, "times") {
		request()
	}
	if rapid.IntRange(0, 3).Draw(w.rt, "again") == 0 {
		d.pending = append(d.pending, request) // the reply is lost
	}
}

func (w *world) connect(d *device) {
	if d.online {
		return
	}
	d.online = true
	w.calls.Connected(d.calls(), func(sig *wire.Signal) error {
		w.check(d.uid, sig.GetCall())
		return nil
	})
}

func (w *world) disconnect(d *device) {
	if d.online {
		d.online = false
		w.calls.Disconnected(d.calls())
	}
}

// pass lets time pass.
func (*world) pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func (w *world) actions() map[string]func(*rapid.T) {
	actions := map[string]func(){
		"dial":    w.dial,
		"signal":  w.signal,
		"signal2": w.signal,
		"take":    w.take,
		"take2":   w.take,
		"take3":   w.take,
		"commit":  func() { w.process.commit(nil, false) },
		"commit2": func() { w.process.commit(nil, false) },
		"fail":    func() { w.process.commit(errDisk, rapid.Bool().Draw(w.rt, "stored")) },
		"connect": func() { w.connect(w.draw("device")) },
		"all": func() {
			for _, d := range w.devices {
				w.connect(d)
			}
		},
		"disconnect": func() { w.disconnect(w.draw("device")) },
		"wait": func() {
			if rapid.Bool().Draw(w.rt, "not") {
				return
			}
			w.pass(time.Duration(rapid.SampledFrom([]int{1, 100, 4_000, 11_000, 46_000}).Draw(w.rt, "ms")) * time.Millisecond)
		},
		"restart": func() {
			switch rapid.IntRange(0, 5).Draw(w.rt, "how") {
			case 0:
				w.process.commit(nil, false)
			case 1: // a crash
			default:
				return
			}
			w.stop()
			w.pass(100 * time.Millisecond)
			w.start()
		},
	}
	settled := make(map[string]func(*rapid.T))
	for name, act := range actions {
		settled[name] = func(*rapid.T) {
			act()
			synctest.Wait()
		}
	}
	return settled
}

// finish lets all devices go, and checks what has become of the calls.
func (w *world) finish() {
	for _, d := range w.devices {
		w.disconnect(d)
	}
	for range 60 {
		w.process.commit(nil, false)
		synctest.Wait()
		w.pass(2 * time.Second)
	}
	w.process.commit(nil, false)
	for id := range w.disk.rows {
		w.fail("call %d has not ended", id)
	}
	for id := range w.disk.opened {
		records := w.disk.records[id]
		if len(records) != 1 {
			w.fail("call %d has %d records", id, len(records))
			continue
		}
		r := records[0]
		if device := w.answered[id]; device != "" && (r.Call.Answered == 0 || r.Call.CalleeDevice != device) {
			w.fail("%s has answered, but the record is %+v", device, r)
		}
		if r.Status&wire.CallEnded == 0 || r.Ended < r.Call.Started ||
			(r.Status == wire.CallComplete) != (r.Call.Answered != 0) {
			w.fail("wrong record %+v", r)
		}
		if sdp, ok := w.answers[id]; ok && sdp != r.Call.CalleeDevice {
			w.fail("the caller got the answer of %s, but the record is %+v", sdp, r)
		}
	}
	for id := range w.disk.records {
		if _, ok := w.disk.opened[id]; !ok {
			w.fail("call %d has a record, but was never stored", id)
		}
	}
	w.stop()
}

// TestModel treats a server and the devices of three users badly: requests are lost, doubled and reordered, devices
// come and go, commits fail and the server ends. Every call ends with one record, and never has two devices answered
// it.
func TestModel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rapid.Check(struct{ rapid.TB }{t}, func(rt *rapid.T) { // not *testing.T: it has no deadline here
			w := newWorld(rt)
			w.rt = rt
			rt.Repeat(w.actions())
			w.finish()
		})
	})
}
