package app

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/parley-chat/parley/app/format"
	"github.com/parley-chat/parley/internal/tr"
)

// dotted is the layout of dates that is usual in most of Europe.
const dotted = "2.1.2006"

// parseDay parses a date written in one of the usual ways, or as the program writes dates in the user's language;
// without a year it is the last such day.
func parseDay(text string, now time.Time) (time.Time, bool) {
	text = strings.Join(strings.Fields(text), " ")
	switch {
	case isWord(text, "today", tr.X("today", "typed by the user")):
		return now, true
	case isWord(text, "yesterday", tr.X("yesterday", "typed by the user")):
		return now.AddDate(0, 0, -1), true
	}
	layouts := []string{
		"2006-1-2", dotted, "2/1/2006", "2 Jan 2006", "2 January 2006", "Jan 2 2006", "January 2 2006", "Jan 2006", "2006-1",
	}
	for _, layout := range layouts {
		if day, err := time.ParseInLocation(layout, text, now.Location()); err == nil {
			return day, true
		}
	}
	for _, layout := range []string{"2 Jan 2006", dotted, "Jan 2 2006"} {
		sep := " "
		if layout == dotted {
			sep = "."
		}
		day, err := time.ParseInLocation(layout, strings.TrimSuffix(text, ".")+sep+strconv.Itoa(now.Year()), now.Location())
		if err == nil {
			return lastSuch(day, now), true
		}
	}
	return parseWritten(text, now)
}

// lastSuch is the last day up to now with a day and a month.
func lastSuch(day, now time.Time) time.Time {
	if day.After(now) {
		return day.AddDate(-1, 0, 0)
	}
	return day
}

// parseWritten parses a date as the program writes it: it looks which day of those with the numbers in a text is
// written so.
func parseWritten(text string, now time.Time) (time.Time, bool) {
	numbers := numbersIn(text)
	if len(numbers) > 3 { // no date
		return time.Time{}, false
	}
	text = plain(text)
	for _, d := range numbers {
		for _, year := range append([]int{now.Year()}, numbers...) {
			if d < 1 || d > 31 || year < 1000 {
				continue
			}
			for month := time.January; month <= time.December; month++ {
				day := time.Date(year, month, d, 0, 0, 0, 0, now.Location())
				switch text {
				case plain(format.Day(day)), plain(format.ShortDay(day)):
					return day, true
				case plain(format.DayOfYear(day)), without(plain(format.Day(day)), strconv.Itoa(year)):
					return lastSuch(day, now), true
				}
			}
		}
	}
	return time.Time{}, false
}

// numbersIn returns the numbers in a text, each once.
func numbersIn(text string) []int {
	var list []int
	for _, digits := range strings.FieldsFunc(text, func(r rune) bool { return r < '0' || r > '9' }) {
		if n, err := strconv.Atoi(digits); err == nil && !slices.Contains(list, n) {
			list = append(list, n)
		}
	}
	return list
}

// plain is a text without what need not be written in a date.
func plain(text string) string {
	words := strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsPunct(r) })
	return strings.ToLower(strings.Join(words, " "))
}

// without is a text without one of its words.
func without(text, word string) string {
	words := strings.Fields(text)
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == word }), " ")
}

// isWord reports whether a text is a word, in English or in the user's language.
func isWord(text, english, word string) bool {
	fold := strings.NewReplacer("’", "'", "\u064b", "") // an apostrophe; a sign of Arabic that few people type
	text = fold.Replace(text)
	return strings.EqualFold(text, english) || strings.EqualFold(text, fold.Replace(word))
}
