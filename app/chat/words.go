package chat

import (
	"fmt"
	"time"
)

// DateWords names a day as people do who live at now.
func DateWords(day, now time.Time) string {
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

// unreadWords is what the divider says.
func unreadWords(n int) string {
	if n == 1 {
		return "1 unread message"
	}
	return fmt.Sprintf("%d unread messages", n)
}

// LastSeenWords says when somebody was there last.
func LastSeenWords(t, now time.Time) string {
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	switch {
	case !t.Before(midnight):
		return "last seen " + t.Format("15:04")
	case !t.Before(midnight.AddDate(0, 0, -1)):
		return "last seen yesterday, " + t.Format("15:04")
	default:
		return "last seen " + DateWords(t, now)
	}
}
