package call

import (
	"fmt"
	"strings"
	"testing"
)

// seated returns seats with n others, and this user.
func seated(n int) *seats {
	s := &seats{own: &seat{key: "me", own: true}}
	for i := range n {
		s.others = append(s.others, &seat{key: fmt.Sprint(i + 1)})
	}
	return s
}

func (s *seats) wantSeen(t *testing.T, want string) {
	t.Helper()
	var keys []string
	for _, x := range s.seen() {
		keys = append(keys, x.key)
	}
	if got := strings.Join(keys, " "); got != want {
		t.Errorf("page %d: got %s, want %s", s.page, got, want)
	}
}

func TestSeats_pages(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int{0: 1, 8: 1, 9: 2, 17: 2, 18: 3, 24: 3} {
		if got := seated(n).pages(); got != want {
			t.Errorf("%d others: got %d pages, want %d", n, got, want)
		}
	}
	s := seated(24)
	s.wantSeen(t, "1 2 3 4 5 6 7 8 me")
	s.page = 1
	s.wantSeen(t, "9 10 11 12 13 14 15 16 17")
	s.page = 7 // after some have left
	s.wantSeen(t, "18 19 20 21 22 23 24")
	s.large, s.page = s.find("20"), 0
	s.wantSeen(t, "1 2 3 4 me")
	if s.pages() != 5 || !s.isSeen(s.large) || s.isSeen(s.find("9")) {
		t.Errorf("a large one: %d pages", s.pages())
	}
	s.large = s.own
	s.wantSeen(t, "1 2 3 4 5")
	s.remove(s.find("3"))
	s.wantSeen(t, "1 2 4 5 6")
}

// TestSeats_speaks: only who is not seen gets another place, that of the one who was silent for the longest time.
func TestSeats_speaks(t *testing.T) {
	t.Parallel()
	s := seated(12)
	for _, key := range []string{"3", "1", "2", "5", "4", "8", "7"} {
		s.speaks(s.find(key))
	}
	s.wantSeen(t, "1 2 3 4 5 6 7 8 me")
	s.speaks(s.find("11"))
	s.wantSeen(t, "1 2 3 4 5 11 7 8 me")
	s.speaks(s.find("11"))
	s.speaks(s.find("12"))
	s.wantSeen(t, "1 2 12 4 5 11 7 8 me")
	s.large = s.find("9")
	s.speaks(s.large) // is seen
	s.wantSeen(t, "1 2 12 4 me")
	s.speaks(s.find("10"))
	s.wantSeen(t, "10 2 12 4 me")
}
