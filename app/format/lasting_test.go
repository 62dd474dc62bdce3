package format

import (
	"testing"
	"time"
)

func TestLasting(t *testing.T) {
	for d, want := range map[time.Duration]string{
		time.Second: "1 second", 90 * time.Second: "90 seconds", time.Minute: "1 minute", time.Hour: "1 hour",
		36 * time.Hour: "36 hours", 24 * time.Hour: "1 day", 7 * 24 * time.Hour: "1 week", 28 * 24 * time.Hour: "4 weeks",
	} {
		if got := Lasting(d); got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
	}
}
