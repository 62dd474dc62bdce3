package rtc

import (
	"testing"
	"time"
)

func TestLadder(t *testing.T) {
	t.Parallel()
	l, now := ladder{}, time.Unix(1000, 0)
	for i, c := range []struct {
		after          time.Duration
		bitrate        int
		frames, pixels int
	}{
		{0, 600_000, 1, 1},
		{0, 250_000, 1, 1},
		{0, 200_000, 2, 1}, // half of the frames
		{time.Second, 50_000, 2, 1},
		{stepEvery, 50_000, 2, 2}, // and of the size
		{stepEvery, 130_000, 2, 2},
		{stepEvery, 170_000, 2, 1},
		{stepEvery, 250_000, 2, 1},
		{stepEvery, 400_000, 1, 1},
		{stepEvery, 2_000_000, 1, 1},
	} {
		now = now.Add(c.after)
		l.choose(standard, c.bitrate, now)
		if frames, pixels := l.step(); frames != c.frames || pixels != c.pixels {
			t.Errorf("step %d: one of %d frames, %d pixels", i, frames, pixels)
		}
	}
}
