//go:build unix

// Command calls measures calls between two users, over real sockets and with the codecs of this machine: how soon after
// the answer the other party is heard, how long sound takes from one to the other, and what a long call with video, and
// one of a group, cost. The server is a process of its own; all devices are in this one.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"slices"
	"syscall"
	"time"

	"github.com/parley-chat/parley/bench/rig"
	"github.com/parley-chat/parley/mesibo/call"
)

const (
	most     = 8 // people
	meshMost = 4 // who need no SFU
)

type options struct {
	answers, bursts int
	long            time.Duration
	people          int
	sound           bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	isChild, err := rig.Child(ctx, os.Args)
	if !isChild && err == nil {
		var o options
		flag.IntVar(&o.answers, "answers", 20, "calls of which to measure the first sound")
		flag.IntVar(&o.bursts, "bursts", 50, "sounds of which to measure how long they take")
		flag.DurationVar(&o.long, "time", 2*time.Minute, "length of the call with video; 0: none")
		flag.IntVar(&o.people, "people", 4, "devices in the call of a group, 2 to 8; 0: none; more than 4 "+
			"need "+rig.SFUVariable)
		flag.BoolVar(&o.sound, "sound", false, "measure through sound devices: the microphone \"microphone\" hears the "+
			"speaker \"mouth\", and the microphone \"ear\" the speaker \"speaker\"")
		flag.Parse()
		switch {
		case o.people < 0 || o.people == 1 || o.people > most:
			err = fmt.Errorf("-people %d", o.people)
		case o.people > meshMost && os.Getenv(rig.SFUVariable) == "":
			err = fmt.Errorf("a call of %d goes through an SFU: %s is not set", o.people, rig.SFUVariable)
		default:
			err = run(ctx, o)
		}
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "calls:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	names := []string{"alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi"}
	srv, tokens, err := rig.Start(ctx, len(names), func(i int) string { return names[i] })
	if err != nil {
		return err
	}
	defer func() { _ = srv.Stop() }()
	var devices [2]func(*party, *call.Media) error
	if o.sound {
		devices = [...]func(*party, *call.Media) error{(*party).listens, (*party).mouth}
	}
	var parties [2]*party
	for i, token := range tokens[:len(parties)] {
		if parties[i], err = join(ctx, srv.Addr, token, devices[i]); err != nil {
			return err
		}
		defer parties[i].leave() // again does nothing
	}
	caller, callee := parties[0], parties[1]
	if err := firstCall(ctx, caller, callee); err != nil {
		return err
	}
	before := runtime.NumGoroutine()
	if err := firstSounds(ctx, caller, callee, o.answers); err != nil {
		return err
	}
	if err := delays(ctx, caller, callee, o); err != nil {
		return err
	}
	if err := longCall(ctx, caller, callee, o.long); err != nil {
		return err
	}
	after, err := settle(ctx, before)
	fmt.Printf("goroutines: %d after the first call, %d after the last\n", before, after)
	if err != nil || o.people == 0 {
		return err
	}
	for _, p := range parties {
		p.leave()
	}
	return meeting(ctx, srv, tokens[:o.people], time.Minute)
}

// firstCall makes a call that is not measured: it loads the codecs, and what a device starts once is there after it.
func firstCall(ctx context.Context, caller, callee *party) error {
	t, err := ring(ctx, caller, callee, true)
	if err != nil {
		return err
	}
	if err := wait(ctx, 3*time.Second); err != nil {
		return err
	}
	if err := t.hangUp(ctx); err != nil {
		return err
	}
	return wait(ctx, 3*time.Second)
}

// settle waits until there are no more goroutines than before, for ten seconds.
func settle(ctx context.Context, before int) (after int, err error) {
	for range 100 {
		if after = runtime.NumGoroutine(); after <= before {
			break
		}
		if err := wait(ctx, 100*time.Millisecond); err != nil {
			return after, err
		}
	}
	return after, nil
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// firstSounds measures the time from the answer to the first sound at the caller.
func firstSounds(ctx context.Context, caller, callee *party, n int) error {
	took := make([]time.Duration, 0, n)
	for range n {
		t, err := ring(ctx, caller, callee, false)
		if err != nil {
			return err
		}
		callee.voice.speak(true)
		heard, err := caller.ear.next(ctx, t.answered)
		if err != nil {
			return fmt.Errorf("after the answer: %w", err)
		}
		took = append(took, heard.Sub(t.answered))
		callee.voice.speak(false)
		if err := t.hangUp(ctx); err != nil {
			return err
		}
		if err := wait(ctx, 2*time.Second); err != nil { // the server allows no more
			return err
		}
	}
	report("from the answer to the first sound", took)
	return nil
}

// delays measures how long sound takes from the microphone of the callee to the speaker of the caller.
func delays(ctx context.Context, caller, callee *party, o options) error {
	if o.bursts == 0 {
		return nil
	}
	t, err := ring(ctx, caller, callee, false)
	if err != nil {
		return err
	}
	took := make([]time.Duration, 0, o.bursts)
	const first = 5 // during which buffers get their size, and the noise is learned
	for i := range o.bursts + first {
		d, err := burst(ctx, caller, callee)
		switch {
		case i < first:
		case err != nil:
			return fmt.Errorf("sound %d: %w", i, err)
		default:
			took = append(took, d)
		}
	}
	words := "from the microphone to the speaker, without sound devices"
	if o.sound {
		words = "from mouth to ear, with the devices that play and record here"
	}
	report(words, took)
	return t.hangUp(ctx)
}

// burst lets the callee say something short, and measures when it is heard.
func burst(ctx context.Context, caller, callee *party) (took time.Duration, err error) {
	if err := wait(ctx, 700*time.Millisecond); err != nil { // as if it were speech
		return 0, err
	}
	callee.voice.speak(true)
	defer callee.voice.speak(false)
	spoken, err := callee.voice.began(ctx)
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	heard, err := caller.ear.next(ctx, spoken)
	return heard.Sub(spoken), err
}

func report(what string, took []time.Duration) {
	if len(took) == 0 {
		return
	}
	slices.Sort(took)
	fmt.Printf("%s: median %d ms, slowest %d ms, of %d\n", what, took[len(took)/2].Milliseconds(),
		took[len(took)-1].Milliseconds(), len(took))
}

// longCall measures memory and processor time of a call with video.
func longCall(ctx context.Context, caller, callee *party, long time.Duration) error {
	if long == 0 {
		return nil
	}
	t, err := ring(ctx, caller, callee, true)
	if err != nil {
		return err
	}
	for _, p := range []*party{caller, callee} {
		defer p.voice.talk(ctx)()
	}
	if err := wait(ctx, min(time.Minute, long/2)); err != nil { // until all buffers have their size
		return err
	}
	first, used, begin, frames := rss(), processor(), time.Now(), caller.frames.Load()
	if err := wait(ctx, long-min(time.Minute, long/2)); err != nil {
		return err
	}
	took := time.Since(begin)
	share := 100 * (processor() - used).Seconds() / took.Seconds() / 2
	fmt.Printf("call with video for %v: %.1f %% of a core and %.1f frames/s a side; memory %.1f MB, then %.1f MB\n",
		long, share, float64(caller.frames.Load()-frames)/took.Seconds(), first, rss())
	return t.hangUp(ctx)
}

// rss returns the resident memory of this process in MB, without what could be returned to the system.
func rss() float64 {
	debug.FreeOSMemory()
	status, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	var size, resident int
	if _, err := fmt.Sscan(string(status), &size, &resident); err != nil {
		return 0
	}
	return float64(resident*os.Getpagesize()) / (1 << 20)
}

func processor() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
