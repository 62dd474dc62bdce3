package format

import (
	"time"

	"github.com/parley-chat/parley/internal/tr"
)

// Clock is a time of the day, such as 14:02.
func Clock(t time.Time) string { return t.Format("15:04") }

// Weekday names the day of the week.
func Weekday(t time.Time) string {
	return []string{
		tr.L("Sunday"), tr.L("Monday"), tr.L("Tuesday"), tr.L("Wednesday"), tr.L("Thursday"), tr.L("Friday"), tr.L("Saturday"),
	}[t.Weekday()]
}

// ShortWeekday is Weekday in few letters.
func ShortWeekday(t time.Time) string {
	return []string{tr.L("Sun"), tr.L("Mon"), tr.L("Tue"), tr.L("Wed"), tr.L("Thu"), tr.L("Fri"), tr.L("Sat")}[t.Weekday()]
}

func month(t time.Time) string {
	return []string{
		tr.L("January"), tr.L("February"), tr.L("March"), tr.L("April"), tr.X("May", "month"), tr.L("June"), tr.L("July"),
		tr.L("August"), tr.L("September"), tr.L("October"), tr.L("November"), tr.L("December"),
	}[t.Month()-time.January]
}

func shortMonth(t time.Time) string {
	return []string{
		tr.L("Jan"), tr.L("Feb"), tr.L("Mar"), tr.L("Apr"), tr.X("May", "short month"), tr.L("Jun"), tr.L("Jul"), tr.L("Aug"),
		tr.L("Sep"), tr.L("Oct"), tr.L("Nov"), tr.L("Dec"),
	}[t.Month()-time.January]
}

// Day is a date, such as 2 January 2006.
func Day(t time.Time) string {
	return tr.X("{{.Day}} {{.Month}} {{.Year}}", "date", "Day", t.Day(), "Month", month(t), "Year", t.Year())
}

// LongDay is Day with the day of the week: Monday, 2 January 2006.
func LongDay(t time.Time) string {
	return tr.X("{{.Weekday}}, {{.Date}}", "date", "Weekday", Weekday(t), "Date", Day(t))
}

// ShortDay is Day in few letters: 2 Jan 2006.
func ShortDay(t time.Time) string {
	return tr.X("{{.Day}} {{.Month}} {{.Year}}", "short date", "Day", t.Day(), "Month", shortMonth(t), "Year", t.Year())
}

// DayOfYear is ShortDay without the year: 2 Jan.
func DayOfYear(t time.Time) string {
	return tr.X("{{.Day}} {{.Month}}", "short date", "Day", t.Day(), "Month", shortMonth(t))
}

// Moment is a day with a time of the day: 2 Jan 2006, 14:02.
func Moment(t time.Time) string {
	return tr.X("{{.Date}}, {{.Time}}", "moment", "Date", ShortDay(t), "Time", Clock(t))
}

// Until is when something ends: only the time of the day when that is today, else with the day.
func Until(end, now time.Time) string {
	if end.YearDay() == now.YearDay() && end.Year() == now.Year() {
		return Clock(end)
	}
	return tr.X("{{.Weekday}} {{.Date}}, {{.Time}}", "moment", "Weekday", ShortWeekday(end), "Date", DayOfYear(end),
		"Time", Clock(end))
}

// Date names a day as someone who lives at now would.
func Date(day, now time.Time) string {
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	switch {
	case !day.Before(midnight) && day.Before(midnight.AddDate(0, 0, 1)):
		return tr.L("Today")
	case !day.Before(midnight.AddDate(0, 0, -1)) && day.Before(midnight):
		return tr.L("Yesterday")
	case day.Before(midnight) && !day.Before(midnight.AddDate(0, 0, -6)):
		return Weekday(day)
	default:
		return Day(day)
	}
}

// LastSeen says when a user was online last.
func LastSeen(t, now time.Time) string {
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	switch {
	case !t.Before(midnight):
		return tr.L("last seen {{.Time}}", "Time", Clock(t))
	case !t.Before(midnight.AddDate(0, 0, -1)):
		return tr.L("last seen yesterday, {{.Time}}", "Time", Clock(t))
	default:
		return tr.L("last seen {{.Date}}", "Date", Date(t, now))
	}
}
