package rtc

import (
	"slices"
	"testing"
	"time"
)

func TestProber(t *testing.T) {
	t.Parallel()
	var p prober
	now := time.Unix(1_000_000, 0)
	var tries []int
	// run lets time pass with a bitrate that the network has, or what is tried when it carries that.
	run := func(d time.Duration, bitrate int, loss float64, carries bool) {
		tries = nil
		for end := now.Add(d); now.Before(end); now = now.Add(bitrateEvery) {
			if n := p.next(bitrate, 600_000, loss, now); n > 0 {
				tries = append(tries, n)
				if carries {
					bitrate = n
				}
			}
		}
	}
	expect := func(what string, want ...int) {
		t.Helper()
		if !slices.Equal(tries, want) {
			t.Errorf("%s: tried %v, want %v", what, tries, want)
		}
	}
	run(10*time.Second, 600_000, 0, true)
	expect("there is enough")
	run(10*time.Second, 100_000, 0.1, true)
	expect("packets are lost")
	run(10*time.Second, 100_000, 0, true)
	expect("no loss any more", 200_000, 400_000, 600_000)

	run(time.Second, 100_000, 0, false)
	expect("it falls")
	run(time.Minute, 100_000, 0, false)
	if len(tries) < 4 || len(tries) > 6 {
		t.Errorf("a network that carries no more was tried %d times in a minute", len(tries))
	}
	run(5*time.Minute, 100_000, 0, false)
	if len(tries) < 5 || len(tries) > 11 {
		t.Errorf("a network that carries no more was tried %d times in five minutes", len(tries))
	}
	run(time.Minute, 150_000, 0, true)
	if len(tries) < 2 || tries[len(tries)-1] != 600_000 {
		t.Errorf("a network that carries more again: tried %v", tries)
	}
}
