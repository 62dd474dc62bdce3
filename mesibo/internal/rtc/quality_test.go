package rtc

import (
	"testing"
	"time"
)

func TestScore(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	for i, c := range []struct {
		loss        float64
		rtt, jitter time.Duration
		want        int
	}{
		{0, 20 * ms, 5 * ms, 4},
		{0.02, 20 * ms, 5 * ms, 3},
		{0.05, 20 * ms, 5 * ms, 2},
		{0.2, 20 * ms, 5 * ms, 1},
		{0.2, 900 * ms, 90 * ms, 1},
		{0, 20 * ms, 90 * ms, 3},
		{0, 900 * ms, 5 * ms, 3},
		{0, 0, 0, 4},
	} {
		if got := score(c.loss, c.rtt, c.jitter); got != c.want {
			t.Errorf("%d: %d, not %d", i, got, c.want)
		}
	}
}

func TestMeter(t *testing.T) {
	t.Parallel()
	m := meter{}
	for i, c := range []struct{ score, shown int }{
		{4, 4}, {2, 4}, {4, 4}, {2, 4}, {2, 2}, {3, 2}, {3, 2}, {3, 2}, {3, 3}, {0, 0}, {0, 0}, {4, 4},
	} {
		before := m.shown
		if got, changed := m.note(c.score); got != c.shown || changed != (before != c.shown) {
			t.Errorf("%d: %d, %v", i, got, changed)
		}
	}
}

func TestCounters(t *testing.T) {
	t.Parallel()
	before := counters{sent: 1000, received: 2000, packets: 100, lost: 5, sound: 50, lostSound: 5}
	now := counters{
		sent:      13_500,
		received:  27_000,
		packets:   300,
		lost:      25,
		sound:     90,
		lostSound: 15,
		lossOut:   0.3,
		jitter:    0.02,
	}
	got := now.since(before, time.Second)
	want := Stats{LossIn: 0.2, LossOut: 0.3, Jitter: 20 * time.Millisecond, KbpsIn: 200, KbpsOut: 100}
	if got != want {
		t.Errorf("%+v", got)
	}
	now.sound, now.lostSound = before.sound, before.lostSound // muted: video counts
	if got := now.since(before, time.Second).LossIn; got != 20.0/220 {
		t.Errorf("loss of video %v", got)
	}
	now = before
	now.lost-- // it came later
	if got := now.since(before, time.Second).LossIn; got != 0 {
		t.Errorf("loss %v when nothing came", got)
	}
}
