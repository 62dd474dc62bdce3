package format

import "time"

// Date names a day as someone who lives at now would.
func Date(day, now time.Time) string {
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	switch {
	case !day.Before(midnight) && day.Before(midnight.AddDate(0, 0, 1)):
		return "Today"
	case !day.Before(midnight.AddDate(0, 0, -1)) && day.Before(midnight):
		return "Yesterday"
	case day.Before(midnight) && !day.Before(midnight.AddDate(0, 0, -6)):
		return day.Format("Monday")
	default:
		return day.Format("2 January 2006")
	}
}

// LastSeen says when a user was online last.
func LastSeen(t, now time.Time) string {
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	switch {
	case !t.Before(midnight):
		return "last seen " + t.Format("15:04")
	case !t.Before(midnight.AddDate(0, 0, -1)):
		return "last seen yesterday, " + t.Format("15:04")
	default:
		return "last seen " + Date(t, now)
	}
}
