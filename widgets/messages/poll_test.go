package messages

import (
	"slices"
	"testing"

	"github.com/parley-chat/parley/widgets/internal/widgettest"
)

func pollOptions() []PollOption {
	return []PollOption{{"In the park", 2, true}, {"At the station", 1, false}, {"At home", 0, false}}
}

func TestList_poll(t *testing.T) {
	l, _ := chatOf(t, Item{Key: 3, Question: "Where do we meet?", Poll: pollOptions(), Time: "14:02"})
	var got []int
	l.OnVote = func(_ int64, option int) { got = append(got, option) }
	row := l.visible[0].layout
	for _, b := range row.parts.poll.rows {
		l.Tapped(widgettest.TapAt(centre(l, b)))
	}
	l.Tapped(widgettest.TapAt(row.lineX+5, l.visible[0].y+row.parts.askedAt+5)) // the question
	if want := []int{1, 2, 3}; !slices.Equal(got, want) {
		t.Errorf("votes: got %v, want %v", got, want)
	}
	if got := row.parts.poll.words; got != "3 votes" {
		t.Errorf("words: got %q, want 3 votes", got)
	}
}
