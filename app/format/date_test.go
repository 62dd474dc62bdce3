package format_test

import (
	"testing"
	"time"

	"github.com/parley-chat/parley/app/format"
)

func TestDate(t *testing.T) {
	now := time.Date(2026, time.November, 16, 14, 2, 0, 0, time.Local)
	tests := []struct {
		day  time.Time
		want string
	}{
		{now, "Today"},
		{now.Add(-14 * time.Hour), "Today"},
		{now.Add(-15 * time.Hour), "Yesterday"},
		{now.AddDate(0, 0, -5), "Wednesday"},
		{now.AddDate(0, 0, -7), "9 November 2026"},
		{now.AddDate(0, 0, 1), "17 November 2026"},
		{now.AddDate(-1, 0, 0), "16 November 2025"},
	}
	for _, tt := range tests {
		if got := format.Date(tt.day, now); got != tt.want {
			t.Errorf("Date(%v): got %q, want %q", tt.day, got, tt.want)
		}
	}
}
