package rtc

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parley-chat/parley/mesibo/internal/rtc/badnet"
)

// through sends what both sides send through bad networks.
func through(t testing.TB, delay time.Duration) (ours, theirs *badnet.Conn, s setup) {
	t.Helper()
	ours, theirs = badnet.Listen(t, delay), badnet.Listen(t, delay)
	return ours, theirs, func(caller bool, _ *Config, o *options) {
		if o.conn = ours; !caller {
			o.conn = theirs
		}
	}
}

func TestReconnect(t *testing.T) {
	t.Parallel()
	ours, theirs, network := through(t, 0)
	caller, callee := pair(t, network)
	connect(t, caller, callee)
	check(t, callee.set.Speaker.Hear(within(t, patience), 440))
	estimator, _ := caller.engine.estimator.current()
	blocked := time.Now()
	ours.Blocked.Store(true)
	theirs.Blocked.Store(true)
	caller.await("reconnecting", 1, patience)
	if d := time.Since(blocked); d > 4*time.Second {
		t.Errorf("it took %v to notice", d)
	}
	caller.await("restart", 1, patience)
	callee.await("restart", 1, patience)
	check(t, callee.set.Speaker.Hear(within(t, patience), 0))
	ours.Blocked.Store(false)
	theirs.Blocked.Store(false)
	if _, err := caller.Restart(); err != nil { // this offer is lost
		t.Fatal(err)
	}
	offer, err := caller.Restart()
	check(t, err)
	exchange(t, caller, callee, offer)
	caller.await("connected", 2, patience)
	callee.await("connected", 2, patience)
	check(t, callee.set.Speaker.Hear(within(t, patience), 440))
	check(t, caller.set.Speaker.Hear(within(t, patience), 1000))
	if now, _ := caller.engine.estimator.current(); now == estimator {
		t.Error("the bandwidth is not estimated anew")
	}
}

// A new address is noticed at once, and making the connection anew interrupts nothing.
func TestAddresses(t *testing.T) {
	t.Parallel()
	var address atomic.Value
	address.Store("wifi")
	caller, callee := pair(t, func(caller bool, _ *Config, o *options) {
		if !caller {
			o.addresses = func() string { return address.Load().(string) }
		}
	})
	connect(t, caller, callee)
	check(t, callee.set.Speaker.Hear(within(t, patience), 440))
	address.Store("lte")
	callee.await("restart", 1, patience)
	offer, err := caller.Restart()
	check(t, err)
	exchange(t, caller, callee, offer)
	for range 5 {
		check(t, callee.set.Speaker.Hear(within(t, patience), 440))
	}
	if n, _ := callee.count("reconnecting"); n > 0 {
		t.Error("it was interrupted")
	}
	if s := addresses(); s == "" {
		t.Error("this machine has no addresses")
	}
}

func TestStats(t *testing.T) {
	t.Parallel()
	_, _, network := through(t, 20*time.Millisecond)
	caller, callee := pair(t, network, withVideo)
	connect(t, caller, callee)
	for _, s := range []*side{caller, callee} {
		s.await("quality", 1, patience)
		s.await("640x480", 1, patience)
	}
	deadline := time.After(10 * time.Second)
	for {
		s := callee.Stats()
		if s.RTT > 40*time.Millisecond && s.KbpsIn > 50 && s.KbpsOut > 50 && s.Quality > 0 && s.VideoSize.X > 0 {
			break
		}
		select {
		case <-deadline:
			t.Fatalf("%+v", s)
		case <-time.After(50 * time.Millisecond):
		}
	}
	if s := callee.Stats(); s.LossIn > 0.05 || s.LossOut > 0.05 || s.Relayed || s.Jitter > time.Second {
		t.Errorf("%+v", s)
	}
}

// What is measured while the connection is made, as after a long ringing, does not disturb the library. The race
// detector sees it.
func TestMeasureWhileConnecting(t *testing.T) {
	t.Parallel()
	caller, callee := pair(t)
	var measuring sync.WaitGroup
	connected := make(chan struct{})
	measuring.Go(func() {
		for {
			select {
			case <-connected:
				return
			default:
				caller.measure(counters{}, time.Second, caller.look(time.Now(), false))
			}
		}
	})
	connect(t, caller, callee)
	close(connected)
	measuring.Wait()
}
