package rtc

import (
	"slices"
	"testing"
	"time"
)

func TestLink(t *testing.T) {
	t.Parallel()
	type step struct {
		after time.Duration
		do    func(l *link, now time.Time) []linkEvent
		want  []linkEvent
	}
	exchanged := func(l *link, now time.Time) []linkEvent { l.exchanged(now); return nil }
	up := func(l *link, now time.Time) []linkEvent { return l.changed(true, now) }
	down := func(l *link, now time.Time) []linkEvent { return l.changed(false, now) }
	checking := func(l *link, now time.Time) []linkEvent { l.checking(now); return nil }
	moved, tick := (*link).moved, (*link).tick
	connected := []linkEvent{linkConnected}
	lost := []linkEvent{linkReconnecting, linkRestartWanted}
	again := []linkEvent{linkRestartWanted}
	for name, steps := range map[string][]step{
		"rings for a minute": {{0, tick, nil}, {time.Minute, tick, nil}},
		"never connects": {
			{0, exchanged, nil},
			{19 * time.Second, tick, nil},
			{time.Second, tick, []linkEvent{linkNotConnected}},
			{time.Hour, tick, nil},
		},
		"fails at first": {{0, exchanged, nil}, {time.Second, down, nil}, {time.Second, up, connected}},
		"comes back": {
			{0, exchanged, nil},
			{0, up, connected},
			{time.Minute, down, lost},
			{time.Second, up, connected},
			{time.Minute, tick, nil},
		},
		"tries again": {
			{0, exchanged, nil},
			{0, up, connected},
			{0, down, lost},
			{0, down, nil},
			{4 * time.Second, tick, nil},
			{time.Second, tick, again},
			{time.Second, tick, nil},
		},
		"gives up": {
			{0, exchanged, nil},
			{0, up, connected},
			{0, down, lost},
			{reconnectMost, tick, []linkEvent{linkLost}},
			{0, up, nil},
			{time.Minute, tick, nil},
		},
		"finds another way": {
			{0, exchanged, nil},
			{0, up, connected},
			{0, moved, again},
			{0, checking, nil},
			{time.Second, tick, nil},
			{0, up, nil},
			{time.Minute, tick, nil},
		},
		"finds no other way": {
			{0, exchanged, nil},
			{0, checking, nil},
			{0, up, connected},
			{0, moved, again},
			{0, checking, nil},
			{time.Second, checking, nil},
			{time.Second, tick, lost},
			{time.Second, tick, nil},
			{4 * time.Second, tick, again},
		},
		"moves": {{0, moved, nil}, {0, exchanged, nil}, {0, up, connected}, {0, moved, again}},
		"moves twice at once": {
			{0, exchanged, nil},
			{0, up, connected},
			{0, moved, again},
			{restartLeast / 2, moved, nil},
			{0, tick, nil},
			{restartLeast / 2, tick, again},
			{time.Second, tick, nil},
		},
	} {
		l, now := link{}, time.Unix(0, 0)
		for i, s := range steps {
			now = now.Add(s.after)
			if got := s.do(&l, now); !slices.Equal(got, s.want) {
				t.Errorf("%s: step %d: %v, not %v", name, i, got, s.want)
			}
		}
	}
}
