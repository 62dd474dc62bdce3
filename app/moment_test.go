package app

import (
	"testing"
	"time"

	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/internal/tr"
)

func TestParseMoment(t *testing.T) {
	now := time.Date(2026, 11, 16, 14, 2, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"18:15":              "2026-11-16 18:15",
		"9:00":               "2026-11-17 09:00",
		"tomorrow 9:00":      "2026-11-17 09:00",
		"2 Dec 14:30":        "2026-12-02 14:30",
		"2 Jan 14:30":        "2027-01-02 14:30",
		"2026-12-24, 08:00":  "2026-12-24 08:00",
		"2 Jan 2026 14:30":   "2026-01-02 14:30",
		"24.12.2026   23:59": "2026-12-24 23:59",
		"2. Jan 14:30":       "2027-01-02 14:30",
		"2. january 9:00":    "2027-01-02 09:00",
		"2 JAN. 2026, 9:00":  "2026-01-02 09:00",
		"31 Feb 9:00":        "",
		"1 2 3 Jan 9:00":     "",
		"tomorrow， 9：00":     "2026-11-17 09:00",
		"noon":               "",
		"2 Dec":              "",
		"":                   "",
	} {
		got, ok := parseMoment(text, now)
		switch {
		case ok != (want != ""):
			t.Errorf("%q: got %v, %v, want %q", text, got, ok, want)
		case ok && got.Format("2006-01-02 15:04") != want:
			t.Errorf("%q: got %v, want %s", text, got, want)
		}
	}
}

// A date can be typed as the program writes it, in each language.
func TestParseDay_as_written(t *testing.T) {
	defer func() { _ = tr.Use("en") }()
	now := time.Date(2026, 11, 16, 14, 2, 0, 0, time.UTC)
	for _, l := range tr.Languages() {
		if err := tr.Use(l.Tag); err != nil {
			t.Fatal(err)
		}
		for _, day := range []time.Time{
			time.Date(2026, 7, 20, 0, 0, 0, 0, time.UTC), time.Date(2026, 3, 3, 0, 0, 0, 0, time.UTC),
			time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC),
		} {
			for _, text := range []string{format.Day(day), format.ShortDay(day), day.Format("2006-01-02")} {
				if got, ok := parseDay(text, now); !ok || !got.Equal(day) {
					t.Errorf("%s: %q: got %v, %v", l.Tag, text, got, ok)
				}
			}
			want := time.Date(2026, day.Month(), day.Day(), 0, 0, 0, 0, time.UTC)
			if want.After(now) {
				want = want.AddDate(-1, 0, 0)
			}
			if got, ok := parseDay(format.DayOfYear(day), now); !ok || !got.Equal(want) {
				t.Errorf("%s: %q: got %v, %v", l.Tag, format.DayOfYear(day), got, ok)
			}
		}
	}
}
