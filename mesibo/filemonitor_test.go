package mesibo

import (
	"testing"
	"time"
)

func TestSameTime(t *testing.T) {
	const s = int64(time.Second)
	for _, c := range []struct {
		a, b int64
		want bool
	}{
		{5*s + 3, 5*s + 3, true},
		{5 * s, 5*s + 3, true},
		{4 * s, 5*s + 3, true},
		{5*s + 3, 4 * s, true},
		{4 * s, 6 * s, false},
		{5*s + 1, 5*s + 3, false},
		{5 * s, 4*s + 3, false},
	} {
		if got := sameTime(c.a, c.b); got != c.want {
			t.Errorf("%d, %d: got %v", c.a, c.b, got)
		}
	}
}
