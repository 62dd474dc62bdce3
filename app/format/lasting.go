package format

import (
	"fmt"
	"time"
)

// Lasting is a time in words, such as 1 week.
func Lasting(d time.Duration) string {
	const day = 24 * time.Hour
	count := func(n int64, unit string) string {
		if n == 1 {
			return "1 " + unit
		}
		return fmt.Sprintf("%d %ss", n, unit)
	}
	switch {
	case d >= 7*day && d%(7*day) == 0:
		return count(int64(d/(7*day)), "week")
	case d >= day && d%day == 0:
		return count(int64(d/day), "day")
	case d >= time.Hour && d%time.Hour == 0:
		return count(int64(d/time.Hour), "hour")
	case d >= time.Minute && d%time.Minute == 0:
		return count(int64(d/time.Minute), "minute")
	default:
		return count(int64(d/time.Second), "second")
	}
}
