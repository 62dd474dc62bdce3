package chat

import (
	"fmt"
	"time"
)

// ItemKind says what one line of the conversation is.
type ItemKind int

// The kinds.
const (
	MessageItem ItemKind = iota
	DateItem             // the pill before the first message of a day
	DividerItem          // "5 unread messages"
)

// Item is one line of the conversation: a message or what stands between messages.
type Item struct {
	Key     uint64
	Kind    ItemKind
	Words   string // of a date or the divider
	Message Message
	First   bool // begins a group: same sender, less than five minutes apart
	Last    bool // ends one
}

const (
	groupGap   = 5 * time.Minute
	dateKey    = 1 << 62 // the keys of dates; a day's number makes them different
	dividerKey = 1<<62 - 1
)

// items lays out the window: the divider before the message named divider, a date where a day begins.
func items(rows []Message, divider uint64, words string, now time.Time) []Item {
	list := make([]Item, 0, len(rows)+16)
	last := -1 // index in list of the latest message
	for i, m := range rows {
		if i == 0 || !sameDay(rows[i-1].At, m.At) {
			list = append(list, Item{Key: dateKey + dayNumber(m.At), Kind: DateItem, Words: DateWords(m.At, now)})
		}
		if divider != 0 && m.Key() == divider {
			list = append(list, Item{Key: dividerKey, Kind: DividerItem, Words: words})
		}
		joined := last >= 0 && last == len(list)-1 && grouped(list[last].Message, m)
		if joined {
			list[last].Last = false
		}
		list = append(list, Item{Key: m.Key(), Message: m, First: !joined, Last: true})
		last = len(list) - 1
	}
	return list
}

func grouped(a, b Message) bool {
	gap := b.At.Sub(a.At)
	return a.Out == b.Out && gap < groupGap && gap > -groupGap
}

func sameDay(a, b time.Time) bool {
	return a.Year() == b.Year() && a.YearDay() == b.YearDay()
}

func dayNumber(t time.Time) uint64 {
	return uint64(t.Year()*1000 + t.YearDay()) //nolint:gosec // years are positive
}

// DateWords names a day as people do who live at now.
func DateWords(day, now time.Time) string {
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	switch {
	case sameDay(day, now):
		return "Today"
	case sameDay(day, midnight.AddDate(0, 0, -1)):
		return "Yesterday"
	case day.Before(midnight) && day.After(midnight.AddDate(0, 0, -6)):
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
