package rtc

import "testing"

func TestLossFeed(t *testing.T) {
	t.Parallel()
	f := lossFeed{}
	for i, c := range []struct {
		fraction uint8
		percent  int
		changed  bool
	}{
		{0, lossFloor, true},
		{0, lossFloor, false},
		{64, 25, true},
		{0, 25, false},
		{255, lossCeiling, true},
		{0, lossCeiling, false},
		{0, lossCeiling, false},
		{0, lossCeiling, false},
		{0, lossCeiling, false},
		{0, lossFloor, true},
	} {
		if percent, changed := f.report(c.fraction); percent != c.percent || changed != c.changed {
			t.Errorf("report %d: %d, %v", i, percent, changed)
		}
	}
}
